// MCP: servers from code, what the engine says of them, and the client without an engine.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  ClosedError,
  Codex,
  CodexTimeoutError,
  InvalidArgumentError,
  McpClient,
  type McpServer,
  qualify,
  RpcError,
  SpawnError,
  type StdioServer,
  toolNames,
} from "codexkit";
import { expect, onTestFinished, test } from "vitest";
import { eventually, folder, rejection, root, scripted } from "./helper";

/** The test server. */
const memo = (fields: Partial<StdioServer> = {}, ...args: string[]): StdioServer => ({
  command: join(root, ".cache/venv/bin/python"),
  args: [join(root, "tests/mcp/server.py"), ...args],
  ...fields,
});

const calls = (name: string, text: string) => ({
  items: [{ call: { name, namespace: "mcp__memo", arguments: { text } } }],
});

const said = ({ content }: { content: unknown[] }) => (content[0] as { text: string }).text;

async function connect(server: McpServer = memo()): Promise<McpClient> {
  const client = await McpClient.connect("memo", server);
  onTestFinished(() => client.close());
  return client;
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("a thread has the servers that it is given", async () => {
  const { codex } = await scripted({ replies: [calls("echo", "hi"), "done"] });
  const server = memo({ env: { GIVEN: "yes" }, disabledTools: ["crash"], toolTimeoutMs: 20_000 });
  const thread = codex.startThread({
    sandboxMode: "danger-full-access",
    mcpServers: { memo: server },
  });
  const ready = await thread.mcp.waitReady(["memo"], { timeoutMs: 60_000 });
  expect(ready.map(({ name }) => name)).toEqual(["memo"]);
  const [status] = await thread.mcp.status();
  expect(Object.keys(status?.tools ?? {}).sort()).toEqual(["echo", "fail", "slow", "spawn"]);
  expect(status?.resources.length).toBe(3);
  const [short] = await thread.mcp.status({ toolsOnly: true, server: "memo" });
  expect(short?.resources).toEqual([]);
  expect(said(await thread.mcp.callTool("memo", "echo", { text: "$GIVEN" }))).toBe("yes");
  const { contents } = await thread.mcp.readResource("memo", "memo://1");
  expect(contents[0]).toMatchObject({ text: "memo" });
  const result = await thread.run("go");
  expect(result.finalResponse).toBe("done");
  expect(result.items.map(({ type }) => type)).toContain("mcp_tool_call");
  expect(await rejection(thread.mcp.login("memo"))).toBeInstanceOf(RpcError);
  await codex.mcp.reload();
  expect(await codex.mcp.status()).toEqual([]);
});

test("resumed and forked threads and clients have servers too", async () => {
  const { codex } = await scripted(
    { replies: ["done"], repeat: "last" },
    { mcpServers: { base: memo({ env: { LEVEL: "3" } }) } },
  );
  const thread = codex.startThread();
  expect(said(await thread.mcp.callTool("base", "echo", { text: "$LEVEL" }))).toBe("3");
  await thread.run("hello");
  const forked = await thread.fork({ mcpServers: { memo: memo() } });
  expect(said(await forked.mcp.callTool("memo", "echo", { text: "forked" }))).toBe("forked");
  const resumed = codex.resumeThread(thread.id ?? "", { mcpServers: { memo: memo() } });
  expect(said(await resumed.mcp.callTool("memo", "echo", { text: "resumed" }))).toBe("resumed");
});

test("what cannot work is refused at the call", async () => {
  const { codex } = await scripted(["done"]);
  for (const [servers, argument] of [
    [[memo()], "mcpServers"],
    [{ memo: "npx" }, "mcpServers.memo"],
    [{ memo: {} }, "mcpServers.memo"],
    [{ "a b": memo() }, "mcpServers"],
    [{ my_memo: { ...memo(), envVar: [] } }, "mcpServers.my_memo.envVar"],
    [{ memo: { ...memo(), url: "http://x" } }, "mcpServers.memo.url"],
    [{ memo: { ...memo(), headers: {} } }, "mcpServers.memo.headers"],
    [{ memo: { url: "ftp://x" } }, "mcpServers.memo.url"],
    [{ memo: memo({ toolTimeoutMs: -1 }) }, "mcpServers.memo.toolTimeoutMs"],
    [
      { memo: memo({ enabledTools: ["a"], disabledTools: ["a"] }) },
      "mcpServers.memo.disabledTools",
    ],
  ] as const) {
    const start = () => codex.startThread({ mcpServers: servers as never });
    expect(start, argument).toThrow(InvalidArgumentError);
    expect(start).toThrow(expect.objectContaining({ argument }));
  }
  const needsThread = await rejection(codex.mcp.callTool("memo", "echo"));
  expect(needsThread).toMatchObject({ kind: "invalid_argument" });
  const broken = codex.startThread({ mcpServers: { broken: { command: "/nonexistent/server" } } });
  expect(await rejection(broken.mcp.waitReady(["broken"]))).toBeInstanceOf(SpawnError);
  expect(await rejection(broken.mcp.waitReady(["other"]))).toBeInstanceOf(InvalidArgumentError);
  const secret = new Codex({ mcpServers: { memo: memo({ env: { API_KEY: "sesame" } }) } });
  onTestFinished(() => secret.close());
  const error = await rejection(secret.start());
  expect(error).toMatchObject({ argument: "mcpServers.memo.env" });
  expect(error.message).not.toContain("sesame");
});

test("a login to a server", async () => {
  const port = join(folder(), "port");
  const python = join(root, ".cache/venv/bin/python");
  const tracker = spawn(python, [join(root, "tests/mcp/oauth_server.py"), port]);
  onTestFinished(() => void tracker.kill());
  await eventually(() => existsSync(port), "the server listens");
  const url = `http://127.0.0.1:${readFileSync(port, "utf8")}/mcp`;
  const { codex } = await scripted(["done"], { config: { mcp_oauth_credentials_store: "file" } });
  const mcpServers = { tracker: { url } };
  const { mcp } = codex.startThread({ mcpServers });
  const [status] = await mcp.status({ toolsOnly: true });
  expect(status?.authStatus).toBe("notLoggedIn");
  const login = await mcp.login("tracker", { timeoutMs: 60_000 });
  expect(login.authorizationUrl).toContain("/authorize");
  expect(await rejection(login.wait({ timeoutMs: 100 }))).toBeInstanceOf(CodexTimeoutError);
  await fetch(login.authorizationUrl); // what a browser does
  expect(await login.wait()).toMatchObject({ name: "tracker", success: true });
  const again = codex.startThread({ mcpServers });
  const [ready] = await again.mcp.waitReady();
  expect(ready?.authStatus).toBe("oAuth");
});

test("the client discovers and calls without an engine", async () => {
  const client = await connect();
  expect(client.serverInfo).toMatchObject({ serverInfo: { name: "memo", version: "1.2.3" } });
  const tools = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(["echo", "fail", "crash", "slow", "spawn"]);
  expect((await client.listResources()).length).toBe(3);
  expect(await client.listResourceTemplates()).toMatchObject([{ uriTemplate: "memo://{n}" }]);
  expect(await client.listPrompts()).toMatchObject([{ name: "greet" }]);
  const texts = Array.from({ length: 20 }, (_, index) => String(index));
  const results = await Promise.all(texts.map((text) => client.callTool("echo", { text })));
  expect(results.map(said)).toEqual(texts);
  expect(results[3]?.structuredContent).toEqual({ text: "3" });
  expect((await client.callTool("fail")).isError).toBe(true);
  expect((await client.readResource("memo://1")).contents[0]).toMatchObject({ text: "memo" });
  const prompt = await client.getPrompt("greet", { who: "Ada" });
  expect(prompt.messages[0]?.content).toMatchObject({ text: "Hello Ada" });
  await client.ping();
  expect(await rejection(client.callTool("nothing"))).toMatchObject({ code: -32602 });
  const late = client.callTool("slow", { text: "30" }, { timeoutMs: 200 });
  expect(await rejection(late)).toBeInstanceOf(CodexTimeoutError);
  await client.close();
  expect(client.state).toBe("closed");
  expect(await rejection(client.ping())).toBeInstanceOf(ClosedError);
  expect(() => client.serverInfo).toThrow(ClosedError);
});

test("a crash fails the call and the server comes back", async () => {
  const client = await connect();
  const first = client.pid;
  const error = await rejection(client.callTool("crash", { text: "on purpose" }));
  expect(error).toBeInstanceOf(ClosedError);
  expect(error).toMatchObject({ exitCode: 3 });
  expect(error.message).toMatch(/not repeated[\s\S]*on purpose/);
  expect(said(await client.callTool("echo", { text: "again" }))).toBe("again");
  expect([client.restarts, client.state]).toEqual([1, "ready"]);
  expect(client.pid).not.toBe(first);
  expect(client.stderrTail()).toContain("on purpose");
});

test("a server that cannot be used says why", async () => {
  const failing = memo({}, "--fail", "9", join(folder(), "counter"));
  expect(await rejection(connect(failing))).toMatchObject({ kind: "spawn", exitCode: 1 });
  const silent = memo({ startupTimeoutMs: 300 }, "--silent");
  expect(await rejection(connect(silent))).toBeInstanceOf(CodexTimeoutError);
  const unset = connect({ url: "http://127.0.0.1:1", bearerTokenEnvVar: "NOT_SET_HERE" });
  expect(await rejection(unset)).toMatchObject({ argument: "server.bearerTokenEnvVar" });
  expect(await rejection(connect("npx" as never))).toMatchObject({ argument: "server" });
});

test("a server ends with the program", async () => {
  const program = `
    import { McpClient } from "codexkit";
    const client = await McpClient.connect("memo", ${JSON.stringify(memo())});
    const { content } = await client.callTool("spawn", { text: "47411" });
    console.log(client.pid, content[0].text);
    process.exit(0);`;
  const host = spawn(process.execPath, ["--input-type=module", "-e", program], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  host.stdout.on("data", (data) => {
    output += data;
  });
  await once(host, "close");
  const pids = output.trim().split(" ").map(Number);
  expect(pids.length).toBe(2);
  await eventually(() => !pids.some(alive), "the processes are gone");
});

test("names of tools are told apart", () => {
  expect(qualify("docs", "find.all")).toBe("mcp__docs__find_all");
  expect(toolNames({ docs: ["find"], web: ["find"] })).toEqual({
    mcp__docs__find: { server: "docs", tool: "find" },
    mcp__web__find: { server: "web", tool: "find" },
  });
  expect(() => toolNames({ a: ["b__c"], a__b: ["c"] })).toThrow(InvalidArgumentError);
});
