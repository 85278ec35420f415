// The first turn: start an engine, ask it something, print the answer.

import { Codex } from "codexkit";

const codex = new Codex();
const { engine } = await codex.start();
console.log("Engine:", engine.version);

const thread = codex.startThread({ sandboxMode: "read-only" });
const result = await thread.run("Say hello in one sentence.");
console.log("Status:", result.status);
console.log("Answer:", result.finalResponse);
await codex.close();
