/**
 * View 1: every notification of the engine, as the engine sent it.
 *
 * An event object is a view on a batch; its fields are made when they are read.
 */

import { inspect } from "node:util";
import type { ApprovalKind, DecisionWord } from "./approvals.js";
import { NOTIFICATION_METHODS } from "./generated/methods.js";
import type { NotificationMap } from "./generated/protocol.js";
import type { NativeBatch } from "./native.js";

/** The methods of the notifications that this version knows. */
export type NotificationMethod = keyof NotificationMap;

/**
 * The method of a notification that this version does not know. No known method has this type, so that
 * comparing `event.method` with one narrows to it alone (a branded string would not: TypeScript holds it
 * comparable with every literal). To compare with a method of a newer engine, take it as a string:
 * `(event.method as string) === "new/method"`.
 */
export type UnknownMethod = `${string}\u0000`;

/** What all events have. */
export interface EventBase<Method, Params> {
  /** The protocol method, as in `item/agentMessage/delta`. */
  readonly method: Method;
  /** The notification's parameters; parsed when first read. */
  readonly params: Params;
  /** The whole line as the engine sent it. */
  readonly raw: string;
  /** The thread that the event belongs to. */
  readonly threadId: string | undefined;
  /** The turn that the event belongs to. */
  readonly turnId: string | undefined;
  /** The item that the event is about. */
  readonly itemId: string | undefined;
  /** The text of a delta; undefined for other events. Cheaper than `params`. */
  readonly delta: string | undefined;
  /** How many notifications this event stands for: more than 1 only for deltas joined for a slow reader. */
  readonly merged: number;
  /** The engine never sent this event; it was recovered with `thread/read`. */
  readonly recovered: boolean;
}

/** A notification of one of the known methods. */
export type KnownEvent<Method extends NotificationMethod = NotificationMethod> = {
  [M in Method]: EventBase<M, NotificationMap[M]>;
}[Method];

/** A notification of a newer engine. */
export type UnknownEvent = EventBase<UnknownMethod, unknown>;

/**
 * The connection to a remote engine was lost and is there again: an event that does not come from the engine. Events of the gap are missing; what was completed meanwhile is told after it.
 */
export type ReconnectedEvent = EventBase<
  "codexkit/reconnected",
  { threadId: string; turnId: string; attempt: number }
>;

/**
 * The engine ended by itself and was started again (`restart`): an event that does not come from the engine. What became of the turn is told after it.
 */
export type RestartedEvent = EventBase<
  "codexkit/restarted",
  {
    threadId: string;
    turnId: string;
    /** The number of the restart in its row. */
    attempt: number;
    /** The exit code of the engine that ended. */
    exitCode: number | null;
    /** The signal that ended it. */
    signal: number | null;
    /** The last item that was completed before. */
    lastItemId: string | null;
  }
>;

/** What an event about an approval, a question or an elicitation says of it. */
interface AboutRequest {
  /** Its thread. */
  threadId: string | null;
  /** Its turn. */
  turnId: string | null;
  /** The item that waits. */
  itemId: string | null;
  /** The request's `id`. */
  approvalId: string;
  /** What it is about. */
  kind: ApprovalKind | "question" | "elicitation";
}

/** The engine asks for an approval, or asks a question: an event of this package's own, before anybody is asked. */
export type ApprovalRequestedEvent = EventBase<"codexkit/approval/requested", AboutRequest>;

/** What became of a {@link ApprovalRequestedEvent}: an event of this package's own. */
export type ApprovalDecidedEvent = EventBase<
  "codexkit/approval/decided",
  AboutRequest & {
    /** What was decided. `answered` is for questions; `withdrawn` means that the engine waits no more. */
    decision: DecisionWord | "answered" | "withdrawn" | (string & {});
    /** Who decided: `handler`, `policy NAME`, `later`, `approval_handler`, `default` where nobody did, `engine`. */
    by: string;
    /** Why it was declined. */
    reason: string | null;
  }
>;

/** Any notification: a union that narrows on `method`. */
export type Event =
  | KnownEvent
  | ReconnectedEvent
  | RestartedEvent
  | ApprovalRequestedEvent
  | ApprovalDecidedEvent
  | UnknownEvent;

/**
 * Tells whether this version knows the event's method.
 *
 * @param event any event
 * @returns true for a {@link KnownEvent}
 */
export function isKnownEvent(event: Event): event is KnownEvent {
  return KNOWN.has(event.method);
}

const METHODS: readonly string[] = NOTIFICATION_METHODS;
const KNOWN = new Set(METHODS);

/** Integers per event; the order is that of bindings/node/src/batch.rs. */
export const COLUMNS = 15;
const METHOD = 0;
const LINE = 1;
const PARAMS = 3;
const DELTA = 5;
const THREAD = 7;
const TURN = 9;
const ITEM = 11;
const MERGED = 13;
const FLAGS = 14;
const PLAIN_DELTA = 1;
const RECOVERED = 2;
const ESCAPED = 4;
const INDEXED_DELTA = 8;
/** Between the end of a delta's text and the number: `","summaryIndex":`. */
const BEFORE_INDEX = 17;

/** An integer of the event whose row begins at `row`. */
function column(batch: NativeBatch, row: number, which: number): number {
  return batch.columns[row + which] as number;
}

function textOf(batch: NativeBatch, row: number, which: number): string | undefined {
  const start = column(batch, row, which);
  return start < 0 ? undefined : batch.text.slice(start, column(batch, row, which + 1));
}

/** The text of a delta; of one with escapes only its string is parsed. */
function deltaOf(batch: NativeBatch, row: number): string | undefined {
  if ((column(batch, row, FLAGS) & ESCAPED) === 0) return textOf(batch, row, DELTA);
  const [start, end] = [column(batch, row, DELTA), column(batch, row, DELTA + 1)];
  return JSON.parse(batch.text.slice(start - 1, end + 1)) as string;
}

function paramsOf(batch: NativeBatch, row: number): unknown {
  const flags = column(batch, row, FLAGS);
  // Exactly these fields in this order: the same object without parsing.
  if ((flags & PLAIN_DELTA) !== 0) {
    return {
      threadId: textOf(batch, row, THREAD),
      turnId: textOf(batch, row, TURN),
      itemId: textOf(batch, row, ITEM),
      delta: deltaOf(batch, row),
    };
  }
  if ((flags & INDEXED_DELTA) !== 0) {
    const start = column(batch, row, DELTA + 1) + BEFORE_INDEX;
    return {
      threadId: textOf(batch, row, THREAD),
      turnId: textOf(batch, row, TURN),
      itemId: textOf(batch, row, ITEM),
      delta: deltaOf(batch, row),
      summaryIndex: Number(batch.text.slice(start, column(batch, row, PARAMS + 1) - 1)),
    };
  }
  const text = textOf(batch, row, PARAMS);
  return text === undefined || text === "" ? null : JSON.parse(text);
}

/** The one class behind {@link Event}. It has no private methods: each object would be marked for them when it is made. */
export class EventView implements EventBase<string, unknown> {
  readonly #batch: NativeBatch;
  readonly #row: number;
  #params: unknown;

  constructor(batch: NativeBatch, index: number) {
    this.#batch = batch;
    this.#row = index * COLUMNS;
  }

  get method(): string {
    const known = METHODS[column(this.#batch, this.#row, METHOD)];
    return known ?? (JSON.parse(this.raw) as { method: string }).method;
  }

  get params(): unknown {
    this.#params ??= paramsOf(this.#batch, this.#row);
    return this.#params;
  }

  get raw(): string {
    return textOf(this.#batch, this.#row, LINE) ?? "";
  }

  get threadId(): string | undefined {
    return textOf(this.#batch, this.#row, THREAD);
  }

  get turnId(): string | undefined {
    return textOf(this.#batch, this.#row, TURN);
  }

  get itemId(): string | undefined {
    return textOf(this.#batch, this.#row, ITEM);
  }

  get delta(): string | undefined {
    const text = deltaOf(this.#batch, this.#row);
    if (text !== undefined) return text;
    const { delta } = (this.params ?? {}) as { delta?: unknown };
    return typeof delta === "string" ? delta : undefined;
  }

  get merged(): number {
    return column(this.#batch, this.#row, MERGED);
  }

  get recovered(): boolean {
    return (column(this.#batch, this.#row, FLAGS) & RECOVERED) !== 0;
  }

  /** The notification as it came: `method` and `params`. */
  toJSON(): { method: string; params: unknown } {
    return { method: this.method, params: this.params };
  }

  [inspect.custom](): string {
    return `Event ${inspect(this.toJSON(), { depth: 6 })}`;
  }
}
