// Engines of other versions: what they lack is refused by name, everything else works.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Codex, EngineVersionError, InvalidArgumentError } from "codexkit";
import type { ModelScript } from "codexkit/testing";
import { describe, expect, test } from "vitest";
import { faulty, rejection, root, scripted } from "./helper.js";

const OLDEST = "0.154.0";
const HELLO: ModelScript = { replies: [{ items: [{ message: "Hello!" }] }], repeat: "last" };

/** The oldest supported engine; `cargo xtask test` brings it. */
function oldest(): string {
  const path = join(root, ".cache/engines", OLDEST, "bin/codex");
  if (!existsSync(path)) throw new Error(`no engine ${OLDEST}: run \`cargo xtask test\``);
  return path;
}

describe("the oldest engine", () => {
  test("runs a turn with a command", async () => {
    const { codex } = await scripted(
      {
        replies: [
          { items: [{ call: { name: "exec_command", arguments: { cmd: "echo old" } } }] },
          { items: [{ message: "done" }] },
        ],
      },
      { codexPathOverride: oldest() },
    );
    const turn = await codex.startThread({ sandboxMode: "danger-full-access" }).run("go");
    expect(turn.finalResponse).toBe("done");
  });

  test("what it lacks names the version needed", async () => {
    const { codex } = await scripted(HELLO, { codexPathOverride: oldest() });
    const error = (await rejection(codex.request("memory/status", {}))) as EngineVersionError;
    expect(error).toBeInstanceOf(EngineVersionError);
    expect(error).toMatchObject({
      kind: "engine_version",
      method: "memory/status",
      neededVersion: "0.155.0",
    });
    expect(error.argument).toBeUndefined();
    expect(error.message).toContain(`this is ${OLDEST} (${oldest()}`);
    const params = { daybreakEnabled: true };
    await expect(codex.request("thread/start", params)).rejects.toMatchObject({
      argument: "daybreakEnabled",
      neededVersion: "0.156.0",
    });
    expect((await codex.startThread().run("Hi")).finalResponse).toBe("Hello!");
  });
});

test("what an engine has no more is refused", async () => {
  const { codex } = await scripted(HELLO);
  const params = { threadId: "t", numTurns: 1 };
  const error = await rejection(codex.request("thread/rollback", params));
  expect(error).toBeInstanceOf(EngineVersionError);
  expect(error.message).toContain("removed in engine 0.156.0");
});

test.each([
  [{ approvalPolicy: "on-failure" }, "approvalPolicy", "on-request"],
  [{ approvalPolicy: "sometimes" }, "approvalPolicy", "never, on-request, untrusted"],
  [{ sandbox: "full" }, "sandbox", "danger-full-access, read-only, workspace-write"],
  [{ config: { approval_policy: "untrusted" } }, "config.approval_policy", "on-request"],
])("a word that the engine does not take: %j", async (params, argument, says) => {
  const { codex } = await scripted(HELLO);
  const error = await rejection(codex.request("thread/start", params));
  expect(error).toBeInstanceOf(InvalidArgumentError);
  expect(error).toMatchObject({ argument });
  expect(error.message).toContain(says);
});

test("a removed approval policy among a thread's options", async () => {
  const { codex } = await scripted(HELLO);
  const error = await rejection(codex.startThread({ approvalPolicy: "on-failure" }).run("Hi"));
  expect(error).toBeInstanceOf(InvalidArgumentError);
  expect(error).toMatchObject({ argument: "approvalPolicy" });
  expect(error.message).toContain("on-request");
});

test.each([
  { config: { approval_policy: "untrusted" } },
  { configOverrides: ['approval_policy="on-failure"'] },
])("a removed setting is refused before the engine starts: %j", async (options) => {
  const codex = new Codex({ codexPathOverride: "/no/such/engine", ...options });
  const error = await rejection(codex.startThread().run("Hi"));
  expect(error).toBeInstanceOf(InvalidArgumentError);
  expect(error.message).toContain("on-request");
  await codex.close();
});

test("experimental parts name the option when it is off", async () => {
  const { codex } = await scripted(HELLO, { experimentalApi: false });
  const error = await rejection(codex.request("thread/search", { searchTerm: "x" }));
  expect(error).toBeInstanceOf(InvalidArgumentError);
  expect(error).toMatchObject({ argument: "experimentalApi" });
});

test("an engine newer than all known ones decides by itself", async () => {
  const newer = faulty({ version: "0.999.0" });
  await newer.request("thread/start", { sandbox: "a-word-of-tomorrow" });
  const older = faulty({ version: "0.158.0" });
  await expect(older.request("thread/sample", { threadId: "t" })).rejects.toBeInstanceOf(
    EngineVersionError,
  );
});
