// Bad input, and engines that misbehave: a typed error at the call, and a client that can go on.
import { join } from "node:path";
import {
  ClosedError,
  Codex,
  CodexError,
  CodexTimeoutError,
  EngineNotFoundError,
  InvalidArgumentError,
  RpcError,
  SpawnError,
} from "codexkit";
import { ScriptedModel } from "codexkit/testing";
import { expect, test } from "vitest";
import { alive, all, eventually, faulty, folder, rejection, scripted } from "./helper";

test("bad input is refused at the call, and the thread goes on", async () => {
  const { codex } = await scripted(["fine"]);
  const thread = codex.startThread();
  const refused = async (promise: Promise<unknown>, argument: string) => {
    const error = (await rejection(promise)) as InvalidArgumentError;
    expect(error).toBeInstanceOf(InvalidArgumentError);
    expect(error.argument).toContain(argument);
    expect(error.message).toContain(argument);
  };
  await refused(thread.run(""), "input");
  await refused(thread.run([]), "input");
  await refused(thread.run("half \ud83d"), "input");
  await refused(thread.run([{ type: "local_image", path: "/nowhere.png" }]), "input");
  await refused(thread.run([{ type: "smell", text: "x" } as never]), "input");
  await refused(thread.run(7 as never), "input");
  await refused(thread.run("x", { outputSchema: [] }), "outputSchema");
  await refused(thread.run("x", { outputSchema: null }), "outputSchema");
  await refused(codex.startThread({ workingDirectory: "/nowhere" }).run("x"), "workingDirectory");
  await refused(codex.request("model/list", { limit: 1n } as never), "params");
  expect((await thread.run("a literal \\ud83d is fine")).finalResponse).toBe("fine");
});

test("bad options are refused where they are given", async () => {
  const bad = (config: unknown) => () => new Codex({ config: config as never });
  expect(bad({ a: null })).toThrow(InvalidArgumentError);
  expect(bad({ a: { b: Number.NaN } })).toThrow("config.a.b");
  expect(bad({ a: [1, new Date()] })).toThrow("config.a[1]");
  expect(bad({ "": 1 })).toThrow("key is empty");
  expect(bad([1])).toThrow("plain object");
  expect(() => new Codex({ config: { a: undefined } as never })).not.toThrow();
  const cwd = await rejection(new Codex({ cwd: "/nowhere" }).start());
  expect(cwd).toMatchObject({ kind: "invalid_argument", argument: "cwd" });
  expect(() => new Codex({ requestTimeoutMs: -1 })).toThrow("requestTimeoutMs");
});

test("a missing engine says where it was looked for", async () => {
  const error = await rejection(new Codex({ codexPathOverride: "/no/codex" }).start());
  expect(error).toBeInstanceOf(EngineNotFoundError);
  expect(error.message).toContain("/no/codex");
});

test("an engine that does not start says why", async () => {
  const error = await rejection(
    faulty({ faults: [{ on: "boot", do: [{ stderr: "no licence\n" }, "die"] }] }).start(),
  );
  expect(error).toBeInstanceOf(SpawnError);
  expect((error as CodexError).exitCode).toBe(1);
  expect((error as CodexError).stderrTail).toContain("no licence");
});

test("an engine that hangs at the start is given up", async () => {
  const codex = faulty(
    { faults: [{ on: "initialize", answer: "never" }] },
    { initializeTimeoutMs: 300 },
  );
  expect(await rejection(codex.start())).toBeInstanceOf(CodexTimeoutError);
});

test("an engine's error answer keeps its code", async () => {
  const { codex } = await scripted([]);
  const error = (await rejection(codex.request("no/such/method", {}))) as RpcError;
  expect(error).toBeInstanceOf(RpcError);
  expect(error).toMatchObject({ kind: "rpc", code: -32600, method: "no/such/method" });
  const missing = await rejection(
    codex.resumeThread("01a1fcc8-9f99-7022-bca5-b3ef45d60857").run("x"),
  );
  expect(missing).toBeInstanceOf(RpcError);
});

test("a request has its deadline", async () => {
  const codex = faulty({ faults: [{ on: "model/list", answer: "never" }] });
  const error = await rejection(codex.request("model/list", {}, { timeoutMs: 100 }));
  expect(error).toMatchObject({ kind: "timeout", method: "model/list", retryable: true });
  expect(error).toBeInstanceOf(CodexTimeoutError);
});

test("the engine's death fails what waits, and the next call has a new engine", async () => {
  const codex = faulty({
    faults: [
      // biome-ignore lint/suspicious/noThenProperty: a word of the plan.
      { on: "turn/started", nth: 1, then: [{ stderr: "last words\n" }, { die: { exit: 7 } }] },
    ],
  });
  const thread = codex.startThread();
  const turn = await thread.turn("go");
  const results = await Promise.all([rejection(turn.result()), rejection(all(turn))]);
  for (const error of results) {
    expect(error).toBeInstanceOf(ClosedError);
    expect(error).toMatchObject({ exitCode: 7, stderrTail: expect.stringContaining("last words") });
  }
  const metadata = await codex.start();
  expect(metadata.engine.source).toBe("launch_args_override");
});

test("after the engine was killed the thread is resumed in a new one", async () => {
  const { codex, model } = await scripted(["first", "second"]);
  const thread = codex.startThread();
  await thread.run("remember the fox");
  const pid = codex.pid as number;
  process.kill(pid, "SIGKILL");
  await eventually(() => codex.pid === null, "the engine's death to be noticed");
  expect((await thread.run("what was it?")).finalResponse).toBe("second");
  expect(codex.pid).not.toBe(pid);
  expect(JSON.stringify(model.requests.at(-1)?.body.input)).toContain("remember the fox");
});

test("strange lines are survived, counted and visible", async () => {
  const lines = [
    "bad_json",
    "blank",
    "array",
    "invalid_utf8",
    "lone_surrogate",
    "unknown_notification",
    "unknown_item",
    "unknown_enum",
    "unknown_answer",
  ];
  // biome-ignore lint/suspicious/noThenProperty: a word of the plan.
  const codex = faulty({ faults: [{ on: "turn/started", then: lines }] });
  const turn = await codex.startThread().turn("go");
  const events = await all(turn);
  expect(events.at(-1)?.method).toBe("turn/completed");
  const kinds = codex.diagnostics().map((diagnostic) => diagnostic.kind);
  expect(kinds).toEqual(expect.arrayContaining(["malformed_line", "blank_line", "invalid_utf8"]));
  const items = events.flatMap((event) =>
    event.method === "item/started" ? [event.params.item.type] : [],
  );
  expect(items.length).toBeGreaterThan(1);
  expect((await turn.result()).status).toBe("completed");
});

test("a closed client says so; closing again does no harm", async () => {
  const { codex } = await scripted(["x"]);
  const thread = codex.startThread();
  await thread.run("go");
  const pid = codex.pid as number;
  await codex.close();
  await codex.close();
  expect(alive(pid)).toBe(false);
  for (const promise of [
    thread.run("x"),
    codex.start(),
    codex.request("model/list", {}),
    thread.read(),
  ]) {
    const error = await rejection(promise);
    expect(error).toBeInstanceOf(ClosedError);
    expect(error).toBeInstanceOf(CodexError);
    expect(error.message).toContain("closed");
  }
  const unused = new Codex();
  await unused.close();
  expect(await rejection(unused.start())).toBeInstanceOf(ClosedError);
});

test("closing while a turn runs fails what waits for it", async () => {
  const codex = faulty({ turn: { delay_ms: 200, text: "one two three four five six" } });
  const turn = await codex.startThread().turn("go");
  const results = [rejection(turn.result()), rejection(all(turn))];
  await codex.close();
  for (const error of await Promise.all(results)) expect(error).toBeInstanceOf(ClosedError);
});

test("a script with a mistake names it", async () => {
  const error = await rejection(ScriptedModel.start({ replies: [{ itmes: [] } as never] }));
  expect(error).toBeInstanceOf(InvalidArgumentError);
  expect(error.message).toContain("itmes");
});

test("an API key reaches the model and nothing else", async () => {
  const home = folder("home");
  const { existsSync } = await import("node:fs");
  const { createServer } = await import("node:http");
  const keys: unknown[] = [];
  const server = createServer((request, response) => {
    if (request.url?.includes("/responses")) keys.push(request.headers.authorization);
    response
      .writeHead(400, { "content-type": "application/json" })
      .end('{"error":{"message":"enough"}}');
  });
  await new Promise<void>((resume) => server.listen(0, "127.0.0.1", resume));
  const { port } = server.address() as import("node:net").AddressInfo;
  await using codex = new Codex({
    apiKey: "sk-test-0123456789",
    baseUrl: `http://127.0.0.1:${port}/v1`,
    env: { PATH: process.env.PATH, HOME: home, CODEX_HOME: home },
  });
  await rejection(codex.startThread({ model: "gpt-5.5" }).run("go"));
  server.close();
  expect(keys).toContain("Bearer sk-test-0123456789");
  expect(existsSync(join(home, "auth.json"))).toBe(false);
  const { readFileSync } = await import("node:fs");
  const environ = readFileSync(`/proc/${codex.pid}/environ`, "utf8");
  expect(environ).not.toContain("sk-test");
});
