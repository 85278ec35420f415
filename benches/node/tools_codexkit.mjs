/** Warm turns with calls of a tool, one after the other. */

import { reportTurns, settings, stamp } from "./meter.mjs";

const given = settings();
const { Codex, tool } = await import(given.package);
const codex = new Codex({ codexPathOverride: given.engine });
const lookUp = tool({
  name: "look_up",
  description: "Looks a word up.",
  parameters: {
    type: "object",
    properties: { key: { type: "string", description: "The word." } },
    required: ["key"],
    additionalProperties: false,
  },
  execute: ({ key }) => `${key}: found`,
});
const thread = codex.startThread({ workingDirectory: given.cwd, tools: [lookUp] });
const times = [];
for (let turn = 0; turn < given.warm_turns + given.measured_turns; turn++) {
  const start = stamp();
  let first;
  for await (const _ of (await thread.turn("go")).stream()) first ??= stamp();
  times.push({ start, first, end: stamp() });
}
reportTurns(times.slice(given.warm_turns), { calls: codex.stats().serverRequests });
await codex.close();
