// Bad input: a typed error at the call, which names the argument and what it accepts, before anything is sent.
import {
  Codex,
  InvalidArgumentError,
  isRetryableError,
  RetryLimitExceededError,
  retryOnOverload,
  ServerBusyError,
  type Thread,
} from "codexkit";
import { expect, test } from "vitest";
import { folder, rejection, scripted } from "./helper";

/** What is wrong with an option, the argument that the error names, and what it says. */
type Case = [options: object, argument: string, says: string];

function refusal(call: () => unknown): InvalidArgumentError {
  try {
    call();
  } catch (error) {
    return error as InvalidArgumentError;
  }
  throw new Error("it was accepted");
}

function check(error: Error, argument: string, says: string) {
  expect(error).toBeInstanceOf(InvalidArgumentError);
  expect(error).toMatchObject({ kind: "invalid_argument", argument });
  expect(error.message).toContain(argument);
  expect(error.message).toContain(says);
}

const nan = Number.NaN;
const CLIENT: Case[] = [
  [{ codexPathOverride: 7 }, "codexPathOverride", "expected a string, not a number"],
  [{ baseUrl: new URL("http://x") }, "baseUrl", "expected a string, not"],
  [{ apiKey: ["sk"] }, "apiKey", "expected a string, not an array"],
  [{ config: null, configOverrides: "a=1" }, "configOverrides", "expected an array, not a string"],
  [{ configOverrides: ["a=1", "b"] }, "configOverrides[1]", "key=value"],
  [{ configOverrides: [" =1"] }, "configOverrides[0]", "key=value"],
  [{ config: [1] }, "config", "expected a plain object, not an array"],
  [{ config: { a: null } }, "config.a", "null is no value"],
  [{ config: { a: [1, { b: undefined }, undefined] } }, "config.a[2]", "undefined is no value"],
  [{ config: { a: { b: nan } } }, "config.a.b", "NaN is no value"],
  [{ config: { a: Number.POSITIVE_INFINITY } }, "config.a", "Infinity is no value"],
  [{ config: { a: new Date() } }, "config.a", "a Date is no value"],
  [{ config: { a: new Map() } }, "config.a", "a Map is no value"],
  [{ config: { a: () => 1 } }, "config.a", "a function is no value"],
  [{ config: { a: 1n } }, "config.a", "a bigint is no value"],
  [{ config: { a: Symbol("s") } }, "config.a", "a symbol is no value"],
  [{ config: { a: "\ud800" } }, "config.a", "surrogate"],
  [{ config: { a: { "": 1 } } }, "config.a", "every key needs a name"],
  [{ env: { A: 1 } }, "env.A", "expected a string, not a number"],
  [{ env: ["A=1"] }, "env", "expected a plain object, not an array"],
  [{ approvalHandler: true }, "approvalHandler", "expected a function, not a boolean"],
  [{ requestTimeoutMs: "5" }, "requestTimeoutMs", "expected a positive number of milliseconds"],
  [{ closeTimeoutMs: 0 }, "closeTimeoutMs", "not 0"],
  [{ initializeTimeoutMs: nan }, "initializeTimeoutMs", "not NaN"],
  [{ maxLineBytes: 1.5 }, "maxLineBytes", "expected a whole number of at least 1, not 1.5"],
  [{ queue: { softEvents: -1 } }, "queue.softEvents", "at least 0"],
  [{ queue: { soft_events: 1 } }, "queue.soft_events", "did you mean softEvents?"],
  [{ launchArgsOverride: "codex" }, "launchArgsOverride", "expected an array"],
  [{ apiKey: "k", launchArgsOverride: ["x"] }, "apiKey", "launchArgsOverride"],
  [{ codexPath: "/x" }, "codexPath", "did you mean codexPathOverride?"],
  [{ apikey: "/x" }, "apikey", "did you mean apiKey?"],
  [{ zzz: 1 }, "zzz", "there is no such option; there are "],
  [{ capabilities: [1] }, "capabilities", "expected a plain object, not an array"],
  [{ experimentalApi: "yes" }, "experimentalApi", "expected true or false, not a string"],
];

/** The offender first: it names the test. */
const named = (cases: Case[]) =>
  cases.map(([options, argument, says]) => [argument, says, options] as const);

test.each(named(CLIENT))("a client: %s, %s", (argument, says, options) => {
  check(
    refusal(() => new Codex(options)),
    argument,
    says,
  );
});

const THREAD: Case[] = [
  [{ model: 5 }, "model", "expected a string, not a number"],
  [{ sandboxMode: "workspace" }, "sandboxMode", "did you mean workspace-write?"],
  [{ sandboxMode: "off" }, "sandboxMode", '"read-only", "workspace-write", "danger-full-access"'],
  [{ sandboxMode: true }, "sandboxMode", "a boolean is not one of"],
  [{ modelReasoningEffort: "extreme" }, "modelReasoningEffort", '"xhigh"'],
  [{ webSearchMode: "lives" }, "webSearchMode", "did you mean live?"],
  [{ webSearchEnabled: 1 }, "webSearchEnabled", "expected true or false, not a number"],
  [{ approvalPolicy: "always" }, "approvalPolicy", '"never", "on-request"'],
  [{ approvalPolicy: { granul: {} } }, "approvalPolicy", "granular"],
  [{ approvalPreset: "deny" }, "approvalPreset", '"deny_all", "auto_review"'],
  [{ approvalPreset: "deny_all", approvalPolicy: "never" }, "approvalPreset", "approvalPolicy"],
  [{ approvalsReviewer: "nobody" }, "approvalsReviewer", '"user"'],
  [{ personality: "rude" }, "personality", '"friendly"'],
  [{ sessionStartSource: "clean" }, "sessionStartSource", "did you mean clear?"],
  [{ workingDirectory: 1 }, "workingDirectory", "expected a string"],
  [{ additionalDirectories: "/tmp" }, "additionalDirectories", "expected an array"],
  [{ additionalDirectories: ["/tmp", null] }, "additionalDirectories[1]", "not null"],
  [{ networkAccessEnabled: "yes" }, "networkAccessEnabled", "expected true or false"],
  [{ ephemeral: "yes" }, "ephemeral", "expected true or false"],
  [{ config: { a: new Set() } }, "config.a", "a Set is no value"],
  [{ params: "x" }, "params", "expected a plain object"],
  [{ cwd: "/" }, "cwd", "did you mean workingDirectory?"],
  [{ sandbox: "read-only" }, "sandbox", "did you mean sandboxMode?"],
  [{ modl: "x" }, "modl", "did you mean model?"],
  [{ includeTurns: true }, "includeTurns", "for thread/resume and thread/fork only"],
];

test.each(named(THREAD))("a thread: %s, %s", (argument, says, options) => {
  const codex = new Codex();
  check(
    refusal(() => codex.startThread(options)),
    argument,
    says,
  );
  expect(codex.pid).toBeNull();
});

const TURN: Case[] = [
  [{ outputSchema: [] }, "outputSchema", "plain JSON object, not an array"],
  [{ outputSchema: null }, "outputSchema", "plain JSON object, not null"],
  [{ outputSchema: "{}" }, "outputSchema", "plain JSON object, not a string"],
  [{ outputSchema: { a: 1n } }, "params", "BigInt"],
  [{ signal: {} }, "signal", "expected an AbortSignal, not an object"],
  [{ signal: new AbortController() }, "signal", "not an AbortController"],
  [{ cyberAccessProgram: "daybreakBlue" }, "cyberAccessProgram", "did you mean daybreak_blue?"],
  [{ summary: "short" }, "summary", '"concise"'],
  [{ sandboxPolicy: "readOnly" }, "sandboxPolicy", "expected a plain object, not a string"],
  [{ sandboxPolicy: { type: "read-only" } }, "sandboxPolicy.type", "did you mean readOnly?"],
  [
    { sandboxPolicy: { type: "readOnly" }, sandboxMode: "read-only" },
    "sandboxMode",
    "sandboxPolicy",
  ],
  [{ effort: "high" }, "effort", "did you mean modelReasoningEffort?"],
  [{ workingDirectory: "/no/such/folder" }, "workingDirectory", "is not an existing directory"],
  [{ workingDirectory: "no/such/folder" }, "workingDirectory", "is not an existing directory"],
  [{ source: 1 }, "source", "expected a string"],
  [{ turnServiceTier: {} }, "turnServiceTier", "expected a string, not an object"],
];

const INPUT: [input: unknown, argument: string, says: string][] = [
  ["", "input", "empty"],
  [" \n", "input", "empty"],
  [[], "input", "empty"],
  [[""], "input", "empty"],
  [undefined, "input", "expected a string, an input part or an array of these, not undefined"],
  [null, "input", "not null"],
  [7, "input", "not a number"],
  [["x", 7], "input[1]", "not a number"],
  [["x", ["y"]], "input[1]", "not an array"],
  [[new Date()], "input[0]", "not a Date"],
  ["half \ud83d", "input", "surrogate"],
  [[{ text: "x" }], "input[0]", "`type`"],
  [[{ type: "smell" }], "input[0]", "localImage"],
  [[{ type: "text" }], "input[0]", "`text`"],
  [[{ type: "local_image" }], "input[0]", "`path`"],
  [["x", { type: "local_image", path: "no.png" }], "input[1]", "no.png"],
  [{ type: "local_image", path: "/no/such.png" }, "input[0]", "/no/such.png"],
  [[{ type: "skill", path: "/x" }], "input[0]", "`name`"],
  [{ type: "external_message", toolName: " ", content: "x" }, "input.toolName", "nonempty"],
  [{ type: "external_message", toolName: "t", content: 7 }, "input.content", "not a number"],
  [["x", { type: "external_message", toolName: "t", content: "" }], "input[1]", "whole input"],
];

test("a turn: each is refused at the call, and the thread goes on", async () => {
  const { codex, model } = await scripted({ replies: ["fine"], repeat: "last" });
  const thread = codex.startThread({ workingDirectory: folder("work") });
  for (const [options, argument, says] of TURN) {
    check(await rejection(thread.run("go", options)), argument, says);
    check(await rejection(thread.turn("go", options)), argument, says);
  }
  const sync: (keyof Thread)[] = ["run", "turn", "runStreamed"];
  for (const [input, argument, says] of INPUT) {
    for (const method of sync.slice(0, 2)) {
      const call = thread[method] as (input: unknown) => Promise<unknown>;
      check(await rejection(call.call(thread, input)), argument, says);
    }
  }
  // What is refused without asking the core is refused by runStreamed() itself, not by its first event.
  check(await rejection(thread.runStreamed(7 as never)), "input", "not a number");
  check(await rejection(thread.runStreamed("go", { outputSchema: 7 })), "outputSchema", "number");
  check(
    refusal(() => thread.streamText("go", { sumary: "auto" } as never)),
    "sumary",
    "did you mean summary?",
  );
  expect(model.requests).toEqual([]);
  expect((await thread.run("go")).finalResponse).toBe("fine");
});

test("other calls name their arguments, too", async () => {
  const { codex } = await scripted({ replies: ["fine"], repeat: "last" });
  const later: [() => Promise<unknown>, string][] = [
    [() => codex.request("", {}), "method"],
    [() => codex.request(7 as never, {}), "method"],
    [() => codex.request("model/list", {}, { timeoutMs: 0 }), "timeoutMs"],
    [() => codex.request("model/list", {}, { timeout: 5 } as never), "timeout"],
    [() => codex.request("model/list", 1n as never), "params"],
    [() => codex.notify(undefined as never), "method"],
    [() => codex.models({ limit: 0 }), "limit"],
    [() => codex.models({ hidden: true } as never), "hidden"],
    [() => codex.account({ refreshToken: "yes" as never }), "refreshToken"],
    [() => codex.forkThread(""), "id"],
    [() => codex.archiveThread(5 as never), "id"],
    [() => codex.startThread().setName(5 as never), "name"],
    [() => retryOnOverload(5 as never), "operation"],
    [() => retryOnOverload(() => 1, { maxAttempts: 0 }), "maxAttempts"],
    [() => retryOnOverload(() => 1, { jitterRatio: 2 }), "jitterRatio"],
  ];
  for (const [call, argument] of later) check(await rejection(call()), argument, "");
  const now: [() => unknown, string][] = [
    [() => codex.resumeThread("  "), "id"],
    [() => codex.resumeThread(undefined as never), "id"],
    [() => codex.resumeThread("t", { ephemeral: true }), "ephemeral"],
    [() => codex.resumeThread("t", { serviceName: "s" }), "serviceName"],
    [() => codex.startThread("x" as never), "options"],
    [() => codex.notifications({ keepalive: true } as never), "keepalive"],
    [() => new Codex([] as never), "options"],
  ];
  for (const [call, argument] of now) check(refusal(call), argument, "");
  expect((await codex.startThread().run("go")).finalResponse).toBe("fine");
});

test("null and undefined leave an option out, and so do the official SDK's empty strings", async () => {
  const { codex, model } = await scripted({ replies: ["fine"], repeat: "last" });
  const thread = codex.startThread({
    model: "",
    workingDirectory: "",
    sandboxMode: null,
    config: null,
    ephemeral: null,
    webSearchEnabled: null,
    additionalDirectories: undefined,
  } as never);
  const turn = { signal: null, summary: null, sandboxMode: undefined, model: "" } as never;
  expect((await thread.run("go", turn)).finalResponse).toBe("fine");
  expect(model.requests[0]?.body.model).toBe("gpt-5.5");
});

test("only an overloaded server is asked again", async () => {
  const busy = { kind: "rpc", message: "busy", code: -32001, data: "server_overloaded" };
  let calls = 0;
  const pauses = { initialDelayMs: 1, maxDelayMs: 2 };
  const third = await retryOnOverload((attempt) => {
    calls += 1;
    if (attempt < 3) throw new ServerBusyError(busy);
    return attempt;
  }, pauses);
  expect([third, calls]).toEqual([3, 3]);
  const error = new RetryLimitExceededError({ kind: "rpc", message: "retry limit", code: -32000 });
  calls = 0;
  const failing = async () => {
    calls += 1;
    throw error;
  };
  expect(await rejection(retryOnOverload(failing, { ...pauses, maxAttempts: 4 }))).toBe(error);
  expect(calls).toBe(4);
  calls = 0;
  const other = async () => {
    calls += 1;
    throw new Error("no");
  };
  expect((await rejection(retryOnOverload(other))).message).toBe("no");
  expect(calls).toBe(1);
  const controller = new AbortController();
  const waiting = retryOnOverload(failing, {
    initialDelayMs: 60_000,
    maxDelayMs: 60_000,
    signal: controller.signal,
  });
  controller.abort("stop");
  expect(await rejection(waiting)).toMatchObject({ name: "AbortError", cause: "stop" });
  expect(isRetryableError(new Error("x"))).toBe(false);
  expect(isRetryableError(new ServerBusyError(busy))).toBe(true);
});
