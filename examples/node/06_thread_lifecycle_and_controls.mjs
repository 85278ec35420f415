// A thread's life: named, listed, read, archived, brought back, resumed, forked, compacted.

import { Codex } from "codexkit";

const codex = new Codex();
const thread = codex.startThread();
await thread.run("Say something about planning.");
await thread.run("Say it more simply.");

await thread.setName("planning");
const listed = await codex.listThreads({ limit: 20 });
console.log(
  "Listed:",
  listed.data.map((stored) => stored.name),
);
const { thread: stored } = await thread.read();
console.log("Turns:", stored.turns.length);

await thread.archive();
console.log("Archived:", (await codex.listThreads({ archived: true })).data.length);
console.log("Active:", (await codex.listThreads()).data.length);
await thread.unarchive();

const resumed = codex.resumeThread(thread.id);
console.log("Resumed:", (await resumed.run("Go on.")).status);

const fork = await codex.forkThread(thread.id);
const result = await fork.run("Take another view.");
console.log("Forked:", result.status, fork.id !== thread.id);

// Compacting goes on in the background. Waiting for a notification does not keep Node alive by itself.
const alive = setInterval(() => {}, 1000);
await resumed.compact();
for await (const event of codex.notifications()) {
  if (event.method === "turn/completed") {
    console.log("Compacted:", event.params.turn.status);
    break;
  }
}
clearInterval(alive);
await codex.close();
