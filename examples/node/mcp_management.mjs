// The MCP servers of the configuration and their tools; turns one off and on again.
//
//     node examples/node/mcp_management.mjs [server]

import { Codex } from "codexkit";

const codex = new Codex();

async function configured() {
  const { config } = await codex.request("config/read", { includeLayers: false });
  return Object.entries(config.mcp_servers ?? {});
}

const servers = await configured();
console.log("Servers:", servers.length);
for (const [name, { command, url, enabled = true }] of servers) {
  console.log(`${name}: ${enabled ? "on" : "off"}, ${command ?? url}`);
}
const { data } = await codex.request("mcpServerStatus/list", {});
for (const { name, tools } of data) {
  console.log(`${name} offers`, Object.keys(tools).join(", ") || "nothing");
}

const name = process.argv[2] ?? servers[0]?.[0];
if (name !== undefined) {
  // Off in one thread alone: a setting of that thread.
  const thread = codex.startThread({ config: { mcp_servers: { [name]: { enabled: false } } } });
  await thread.open();
  console.log(`${name} is off in a thread`);

  // Off and on again for good: a change of the configuration file.
  for (const value of [false, true]) {
    const keyPath = `mcp_servers.${name}.enabled`;
    await codex.request("config/value/write", { keyPath, value, mergeStrategy: "replace" });
    const now = Object.fromEntries(await configured())[name];
    console.log(`${name} is ${now.enabled ? "on" : "off"} in the file`);
  }
}
await codex.close();
