// What `cargo xtask sanitize` runs in Node: turns whose events are read, half read and not read, callbacks that answer and
// that throw, interrupts, an abort, wrong arguments and closing.
import assert from "node:assert/strict";
import { Codex, tool } from "codexkit";

const asking = {
  workingDirectory: process.env.CODEXKIT_SANITIZE_CWD,
  sandboxMode: "read-only",
  approvalPolicy: "on-request",
  approvalsReviewer: "user",
};
const lookUp = tool({
  name: "look_up",
  description: "Looks a word up.",
  parameters: { type: "object", properties: { key: { type: "string" } } },
  execute: async ({ key }) => `${key}: found`,
});
// Everything is some fifty times slower than in life.
const patient = { tools: [lookUp], requestTimeoutMs: 300_000, initializeTimeoutMs: 300_000 };

async function withApprovals(onApproval) {
  const codex = new Codex({ ...patient, onApproval });
  const thread = codex.startThread(asking);
  const turn = await thread.turn("busy");
  for await (const event of turn.stream()) JSON.stringify([event.method, event.params]);
  assert.equal((await turn.result()).finalResponse, "done");

  const slow = await codex.startThread(asking).turn("slow");
  for await (const _ of slow.stream()) break;
  await slow.interrupt();
  assert.equal((await slow.result()).status, "interrupted");

  const unread = await codex.startThread(asking).turn("slow");
  assert.ok(unread.id);
  await assert.rejects(async () => codex.resumeThread("").run("busy"));
  await codex.close();
}

async function atOnce() {
  const codex = new Codex({ ...patient, onApproval: async () => "accept" });
  const threads = [1, 2, 3].map(() => codex.startThread(asking));
  const results = await Promise.all(threads.map((thread) => thread.run("busy")));
  assert.deepEqual(
    results.map(({ finalResponse }) => finalResponse),
    ["done", "done", "done"],
  );
  const controller = new AbortController();
  const given = threads[0].run("slow", { signal: controller.signal });
  setTimeout(() => controller.abort(), 500);
  await assert.rejects(given);
  await codex.close();
}

await withApprovals(async () => "accept");
await withApprovals(async () => {
  throw new Error("a handler that throws");
});
await atOnce();
globalThis.gc?.();
console.log("scenario: done");
