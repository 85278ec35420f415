/** Warm turns on the real engine with codexkit: one thread, one engine. */

import { reportTurns, settings, stamp } from "./meter.mjs";

const given = settings();
const { Codex } = await import(given.package);
const codex = new Codex({ codexPathOverride: given.engine });
const thread = codex.startThread({ workingDirectory: given.cwd });
const times = [];
for (let turn = 0; turn < given.warm_turns + given.measured_turns; turn++) {
  const start = stamp();
  let first;
  for await (const _ of (await thread.turn("go")).stream()) first ??= stamp();
  times.push({ start, first, end: stamp() });
}
reportTurns(times.slice(given.warm_turns));
await codex.close();
