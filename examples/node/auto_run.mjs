// Lets the agent work until a command succeeds, and keeps a token that goes on after a crash.
//
//     node examples/node/auto_run.mjs "Make the tests pass." "npm test"

import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Codex } from "codexkit";

const TOKEN = "run.token";
const [prompt = "Make a file called done.txt.", command = "test -e done.txt"] =
  process.argv.slice(2);

const codex = new Codex();
const thread = codex.startThread({ workingDirectory: ".", sandboxMode: "danger-full-access" });
const run = existsSync(TOKEN)
  ? await codex.autoResumeStreamed(readFileSync(TOKEN, "utf8"))
  : await thread.autoRunStreamed(prompt, { until: { type: "command", command }, maxTurns: 5 });
for await (const event of run) {
  if (event.method === "codexkit/autoRun/continuation") {
    writeFileSync(TOKEN, String(event.params.token));
  } else if (event.method === "codexkit/autoRun/turnCompleted") {
    console.log(`turn ${event.params.turn}: ${event.params.finalResponse}`);
  } else if (event.method === "codexkit/autoRun/checked") {
    console.log(event.params.done ? "done" : "not yet");
  }
}
const { stopReason, turns } = await run.result();
rmSync(TOKEN, { force: true });
console.log(`${stopReason} after ${turns} turns`);
await codex.close();
