// Auto-run: turns until a check says that the task is done, on the real engine; and tokens from language to language.
import { spawn } from "node:child_process";
import { join } from "node:path";
import {
  type AutoRunEvent,
  type AutoRunOptions,
  type Event,
  InvalidArgumentError,
  type RetryPolicy,
  type TurnResult,
} from "codexkit";
import type { ModelScript } from "codexkit/testing";
import { expect, test } from "vitest";
import { all, command, folder, rejection, root, scripted } from "./helper";

const always = (text: string): ModelScript => ({ replies: [text], repeat: "last" });
const overloaded = { end: { failed: { code: "server_is_overloaded", message: "later" } } };
const quick: RetryPolicy = { initialDelayMs: 10, maxDelayMs: 20 };
const full = { sandboxMode: "danger-full-access" } as const;
const OWN = "codexkit/autoRun/";

/** The run's own events but the tokens. */
const own = (events: (Event | AutoRunEvent)[]) =>
  events
    .map((event) => event.method as string)
    .filter((method) => method.startsWith(OWN) && method !== `${OWN}continuation`)
    .map((method) => method.slice(OWN.length));

test("a command is the judge", async () => {
  const { codex } = await scripted({ replies: ["one", command("touch done.txt"), "two"] } as never);
  const thread = codex.startThread({ ...full, workingDirectory: folder("work") });
  const until = { type: "command", command: "test -e done.txt", timeoutMs: 30_000 } as const;
  const result = await thread.autoRun("make it", { until });
  expect(result).toMatchObject({ stopReason: "done", turns: 2, continuation: null });
  expect(result.last?.finalResponse).toBe("two");
  expect(result.history.map((turn) => turn.tokens.totalTokens)).toEqual([15, 30]);
});

test("a function is the judge and writes the prompts", async () => {
  const { codex, model } = await scripted(always("hm"));
  const seen: (TurnResult | null)[] = [];
  const result = await codex.startThread().autoRun("go", {
    nextPrompt: "Next.",
    until: async (last) => {
      seen.push(last);
      return [false, "more of it", true][seen.length - 1] as boolean | string;
    },
  });
  expect(result).toMatchObject({ stopReason: "done", turns: 3 });
  expect(seen.map((last) => last?.finalResponse)).toEqual(["hm", "hm", "hm"]);
  const prompts = model.requests.map((request) => request.prompt);
  expect(prompts).toEqual(["go", "Next.", "more of it"]);
});

test("limits, cost and a token that goes on", async () => {
  const { codex } = await scripted(always("busy"));
  const thread = codex.startThread();
  const result = await thread.autoRun("go", { maxTurns: 2 });
  expect(result).toMatchObject({ stopReason: "max_turns", turns: 2, cost: null });
  const more = await codex.autoResume(result.continuation as string, { thread, maxTurns: 3 });
  expect(more).toMatchObject({ stopReason: "max_turns", turns: 3 });
  expect(more.tokens.totalTokens).toBe(45);
  const prices = { input: 1_000_000, cachedInput: 0, output: 0 };
  const costly = await codex.startThread().autoRun("go", { maxCost: 15, prices });
  expect(costly).toMatchObject({ stopReason: "max_cost", turns: 2, cost: 16 });
});

test("failures are tried again or told", async () => {
  const { codex } = await scripted({ replies: [overloaded, "at last", overloaded] } as never);
  const thread = codex.startThread();
  const run = await thread.autoRunStreamed("go", { maxTurns: 1, retry: quick });
  const names = own(await all(run));
  expect(names).toEqual([
    ...["turnStarted", "turnCompleted", "retrying", "turnStarted", "turnCompleted"],
    "completed",
  ]);
  const { history } = await run.result();
  expect(history.map((turn) => [turn.turn, turn.attempt])).toEqual([
    [1, 1],
    [1, 2],
  ]);
  const failed = await thread.autoRun("go", { retry: { attempts: 0 } });
  expect(failed).toMatchObject({
    stopReason: "failed",
    error: { codexErrorInfo: "serverOverloaded" },
  });
});

test("a verdict is parsed strictly", async () => {
  const { codex } = await scripted({ replies: ["done!", '{"done": true, "reason": "all pass"}'] });
  const until = { type: "verdict", criteria: "all tests pass" } as const;
  const result = await codex.startThread().autoRun("go", { until });
  expect(result).toMatchObject({ stopReason: "done", turns: 2 });
});

test("the engine's goal is the judge", async () => {
  const done = { items: [{ call: { name: "update_goal", arguments: { status: "complete" } } }] };
  const { codex } = await scripted({ replies: ["on it", done, "reached"] } as never);
  const thread = codex.startThread({ modelReasoningEffort: "low" });
  const result = await thread.autoRun("paint it", { until: { type: "goal" } });
  expect(result).toMatchObject({ stopReason: "done", turns: 2 });
  expect(result.last?.finalResponse).toBe("reached");
});

test("hooks change, skip and stop, and a run is steered", async () => {
  const { codex, model } = await scripted(always("busy"));
  const result = await codex.startThread().autoRun("go", {
    beforeTurn: ({ turn }) => [undefined, { skip: true } as const, "changed"][turn - 1],
    afterTurn: ({ turn, result }) => {
      expect(result?.finalResponse).toBe("busy");
      return turn === 3 ? { stop: "enough" } : undefined;
    },
  });
  expect(result).toMatchObject({ stopReason: "stopped_by_hook", detail: "enough", turns: 3 });
  expect(model.requests.map((request) => request.prompt)).toEqual(["go", "changed"]);

  const steered = await scripted({
    rules: [{ when: { user_contains: "also this" }, replies: ["both"], repeat: "last" }],
    replies: [command("sleep 3")],
  } as never);
  const run = await steered.codex.startThread(full).autoRunStreamed("go");
  for await (const event of run) {
    if (event.method === "item/started" && event.params.item.type === "commandExecution") {
      await run.steer("also this");
      run.stop();
    }
  }
  const stopped = await run.result();
  expect(stopped).toMatchObject({ stopReason: "stopped_by_caller" });
  expect(stopped.last?.finalResponse).toBe("both");
  expect(await rejection(run.steer("too late"))).toBeInstanceOf(InvalidArgumentError);
});

test("an aborted signal interrupts the run, and the thread goes on", async () => {
  const { codex } = await scripted({
    replies: [command("sleep 60"), "fine"],
    repeat: "last",
  } as never);
  const thread = codex.startThread(full);
  const controller = new AbortController();
  const run = await thread.autoRunStreamed("go", { signal: controller.signal });
  const reading = (async () => {
    for await (const event of run) if (event.method === "item/started") controller.abort("enough");
  })();
  expect(await rejection(reading)).toMatchObject({ name: "AbortError", cause: "enough" });
});

test("what a function throws ends the run", async () => {
  const { codex } = await scripted(always("hm"));
  const until = () => {
    throw new RangeError("no");
  };
  expect(await rejection(codex.startThread().autoRun("go", { until }))).toBeInstanceOf(RangeError);
  const run = await codex.startThread().autoRunStreamed("go", { until });
  expect(await rejection(all(run))).toBeInstanceOf(RangeError);
  expect((await run.result()).stopReason).toBe("interrupted");
});

test("bad options, nonsense and bad tokens are typed errors", async () => {
  const { codex } = await scripted(always("hm"));
  const table: [AutoRunOptions, string][] = [
    [{ maxTurns: 0 }, "maxTurns"],
    [{ maxTokens: -1 }, "maxTokens"],
    [{ timeoutMs: 0 }, "timeoutMs"],
    [{ maxCost: 0, prices: { input: 1, cachedInput: 1, output: 1 } }, "maxCost"],
    [{ maxCost: 1 }, "prices"],
    [{ retry: { factor: 0.5 } }, "retry.factor"],
    [{ retry: { initialDelayMs: 9, maxDelayMs: 1 } }, "retry.maxDelayMs"],
    [{ until: "npm test" as never }, "until"],
    [{ until: { type: "command", command: "" } }, "until.command"],
    [{ until: { type: "later" } as never }, "until"],
    [{ until: { type: "goal" }, beforeTurn: () => null }, "beforeTurn"],
    [{ afterTurn: 3 as never }, "afterTurn"],
    [{ turn: { modle: "x" } as never }, "modle"],
    [{ tokenKey: "" }, "tokenKey"],
  ];
  const thread = codex.startThread();
  for (const [options, argument] of table) {
    const error = await rejection(thread.autoRun("go", options));
    expect(error, argument).toMatchObject({ name: "InvalidArgumentError", argument });
  }
  for (const nonsense of [undefined, null, 42, "", {}, ["done"], 1n]) {
    const until = () => nonsense as never;
    const error = await rejection(codex.startThread().autoRun("go", { until }));
    expect(error).toMatchObject({ name: "InvalidArgumentError", argument: "until" });
  }
  const { continuation } = await thread.autoRun("go", { maxTurns: 1, tokenKey: "secret" });
  for (const [token, options] of [
    [continuation, {}],
    [continuation, { tokenKey: "other" }],
    ["nonsense", {}],
  ] as [string, AutoRunOptions][]) {
    const error = await rejection(codex.autoResume(token, options));
    expect(error).toMatchObject({ name: "InvalidArgumentError", argument: "token" });
  }
});

const PYTHON = `
import json, sys
from codexkit import Codex, CodexConfig
setup = json.loads(sys.argv[1])
config = CodexConfig(config_overrides=tuple(setup["overrides"]), env=setup["env"])
with Codex(config) as codex:
    if setup["token"]:
        result = codex.auto_resume(setup["token"])
        print(json.dumps([result.stop_reason, result.turns, result.final_response]), flush=True)
    else:
        run = codex.thread_start(extra={"sandbox": "danger-full-access"}).auto_run_streamed("go", max_turns=3)
        for event in run:
            if event.method == "item/started" and "sleep 61" in event.raw:
                print(run.continuation, flush=True)
`;

const NODE = `
const { Codex } = require(process.argv[1]);
const setup = JSON.parse(process.argv[2]);
(async () => {
  const codex = new Codex({ configOverrides: setup.overrides, env: { ...process.env, ...setup.env } });
  if (setup.token) {
    const result = await codex.autoResume(setup.token);
    console.log(JSON.stringify([result.stopReason, result.turns, result.last.finalResponse]));
    await codex.close();
    return;
  }
  const run = await codex.startThread({ sandboxMode: "danger-full-access" }).autoRunStreamed("go", { maxTurns: 3 });
  for await (const event of run) {
    if (event.method === "item/started" && event.raw.includes("sleep 61")) console.log(run.continuation);
  }
})();
`;

/** Runs a program until its first line, then kills it. */
function firstLine(program: string, args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PYTHONPATH: join(root, "python") };
    const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.on("data", (piece) => {
      text += piece;
      if (text.includes("\n")) child.kill("SIGKILL");
    });
    child.on("error", reject);
    child.on("close", () => resolve(text.trim()));
  });
}

const languages = {
  python: (setup: object) => [
    join(root, ".cache/venv/bin/python"),
    ["-c", PYTHON, JSON.stringify(setup)],
  ],
  node: (setup: object) => [
    process.execPath,
    ["-e", NODE, join(root, "node/dist"), JSON.stringify(setup)],
  ],
} as unknown as Record<string, (setup: object) => [string, string[]]>;

test.each([
  ["python", "node"],
  ["node", "python"],
])("a run that was begun in %s and killed goes on in %s", async (first, second) => {
  const { model, home } = await scripted({
    replies: ["one", command("sleep 61"), "two", "three"],
  } as never);
  const setup = {
    overrides: model.configOverrides,
    env: { CODEX_HOME: home, HOME: home },
    token: null as string | null,
  };
  const [begin, going] = [languages[first], languages[second]];
  if (begin === undefined || going === undefined) throw new Error("no such language");
  setup.token = await firstLine(...begin(setup));
  expect(setup.token).toMatch(/^ckc1\./);
  const result = JSON.parse(await firstLine(...going(setup)));
  // The turn that was cut off was done again, and counted once.
  expect(result).toEqual(["max_turns", 3, "three"]);
  const prompts = model.requests.map((request) => request.prompt);
  expect(prompts).toHaveLength(4);
});
