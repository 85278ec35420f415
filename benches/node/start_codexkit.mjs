/** The first event of the first turn of a fresh process. */

import { busy, nowNs, reportStart, settings } from "./meter.mjs";

const steps = [nowNs()];
const given = settings();
const { Codex } = await import(given.package);
steps.push(nowNs());
const codex = new Codex({ codexPathOverride: given.engine, prewarm: given.prewarm });
// What a program has to do of its own before its first turn.
busy(given.work_ms);
if (!given.prewarm) await codex.start();
steps.push(nowNs());
const thread = codex.startThread({ workingDirectory: given.cwd });
await thread.open();
steps.push(nowNs());
const events = (await thread.turn("go")).stream();
steps.push(nowNs());
await events[Symbol.asyncIterator]().next();
steps.push(nowNs());
reportStart(steps);
for await (const _ of events);
await codex.close();
