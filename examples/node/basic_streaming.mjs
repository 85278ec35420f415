// A chat in the terminal with the simple events: whole items, no deltas.

import { createInterface } from "node:readline";
import { Codex } from "codexkit";

// The to-do list is a tool that the model does not have by itself.
const codex = new Codex({ config: { tools: { update_plan: { enabled: true } } } });
const thread = codex.startThread();

const terminal = createInterface({ input: process.stdin, output: process.stdout, prompt: "> " });
terminal.prompt();
for await (const line of terminal) {
  if (line.trim() !== "") {
    const { events } = await thread.runStreamed(line);
    for await (const event of events) show(event);
  }
  terminal.prompt();
}
await codex.close();

function show(event) {
  switch (event.type) {
    case "item.started":
    case "item.updated":
      if (event.item.type === "todo_list") todo(event.item);
      break;
    case "item.completed":
      completed(event.item);
      break;
    case "turn.completed":
      console.log(`Tokens: ${event.usage.input_tokens} in, ${event.usage.output_tokens} out`);
      break;
    case "turn.failed":
      console.log(`Failed: ${event.error.message}`);
  }
}

function completed(item) {
  switch (item.type) {
    case "agent_message":
      console.log(`Codex: ${item.text}`);
      break;
    case "reasoning":
      console.log(`Thought: ${item.text}`);
      break;
    case "command_execution":
      console.log(`Command: ${item.command} (${item.status}, exit code ${item.exit_code})`);
      break;
    case "file_change":
      for (const change of item.changes) console.log(`File: ${change.kind} ${change.path}`);
  }
}

function todo(list) {
  for (const { completed, text } of list.items) console.log(`[${completed ? "x" : " "}] ${text}`);
}
