// Tools of the application: functions that the model calls.

import { Codex, tool } from "codexkit";
import { z } from "zod";

const price = tool({
  name: "price",
  description: "Tells the price of an article of the shop.",
  parameters: z.object({
    article: z.string().describe("The article's name."),
    count: z.int().min(1).default(1).describe("How many of it."),
  }),
  execute: ({ article, count }) => {
    if (article !== "pear") throw new Error(`there is no article "${article}"`);
    return { cents: 45 * count };
  },
  timeoutMs: 10_000,
});

const codex = new Codex({ tools: [price] });
const thread = codex.startThread();
const { finalResponse } = await thread.run("What do three pears and a plum cost?");
console.log(finalResponse);
const { calls, failures, lastError } = codex.tools.metrics().price;
console.log(`calls: ${calls}, failures: ${failures}`);
console.log(`the last failure: ${lastError}`);
await codex.close();
