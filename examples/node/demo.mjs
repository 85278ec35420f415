// One turn of the Codex engine, every event as it happens.
//
//     node examples/node/demo.mjs "What is in this folder?"

import { createWriteStream } from "node:fs";
import { parseArgs } from "node:util";
import { Codex } from "codexkit";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cwd: { type: "string", default: process.cwd() },
    sandbox: { type: "string", default: "read-only" },
    transcript: { type: "string" },
  },
});
const prompt = positionals[0] ?? "Say hello.";
const transcript = values.transcript && createWriteStream(values.transcript);

// The part of an event that one would tell a person.
function detail({ method, params }) {
  switch (method) {
    case "turn/started":
    case "turn/completed":
      return params.turn.status;
    case "item/started":
    case "item/completed":
      return `${params.item.type} ${params.item.command ?? ""}`;
    case "turn/diff/updated":
      return `${params.diff.trimEnd().split("\n").length} lines of diff`;
    case "thread/tokenUsage/updated":
      return `${params.tokenUsage.total.totalTokens} tokens`;
    default:
      return params.delta === undefined ? "" : JSON.stringify(params.delta);
  }
}

const codex = new Codex();
const thread = codex.startThread({
  workingDirectory: values.cwd,
  sandboxMode: /** @type {any} */ (values.sandbox), // refused by name if it is none
  approvalPolicy: "never",
  skipGitRepoCheck: true,
});
const turn = await thread.turn(prompt);
for await (const event of turn.stream()) {
  console.log(event.method.padEnd(34), detail(event));
  transcript?.write(`${event.raw}\n`);
}

const result = await turn.result();
console.log(`${result.status}: ${result.finalResponse ?? ""}`);
await codex.close();
transcript?.end();
