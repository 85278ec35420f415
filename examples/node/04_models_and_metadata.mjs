// Which engine this is, and which models it offers.

import { Codex } from "codexkit";

const codex = new Codex();
const metadata = await codex.start();
console.log("Engine:", metadata.engine.version, "from", metadata.engine.source);
console.log("Home:", metadata.codexHome);
console.log("Platform:", metadata.platformOs);

const models = await codex.models({ includeHidden: true });
for (const model of models.data) {
  const efforts = model.supportedReasoningEfforts.map((option) => option.reasoningEffort);
  const note = model.isDefault ? " (default)" : model.hidden ? " (hidden)" : "";
  console.log(`Model: ${model.model}${note}: ${efforts.join(", ")}`);
}
await codex.close();
