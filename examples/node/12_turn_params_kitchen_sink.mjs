// One turn with everything that a turn can be told; the answer is JSON of a given shape.

import { Codex } from "codexkit";

const schema = {
  type: "object",
  properties: {
    summary: { type: "string" },
    actions: { type: "array", items: { type: "string" } },
  },
  required: ["summary", "actions"],
  additionalProperties: false,
};

const codex = new Codex();
const thread = codex.startThread();
const result = await thread.run("Plan the rollout of a feature flag.", {
  approvalPolicy: "never",
  workingDirectory: process.cwd(),
  modelReasoningEffort: "medium",
  model: "gpt-5.5",
  outputSchema: schema,
  personality: "pragmatic",
  sandboxMode: "read-only",
  summary: "concise",
});
const plan = JSON.parse(result.finalResponse);
console.log("Status:", result.status);
console.log("Summary:", plan.summary);
for (const action of plan.actions) console.log("-", action);
await codex.close();
