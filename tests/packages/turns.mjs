// The same as turns.cjs for a program that imports the package, with the events of a turn.
import { Codex } from "codexkit";
import { ScriptedModel } from "codexkit/testing";

const model = await ScriptedModel.start({ replies: ["Hello."] });
const codex = new Codex(model.options());
const thread = codex.startThread({ skipGitRepoCheck: true });
let text = "";
for await (const event of await thread.turn("Hi.")) {
  if (event.method === "item/agentMessage/delta") text += event.params.delta;
}
if (text !== "Hello.") throw new Error(text);
const { engine } = await codex.start();
await codex.close();
await model.close();
console.log(JSON.stringify({ engine: engine.path }));
