// An answer of a type: checked, repaired if need be, and shown while it grows.

import { Codex, InvalidOutputError } from "codexkit";
import { z } from "zod";

const Finding = z.object({
  file: z.string(),
  problem: z.string().describe("one sentence"),
  severity: z.enum(["low", "high"]).default("low"),
});

const codex = new Codex();
const thread = codex.startThread();
try {
  const { parsed, attempts } = await thread.run("What should be fixed first?", {
    outputType: z.array(Finding),
    outputRepairs: 2,
  });
  for (const finding of parsed) {
    console.log(`${finding.file}: ${finding.problem} (${finding.severity})`);
  }
  console.log("Repairs:", attempts.length);

  const turn = await thread.turn("What was the first finding?", { outputType: Finding });
  for await (const value of turn.partialOutputs()) {
    // It grows: whatever is there yet, and not checked.
    const { problem } = /** @type {{ problem?: string }} */ (value);
    process.stdout.write(`\r${problem ?? ""}`);
  }
  const result = await turn.result();
  console.log("\rFile:", result.parsed.file);
} catch (error) {
  if (!(error instanceof InvalidOutputError)) throw error;
  console.log(`no valid answer: at ${error.path}: ${error.rule}`);
} finally {
  await codex.close();
}
