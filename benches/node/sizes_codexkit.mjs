/** What grows with the size of a thread: the result of a turn with many items, and reading a thread with many turns. */

import { settings } from "./meter.mjs";

const given = settings();
const { Codex } = await import(given.package);
const codex = new Codex({ codexPathOverride: given.engine, ...given.options });
const thread = codex.resumeThread("01a1fcd7-0000-7000-8000-00000000000a");

/** From a turn's first event, before its items, to its result. */
async function fold() {
  const turn = await thread.turn("go");
  await turn.stream()[Symbol.asyncIterator]().next();
  const start = performance.now();
  const { items } = await turn.result();
  return [performance.now() - start, items.length];
}

/** Reads the thread with its turns. */
async function read() {
  const start = performance.now();
  const stored = await thread.read();
  return [performance.now() - start, stored.thread.turns.length];
}

const times = [];
for (let round = 0; round <= given.rounds; round++) {
  const [took, found] = await (given.what === "fold" ? fold() : read());
  if (found < given.size) throw new Error(`${found} instead of ${given.size}`);
  times.push(took / 1000);
}
// The first one warms up.
const sorted = times.slice(1).sort((a, b) => a - b);
process.stdout.write(`${JSON.stringify({ took: sorted[Math.floor(given.rounds / 2)] })}\n`);
await codex.close();
