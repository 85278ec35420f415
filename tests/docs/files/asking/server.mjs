// A small MCP server on stdio whose one tool asks the user for a city.
import { createInterface } from "node:readline";

const form = {
  message: "Where do you live?",
  requestedSchema: {
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
  },
};
const tool = {
  name: "weather",
  description: "The weather where the user lives.",
  inputSchema: { type: "object", properties: {} },
  annotations: { readOnlyHint: true, destructiveHint: false, openWorldHint: false },
};
const send = (message) =>
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
let waiting;

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params, result } = JSON.parse(line);
  if (method === "initialize") {
    const { protocolVersion } = params;
    const serverInfo = { name: "weather", version: "1" };
    send({ id, result: { protocolVersion, capabilities: { tools: {} }, serverInfo } });
  } else if (method === "tools/list") {
    send({ id, result: { tools: [tool] } });
  } else if (method === "tools/call") {
    waiting = id;
    send({ id: "form", method: "elicitation/create", params: form });
  } else if (id === "form") {
    const text =
      result.action === "accept" ? `It rains in ${result.content.city}.` : "Nobody knows.";
    send({ id: waiting, result: { content: [{ type: "text", text }] } });
  } else if (method !== undefined && id !== undefined) {
    send({ id, result: {} });
  }
}
