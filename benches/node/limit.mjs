/** The limit for Node: read the engine's output, split it into lines, JSON.parse each. No SDK at all. */

import { spawn } from "node:child_process";
import { DELTAS, report, settings, stamp } from "./meter.mjs";

const given = settings();
const engine = spawn(given.engine, ["exec", "--experimental-json"], {
  stdio: ["ignore", "pipe", "inherit"],
});
let first;
let count = 0;
let chars = 0;
let rest;
for await (const chunk of engine.stdout) {
  first ??= stamp();
  const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
  let start = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    const event = JSON.parse(bytes.toString("utf8", start, end));
    count += 1;
    if (DELTAS.has(event.method)) chars += event.params.delta.length;
    start = end + 1;
  }
  rest = start < bytes.length ? bytes.subarray(start) : undefined;
}
report([{ events: count, chars, first, last: stamp() }]);
