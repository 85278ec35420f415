// A tiny MCP server on stdio for the tests: `echo` gives its text back, `fail` reports an error.
import { createInterface } from "node:readline";

const text = { type: "object", properties: { text: { type: "string" } } };
const tool = (name) => ({
  name,
  description: name,
  inputSchema: text,
  annotations: { readOnlyHint: true },
});

const answers = {
  initialize: (params) => ({
    protocolVersion: params.protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: "fake", version: "1" },
  }),
  "tools/list": () => ({ tools: [tool("echo"), tool("fail")] }),
  "tools/call": ({ name, arguments: given }) => ({
    content: [{ type: "text", text: name === "echo" ? given.text : "it failed" }],
    isError: name === "fail",
  }),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) continue;
  const result = answers[method]?.(params) ?? {};
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, result })}\n`);
}
