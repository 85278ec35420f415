/** The heap stays as it is over many events: nothing is kept of an event that was let go. */

import { execFileSync } from "node:child_process";
import { join } from "node:path";

import { expect, test } from "vitest";

const ROOT = join(__dirname, "../..");
const TESTKIT = join(ROOT, "target", process.env.CODEXKIT_PROFILE ?? "debug", "codexkit-testkit");
/** A million with the environment variable, as docs/reliability.md has it. */
const EVENTS = Number(process.env.CODEXKIT_MEMORY_EVENTS ?? 100_000);
const ROUNDS = 10;

// A process of its own: the test runner's has no gc() and a heap that moves.
const PROGRAM = `
const { Codex } = require(process.argv[1]);
const [, , testkit, events, rounds] = process.argv;
(async () => {
  const plan = { events: events / rounds, turns: 1, kind: "mix" };
  const env = { ...process.env, CODEXKIT_REPLAY: JSON.stringify(plan) };
  const codex = new Codex({ codexPathOverride: testkit, env });
  const thread = codex.startThread();
  const heaps = [];
  let seen = 0;
  for (let round = 0; round < rounds; round++) {
    const turn = await thread.turn("go events=" + events / rounds);
    for await (const event of turn.stream()) {
      seen += 1;
      void [event.method, event.params];
    }
    await turn.result();
    await new Promise((resolve) => setImmediate(resolve));
    gc();
    heaps.push(process.memoryUsage().heapUsed);
  }
  await codex.close();
  console.log(JSON.stringify({ seen, heaps }));
})();
`;

test("the heap is stable over many events", { timeout: 600_000 }, () => {
  const args = ["--expose-gc", "-e", PROGRAM, join(ROOT, "node/dist/index.js"), TESTKIT];
  const out = execFileSync(process.execPath, [...args, String(EVENTS), String(ROUNDS)]);
  const { seen, heaps } = JSON.parse(out.toString());
  expect(seen).toBeGreaterThanOrEqual(EVENTS / 2);
  // The first rounds compile and fill caches.
  const growth = heaps[ROUNDS - 1] - heaps[ROUNDS / 2];
  expect(growth, JSON.stringify(heaps)).toBeLessThan(2 << 20);
});
