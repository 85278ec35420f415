/**
 * From the options `onApproval`, `onQuestion` and `onElicitation` to the core's chain, and from its questions to the
 * callbacks. Whatever goes wrong declines.
 *
 * A callback is known to the native side by the number of its owner (a client, a thread, a turn) and its place. The
 * table of owners keeps no callback alive: the owner's native handle does, and a turn while it runs. So are tools kept.
 */

import type {
  ApprovalRequest,
  Approver,
  ElicitationRequest,
  PendingRequest,
  QuestionRequest,
  Responders,
} from "./approvals.js";
import { isPlainObject, milliseconds } from "./check.js";
import { type ArrivedAsk, answerAsks, freshId, hub, whenReady } from "./hub.js";
import { encode } from "./input.js";
import type { NativeHub, NativeTurn } from "./native.js";
import { traceJson } from "./telemetry.js";
import { ToolRegistry } from "./tools.js";

type Callback = (request: never) => unknown;

/** Who answers, for the core, and the callbacks that it names by their place. */
export interface Chain {
  readonly json: string;
  readonly callbacks: readonly Callback[];
}

/** Whether the client whose option a callback is was closed by its owner. */
export interface Life {
  over: boolean;
}

interface Owner {
  callbacks: WeakRef<readonly Callback[]>;
  life: Life;
}

const owners = new Map<number, Owner>();
/** Lists of callbacks, or tools. */
type Kept = readonly (readonly Callback[] | ToolRegistry)[];

/** The callbacks and tools of what a native handle stands for, and of what it needs besides. */
const kept = new WeakMap<object, Kept>();
/** Those of turns that run. */
const running = new Map<number, Kept>();
const forgotten = new FinalizationRegistry<number>((owner) => owners.delete(owner));

/** Who answers by these options; undefined if they name nobody. */
export function chainOf(options: Responders): Chain | undefined {
  const callbacks: Callback[] = [];
  const callback = (on: PendingRequest["subject"], given: Callback) => {
    callbacks.push(given);
    return { type: "callback", on, index: callbacks.length - 1 };
  };
  const links: object[] = approvers(options.onApproval).map((approver) =>
    typeof approver === "function" ? callback("approval", approver) : approver,
  );
  const { onQuestion, onElicitation } = options;
  if (onQuestion) links.push(callback("question", onQuestion));
  if (onElicitation) links.push(callback("elicitation", onElicitation));
  const timeout = options.approvalTimeoutMs ?? undefined;
  if (links.length === 0 && timeout === undefined) return undefined;
  const timeout_s = timeout === undefined ? undefined : timeout / 1000;
  return { json: encode("onApproval", { links, timeout_s }), callbacks };
}

function approvers(given: Responders["onApproval"]): readonly Approver[] {
  if (given === undefined || given === null) return [];
  return Array.isArray(given) ? given : [given as Approver];
}

/** What {@link Chain} becomes for a native call. */
export type Asking = [hub: NativeHub, owner: number, responders: string | null];

interface AskingMore {
  owner?: number;
  tools?: ToolRegistry | undefined;
  trace?: string | undefined;
}

/**
 * Makes a native client, thread or turn that asks the callbacks of a chain. They are kept as long as it is, and so are
 * its tools.
 *
 * @param chain who answers
 * @param life whose callbacks they are
 * @param make the native call
 * @param more its tools, under which number its callbacks are to be known, and the trace that the call belongs to
 */
export async function asking<T extends object>(
  chain: Chain | undefined,
  life: Life,
  make: (...asking: Asking) => Promise<T>,
  { owner = freshId(), tools, trace = traceJson() }: AskingMore = {},
): Promise<T> {
  const ofTools = tools ? [tools] : [];
  if (chain === undefined) {
    const made = await make(hub(), owner, own(null, trace));
    kept.set(made, ofTools);
    return made;
  }
  const { callbacks } = chain;
  answerAsks(answer);
  owners.set(owner, { callbacks: new WeakRef(callbacks), life });
  forgotten.register(callbacks, owner);
  try {
    const made = await make(hub(), owner, own(chain.json, trace));
    kept.set(made, [callbacks, ...ofTools]);
    return made;
  } catch (error) {
    owners.delete(owner);
    throw error;
  }
}

/** What a call has of its own, as JSON; null if it is nothing. */
function own(responders: string | null, trace: string | undefined): string | null {
  if (responders === null && trace === undefined) return null;
  return `{"responders":${responders},"trace":${trace ?? null}}`;
}

/** Keeps the callbacks of a turn, and those of its thread and client, and their tools, until it has ended. */
export function keepRunning(turn: NativeTurn, ...above: object[]): void {
  const lists = [turn, ...above]
    .flatMap((handle) => kept.get(handle) ?? [])
    .filter((list) => !(list instanceof ToolRegistry && list.list().length === 0));
  if (lists.length === 0) return;
  const id = freshId();
  running.set(id, lists);
  whenReady(id, () => running.delete(id));
  turn.onFinished(hub(), id);
}

/** What the hub calls for each question. */
function answer(ask: ArrivedAsk): void {
  const owner = owners.get(ask.owner);
  const callback = owner?.callbacks.deref()?.[ask.index];
  if (owner?.life.over) hub().fail(ask.id, "the client was closed");
  else if (callback === undefined) hub().fail(ask.id, "the handler is gone");
  else void reply(callback, ask);
}

async function reply(callback: Callback, ask: ArrivedAsk): Promise<void> {
  let json: string;
  try {
    json = replyJson(ask.subject, ask.view, await callback(ask.view as never));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    hub().fail(ask.id, `the handler threw: ${why}`);
    return;
  }
  try {
    hub().answer(ask.id, json);
  } catch {
    // It does not fit: the core has declined, and says why in its diagnostics.
  }
}

/** An answer as the core reads it. What makes no sense goes as it is, for the core to say so. */
export function replyJson(
  subject: PendingRequest["subject"],
  request: ApprovalRequest | QuestionRequest | ElicitationRequest,
  given: unknown,
): string {
  return encode("answer", wireReply(subject, request, given));
}

function wireReply(subject: string, request: object, given: unknown): unknown {
  if (given === undefined || given === null) return null;
  if (typeof given === "string") return { decision: given };
  if (!isPlainObject(given)) return given;
  if (subject !== "question") return "decision" in given ? decision(given) : given;
  // A question may be called `decision`, too.
  const { questions } = request as QuestionRequest;
  const isAnswer = questions.some(({ id }) => id === "decision");
  if ("decision" in given && !isAnswer) return decision(given);
  const listed = ([id, text]: [string, unknown]) => [id, typeof text === "string" ? [text] : text];
  return { answers: Object.fromEntries(Object.entries(given).map(listed)) };
}

function decision({ timeoutMs, ...rest }: Record<string, unknown>): object {
  if (timeoutMs === undefined || timeoutMs === null) return rest;
  milliseconds(timeoutMs, "timeoutMs");
  return { ...rest, timeout_s: (timeoutMs as number) / 1000 };
}
