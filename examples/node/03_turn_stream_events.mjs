// A turn while it happens: the text as it is written, what the agent does, what it costs.

import { Codex } from "codexkit";

const codex = new Codex();
const thread = codex.startThread();
const turn = await thread.turn("Which files are in this folder?");

for await (const event of turn) {
  switch (event.method) {
    case "turn/started":
      console.log("[turn started]");
      break;
    case "item/started":
      console.log(`[${event.params.item.type} started]`);
      break;
    case "item/completed":
      console.log(`\n[${event.params.item.type} completed]`);
      break;
    case "item/agentMessage/delta":
    case "item/reasoning/summaryTextDelta":
      process.stdout.write(event.params.delta);
      break;
    case "thread/tokenUsage/updated":
      console.log(`[${event.params.tokenUsage.total.totalTokens} tokens]`);
      break;
    case "turn/completed":
      console.log(`[turn ${event.params.turn.status}]`);
  }
}
await codex.close();
