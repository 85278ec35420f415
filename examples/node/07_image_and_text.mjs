// A question about an image that the program has in memory, or fetches from the web. The engine takes no
// image from the web by itself: give it the bytes in a data URL.

import { Codex } from "codexkit";

// Yellow above, blue below.
const SAMPLE =
  "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAHUlEQVR42mP4f8WaJMQwqoEmGgwy" +
  "Z5CERjXQRAMAMU+fkB2chjsAAAAASUVORK5CYII=";

/** The image at the URL in the first argument, or the sample, as a data URL. */
async function image() {
  const url = process.argv[2];
  if (url === undefined) return `data:image/png;base64,${SAMPLE}`;
  const answer = await fetch(url);
  const bytes = Buffer.from(await answer.arrayBuffer());
  return `data:${answer.headers.get("content-type")};base64,${bytes.toString("base64")}`;
}

const codex = new Codex();
const thread = codex.startThread();
const result = await thread.run([
  { type: "text", text: "What is in this image?" },
  { type: "image", url: await image() },
]);
console.log("Status:", result.status);
console.log("Answer:", result.finalResponse);
await codex.close();
