// One turn in both of its forms: the full stream of events, and the simple one. In Node everything is
// asynchronous; the Python folder has this program with and without asyncio.

import { Codex } from "codexkit";

const codex = new Codex();
const thread = codex.startThread();

const turn = await thread.turn("Say hello in one sentence.");
const methods = [];
for await (const event of turn) methods.push(event.method);
console.log("First and last event:", methods[0], methods.at(-1));
console.log("Answer:", (await turn.result()).finalResponse);

const { events } = await thread.runStreamed("Say hello in one sentence.");
const types = [];
for await (const event of events) types.push(event.type);
console.log("Simple events:", types.join(" "));
await codex.close();
