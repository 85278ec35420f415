/** Telemetry as OpenTelemetry spans and metrics, where `@opentelemetry/api` is installed. */

import {
  addSink,
  flushTelemetry,
  removeSink,
  type Sink,
  type Span,
  setCurrentTrace,
  type TelemetryEvent,
  type TraceContext,
} from "./telemetry.js";
import { version } from "./version.js";

/** Where OpenTelemetry's spans and metrics go. */
export interface InstrumentOptions {
  /** Where spans go: a `TracerProvider`; by default the global one. */
  tracerProvider?: { getTracer(name: string, version?: string): unknown };
  /** Where metrics go: a `MeterProvider`; by default the global one. */
  meterProvider?: { getMeter(name: string, version?: string): unknown };
  /** Whether spans also get prompts, answers, arguments and results, without what looks like a secret. */
  captureContent?: boolean;
}

type Api = typeof import("@opentelemetry/api");
type Attributes = Readonly<Record<string, string | number | boolean>>;

const OUTSIDE: readonly string[] = ["client", "thread", "turn", "request"];
/** What the conventions advise. */
const SECONDS = Array.from({ length: 14 }, (_, power) => 0.01 * 2 ** power);
const TOKENS = Array.from({ length: 14 }, (_, power) => 4 ** power);

/** So many turns are remembered after their ends. */
const LATE = 64;

let instrumented: Sink | undefined;

/**
 * Makes OpenTelemetry spans and metrics of what every client of this environment does. From then on turns and threads
 * belong to the trace in which they are started. Called again, it replaces what was there before.
 *
 * @param options where they go
 * @throws {Error} when `@opentelemetry/api` is not installed
 */
export function instrument(options: InstrumentOptions = {}): void {
  const api = load();
  uninstrument();
  instrumented = sinkOf(api, options);
  addSink(instrumented);
  setCurrentTrace(() => current(api));
}

/** Makes no more OpenTelemetry spans. What happened before is handed over first. */
export function uninstrument(): void {
  if (instrumented === undefined) return;
  flushTelemetry();
  removeSink(instrumented);
  instrumented = undefined;
  setCurrentTrace(undefined);
}

function load(): Api {
  try {
    return require("@opentelemetry/api") as Api;
  } catch (cause) {
    const message =
      "instrument() needs OpenTelemetry: npm install @opentelemetry/api (and an SDK, to export anything)";
    throw new Error(message, { cause });
  }
}

function current({ context, trace }: Api): TraceContext | undefined {
  const span = trace.getSpanContext(context.active());
  if (span === undefined || !trace.isSpanContextValid(span)) return undefined;
  const flags = span.traceFlags.toString(16).padStart(2, "0");
  const tracestate = span.traceState?.serialize();
  return {
    traceparent: `00-${span.traceId}-${span.spanId}-${flags}`,
    ...(tracestate && { tracestate }),
  };
}

function remote(api: Api, { traceparent, tracestate }: TraceContext) {
  const [, traceId = "", spanId = "", flags = "0"] = traceparent.split("-");
  return api.trace.setSpanContext(api.ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16),
    isRemote: true,
    ...(tracestate && { traceState: api.createTraceState(tracestate) }),
  });
}

function sinkOf(api: Api, options: InstrumentOptions): Sink {
  const tracers = (options.tracerProvider ?? api.trace) as typeof api.trace;
  const tracer = tracers.getTracer("codexkit", version);
  const measure = measuring(api, options);
  const open = new Map<number, ReturnType<typeof tracer.startSpan>>();
  // The turns that ended last: what ends their commands comes after their end.
  const late: typeof open = new Map();
  const start = (span: Span) => {
    const number = span.parent ?? -1;
    const parent = open.get(number) ?? late.get(number);
    let context = api.ROOT_CONTEXT;
    if (parent !== undefined) context = api.trace.setSpan(context, parent);
    else if (span.trace !== null) context = remote(api, span.trace);
    const { CLIENT, INTERNAL } = api.SpanKind;
    const made = tracer.startSpan(
      span.name,
      {
        kind: OUTSIDE.includes(span.kind) ? CLIENT : INTERNAL,
        startTime: span.startTime,
        attributes: span.attributes as Attributes,
      },
      context,
    );
    open.set(span.id, made);
    return made;
  };
  return {
    tag: 0,
    captures: options.captureContent === true,
    started: start,
    ended(span) {
      const made = open.get(span.id) ?? start(span);
      open.delete(span.id);
      made.setAttributes({ ...span.attributes, ...span.content });
      if (span.status === "error") {
        const message = String(span.attributes["error.type"] ?? "");
        made.setStatus({ code: api.SpanStatusCode.ERROR, message });
      }
      made.end(span.endTime ?? undefined);
      if (span.kind === "turn") remember(late, span.id, made);
      measure.span(span);
    },
    event(event) {
      measure.event(event);
      const span = event.span === null ? undefined : open.get(event.span);
      span?.addEvent(event.name, { ...event.attributes, ...event.content }, event.time);
    },
  };
}

function remember<T>(late: Map<number, T>, id: number, made: T): void {
  late.set(id, made);
  for (const oldest of late.keys()) {
    if (late.size <= LATE) return;
    late.delete(oldest);
  }
}

function measuring(api: Api, options: InstrumentOptions) {
  const meters = (options.meterProvider ?? api.metrics) as typeof api.metrics;
  const meter = meters.getMeter("codexkit", version);
  const seconds = { unit: "s", advice: { explicitBucketBoundaries: SECONDS } };
  const durations = meter.createHistogram("gen_ai.client.operation.duration", seconds);
  const first = meter.createHistogram("codexkit.turn.time_to_first_event", seconds);
  const tokens = meter.createHistogram("gen_ai.client.token.usage", {
    unit: "{token}",
    advice: { explicitBucketBoundaries: TOKENS },
  });
  const turns = meter.createCounter("codexkit.turns", { unit: "{turn}" });
  const approvals = meter.createCounter("codexkit.approvals", { unit: "{approval}" });
  const requests = meter.createCounter("codexkit.requests", { unit: "{request}" });
  const events = meter.createCounter("codexkit.events", { unit: "{event}" });
  const labelled = (found: Attributes, ...names: string[]): Record<string, string> =>
    Object.fromEntries(
      names.filter((name) => name in found).map((name) => [name, String(found[name])]),
    );
  return {
    span({ kind, attributes: found, startTime, endTime }: Span): void {
      const labels = labelled(
        found,
        "gen_ai.operation.name",
        "gen_ai.provider.name",
        "gen_ai.request.model",
        "error.type",
      );
      if ("gen_ai.operation.name" in found && endTime !== null) {
        durations.record((endTime - startTime) / 1e3, labels);
      }
      if (kind === "turn") {
        turns.add(1, labelled(found, "codexkit.turn.status"));
        const after = found["codexkit.turn.time_to_first_event"];
        if (typeof after === "number") first.record(after, labels);
        for (const type of ["input", "output"]) {
          const count = found[`gen_ai.usage.${type}_tokens`];
          if (typeof count === "number" && count > 0) {
            tokens.record(count, { ...labels, "gen_ai.token.type": type });
          }
        }
      } else if (kind === "approval") {
        approvals.add(1, labelled(found, "codexkit.approval.decision"));
      } else if (kind === "request") {
        const outcome = String(found["error.type"] ?? "ok");
        requests.add(1, { ...labelled(found, "codexkit.request.method"), outcome });
      }
    },
    event({ name }: TelemetryEvent): void {
      events.add(1, { "codexkit.event.name": name });
    },
  };
}
