/** Reads K turns at once with codexkit: the full event stream of each, from one engine. */

import { read, report, settings, watchLag } from "./meter.mjs";

const given = settings();
const { Codex } = await import(given.package);
const codex = new Codex({ codexPathOverride: given.engine, ...given.options });
const threads = Array.from({ length: given.turns }, () => codex.startThread());

async function round(prompt) {
  const turns = await Promise.all(threads.map((thread) => thread.turn(prompt)));
  return Promise.all(turns.map((turn) => read(turn.stream())));
}

await round(`warm up events=${given.warm}`);
const stop = given.lag ? watchLag() : () => ({});
const readings = await round(`go events=${given.events}`);
report(readings, stop());
await codex.close();
