// Engines that somebody else started: the same API over a WebSocket and over a Unix socket.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ClosedError, Codex, type CodexOptions, InvalidArgumentError, SpawnError } from "codexkit";
import { type ModelScript, ScriptedModel } from "codexkit/testing";
import { expect, onTestFinished, test } from "vitest";
import { all, command, eventually, folder, rejection } from "./helper.js";

const TOKEN = "s3cret-token-4711";

/** An engine that listens on a Unix socket or, with `ws`, on a port. Killed after the test. */
async function engine(script: ModelScript, ws = false, args: string[] = []) {
  const home = folder("home");
  const model = await ScriptedModel.start(script);
  const options = model.options(home);
  const listen = ws ? "ws://127.0.0.1:0" : `unix://${join(home, "s")}`;
  const overrides = (options.configOverrides ?? []).flatMap((entry) => ["--config", entry]);
  const child = spawn(binary(), [...overrides, "app-server", "--listen", listen, ...args], {
    env: { ...process.env, ...options.env, HOME: home } as NodeJS.ProcessEnv,
    stdio: ["ignore", "ignore", "pipe"],
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await model.close();
  });
  return { child, home, url: ws ? await address(child) : await socketOf(listen, child) };
}

function binary(): string {
  const given = process.env.CODEXKIT_TEST_ENGINE;
  if (given) return given;
  const bundled = require("../../node/dist/engine.js").locateBundledEngine();
  return bundled.binary;
}

async function address(child: ChildProcess): Promise<string> {
  const lines = createInterface({ input: child.stderr as NodeJS.ReadableStream });
  for await (const line of lines) {
    const found = /listening on: (ws:\/\/\S+)/.exec(line);
    if (found?.[1]) {
      child.stderr?.resume();
      return found[1];
    }
  }
  throw new Error("the engine does not listen");
}

async function socketOf(listen: string, child: ChildProcess): Promise<string> {
  child.stderr?.resume();
  await eventually(() => existsSync(listen.slice("unix://".length)), "the socket");
  return listen;
}

/** A proxy in front of a Unix socket whose connections can be cut. */
async function proxy(path: string) {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const target = connect(path);
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      open.add(from);
      from.on("error", () => {});
      from.on("close", () => to.destroy());
      from.pipe(to);
    }
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const cut = () => {
    for (const socket of open) socket.destroy();
    open.clear();
  };
  onTestFinished(() => {
    server.close();
    cut();
  });
  const { port } = server.address() as { port: number };
  return { url: `ws://127.0.0.1:${port}`, cut };
}

function client(options: CodexOptions): Codex {
  const codex = new Codex(options);
  onTestFinished(() => codex.close());
  return codex;
}

test.each([false, true])("a turn works (ws: %s)", async (ws) => {
  const running = await engine({ replies: ["Hello there"] }, ws);
  const codex = client({ remote: running.url });
  const metadata = await codex.start();
  expect(metadata.engine.source).toBe("remote");
  const thread = codex.startThread();
  const turn = await thread.run("hi");
  expect(turn.finalResponse).toBe("Hello there");
  await codex.close();
  expect(running.child.exitCode).toBeNull();
});

test("a turn survives a lost connection", async () => {
  const wait = command("touch began; while [ ! -e go ]; do sleep 0.05; done; echo done");
  const running = await engine({ replies: [wait, "after all"] });
  const between = await proxy(running.url.slice("unix://".length));
  const codex = client({
    remote: { url: between.url, reconnect: { initialDelayMs: 20, maxDelayMs: 100 } },
  });
  const work = folder("work");
  const thread = codex.startThread({ workingDirectory: work, sandboxMode: "danger-full-access" });
  const turn = await thread.turn("go");
  await eventually(() => existsSync(join(work, "began")), "the command");
  between.cut();
  const methods: string[] = [];
  for await (const event of turn) {
    methods.push(event.method);
    if (event.method === "codexkit/reconnected") writeFileSync(join(work, "go"), "");
  }
  expect(methods).toContain("codexkit/reconnected");
  expect(methods.at(-1)).toBe("turn/completed");
  const result = await turn.result();
  expect(result.finalResponse).toBe("after all");
  expect(result.items).toHaveLength(3);
});

test("without a policy a lost connection fails the turn", async () => {
  const running = await engine({ replies: [command("sleep 60")] });
  const between = await proxy(running.url.slice("unix://".length));
  const codex = client({ remote: { url: between.url, reconnect: false } });
  const turn = await codex.startThread({ sandboxMode: "danger-full-access" }).turn("go");
  between.cut();
  const error = await rejection(turn.result());
  expect(error).toBeInstanceOf(ClosedError);
  expect(error.message).toContain("not re-established");
  await rejection(all(turn));
});

test("the token decides and is shown nowhere", async () => {
  const token = join(folder("secret"), "token");
  writeFileSync(token, TOKEN);
  const auth = ["--ws-auth", "capability-token", "--ws-token-file", token];
  const { url } = await engine({ replies: ["x"] }, true, auth);
  await client({ remote: { url, bearerToken: TOKEN } }).start();
  const error = await rejection(client({ remote: { url, bearerToken: "wrong-0815" } }).start());
  expect(error).toBeInstanceOf(SpawnError);
  expect(error.message).toContain("refused the bearer token");
  expect(JSON.stringify(error) + String(error)).not.toContain("0815");
});

test.each<[unknown, string]>([
  [{ remote: 5 }, "remote"],
  [{ remote: {} }, "remote.url"],
  [{ remote: { url: "ws://[::1]:1", token: "x" } }, "remote.token"],
  [{ remote: { url: "ws://[::1]:1", reconnect: true } }, "remote.reconnect"],
  [
    { remote: { url: "ws://[::1]:1", reconnect: { maxAttempts: -1 } } },
    "remote.reconnect.maxAttempts",
  ],
  [{ remote: { url: "ws://[::1]:1", connectTimeoutMs: 0 } }, "remote.connectTimeoutMs"],
  [{ remote: "ws://[::1]:1", codexPathOverride: "codex" }, "codexPathOverride"],
  [{ remote: "ws://[::1]:1", config: { model: "x" } }, "config"],
  [{ remote: "ws://[::1]:1", env: {} }, "env"],
  [{ remote: "ws://[::1]:1", apiKey: "sk-x" }, "apiKey"],
  [{ remote: "ws://[::1]:1", baseUrl: "http://x" }, "baseUrl"],
])("%j is refused at once", (options, argument) => {
  let caught: unknown;
  try {
    new Codex(options as CodexOptions);
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(InvalidArgumentError);
  expect((caught as InvalidArgumentError).argument).toBe(argument);
});

test.each<[CodexOptions["remote"], string]>([
  ["http://localhost:1", "remote.url"],
  [{ url: "ws://example.org", bearerToken: TOKEN }, "remote.bearerToken"],
  [{ url: "ws://localhost:1", caFile: "x" }, "remote.caFile"],
  [
    { url: "ws://h", reconnect: { initialDelayMs: 9, maxDelayMs: 1 } },
    "remote.reconnect.maxDelayMs",
  ],
])("%j is refused with this package's names", async (remote, argument) => {
  const error = await rejection(client({ remote }).start());
  expect(error).toBeInstanceOf(InvalidArgumentError);
  expect((error as InvalidArgumentError).argument).toBe(argument);
  expect(error.message).not.toContain(TOKEN);
});
