/** Reads K turns at once with codexkit: the full event stream of each, from one engine. */

import { read, readLate, report, settings, watchLag } from "./meter.mjs";

const given = settings();
const { Codex } = await import(given.package);
const codex = new Codex({ codexPathOverride: given.engine, ...given.options });
const threads = Array.from({ length: given.turns }, () => codex.startThread());

const sentAt = (event) =>
  event.method === "item/agentMessage/delta" ? event.params.delta : undefined;
const reader = given.read === "late" ? (events) => readLate(events, sentAt) : read;

async function round(prompt) {
  const turns = await Promise.all(threads.map((thread) => thread.turn(prompt)));
  return Promise.all(turns.map((turn) => reader(turn.stream())));
}

await round(`warm up events=${given.warm}`);
const stop = given.lag ? watchLag() : () => ({});
const readings = await round(`go events=${given.events}`);
report(readings, stop());
await codex.close();
