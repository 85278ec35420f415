/**
 * The Node part of `cargo xtask soak`: full load until the time is over.
 *
 * One loop reads replayed turns at full speed, one of them stalled; the other runs turns of the real engine with a
 * tool, an approval and an interrupt, and opens and closes its client. Every few seconds a line of JSON says how far it is.
 */

import { lookUpTool, settings } from "./meter.mjs";

const given = settings();
const { Codex, tool } = await import(given.package);
const counts = { turns: 0, events: 0, tools: 0, approvals: 0, interrupts: 0, opened: 0 };
const end = performance.now() + given.seconds * 1000;
const over = () => performance.now() >= end;

const lookUp = lookUpTool(tool, () => {
  counts.tools += 1;
});

async function read(turn) {
  for await (const _ of turn.stream()) counts.events += 1;
}

/** Turns of the replaying engine at full speed; of three at once one is never read. */
async function replayed() {
  const env = { ...process.env, CODEXKIT_REPLAY: JSON.stringify(given.replay) };
  while (!over()) {
    const codex = new Codex({ codexPathOverride: given.replay_engine, env });
    counts.opened += 1;
    const threads = [1, 2, 3].map(() => codex.startThread());
    for (let round = 0; round < 10 && !over(); round++) {
      const turns = await Promise.all(
        threads.map((thread) => thread.turn(`go events=${given.events}`)),
      );
      await Promise.all(turns.slice(1).map(read));
      // The stalled one: its result comes all the same.
      await turns[0].result();
      counts.turns += 3;
    }
    await codex.close();
  }
}

/** Turns of the real engine with the scripted model. */
async function real() {
  while (!over()) {
    const codex = new Codex({
      codexPathOverride: given.engine,
      tools: [lookUp],
      onApproval: async () => {
        counts.approvals += 1;
        return "accept";
      },
    });
    counts.opened += 1;
    for (let round = 0; round < 10 && !over(); round++) {
      const thread = codex.startThread({
        workingDirectory: given.cwd,
        sandboxMode: "read-only",
        approvalPolicy: "on-request",
        approvalsReviewer: "user",
      });
      const done = await thread.run("busy");
      if (done.finalResponse !== "done") throw new Error(`a turn ended with ${done.finalResponse}`);
      const slow = await thread.turn("slow");
      for await (const _ of slow.stream()) {
        counts.events += 1;
        break;
      }
      await slow.interrupt();
      await slow.result();
      counts.turns += 2;
      counts.interrupts += 1;
    }
    await codex.close();
  }
}

const tell = () => {
  globalThis.gc?.();
  process.stdout.write(`${JSON.stringify({ ...counts, heap: process.memoryUsage().heapUsed })}\n`);
};
const telling = setInterval(tell, 5000);
await Promise.all([replayed(), real()]);
clearInterval(telling);
tell();
