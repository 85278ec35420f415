// An answer of a given shape, by a JSON Schema.

import { Codex } from "codexkit";

const schema = {
  type: "object",
  properties: {
    summary: { type: "string" },
    status: { type: "string", enum: ["fine", "needs work"] },
  },
  required: ["summary", "status"],
  additionalProperties: false,
};

const codex = new Codex();
const thread = codex.startThread();
const { finalResponse } = await thread.run("How is this project doing?", { outputSchema: schema });
const { summary, status } = JSON.parse(finalResponse);
console.log("Status:", status);
console.log("Summary:", summary);
await codex.close();
