// Guardrails and typed answers of turns that codexkit starts by itself: in streams, runs, maps and tools of threads.
import { join } from "node:path";
import {
  type CodexError,
  type Event,
  GuardrailError,
  type Input,
  InvalidOutputError,
  type MapOptions,
  type Rejection,
  type RunResult,
  type ThreadEvent,
  type TurnResult,
} from "codexkit";
import { expect, test } from "vitest";
import { z } from "zod";
import { command, folder, rejection, scripted } from "./helper";

const always = (text: string) => scripted({ replies: [text], repeat: "last" });
const rule = (prompt: string, ...replies: unknown[]) => ({
  when: { prompt_contains: prompt },
  replies,
  repeat: "last",
});

function noSecrets(given: Input): Rejection | undefined {
  return String(given).includes("secret") ? { reject: "no secrets" } : undefined;
}
const louder = async (given: Input) => `${given}!`;
const polite = async (result: RunResult | TurnResult) => `${result.finalResponse} Thank you.`;
function short(result: RunResult | TurnResult): Rejection | undefined {
  return (result.finalResponse ?? "").length > 20 ? { reject: "too long" } : undefined;
}

/** Reads to the end, or to the error. */
async function read<T>(events: AsyncIterable<T>, into: T[]): Promise<void> {
  for await (const event of events) into.push(event);
}

test("a stream is checked at both ends", async () => {
  const { codex, model } = await always("a rather long answer, is it not");
  const thread = codex.startThread();
  const seen: ThreadEvent[] = [];
  const given = { inputGuardrails: [louder], outputGuardrails: [polite] };
  await read((await thread.runStreamed("go", given)).events, seen);
  expect(seen.at(-1)?.type).toBe("turn.completed");
  expect(model.requests.at(-1)?.prompt).toBe("go!");

  const cut: ThreadEvent[] = [];
  const { events } = await thread.runStreamed("go", { outputGuardrails: [short] });
  const late = (await rejection(read(events, cut))) as GuardrailError;
  expect(late).toMatchObject({ stage: "output", guardrail: "short", reason: "too long" });
  expect(late.result).toMatchObject({ finalResponse: "a rather long answer, is it not" });
  expect(cut.map(({ type }) => type)).toEqual(seen.map(({ type }) => type));

  const before = model.requests.length;
  const none: ThreadEvent[] = [];
  const refused = await thread.runStreamed("my secret", { inputGuardrails: [noSecrets] });
  expect(await rejection(read(refused.events, none))).toMatchObject({ reason: "no secrets" });
  expect([none, model.requests.length]).toEqual([[], before]);
  const bad = await rejection(thread.runStreamed("go", { inputGuardrails: [3 as never] }));
  expect(bad).toMatchObject({ argument: "inputGuardrails[0]" });
});

test("each turn of a run is checked", async () => {
  const { codex, model } = await always("fine");
  const thread = codex.startThread();
  const seen: unknown[] = [];
  const until = (result: TurnResult | null) => seen.push(result?.finalResponse) === 2;
  const turn = { inputGuardrails: [louder], outputGuardrails: [polite] };
  const result = await thread.autoRun("go", { until, nextPrompt: "more", turn });
  expect(result).toMatchObject({ stopReason: "done", last: { finalResponse: "fine Thank you." } });
  expect(seen).toEqual(["fine Thank you.", "fine Thank you."]);
  expect(model.requests.map(({ prompt }) => prompt)).toEqual(["go!", "more!"]);

  const later = (given: Input) => (given === "more" ? { reject: "not twice" } : undefined);
  const twice = thread.autoRun("go", { nextPrompt: "more", turn: { inputGuardrails: [later] } });
  const error = await rejection(twice);
  expect(error).toBeInstanceOf(GuardrailError);
  expect(error).toMatchObject({ stage: "input", guardrail: "later", reason: "not twice" });
  expect((await thread.run("go")).finalResponse).toBe("fine");
});

test("a run that is read as a stream ends with the very error", async () => {
  const { codex } = await always("fine");
  const thread = codex.startThread();
  const cause = new RangeError("why");
  const broken = () => {
    throw cause;
  };
  const run = await thread.autoRunStreamed("go", { turn: { outputGuardrails: [broken] } });
  const events: Event[] = [];
  const error = (await rejection(read(run as AsyncIterable<Event>, events))) as GuardrailError;
  expect(error).toMatchObject({ stage: "output", reason: "it threw RangeError" });
  expect(error.cause).toBe(cause);
  expect(error.result?.finalResponse).toBe("fine");
  expect(events.map(({ method }) => method)).toContain("turn/completed");
  expect(await rejection(run.result())).toBe(error);

  // A guardrail that never answers does not keep the run.
  let entered = () => {};
  const asked = new Promise<void>((resolve) => {
    entered = resolve;
  });
  const never = () => {
    entered();
    return new Promise<undefined>(() => {});
  };
  const stuck = await thread.autoRunStreamed("go", { turn: { inputGuardrails: [never] } });
  await asked;
  stuck.interrupt();
  expect(await stuck.result()).toMatchObject({ stopReason: "interrupted" });
});

test("a run that goes on is checked, too", async () => {
  const { codex } = await always("fine");
  const thread = codex.startThread();
  const first = await thread.autoRun("go", { maxTurns: 1, nextPrompt: "my secret" });
  const token = first.continuation as string;
  const strict = { maxTurns: 2, turn: { inputGuardrails: [noSecrets] } };
  const error = await rejection(codex.autoResume(token, { ...strict, thread }));
  expect(error).toMatchObject({ stage: "input", reason: "no secrets" });
  const turn = { outputGuardrails: [polite] };
  const more = await codex.autoResumeStreamed(token, { maxTurns: 2, turn });
  expect(await more.result()).toMatchObject({
    turns: 2,
    last: { finalResponse: "fine Thank you." },
  });
});

test("guardrails that are given again leave the other options of turns as they were", async () => {
  const { codex, model } = await always("{}");
  const thread = codex.startThread();
  const outputSchema = { type: "object", properties: {}, additionalProperties: false } as const;
  const first = await thread.autoRun("go", { maxTurns: 1, turn: { outputSchema } });
  const turn = { inputGuardrails: [louder] };
  await codex.autoResume(first.continuation as string, { maxTurns: 2, turn, thread });
  const formats = model.requests.map(({ body }) => (body as { text?: unknown }).text);
  expect(formats[0]).toMatchObject({ format: { schema: outputSchema } });
  expect(formats[1]).toEqual(formats[0]);
  expect(model.requests[1]?.prompt).toMatch(/!$/);
});

test("a run has no typed answer, and no handlers of its own", async () => {
  const { codex } = await always("fine");
  const thread = codex.startThread();
  const cases: [object, string, string][] = [
    [{ outputType: z.object({}) }, "turn.outputType", 'type: "verdict"'],
    [{ outputRepairs: 1 }, "turn.outputRepairs", "thread.run"],
    [{ onApproval: () => "accept" }, "turn.onApproval", "thread's"],
    [{ approvalTimeoutMs: 1 }, "turn.approvalTimeoutMs", "thread's"],
  ];
  for (const [turn, argument, says] of cases) {
    const error = (await rejection(thread.autoRun("go", { turn }))) as CodexError;
    expect(error).toMatchObject({ kind: "invalid_argument", argument });
    expect(error.message).toContain(says);
  }
});

test("items of a map fail by their guardrails", async () => {
  const { codex } = await always("fine");
  const turn = { inputGuardrails: [noSecrets], outputGuardrails: [polite] };
  const run = await codex.map(["go", "secret", "on"], { turn });
  const [good, bad, last] = await run.collect();
  const responses = [good?.result?.finalResponse, last?.result?.finalResponse];
  expect(responses).toEqual(["fine Thank you.", "fine Thank you."]);
  expect(bad).toMatchObject({ status: "failed", result: null });
  expect(bad?.error).toBeInstanceOf(GuardrailError);
  expect(bad?.error).toMatchObject({ guardrail: "noSecrets", reason: "no secrets" });

  // It is the error that was thrown, with what only this language knows.
  const cause = new RangeError("why");
  const broken = () => {
    throw cause;
  };
  const [late] = await (
    await codex.map(["go"], { turn: { outputGuardrails: [broken] } })
  ).collect();
  expect(late?.error?.cause).toBe(cause);
  expect(late?.error).toMatchObject({ stage: "output", result: { finalResponse: "fine" } });
});

test("items of a map have typed answers", async () => {
  const rules = [rule("odd", "three"), rule("high", '{"n": 11}'), rule("go", '{"n": 1}')];
  const { codex } = await scripted({ rules } as never);
  const outputType = z.object({ n: z.number().refine((n) => n < 10, "too high") });
  const options = { turn: { outputType }, journal: join(folder("journal"), "run.jsonl") };
  const items = ["go", "odd", "high"];
  const [good, odd, high] = await (await codex.map(items, options)).collect();
  const parsed: { n: number } | undefined = good?.result?.parsed;
  expect([good?.status, parsed]).toEqual(["ok", { n: 1 }]);
  for (const [bad, broken] of [
    [odd, "json"],
    [high, "zod:custom"],
  ] as const) {
    expect(bad?.status).toBe("failed");
    expect(bad?.error).toBeInstanceOf(InvalidOutputError);
    expect(bad?.error).toMatchObject({ rule: broken });
  }
  const [again] = await (await codex.map(items, options)).collect();
  expect([again?.fromJournal, again?.result?.parsed]).toEqual([true, { n: 1 }]);

  const turn = { outputType, outputGuardrails: [() => "another"] };
  const [replaced] = await (await codex.map(["go"], { turn })).collect();
  expect(replaced?.error).toMatchObject({ kind: "guardrail" });
  const repairs = { turn: { outputType, outputRepairs: 1 } } as MapOptions;
  const error = (await rejection(codex.map(["go"], repairs))) as CodexError;
  expect(error.argument).toBe("turn.outputRepairs");
});

test("a thread as a tool is checked", async () => {
  const asks = (input: string) => ({ items: [{ call: { name: "expert", arguments: { input } } }] });
  const { codex, model } = await scripted({
    rules: [rule("hm", "hm!"), rule("go", asks("hm"), asks("secret"), "done")],
  } as never);
  const own = () => ({ workingDirectory: folder("work") });
  const expert = await codex.startThread(own()).asTool({
    name: "expert",
    description: "Knows a lot.",
    inputGuardrails: [noSecrets],
    outputGuardrails: [polite],
  });
  const result = await codex.startThread({ ...own(), tools: [expert] }).run("go");
  expect(result.finalResponse).toBe("done");
  type Asked = { input: { type: string; output: string }[] } | undefined;
  const items = (model.requests.at(-1)?.body as Asked)?.input ?? [];
  const read = items.filter(({ type }) => type === "function_call_output");
  expect(read[0]?.output).toBe("hm! Thank you.");
  expect(read[1]?.output).toContain("no secrets");
  const bad = { name: "a", description: "b", inputGuardrails: [1 as never] };
  const error = (await rejection(codex.startThread(own()).asTool(bad))) as CodexError;
  expect(error.argument).toBe("inputGuardrails[0]");
});

const ASKING = { approvalPolicy: "on-request", approvalsReviewer: "user" } as const;

test.for(["thread", "turn"])("a %s waits as long as it says", async (at) => {
  const asks = command("touch x", {
    sandbox_permissions: "require_escalated",
    justification: "x",
  });
  const { codex } = await scripted({ replies: [asks, "it was declined"] } as never);
  let asked = 0;
  const onApproval = () => {
    asked += 1;
    return new Promise<"accept">(() => {});
  };
  const own = { onApproval, approvalTimeoutMs: 200 };
  const thread = codex.startThread({ ...ASKING, ...(at === "thread" ? own : {}) });
  const result = await thread.run("go", at === "turn" ? own : {});
  expect([result.finalResponse, asked]).toEqual(["it was declined", 1]);
  const error = await rejection(thread.run("go", { approvalTimeoutMs: -1 }));
  expect(error).toMatchObject({ argument: "approvalTimeoutMs" });
});
