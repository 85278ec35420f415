// A chat in the terminal. /exit or the end of the input ends it.

import { createInterface } from "node:readline";
import { Codex } from "codexkit";

const codex = new Codex();
const thread = codex.startThread();
await thread.open();
console.log("Thread:", thread.id);

const terminal = createInterface({ input: process.stdin, output: process.stdout, prompt: "you> " });
terminal.prompt();
for await (const line of terminal) {
  const prompt = line.trim();
  if (prompt === "/exit" || prompt === "/quit") break;
  if (prompt !== "") await answer(prompt);
  terminal.prompt();
}
terminal.close();
await codex.close();

async function answer(prompt) {
  process.stdout.write("codex> ");
  const turn = await thread.turn(prompt);
  for await (const event of turn) {
    if (event.method === "item/agentMessage/delta") process.stdout.write(event.params.delta);
    else if (event.method === "error") console.log("\nerror>", event.params.error.message);
    else if (event.method === "turn/completed") console.log("\nstatus>", event.params.turn.status);
  }
  const { usage } = await turn.result();
  if (usage) console.log("tokens>", usage.last.totalTokens, "of", usage.total.totalTokens);
}
