/**
 * What clients do, told to whoever observes: channels of `diagnostics_channel`, OpenTelemetry, functions of the
 * application. Records come from the core in batches on the event loop; with nobody observing there are none.
 */

import { channel } from "node:diagnostics_channel";
import { InvalidArgumentError } from "./errors.js";
import { type NativeRecords, native } from "./native.js";

/** What a span is about. */
export type SpanKind = "client" | "thread" | "turn" | "item" | "tool" | "approval" | "request";

/** Where in a trace a call is made, as the W3C Trace Context recommendation has it. */
export interface TraceContext {
  /** Version, trace, span and flags. */
  traceparent: string;
  /** What vendors add. */
  tracestate?: string;
}

/** Something that took time. */
export interface Span {
  /** Its number, once in a process. */
  readonly id: number;
  /** The number of the span that it is a part of. */
  readonly parent: number | null;
  /** What it is about. */
  readonly kind: SpanKind;
  /** Its name, as in `invoke_agent my_app`. */
  readonly name: string;
  /** When it began, in milliseconds since the Unix epoch. */
  readonly startTime: number;
  /** When it ended. */
  readonly endTime: number | null;
  /** How it ended; after `error` the attribute `error.type` says how. */
  readonly status: "ok" | "error";
  /** What is known of it, by the names of the conventions. */
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  /** Prompts, answers, arguments and results, for those who capture content. */
  readonly content: Readonly<Record<string, string | number | boolean>>;
  /** The trace that the caller said it belongs to. */
  readonly trace: TraceContext | null;
}

/** Something that happened. */
export interface TelemetryEvent {
  /** `codexkit.diagnostic`, `codexkit.retry`, `codexkit.restart`, `codexkit.coalesced` or `codexkit.lagged`. */
  readonly name: string;
  /** The number of the span that it belongs to. */
  readonly span: number | null;
  /** When, in milliseconds since the Unix epoch. */
  readonly time: number;
  /** What is known of it. */
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  /** What may quote somebody, for those who capture content. */
  readonly content: Readonly<Record<string, string | number | boolean>>;
}

/** Functions that are told of spans and events. */
export interface ObserveOptions {
  /** Called with each span that ended. */
  onSpan?: (span: Span) => void;
  /** Called with each event. */
  onEvent?: (event: TelemetryEvent) => void;
  /** Whether they also get prompts, answers, arguments and results, without what looks like a secret. */
  captureContent?: boolean;
}

/** Who is told: of the clients with this tag, or of all. @internal */
export interface Sink {
  tag: number;
  captures: boolean;
  started?(span: Span): void;
  ended(span: Span): void;
  event(event: TelemetryEvent): void;
}

interface Arrived {
  tag: number;
  type: "start" | "end" | "event";
  start: number;
  end: number | null;
  time: number;
  [field: string]: unknown;
}

const KINDS: readonly SpanKind[] = [
  "client",
  "thread",
  "turn",
  "item",
  "tool",
  "approval",
  "request",
];
const channels = new Map([...KINDS, "event"].map((kind) => [kind, channel(`codexkit:${kind}`)]));

const published: Sink = {
  tag: 0,
  captures: false,
  ended(span) {
    const to = channels.get(span.kind);
    if (to?.hasSubscribers) to.publish(span);
  },
  event(event) {
    const to = channels.get("event");
    if (to?.hasSubscribers) to.publish(event);
  },
};

let sinks: readonly Sink[] = [];
let records: NativeRecords | undefined;
let lastTag = 0;
let currentTrace: (() => TraceContext | undefined) | undefined;

/** The queue of this environment. @internal */
export function recordQueue(): NativeRecords {
  if (records === undefined) {
    records = new (native().NativeRecords)(drain);
    process.once("exit", drain);
  }
  return records;
}

/** The version of the OpenTelemetry semantic conventions whose names are used. */
export function semanticConventions(): string {
  return recordQueue().conventions();
}

/** @internal */
export function addSink(sink: Sink): void {
  sinks = [...sinks, sink];
  listen();
}

/** @internal */
export function removeSink(sink: Sink): void {
  drain();
  sinks = sinks.filter((other) => other !== sink);
  listen();
}

/** What says in which trace the application is; undefined for none. @internal */
export function setCurrentTrace(current: (() => TraceContext | undefined) | undefined): void {
  currentTrace = current;
}

/** Looks whether channels have subscribers now. Called where clients, threads and turns start. @internal */
export function listen(): void {
  const subscribed = [...channels.values()].some((one) => one.hasSubscribers);
  if (records === undefined && !subscribed && sinks.length === 0) return;
  recordQueue().listen(
    subscribed || sinks.some((sink) => sink.tag === 0),
    sinks.some((sink) => sink.captures),
  );
}

/** The trace of a call: what was given, else where the application is; undefined for none. @internal */
export function traceValue(
  given?: string | TraceContext | null,
): string | TraceContext | undefined {
  listen();
  return given ?? currentTrace?.();
}

/** The same as JSON. @internal */
export function traceJson(given?: string | TraceContext | null): string | undefined {
  const trace = traceValue(given);
  return trace === undefined ? undefined : JSON.stringify(trace);
}

/** The tag of a client that has functions of its own; 0 if it has none. @internal */
export function ownTag({ onSpan, onEvent }: ObserveOptions): number {
  if (!onSpan && !onEvent) return 0;
  lastTag += 1;
  addSink(functions({ onSpan, onEvent } as ObserveOptions, lastTag));
  return lastTag;
}

/** Its client was closed: its functions are told what is left, and let go. @internal */
export function dropOwn(tag: number): void {
  const own = tag === 0 ? undefined : sinks.find((sink) => sink.tag === tag);
  if (own !== undefined) removeSink(own);
}

function functions({ onSpan, onEvent, captureContent }: ObserveOptions, tag: number): Sink {
  for (const [name, given] of Object.entries({ onSpan, onEvent })) {
    if (given !== undefined && given !== null && typeof given !== "function") {
      throw InvalidArgumentError.of(name, "it must be a function");
    }
  }
  return {
    tag,
    captures: captureContent === true,
    ended: (span) => onSpan?.(span),
    event: (event) => onEvent?.(event),
  };
}

/**
 * Has functions called with what every client of this environment does, on the event loop.
 *
 * @param options the functions
 * @returns what stops it; what happened before is handed over first
 * @throws {InvalidArgumentError} for what is no function, and for none
 */
export function observe(options: ObserveOptions): () => void {
  if (!options.onSpan && !options.onEvent) {
    throw InvalidArgumentError.of("onSpan", "give onSpan, onEvent or both");
  }
  const sink = functions(options, 0);
  addSink(sink);
  return () => removeSink(sink);
}

/** Hands over what has happened so far, now and not with the event loop. */
export function flushTelemetry(): void {
  drain();
}

function drain(): void {
  for (let taken = records?.take(512); taken; taken = records?.take(512)) {
    for (const record of JSON.parse(taken) as Arrived[]) handOver(record);
  }
}

function handOver({ tag, type, start, end, time, ...rest }: Arrived): void {
  const times =
    type === "event"
      ? { time: time / 1e6 }
      : { startTime: start / 1e6, endTime: end === null ? null : end / 1e6 };
  const full = { ...rest, ...times } as unknown as Span & TelemetryEvent;
  const plain = { ...full, content: {} };
  for (const sink of [published, ...sinks]) {
    if (sink.tag !== 0 && sink.tag !== tag) continue;
    const told = sink.captures ? full : plain;
    try {
      if (type === "event") sink.event(told);
      else if (type === "end") sink.ended(told);
      else sink.started?.(told);
    } catch (error) {
      // Whose function it is hears of it as of any other uncaught error of a listener.
      process.emitWarning(`an observer of telemetry threw: ${error}`, "CodexkitTelemetry");
    }
  }
}
