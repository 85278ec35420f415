/**
 * What the client keeps: for the package, for open turns that nothing happens in, and for a reader that never reads.
 */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { settings } from "./meter.mjs";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");

/** Resident memory once what can be freed is. */
async function nowMb() {
  for (let round = 0; round < 3; round++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage.rss() / (1 << 20);
}

/** Opens threads, then a turn on each; the engine has been told to say nothing in them. */
async function idle(codex, turns) {
  const opened = async (count) => {
    const threads = Array.from({ length: count }, () => codex.startThread());
    for (const thread of threads) await thread.open();
    return threads;
  };
  const kept = [];
  const start = async (threads) => {
    for (const thread of threads) kept.push(await thread.turn("go"));
  };
  await start(await opened(50));
  const before = await nowMb();
  const threads = await opened(turns);
  const between = await nowMb();
  await start(threads);
  const started = await nowMb();
  const each = (mb) => (mb * 1024) / turns;
  return {
    thread_kb: each(between - before),
    turn_kb: each(started - between),
    both_kb: each(started - before),
    kept: kept.length,
  };
}

/** Takes one event of many. The answer that is awaited comes behind all of them. */
async function stalled(codex, events) {
  const before = await nowMb();
  const stream = (await codex.startThread().turn(`go events=${events}`)).stream();
  await stream[Symbol.asyncIterator]().next();
  await codex.request("model/list", {});
  return { stalled_mb: (await nowMb()) - before };
}

const given = settings();
const bare = await nowMb();
const { Codex } = await import(given.package);
const imported = await nowMb();
const codex = new Codex({ codexPathOverride: given.engine });
await codex.request("model/list", {});
const started = await nowMb();
const found =
  given.what === "idle" ? await idle(codex, given.turns) : await stalled(codex, given.events);
const out = { import_mb: imported - bare, package_mb: started - bare, ...found };
process.stdout.write(`${JSON.stringify(out)}\n`);
await codex.close();
process.exit();
