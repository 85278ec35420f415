// A question about an image in a file.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { Codex } from "codexkit";

/** An image of 64 by 64 pixels, red above and blue below. */
function flag() {
  const rows = Buffer.alloc(64 * (1 + 64 * 3));
  for (let y = 0; y < 64; y += 1) {
    const colour = y < 32 ? [220, 30, 30] : [30, 30, 220];
    for (let x = 0; x < 64; x += 1) rows.set(colour, y * 193 + 1 + x * 3);
  }
  const header = Buffer.from([0, 0, 0, 64, 0, 0, 0, 64, 8, 2, 0, 0, 0]);
  const chunk = (kind, data) => {
    const checked = Buffer.concat([Buffer.from(kind), data]);
    const numbers = Buffer.alloc(8);
    numbers.writeUInt32BE(data.length, 0);
    numbers.writeUInt32BE(crc32(checked), 4);
    return Buffer.concat([numbers.subarray(0, 4), checked, numbers.subarray(4)]);
  };
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

const folder = await mkdtemp(join(tmpdir(), "flag-"));
const path = join(folder, "flag.png");
await writeFile(path, flag());

const codex = new Codex();
const thread = codex.startThread();
const result = await thread.run([
  { type: "text", text: "Which colours has this flag?" },
  { type: "local_image", path },
]);
console.log("Status:", result.status);
console.log("Answer:", result.finalResponse);
await codex.close();
await rm(folder, { recursive: true });
