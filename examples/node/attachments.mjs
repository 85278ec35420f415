// Files in a turn: an image and a table, staged from memory, and what the store made of them.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Codex, FileStore } from "codexkit";

// Yellow above, blue below.
const FLAG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAHUlEQVR42mP4f8WaJMQwqoEmGgwy" +
    "Z5CERjXQRAMAMU+fkB2chjsAAAAASUVORK5CYII=",
  "base64",
);

/** Rows as they come from somewhere, never all at once. */
async function* table() {
  yield Buffer.from("country,population\n");
  for (const row of ["Ukraine,41000000", "Sweden,10500000"]) yield Buffer.from(`${row}\n`);
}

const folder = await mkdtemp(join(tmpdir(), "staged-"));
const store = new FileStore({ root: folder });
const flag = await store.stage(FLAG);
await store.stage(FLAG, { name: "flag.png" });
const rows = await store.stage(table(), { name: "population.csv", ttlMs: 3_600_000 });
for (const { name, mediaType, size } of await store.list()) {
  console.log("Staged:", name, mediaType, size);
}

const codex = new Codex();
const thread = codex.startThread();
const question = "Whose flag is this, and how many live there?";
const result = await thread.run([question, flag, await rows.asText()]);
console.log("Answer:", result.finalResponse);
await codex.close();

const { deduplicated, staged } = store.metrics();
console.log("Stored once:", deduplicated, "of", staged);
console.log("Removed:", await store.reset());
await rm(folder, { recursive: true });
