// The table of errors, fixtures/errors.json: each case is provoked, and must be what it says. The same in Rust and Python.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as codexkit from "codexkit";
import {
  Codex,
  CodexError,
  type CodexOptions,
  CodexTimeoutError,
  isRetryableError,
  OverloadedError,
  RpcError,
  ServerBusyError,
  type ThreadOptions,
  TurnFailedError,
  TurnOverloadedError,
} from "codexkit";
import { ScriptedModel } from "codexkit/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { faulty, folder, rejection, root } from "./helper";

interface Case {
  name: string;
  kind: string;
  node: string;
  retryable: boolean;
  repeatable: boolean;
  engine?: "real";
  plan?: unknown;
  options?: Record<string, unknown>;
  do?: {
    request?: [method: string, params: object, timeout?: number];
    run?: string;
    approval?: string;
    schema?: object;
    map?: string;
  };
  code?: number;
  text?: string;
  like?: string;
  facts?: Record<string, unknown>;
  cause?: object;
}

const table = JSON.parse(readFileSync(join(root, "fixtures/errors.json"), "utf8"));
const cases: Case[] = table.cases;

let model: ScriptedModel;
let real: Codex;

beforeAll(async () => {
  const home = join(root, ".cache/work", `node-errors-${process.pid}`);
  model = await ScriptedModel.start(table.model);
  const base = model.options(home);
  const names = ["request_max_retries", "stream_max_retries"];
  const more = names.map((name) => `model_providers.scripted.${name}=0`);
  const env = { ...base.env, HOME: home };
  if (process.env.CODEXKIT_TEST_ENGINE) base.codexPathOverride = process.env.CODEXKIT_TEST_ENGINE;
  const configOverrides = [...(base.configOverrides ?? []), ...more];
  real = new Codex({ ...base, env, configOverrides });
});

afterAll(async () => {
  await real.close();
  await model.close();
});

const camel = (name: string) => name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());

const OPTIONS: Record<string, (value: never) => CodexOptions> = {
  codex_bin: (codexPathOverride) => ({ codexPathOverride }),
  cwd: (cwd) => ({ cwd }),
  initialize_timeout: (seconds: number) => ({ initializeTimeoutMs: seconds * 1000 }),
  launch_args_override: (launchArgsOverride) => ({ launchArgsOverride }),
};

/** Starts what the case names. */
function client({ plan, options = {} }: Case): Codex {
  const given = Object.entries(options).map(([name, value]) => OPTIONS[name]?.(value as never));
  const whole: CodexOptions = Object.assign({}, ...given);
  return plan === undefined ? new Codex(whole) : faulty(plan, whole);
}

/** Does what the case says. */
async function act(codex: Codex, { engine, do: act = {} }: Case): Promise<unknown> {
  await codex.start();
  if (act.request !== undefined) {
    const [method, params, timeout] = act.request;
    const options = timeout === undefined ? {} : { timeoutMs: timeout * 1000 };
    return codex.request(method as "model/list", params as never, options);
  }
  if (act.map !== undefined) {
    const run = await codex.map(["go"], { journal: act.map });
    for await (const _ of run);
  }
  if (act.run === undefined) return undefined;
  const asking: ThreadOptions = {
    workingDirectory: folder(),
    sandboxMode: "read-only",
    approvalPolicy: "on-request",
    approvalsReviewer: "user",
  };
  const thread = codex.startThread(engine === "real" ? asking : {});
  return thread.run(act.run, {
    ...(act.approval === undefined ? {} : { onApproval: () => "cancel" as const }),
    ...(act.schema === undefined ? {} : { outputType: { jsonSchema: act.schema } as never }),
  });
}

/** What an error is the consequence of, as the table has it. */
function cause({ cause }: Error): unknown {
  if (cause instanceof CodexError) return { kind: cause.kind };
  return cause === undefined ? undefined : { os: (cause as { errno?: number }).errno };
}

test.for(cases)("$name", async (one) => {
  const codex = one.engine === "real" ? real : client(one);
  const error = (await rejection(act(codex, one))) as CodexError & Record<string, unknown>;
  expect(error).toBeInstanceOf(CodexError);
  expect(Object.keys(codexkit)).toContain(one.node);
  expect([error.name, error.kind, error.code]).toEqual([one.node, one.kind, one.code]);
  const text = String(error).slice(`${error.name}: `.length);
  if (one.like === undefined) expect(text).toBe(one.text);
  else expect(text).toMatch(new RegExp(one.like));
  expect([error.retryable, isRetryableError(error)]).toEqual([one.retryable, one.repeatable]);
  for (const [fact, wanted] of Object.entries(one.facts ?? {})) {
    expect(error[camel(fact)], fact).toEqual(wanted);
  }
  expect(cause(error)).toEqual(one.cause);
  expect(error.hint).not.toBe("");
  const told = JSON.stringify([text, error.message, error.stderrTail, error.data]);
  expect(told).not.toContain("sk-");
  if (error instanceof TurnFailedError) {
    expect([error.turnId, error.threadId]).toEqual([error.result.turnId, error.result.threadId]);
  }
});

test("the classes have their places", () => {
  const busy = new ServerBusyError({ kind: "overloaded", message: "busy", code: -32001 });
  const turn = new TurnOverloadedError("busy", { threadId: "t", turnId: "u" } as never, {
    kind: "overloaded",
  });
  expect(busy).toBeInstanceOf(OverloadedError);
  expect(busy).toBeInstanceOf(RpcError);
  expect(turn).toBeInstanceOf(OverloadedError);
  expect(turn).toBeInstanceOf(TurnFailedError);
  const late = new CodexTimeoutError({ kind: "timeout", message: "late" });
  expect(late).not.toBeInstanceOf(OverloadedError);
  expect(isRetryableError(turn)).toBe(true);
  expect(isRetryableError(late)).toBe(false);
});

test("what an application makes itself", () => {
  const fields = { kind: "rpc", message: "m", code: -32001 };
  expect(isRetryableError(new RpcError({ ...fields, data: { a: "server_overloaded" } }))).toBe(
    true,
  );
  expect(isRetryableError(new RpcError(fields))).toBe(false);
  const busy = new ServerBusyError({ ...fields, kind: "overloaded" });
  expect(String(busy)).toBe("ServerBusyError: m; try again after a pause");
  expect(busy.hint).toBe("try again after a pause");
});
