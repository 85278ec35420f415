// An answer of a given shape, by a zod schema that also checks what comes.

import { Codex } from "codexkit";
import { z } from "zod";

const Report = z.strictObject({
  summary: z.string(),
  status: z.enum(["fine", "needs work"]),
});

const codex = new Codex();
const thread = codex.startThread();
const { finalResponse } = await thread.run("How is this project doing?", {
  outputSchema: z.toJSONSchema(Report),
});
const { summary, status } = Report.parse(JSON.parse(finalResponse));
console.log("Status:", status);
console.log("Summary:", summary);
await codex.close();
