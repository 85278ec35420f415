// `prewarm`: the engine gets ready while the program goes on.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  ClosedError,
  Codex,
  type CodexOptions,
  EngineNotFoundError,
  InvalidArgumentError,
  SpawnError,
} from "codexkit";
import { ScriptedModel } from "codexkit/testing";
import { expect, onTestFinished, test } from "vitest";
import { alive, eventually, folder, rejection, scripted } from "./helper";

// Says its process id, then becomes the engine.
const TELLING = 'echo $$ > "$0.new"; mv "$0.new" "$0"; exec "$@"';

/** Options that prewarm the real engine, and what reads the engine's process id. */
async function telling() {
  // Another client knows where the engine is.
  const { codex } = await scripted(["Ready."]);
  const { engine } = await codex.start();
  await codex.close();
  const home = folder("home");
  const model = await ScriptedModel.start({ replies: ["Ready."] });
  onTestFinished(() => model.close());
  const { configOverrides = [], env, ...options } = model.options(home);
  const told = join(home, "pid");
  const overrides = configOverrides.flatMap((entry) => ["--config", entry]);
  const launch = [engine.path, ...overrides, "app-server", "--listen", "stdio://"];
  const all: CodexOptions = {
    ...options,
    codexPathOverride: undefined,
    env: { ...env, HOME: home },
    launchArgsOverride: ["sh", "-c", TELLING, told, ...launch],
    prewarm: true,
  };
  const pid = async () => {
    await eventually(() => existsSync(told), "the engine's process");
    return Number(readFileSync(told, "utf8"));
  };
  return { options: all, pid };
}

test("the engine runs before the first call", async () => {
  const { options, pid } = await telling();
  const codex = new Codex(options);
  const engine = await pid();
  expect(alive(engine)).toBe(true);
  const thread = codex.startThread({ workingDirectory: folder("work") });
  expect((await thread.run("go")).finalResponse).toBe("Ready.");
  expect(codex.pid).toBe(engine);
  await codex.close();
  expect(alive(engine)).toBe(false);
});

test("a client that is not used leaves no process", async () => {
  const { options, pid } = await telling();
  const codex = new Codex(options);
  const engine = await pid();
  await codex.close();
  await eventually(() => !alive(engine), "the engine to end");
  expect(await rejection(codex.start())).toBeInstanceOf(ClosedError);
});

test("a client that is closed at once leaves no process", async () => {
  const { options, pid } = await telling();
  await new Codex(options).close();
  const engine = await pid();
  await eventually(() => !alive(engine), "the engine to end");
});

test.each([
  [{ codexPathOverride: "/nowhere/codex" }, EngineNotFoundError],
  [{ launchArgsOverride: ["false"] }, SpawnError],
])("what the start fails with is thrown by the first call: %j", async (options, kind) => {
  const codex = new Codex({ ...options, prewarm: true });
  // Long enough for a rejection that nobody handles to end the test.
  await new Promise((resume) => setTimeout(resume, 300));
  expect(await rejection(codex.request("model/list", {}))).toBeInstanceOf(kind);
  expect(await rejection(codex.start())).toBeInstanceOf(kind);
  await codex.close();
});

test("calls that come at the same time wait for one engine", async () => {
  const { options, pid } = await telling();
  const codex = new Codex(options);
  await Promise.all([codex.start(), codex.start(), codex.request("model/list", {})]);
  expect(codex.pid).toBe(await pid());
  await codex.close();
});

test("what is wrong with the options is said at once", () => {
  expect(() => new Codex({ prewarm: "yes" } as never)).toThrow(InvalidArgumentError);
});
