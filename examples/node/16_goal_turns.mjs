// Gives a thread a goal; the engine starts turns by itself until it is reached.

import { Codex } from "codexkit";

// Goals are a feature that has to be switched on.
const codex = new Codex({ config: { features: { goals: true } } });
const thread = codex.startThread();
const goal = "Improve the test coverage of this project.";
for await (const event of thread.pursue(goal, { tokenBudget: 200_000 })) {
  switch (event.method) {
    case "turn/started":
      console.log("A turn begins.");
      break;
    case "item/completed":
      if (event.params.item.type === "agentMessage") console.log("Codex:", event.params.item.text);
      break;
    case "thread/goal/updated":
      console.log("Goal:", event.params.goal.status);
  }
}
await codex.close();
