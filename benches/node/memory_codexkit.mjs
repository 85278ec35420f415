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

/** Opens threads with a turn each; the engine has been told to say nothing in them. */
async function idle(codex, turns) {
  // A thread is opened in the engine by its first turn.
  const open = async () => {
    const thread = codex.startThread();
    return [thread, await thread.turn("go")];
  };
  const kept = [];
  for (let turn = 0; turn < 50; turn++) kept.push(await open());
  const before = await nowMb();
  for (let turn = 0; turn < turns; turn++) kept.push(await open());
  const started = await nowMb();
  return { both_kb: ((started - before) * 1024) / turns, kept: kept.length };
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
