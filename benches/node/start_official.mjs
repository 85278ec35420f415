/** The first event of the first turn of a fresh process. The engine is started by the turn, and shows no steps. */

import { busy, nowNs, reportStart, settings } from "./meter.mjs";

const steps = [nowNs()];
const given = settings();
const { Codex } = await import("@openai/codex-sdk");
steps.push(nowNs());
const codex = new Codex({ codexPathOverride: given.engine });
busy(given.work_ms);
const thread = codex.startThread({ workingDirectory: given.cwd, skipGitRepoCheck: true });
const { events } = await thread.runStreamed("go");
// "thread.started" comes before anything of the turn.
await events.next();
await events.next();
steps.push(undefined, undefined, undefined, nowNs());
reportStart(steps);
for await (const _ of events);
