// Everything that the result of a turn says.

import { Codex } from "codexkit";

const codex = new Codex();
const thread = codex.startThread();
const turn = await thread.turn("Which files are in this folder?");
const result = await turn.result();

console.log("Thread:", result.threadId);
console.log("Turn:", result.id);
console.log("Status:", result.status);
console.log("Error:", result.error);
console.log("Took:", result.durationMs, "ms");
for (const item of result.items) console.log("Item:", item.type);
if (result.usage) {
  console.log("Tokens of the last response:", result.usage.last.totalTokens);
  console.log("Tokens of the thread:", result.usage.total.totalTokens);
}
console.log("Answer:", result.finalResponse);
await codex.close();
