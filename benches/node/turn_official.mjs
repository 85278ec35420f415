/** Warm turns on the real engine with the official TypeScript SDK: one thread, a process a turn. */

import { Codex } from "@openai/codex-sdk";
import { reportTurns, settings, stamp } from "./meter.mjs";

const given = settings();
const codex = new Codex({ codexPathOverride: given.engine });
const thread = codex.startThread({ workingDirectory: given.cwd, skipGitRepoCheck: true });
const times = [];
for (let turn = 0; turn < given.warm_turns + given.measured_turns; turn++) {
  const start = stamp();
  let first;
  const { events } = await thread.runStreamed("go");
  for await (const _ of events) first ??= stamp();
  times.push({ start, first, end: stamp() });
}
reportTurns(times.slice(given.warm_turns));
