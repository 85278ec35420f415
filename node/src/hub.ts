/**
 * Where native threads meet the event loop: one wake-up for all streams, the engine's requests and questions, calls of
 * tools, what guardrails are to look at, fairness, and what keeps the process alive. One per Node environment (a worker thread has its own).
 */

import type {
  ApprovalRequest,
  ElicitationRequest,
  PendingRequest,
  QuestionRequest,
} from "./approvals.js";
import { fromJson } from "./errors.js";
import { type NativeHub, native } from "./native.js";

/** A request of the engine, as the native hub tells it. */
export interface ArrivedRequest {
  id: number;
  client: number;
  method: string;
  /** JSON text. */
  params: string;
  threadId: string | null;
  turnId: string | null;
  itemId: string | null;
}

/** A question to a callback, as the native hub tells it. */
export interface ArrivedAsk {
  id: number;
  /** Whose callback is asked, and which of them. */
  owner: number;
  index: number;
  subject: PendingRequest["subject"];
  view: ApprovalRequest | QuestionRequest | ElicitationRequest;
}

/** A call of a tool, as the native hub tells it. */
export interface ArrivedCall {
  id: number;
  /** Which tool is called. */
  tool: number;
  arguments: unknown;
  context: {
    threadId: string;
    turnId: string;
    callId: string;
    tool: string;
    namespace: string | null;
  };
}

/** An input or a result that guardrails are to look at, as the native hub tells it. */
export interface ArrivedCheck {
  id: number;
  /** Which guardrails. */
  guard: number;
  stage: "input" | "output";
  given: unknown;
}

/** Takes new calls of tools, and the numbers of those that nobody waits for any more. */
type CallAnswerer = (calls: readonly ArrivedCall[], cancelled: readonly number[]) => void;

const waiting = new Map<number, () => void>();
const answering = new Map<number, (request: ArrivedRequest) => void>();
let answeringAsks: ((ask: ArrivedAsk) => void) | undefined;
let answeringCalls: CallAnswerer | undefined;
let answeringChecks: ((check: ArrivedCheck) => void) | undefined;
let only: NativeHub | undefined;
let lastId = 0;

/** The hub of this environment. */
export function hub(): NativeHub {
  only ??= new (native().NativeHub)(look);
  return only;
}

/** A number that no other stream or client of this environment has. */
export function freshId(): number {
  lastId += 1;
  return lastId;
}

/** Calls `resume` once, when the stream `id` has something to read. */
export function whenReady(id: number, resume: () => void): void {
  waiting.set(id, resume);
}

/** Forgets {@link whenReady}. */
export function forget(id: number): void {
  waiting.delete(id);
}

/** Has the requests of the engine of `client` answered by `answer`. */
export function answerRequests(client: number, answer: (request: ArrivedRequest) => void): void {
  answering.set(client, answer);
}

/** Forgets {@link answerRequests}. */
export function stopAnswering(client: number): void {
  answering.delete(client);
}

/** Has the questions to callbacks answered by `answer`. */
export function answerAsks(answer: (ask: ArrivedAsk) => void): void {
  answeringAsks = answer;
}

/** Has calls of tools answered by `answer`. */
export function answerCalls(answer: CallAnswerer): void {
  answeringCalls = answer;
}

/** Has what guardrails are to look at answered by `answer`. */
export function answerChecks(answer: (check: ArrivedCheck) => void): void {
  answeringChecks = answer;
}

/** Called by native threads, on the event loop, however many streams have woken. */
function look(): void {
  if (only === undefined) return;
  for (const id of only.takeReady()) {
    const resume = waiting.get(id);
    if (resume !== undefined) {
      waiting.delete(id);
      resume();
    }
  }
  if (only.hasMore()) takeOthers(only);
}

/** Takes what is not for a stream. */
function takeOthers(only: NativeHub): void {
  if (answeringAsks !== undefined) {
    const asks = only.takeAsks();
    if (asks !== null) for (const ask of JSON.parse(asks) as ArrivedAsk[]) answeringAsks(ask);
  }
  if (answeringCalls !== undefined) {
    const told = only.takeCalls();
    if (told !== null) {
      const { calls, cancelled } = JSON.parse(told) as {
        calls: ArrivedCall[];
        cancelled: number[];
      };
      answeringCalls(calls, cancelled);
    }
  }
  if (answeringChecks !== undefined) {
    const checks = only.takeChecks();
    if (checks !== null) {
      for (const check of JSON.parse(checks) as ArrivedCheck[]) answeringChecks(check);
    }
  }
  const requests = only.takeRequests();
  if (requests === null) return;
  for (const request of JSON.parse(requests) as ArrivedRequest[]) {
    const answer = answering.get(request.client);
    if (answer === undefined) only.decline(request.id, "the client is gone");
    else answer(request);
  }
}

let holds = 0;
let anchor: NodeJS.Timeout | undefined;

/** Keeps the process alive until {@link release}: somebody awaits a stream. */
export function hold(): void {
  holds += 1;
  if (holds === 1) {
    anchor ??= setInterval(() => {}, 2 ** 31 - 1);
    anchor.ref();
  }
}

/** Ends one {@link hold}. */
export function release(): void {
  holds -= 1;
  if (holds === 0) anchor?.unref();
}

/** Events that may be handed out before the event loop gets its turn. */
const BUDGET_EVENTS = 1024;
/** Milliseconds that may pass before it does. */
const BUDGET_MS = 1;

/** The bounds of how many of the streams that had to wait go on after each turn of the event loop. */
const RELEASED = { least: 16, most: 1024 };

let spent = 0;
let since = 0;
let over = false;
let releasing = RELEASED.least;
const held: (() => void)[] = [];

/**
 * Asks to hand out one more event. The budget is one for all streams of the event loop: a ready stream
 * never suspends, so that many of them would starve timers and sockets together.
 *
 * @returns nothing to go on, or what to wait for first.
 */
export function pass(): Promise<void> | undefined {
  if (!over) {
    spent += 1;
    const clockDue = spent % 32 === 0;
    if (spent < BUDGET_EVENTS && !(clockDue && performance.now() - since >= BUDGET_MS)) {
      return undefined;
    }
    over = true;
    setImmediate(renew);
  }
  return new Promise((resolve) => {
    held.push(resolve);
  });
}

/**
 * The event loop had its turn: a new budget, and the streams that have waited longest go on, as many as
 * can be expected to do with it.
 */
function renew(): void {
  const now = performance.now();
  const fits = now - since < BUDGET_MS;
  releasing = fits
    ? Math.min(releasing * 2, RELEASED.most)
    : Math.max(releasing >> 1, RELEASED.least);
  spent = 0;
  since = now;
  over = held.length > releasing;
  if (over) setImmediate(renew);
  for (const resume of held.splice(0, releasing)) resume();
}

/** Says that something costlier than an event was done, so that the next {@link pass} looks at the clock. */
export function charge(): void {
  spent |= 31;
}

/** How a stream ended, as the native side says it: null while it is open. */
export function checkEnd(end: string | null): boolean {
  if (end === null) return false;
  if (end !== "") throw fromJson(end);
  return true;
}
