// One turn of the Node package on the engine that is given, for `cargo xtask matrix`.
import assert from "node:assert/strict";
import { Codex } from "../../node/dist/index.mjs";
import { ScriptedModel } from "../../node/dist/testing.mjs";

const [engine, version] = process.argv.slice(2);
const model = await ScriptedModel.start({
  replies: [{ items: [{ message: "Hello!" }] }],
  repeat: "last",
});
const codex = new Codex({ ...model.options(), codexPathOverride: engine });
const thread = codex.startThread();
const { events } = await thread.runStreamed("Hi");
const seen = [];
for await (const event of events) seen.push(event.type);
assert.equal(seen.at(-1), "turn.completed");
const turn = await thread.run("Hi");
assert.equal(turn.finalResponse, "Hello!");
if (version === "0.154.0") {
  await assert.rejects(codex.request("memory/status", {}), { neededVersion: "0.155.0" });
}
await codex.close();
await model.close();
console.log("ok");
