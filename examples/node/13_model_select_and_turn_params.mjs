// Chooses a model and how hard it thinks, from what the engine offers.

import { Codex } from "codexkit";

const RANK = ["none", "minimal", "low", "medium", "high", "xhigh"];

/** The highest effort that the model supports and that is in RANK. */
function bestEffort(model) {
  const efforts = model.supportedReasoningEfforts.map((option) => option.reasoningEffort);
  return RANK.filter((effort) => efforts.includes(effort)).at(-1) ?? "medium";
}

const codex = new Codex();
const { data: models } = await codex.models();
const model = models.find((model) => model.isDefault) ?? models[0];
const effort = bestEffort(model);
console.log("Model:", model.model);
console.log("Effort:", effort);

const thread = codex.startThread({
  model: model.model,
  config: { model_reasoning_effort: effort },
});
const first = await thread.run("Say a sentence about releases.");
console.log("First:", first.finalResponse);

const second = await thread.run("Say it again, shorter.", {
  approvalPolicy: "never",
  modelReasoningEffort: "low",
  model: model.model,
  sandboxMode: "read-only",
  summary: "concise",
});
console.log("Second:", second.finalResponse);
if (second.tokenUsage) console.log("Tokens:", second.tokenUsage.total.totalTokens);
await codex.close();
