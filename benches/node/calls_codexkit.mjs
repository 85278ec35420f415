/** Requests that the engine answers at once, one after the other. */

import { settings, stamp } from "./meter.mjs";

const given = settings();
const { Codex } = await import(given.package);
const codex = new Codex({ codexPathOverride: given.engine });
for (let call = 0; call < given.warm; call++) await codex.request("model/list", {});
const times = [];
const start = stamp();
for (let call = 0; call < given.calls; call++) {
  const before = process.hrtime.bigint();
  await codex.request("model/list", {});
  times.push(Number(process.hrtime.bigint() - before));
}
const cpu = stamp().cpu - start.cpu;
times.sort((a, b) => a - b);
const at = (part) => times[Math.floor(times.length * part)] / 1e9;
const out = { call_p50: at(0.5), call_p99: at(0.99), cpu: cpu / times.length, calls: times.length };
process.stdout.write(`${JSON.stringify(out)}\n`);
await codex.close();
