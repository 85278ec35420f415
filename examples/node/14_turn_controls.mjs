// Changes a running turn: steers one, interrupts another.

import { Codex } from "codexkit";

const codex = new Codex();
const thread = codex.startThread();

const steered = await thread.turn("Count to twenty, slowly.");
for await (const event of steered) {
  if (event.method === "item/agentMessage/delta") {
    await steered.steer("Stop there and sum up.");
    break;
  }
}
const result = await steered.result();
console.log("Steered:", result.status);
console.log("Answer:", result.finalResponse);

const interrupted = await thread.turn("Count to a hundred, slowly.");
let text = "";
for await (const event of interrupted) {
  if (event.method === "item/agentMessage/delta") {
    text += event.params.delta;
    await interrupted.interrupt();
  }
}
console.log("Interrupted:", (await interrupted.result()).status);
console.log("Until then:", text.startsWith("word 0"));
await codex.close();
