// What an installed npm package must do when it is required: run turns of its engine.
// `cargo xtask dist --check` runs it in a fresh project. The last line that it prints is JSON.
const { Codex } = require("codexkit");
const { ScriptedModel } = require("codexkit/testing");

async function main() {
  const model = await ScriptedModel.start({ replies: ["Hello.", "Good bye."] });
  const codex = new Codex(model.options());
  const thread = codex.startThread({ skipGitRepoCheck: true });
  const { finalResponse } = await thread.run("Hi.");
  if (finalResponse !== "Hello.") throw new Error(finalResponse);
  const { engine } = await codex.start();
  await codex.close();
  await model.close();
  console.log(JSON.stringify({ engine: engine.path }));
}

main();
