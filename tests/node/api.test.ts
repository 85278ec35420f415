// `codex.api`: every method of the protocol by its name, and what is refused before it is sent.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Api,
  type ApiOptions,
  type Codex,
  InvalidArgumentError,
  type protocol,
  RpcError,
} from "codexkit";
import { expect, expectTypeOf, test } from "vitest";
import { CLIENT_METHODS } from "../../node/src/generated/methods.js";
import { folder, rejection, root, scripted } from "./helper.js";

test("methods are called by their names, answers come as the engine gave them", async () => {
  const { codex, home } = await scripted(["Hi."]);
  const { thread } = await codex.api.thread.start({ cwd: home, approvalPolicy: "never" });
  const { goal } = await codex.api.thread.goal.set({
    threadId: thread.id,
    objective: "Done",
    status: "paused",
  });
  expect(goal).toMatchObject({ threadId: thread.id, objective: "Done", status: "paused" });
  expect((await codex.api.thread.loaded.list()).data).toEqual([thread.id]);
  // A method that is a group, too.
  const done = await codex.api.command.exec({ command: ["true"], cwd: home });
  expect(done.exitCode).toBe(0);
  const refused = await rejection(codex.api.command.exec.terminate({ processId: "none" }));
  expect(refused).toBeInstanceOf(RpcError);
  expect(await codex.api.account.logout()).toEqual({});
});

test("what cannot be is refused before it is sent", async () => {
  const { codex } = await scripted(["Hi."]);
  const { api } = codex;
  const any = (value: unknown) => value as never;
  const cases: [() => Promise<unknown>, string, string][] = [
    [() => api.thread.read(any({})), "threadId", "needs it: a string"],
    [() => api.thread.read(any({ threadID: "x" })), "threadID", "it is called threadId"],
    [() => api.thread.read(any({ threadId: "x", colour: 1 })), "colour", "it takes includeTurns"],
    [() => api.thread.list(any({ sortDirection: "up" })), "sortDirection", 'asc, desc, not "up"'],
    [() => api.thread.list({ limit: -1 }), "limit", "0 or more, not -1"],
    [() => api.thread.list(any({ archived: "yes" })), "archived", "must be true or false"],
    [
      () => api.turn.start(any({ threadId: "x", input: [{ type: "tex" }] })),
      "input[0].type",
      "one of text, image",
    ],
    [() => api.account.login.start(any({ type: "apikey" })), "type", "one of apiKey, chatgpt"],
    [() => api.account.logout(any({ now: true })), "now", "takes no parameters"],
    [() => api.thread.read(any("x")), "params", "params"],
    [() => api.thread.loaded.list({}, any({ timeout: 3 })), "timeout", "timeoutMs"],
    [() => api.thread.loaded.list({}, any({ extra: 3 })), "extra", "object"],
  ];
  for (const [call, argument, says] of cases) {
    const error = (await rejection(call())) as InvalidArgumentError;
    expect(error).toBeInstanceOf(InvalidArgumentError);
    expect(error.argument).toBe(argument);
    expect(error.message).toContain(says);
  }
  expect((await api.thread.loaded.list()).data).toEqual([]);
});

test("extra is sent unchecked", async () => {
  const { codex } = await scripted(["Hi."]);
  const answer = await codex.api.thread.loaded.list({}, { extra: { brandNew: 1 } });
  expect(answer.data).toEqual([]);
  const refused = codex.api.thread.loaded.list({}, { extra: { limit: "many" }, timeoutMs: 20_000 });
  expect(await rejection(refused)).toBeInstanceOf(RpcError);
});

test("names that are none are errors; what is asked of any object is not answered", async () => {
  const { codex } = await scripted(["Hi."]);
  const group = codex.api.thread as unknown as Record<string, unknown>;
  expect(() => group.gaol).toThrow(
    /gaol: thread has no method or group of that name; it has .*goal/,
  );
  expect(() => (codex.api as unknown as Record<string, unknown>).threads).toThrow(
    InvalidArgumentError,
  );
  // Awaiting, printing and copying the object does not call anything.
  expect(await Promise.resolve(codex.api)).toBe(codex.api);
  expect(JSON.stringify(codex.api.memory)).toBe("{}");
  expect(String(codex.api.thread)).toBe("[object Object]");
  expect("goal" in codex.api.thread).toBe(true);
  expect(Object.keys(codex.api.thread.goal)).toEqual(["clear", "get", "set"]);
  const { set } = codex.api.thread.goal;
  expect(set).toBe(codex.api.thread.goal.set);
  expect(() => {
    group.goal = 3;
  }).toThrow(TypeError);
  expect(codex.pid).toBeNull(); // nothing was started
});

test("there is a function for every method", async () => {
  const { codex } = await scripted(["Hi."]);
  expect(CLIENT_METHODS.length).toBe(187);
  for (const method of CLIENT_METHODS) {
    let found: unknown = codex.api;
    for (const part of method.split("/")) found = (found as Record<string, unknown>)[part];
    expect(typeof found, method).toBe("function");
  }
});

test("the types are the protocol's", () => {
  const use = async (codex: Codex, options: ApiOptions) => {
    expectTypeOf(codex.api).toEqualTypeOf<Api>();
    const set = codex.api.thread.goal.set;
    expectTypeOf(set).parameter(0).toEqualTypeOf<protocol.ThreadGoalSetParams>();
    expectTypeOf(
      await set({ threadId: "x" }, options),
    ).toEqualTypeOf<protocol.ThreadGoalSetResponse>();
    expectTypeOf(codex.api.fuzzyFileSearch.sessionStop).toBeFunction();
    // @ts-expect-error: a parameter that has to be there
    await set({ objective: "x" });
    // @ts-expect-error: a word that the protocol does not have
    await codex.api.thread.list({ sortDirection: "up" });
    // @ts-expect-error: a method that the protocol does not have
    await codex.api.thread.gaol();
  };
  expect(typeof use).toBe("function");
});

test("codexkit/protocol has the types alone, for the strictest settings", {
  timeout: 120_000,
}, () => {
  const project = folder("consumer");
  const options = {
    module: "nodenext",
    target: "es2022",
    strict: true,
    skipLibCheck: false,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    isolatedModules: true,
    verbatimModuleSyntax: true,
    noEmit: true,
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
  };
  writeFileSync(join(project, "package.json"), '{"type":"module"}');
  writeFileSync(
    join(project, "tsconfig.json"),
    JSON.stringify({ compilerOptions: options, files: ["use.ts"] }),
  );
  writeFileSync(
    join(project, "use.ts"),
    `import type { ThreadGoalSetParams, ServerRequestMap } from "codexkit/protocol";
     import { Codex, type Api } from "codexkit";
     export const params: ThreadGoalSetParams = { threadId: "x" };
     export type Asked = ServerRequestMap["item/tool/call"]["params"]["tool"];
     export const set = async (codex: Codex): Promise<string> => {
       const api: Api = codex.api;
       return (await api.thread.goal.set(params)).goal.objective;
     };`,
  );
  mkdirSync(join(project, "node_modules"));
  execFileSync("ln", ["-s", root, join(project, "node_modules/codexkit")]);
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  let report = "";
  try {
    execFileSync(process.execPath, [tsc, "-p", project], { encoding: "utf8" });
  } catch (error) {
    report = (error as { stdout: string }).stdout;
  }
  expect(report).toBe("");
});
