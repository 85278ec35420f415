// Spans, events, channels, metrics and OpenTelemetry on the real engine, and the same spans as in Rust.
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import {
  type Codex,
  type CodexOptions,
  flushTelemetry,
  instrument,
  observe,
  type Span,
  semanticConventions,
  type ThreadOptions,
  type TurnFailedError,
  tool,
  uninstrument,
} from "codexkit";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { folder, rejection, root, runProgram, scripted } from "./helper";

interface Scenario {
  script: { replies: unknown[] };
  tools?: string[];
  accept?: string;
  interrupt_at?: string;
  steer?: string;
}

interface Node {
  kind: string;
  name: string;
  status: string;
  attributes: string[];
  children: Node[];
}

const read = (name: string) =>
  JSON.parse(readFileSync(join(root, "fixtures/spans", `${name}.json`), "utf8"));
const SCENARIOS: Record<string, Scenario> = read("scenarios");
/** What is in the prompts, answers, arguments and errors of the scenarios, and in no record. */
const SECRETS: string[] = read("secrets");
const PROMPT = "a-secret-prompt sk-abcdefghijklmnop";
const PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

const add = tool({
  name: "add",
  description: "Adds two numbers.",
  parameters: z.object({ a: z.int(), b: z.int() }),
  execute: ({ a, b }) => ({ sum: a + b }),
});

/** In an order that is no language's. */
function sorted(nodes: Node[]): Node[] {
  const keyed = nodes.map(
    ({ kind, name, status, attributes, children }): Node => ({
      kind,
      name,
      status,
      attributes: [...attributes].sort(),
      children: sorted(children),
    }),
  );
  const texts = new Set(keyed.map((node) => JSON.stringify(node)));
  return [...texts].sort().map((text) => JSON.parse(text));
}

/** What stays the same from run to run, as core/tests/it/telemetry.rs has it. */
function tree(spans: readonly Span[], parent: number | null = null): Node[] {
  const below = spans.filter(
    (span) => span.parent === parent && !(span.kind === "request" && span.status === "error"),
  );
  return sorted(
    below.map(({ id, kind, name, status, attributes }) => ({
      kind,
      name,
      status,
      attributes: Object.keys(attributes),
      children: tree(spans, id),
    })),
  );
}

function threadOptions(scenario: Scenario): ThreadOptions {
  const { accept } = scenario;
  return {
    workingDirectory: folder("project"),
    skipGitRepoCheck: true,
    sandboxMode: accept ? "read-only" : "danger-full-access",
    approvalPolicy: accept ? "on-request" : "never",
    ...(accept && {
      approvalsReviewer: "user" as const,
      onApproval: ({ script }) => (script?.includes(accept) ? "accept" : "decline"),
    }),
    ...(scenario.tools && { tools: [add] }),
  };
}

/** Plays a scenario, and closes the client. */
async function play(scenario: Scenario, options: CodexOptions = {}): Promise<Codex> {
  const { codex } = await scripted(scenario.script as never, { clientName: "spans", ...options });
  const turn = await codex.startThread(threadOptions(scenario)).turn(PROMPT);
  for await (const event of turn) {
    const { item } = event.params as { item?: { type: string } };
    if (event.method === "item/started" && item?.type === scenario.interrupt_at) {
      if (scenario.steer !== undefined) await turn.steer(scenario.steer);
      await turn.interrupt();
    }
  }
  await codex.close();
  flushTelemetry();
  return codex;
}

test.each(Object.keys(SCENARIOS))("scenario %s has the spans that Rust has", async (name) => {
  const spans: Span[] = [];
  await play(SCENARIOS[name] as Scenario, { onSpan: (span) => spans.push(span) });
  expect(tree(spans)).toEqual(sorted(read(name)));
  const told = JSON.stringify(spans);
  expect(SECRETS.filter((secret) => told.includes(secret))).toEqual([]);
  for (const { startTime, endTime } of spans) expect(endTime).toBeGreaterThanOrEqual(startTime);
});

test("channels are published while somebody subscribes", async () => {
  const heard: Span[] = [];
  const hear = (message: unknown) => heard.push(message as Span);
  subscribe("codexkit:turn", hear);
  subscribe("codexkit:tool", hear);
  try {
    await play(SCENARIOS.tool as Scenario);
  } finally {
    unsubscribe("codexkit:turn", hear);
    unsubscribe("codexkit:tool", hear);
  }
  expect(heard.map(({ kind }) => kind)).toEqual(["tool", "turn"]);
  await play(SCENARIOS.plain as Scenario);
  expect(heard.length).toBe(2);
});

test("content is for those who ask, and a hook that throws harms nobody", async () => {
  const [plain, full]: [Span[], Span[]] = [[], []];
  const stops = [
    observe({ onSpan: (span) => plain.push(span) }),
    observe({ onSpan: (span) => full.push(span), captureContent: true }),
    observe({
      onSpan: () => {
        throw new Error("a hook");
      },
    }),
  ];
  const warned = new Promise<Error>((resolve) => process.once("warning", resolve));
  await play(SCENARIOS.tool as Scenario);
  for (const stop of stops) stop();
  const of = (kind: string) => full.find((span) => span.kind === kind)?.content ?? {};
  expect(of("turn")["gen_ai.input.messages"]).toContain("a-secret-prompt [redacted]");
  expect(of("tool")["gen_ai.tool.call.result"]).toBe('{"sum":123454323}');
  expect(plain.every(({ content }) => Object.keys(content).length === 0)).toBe(true);
  expect(JSON.stringify(full)).not.toContain("sk-abc");
  expect((await warned).message).toContain("an observer of telemetry threw");
});

test("metrics are the core's", async () => {
  const metrics = (await play(SCENARIOS.approvals as Scenario)).metrics();
  expect(metrics?.turns).toEqual({ completed: 1 });
  expect(metrics?.approvals).toEqual({ accept: 1, decline: 1 });
  expect(metrics?.turnDuration.count).toBe(1);
  expect(metrics?.tokens.input).toBeGreaterThan(0);
  expect(metrics?.turnDuration.counts.length).toBe(15);
  expect(metrics?.droppedRecords).toBe(0);
});

function exporting(captureContent = false) {
  const exporter = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({
    exporter: metrics,
    exportIntervalMillis: 3_600_000,
  });
  const meterProvider = new MeterProvider({ readers: [reader] });
  const manager = new AsyncLocalStorageContextManager().enable();
  context.setGlobalContextManager(manager);
  instrument({ tracerProvider, meterProvider, captureContent });
  onTestFinished(() => {
    uninstrument();
    context.disable();
  });
  return { exporter, tracerProvider, metrics, meterProvider };
}

test("OpenTelemetry gets spans with their parents, and metrics", async () => {
  const { exporter, tracerProvider, metrics, meterProvider } = exporting();
  const request = tracerProvider.getTracer("app").startSpan("request");
  await context.with(trace.setSpan(context.active(), request), () =>
    play(SCENARIOS.tool as Scenario),
  );
  const spans = exporter.getFinishedSpans();
  const of = (name: string) => {
    const found = spans.find((span) => span.name === name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  };
  const [turn, called] = [of("invoke_agent spans"), of("execute_tool add")];
  expect(turn.parentSpanContext?.spanId).toBe(request.spanContext().spanId);
  expect(turn.spanContext().traceId).toBe(request.spanContext().traceId);
  expect(called.parentSpanContext?.spanId).toBe(turn.spanContext().spanId);
  expect(turn.attributes["gen_ai.provider.name"]).toBe("openai");
  expect(turn.attributes["gen_ai.usage.input_tokens"]).toBeGreaterThan(0);
  const told = JSON.stringify(spans.map(({ attributes }) => attributes));
  expect(SECRETS.filter((secret) => told.includes(secret))).toEqual([]);
  await meterProvider.forceFlush();
  const names = metrics
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap((scope) => scope.metrics.map(({ descriptor }) => descriptor.name));
  expect(names).toContain("gen_ai.client.operation.duration");
  expect(names).toContain("gen_ai.client.token.usage");
});

test("a failed turn is an error, and content is opted in", async () => {
  const { exporter } = exporting(true);
  await play(SCENARIOS.failed as Scenario);
  const turn = exporter.getFinishedSpans().find(({ name }) => name === "invoke_agent spans");
  expect(turn?.status.code).toBe(2);
  expect(turn?.attributes["codexkit.turn.status"]).toBe("failed");
  expect(turn?.attributes["gen_ai.input.messages"]).toContain("a-secret-prompt");
});

test("a trace context is checked and becomes the parent", async () => {
  const spans: Span[] = [];
  const { codex } = await scripted(["one", "two"], { onSpan: (span) => spans.push(span) });
  const thread = codex.startThread({ workingDirectory: folder("project") });
  const both = { traceparent: PARENT, tracestate: "a=b" };
  await thread.run("go", { traceContext: both });
  await thread.run("go", { traceContext: PARENT });
  expect((await rejection(thread.run("go", { traceContext: "00-1" }))).message).toContain(
    "traceparent",
  );
  expect((await rejection(thread.run("go", { traceContext: 5 as never }))).message).toContain(
    "traceContext",
  );
  await codex.close();
  flushTelemetry();
  const traces = spans.filter(({ kind }) => kind === "turn").map((span) => span.trace);
  expect(traces).toEqual([both, { traceparent: PARENT }]);
});

const GOAL = {
  rules: [
    {
      when: { prompt_contains: "paint it" },
      replies: [
        "on it",
        { items: [{ call: { name: "update_goal", arguments: { status: "complete" } } }] },
        "reached",
      ],
    },
  ],
  replies: ["fine"],
  repeat: "last",
};

test("the turns of runs, goals and maps are in the trace that is given", async () => {
  const spans: Span[] = [];
  const { codex } = await scripted(GOAL as never, {
    onSpan: (span) => spans.push(span),
    configOverrides: ["features.goals=true"],
  });
  const traces = () => {
    flushTelemetry();
    return spans
      .splice(0)
      .filter(({ kind }) => kind === "turn")
      .map(({ trace }) => trace);
  };
  const both = { traceparent: PARENT, tracestate: "a=b" };
  const given = { traceparent: PARENT };
  const options = { workingDirectory: folder("project"), skipGitRepoCheck: true };
  const thread = codex.startThread(options);
  const run = await thread.autoRun("go", { maxTurns: 2, traceContext: both });
  expect(traces()).toEqual([both, both]);
  await codex.autoResume(run.continuation as string, { maxTurns: 3, thread, traceContext: PARENT });
  expect(traces()).toEqual([given]);
  const streamed = await thread.autoRunStreamed("go", { maxTurns: 1, traceContext: PARENT });
  for await (const _ of streamed);
  expect(traces()).toEqual([given]);
  const goal = codex.startThread(options);
  const until = { type: "goal" as const };
  const done = await goal.autoRun("paint it", { until, traceContext: PARENT });
  expect(done.stopReason).toBe("done");
  expect(traces()).toEqual([given, given]);
  const mapping = await codex.map(["one", "two"], { thread: options, traceContext: both });
  for await (const _ of mapping);
  expect(traces()).toEqual([both, both]);
  for (const wrong of [
    thread.autoRun("go", { traceContext: "00-1" }),
    codex.map(["one"], { traceContext: "00-1" }),
  ]) {
    expect((await rejection(wrong)).message).toContain("traceparent");
  }
  const inner = { turn: { traceContext: PARENT } as never };
  expect((await rejection(codex.map(["one"], inner))).message).toContain("map() itself");
  expect((await rejection(thread.autoRun("go", inner))).message).toContain("the run itself");
  await codex.close();
});

test("the turns of a run are children of the application's span", async () => {
  const { exporter, tracerProvider } = exporting();
  const { codex } = await scripted({ replies: ["fine"], repeat: "last" } as never, {
    clientName: "spans",
  });
  const options = { workingDirectory: folder("project"), skipGitRepoCheck: true };
  const thread = codex.startThread(options);
  await thread.run("go");
  const request = tracerProvider.getTracer("app").startSpan("request");
  await context.with(trace.setSpan(context.active(), request), async () => {
    await thread.autoRun("go", { maxTurns: 2 });
    for await (const _ of await codex.map(["one"], { thread: options }));
  });
  await codex.close();
  flushTelemetry();
  const turns = exporter.getFinishedSpans().filter(({ name }) => name === "invoke_agent spans");
  const parents = turns.map(({ parentSpanContext }) => parentSpanContext?.spanId);
  const { spanId } = request.spanContext();
  expect(parents).toEqual([undefined, spanId, spanId, spanId]);
});

test.each(["tool", "approvals", "failed", "broken", "interrupted"])(
  "no sink is told content of %s that it has not asked for",
  async (name) => {
    const { exporter, metrics, meterProvider } = exporting();
    const told: unknown[] = [];
    const hear = (message: unknown) => told.push(message);
    const channels = ["turn", "tool", "item", "approval", "request", "event"].map(
      (kind) => `codexkit:${kind}`,
    );
    for (const channel of channels) subscribe(channel, hear);
    const stop = observe({ onSpan: hear, onEvent: hear });
    await play(SCENARIOS[name] as Scenario);
    stop();
    for (const channel of channels) unsubscribe(channel, hear);
    await meterProvider.forceFlush();
    const spans = exporter.getFinishedSpans();
    const turn = spans.find((span) => span.name === "invoke_agent spans");
    const requests = spans.filter((span) => span.name.startsWith("codexkit.request turn/"));
    expect(requests.length).toBeGreaterThan(0);
    for (const { parentSpanContext } of requests) {
      expect(parentSpanContext?.spanId).toBe(turn?.spanContext().spanId);
    }
    expect(told.length).toBeGreaterThan(0);
    const exported = spans.map(({ name, attributes, events, status }) => ({
      name,
      attributes,
      events,
      status,
    }));
    const data = metrics
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.map((scope) => scope.metrics));
    const text = JSON.stringify([told, exported, data]);
    expect(SECRETS.filter((secret) => text.includes(secret))).toEqual([]);
  },
);

test("the error of a turn and what is captured of it have no secret", async () => {
  const full: Span[] = [];
  const stop = observe({ onSpan: (span) => full.push(span), captureContent: true });
  const { codex } = await scripted((SCENARIOS.broken as Scenario).script as never);
  const failure = await rejection(
    codex.startThread({ workingDirectory: folder("project"), skipGitRepoCheck: true }).run("go"),
  );
  await codex.close();
  stop();
  const { result } = failure as TurnFailedError;
  const content = full.find(({ kind }) => kind === "turn")?.content ?? {};
  for (const text of [
    failure.message,
    result.error?.message,
    content["codexkit.error.message"],
  ] as string[]) {
    expect(text).toContain("[redacted]");
    expect(["sk-abc", "hunter2"].filter((secret) => text.includes(secret))).toEqual([]);
  }
});

test("bad hooks are refused at the call", () => {
  expect(() => observe({})).toThrow("onSpan");
  expect(() => observe({ onSpan: 5 as never })).toThrow("onSpan");
  expect(semanticConventions()).toBe("1.41.0");
});

test("without OpenTelemetry the error says what to install", () => {
  const { out, err } = runProgram(`
    import { createRequire } from "node:module";
    import Module from "node:module";
    const load = Module._load;
    Module._load = (name, ...rest) => {
      if (name === "@opentelemetry/api") throw new Error("not found");
      return load(name, ...rest);
    };
    const { instrument } = createRequire(import.meta.url)("codexkit");
    try { instrument(); } catch (error) { console.log(error.message); }
  `);
  expect(out.join("\n"), err).toContain("npm install @opentelemetry/api");
});
