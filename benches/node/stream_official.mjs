/** Reads K turns at once with the official TypeScript SDK; it starts a process for each turn. */

import { Codex } from "@openai/codex-sdk";
import { read, readLate, report, settings, watchLag } from "./meter.mjs";

const given = settings();
const codex = new Codex({ codexPathOverride: given.engine });

const sentAt = (event) => (event.type === "item.updated" ? event.item.text : undefined);
const reader = given.read === "late" ? (events) => readLate(events, sentAt) : read;

async function round(prompt) {
  const started = Array.from({ length: given.turns }, () =>
    codex.startThread().runStreamed(prompt),
  );
  return Promise.all((await Promise.all(started)).map(({ events }) => reader(events)));
}

// Every process writes the lines of its own turn.
await round(`warm up events=${Math.ceil(given.warm / given.turns)}`);
const stop = given.lag ? watchLag() : () => ({});
const readings = await round(`go events=${given.events / given.turns}`);
report(readings, stop());
