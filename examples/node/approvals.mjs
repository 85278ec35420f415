// Asks on the terminal before the agent leaves its sandbox.
//
//     node examples/node/approvals.mjs "Make a file called hello.txt."

import { createInterface } from "node:readline";
import { Codex } from "codexkit";

const prompt = process.argv.slice(2).join(" ") || "Make a file called hello.txt.";
const terminal = createInterface({ input: process.stdin });
const lines = terminal[Symbol.asyncIterator]();

/**
 * Answers one request of the engine. To give nothing is to decline.
 *
 * @type {import("codexkit").ApprovalHandler}
 */
const ask = async (_method, _params, request) => {
  let question;
  if (request.method === "item/commandExecution/requestApproval") {
    question = `run ${request.params.command}`;
  } else if (request.method === "item/fileChange/requestApproval") {
    question = "change files";
  } else {
    return undefined;
  }
  const reason = request.params.reason ?? "no reason given";
  process.stdout.write(`May the agent ${question}? (${reason}) [y/N] `);
  const { value = "" } = await lines.next();
  return { decision: value.trim().toLowerCase() === "y" ? "accept" : "decline" };
};

const codex = new Codex({ approvalHandler: ask });
const thread = codex.startThread({ sandboxMode: "read-only", approvalPolicy: "on-request" });
const { finalResponse } = await thread.run(prompt);
console.log(`\n${finalResponse}`);
await codex.close();
terminal.close();
