/**
 * Auto-run: turns of one thread until a check says that the task is done, or a limit is reached. The core decides
 * what comes next; here are the options' types, and the calls of the application's functions.
 */

import { abortable } from "./abort.js";
import type { ApprovalRequest, DecisionWord, Responders } from "./approvals.js";
import {
  type Check,
  callback,
  checkOptions,
  count,
  isPlainObject,
  kindOf,
  milliseconds,
  type Rules,
  record,
  signal as signalRule,
  text,
} from "./check.js";
import { type Checks, checksOf } from "./checks.js";
import { AbortError, fromNative, InvalidArgumentError, settle } from "./errors.js";
import type { Event, EventBase } from "./events.js";
import type { TokenUsageBreakdown } from "./generated/protocol.js";
import { hub } from "./hub.js";
import { type ExternalMessage, encode, type Input, wireInput } from "./input.js";
import type { NativeAutoRequest, NativeAutoRun } from "./native.js";
import type { TurnOptions } from "./options.js";
import { checkTurnOptions, RESPONDERS, traceContext } from "./rules.js";
import { EventStream } from "./stream.js";
import { type TraceContext, traceValue } from "./telemetry.js";
import type { TurnResult } from "./turn.js";

/** The task is done when a shell command exits with 0; the end of its output is what the next turn is told. */
export interface ShellCheck {
  type: "command";
  /** What the shell runs, on this machine, as in `npm test`. */
  command: string;
  /** Where; by default where the thread works. */
  workingDirectory?: string;
  /** After so long it is killed with all that it started, and has failed; 600,000 by default. */
  timeoutMs?: number;
  /** Bytes of the end of its output that are kept; 8192 by default. */
  maxOutput?: number;
}

/** The task is done when the agent says so: each turn answers `{"done": boolean, "reason": string}`. */
export interface VerdictCheck {
  type: "verdict";
  /** What has to be true; it is added to the first prompt. */
  criteria?: string;
}

/** The task is done when the engine's own goal is reached; the engine starts the turns. */
export interface GoalCheck {
  type: "goal";
  /** The tokens that may be used before the engine gives the goal up. */
  tokenBudget?: number;
}

/**
 * Says whether the task is done: true, or false, or the text of the next prompt.
 *
 * @param result what the last turn came to; null if a hook left it out
 */
export type AutoRunPredicate = (
  result: TurnResult | null,
) => boolean | string | Promise<boolean | string>;

/** What a hook is told. */
export interface AutoRunStep {
  /** The turn's number, from 1. */
  turn: number;
  /** Before a turn: what it is told; null if that is not text alone. */
  prompt: string | null;
  /** After a turn: what it came to. */
  result: TurnResult | null;
  /** What the run has used so far. */
  tokens: AutoRunTokens;
  /** The continuation token; store it to go on after the death of the process. */
  continuation: string | null;
}

/** Nothing to go on; a text, or `prompt`, for the (next) turn; `skip` (before a turn) to go to the check without it. */
export type AutoRunHookAnswer =
  | undefined
  | null
  | string
  | { prompt: string }
  | { skip: true }
  | { stop: string | true };

/** Called before or after a turn. */
export type AutoRunHook = (step: AutoRunStep) => AutoRunHookAnswer | Promise<AutoRunHookAnswer>;

/** A call of a tool of the application's, as a hook is told of it. */
export interface AutoRunToolCall {
  /** The tool's name. */
  tool: string;
  /** The tool's group. */
  namespace: string | null;
  /** What it is called with. */
  arguments: Record<string, unknown>;
  /** The call's own id. */
  callId: string;
  /** The thread whose turn calls. */
  threadId: string;
  /** The turn that calls. */
  turnId: string;
}

/** What a call of a tool came to, as a hook is told of it. */
export interface AutoRunToolResult {
  /** The text of all its parts. */
  text: string;
  /** Its parts. */
  content: (
    | { type: "text"; text: string }
    | { type: "json"; value: unknown }
    | { type: "image"; url: string }
  )[];
  /** Whether the tool failed. */
  isError: boolean;
}

/** A decision about an approval, as hooks are told of it and answer it. */
export interface AutoRunDecision {
  /** Its word. */
  decision: DecisionWord;
  /** Of `acceptWithRule`: the rule instead of the proposed one. */
  rule?: readonly string[];
  /** Of `decline`: what the agent is told. */
  reason?: string;
}

/** Ends the turn and the run; the text says why. */
type Stop = { stop: string | true };
type Maybe<T> = T | null | undefined | Promise<T | null | undefined>;

/** Called before anybody decides: nothing to ask them, a decision in their place, or `stop` to cancel it. */
export type AutoRunBeforeApproval = (
  request: ApprovalRequest,
) => Maybe<DecisionWord | AutoRunDecision | Stop>;

/** Called before a decision is sent: nothing to send it, another in its place, or `stop`. */
export type AutoRunAfterApproval = (
  request: ApprovalRequest,
  decision: AutoRunDecision,
) => Maybe<DecisionWord | AutoRunDecision | Stop>;

/**
 * Called before a tool of the application's: nothing to call it, `arguments` to call it with others, `result` (a text, a
 * JSON value or an {@link AutoRunToolResult}) in place of the call, or `stop`.
 */
export type AutoRunBeforeTool = (
  call: AutoRunToolCall,
) => Maybe<{ arguments: Record<string, unknown> } | { result: unknown } | Stop>;

/** Called before the model gets the result of such a call: nothing to give it, `result` to give another, or `stop`. */
export type AutoRunAfterTool = (
  call: AutoRunToolCall,
  result: AutoRunToolResult,
) => Maybe<{ result: unknown } | Stop>;

/** Tokens, each counted once. */
export type AutoRunTokens = Omit<TokenUsageBreakdown, "cacheWriteInputTokens">;

/** What a million tokens cost, in any one currency. */
export interface TokenPrices {
  /** Input that was not cached. */
  input: number;
  /** Input from the provider's cache. */
  cachedInput: number;
  /** Output, reasoning included. */
  output: number;
}

/** How a turn that failed for a passing reason is tried again: each pause is a random part of a longest pause. */
export interface RetryPolicy {
  /** Repetitions of one turn at most; 3 by default, 0 means none. */
  attempts?: number;
  /** The longest pause after the first failure; 1,000 by default. */
  initialDelayMs?: number;
  /** How it grows with each failure in a row; 2 by default. */
  factor?: number;
  /** It grows no further; 60,000 by default. */
  maxDelayMs?: number;
  /** When the engine asks to wait longer, the run ends instead; 600,000 by default. */
  maxWaitMs?: number;
}

/** How a run works. What {@link Codex.autoResume} is not told is as the token says. */
export interface AutoRunOptions {
  /**
   * When the task is done; by default the limits alone end the run. `"answer"` is when a turn ends whose agent hands over
   * to nobody ({@link Handoff}). A function has to be given again on a resume.
   */
  until?: AutoRunPredicate | ShellCheck | VerdictCheck | GoalCheck | "answer";
  /** Turns at most; 10 by default. A repeated turn counts once. */
  maxTurns?: number;
  /** No turn begins once the run has used so many. */
  maxTokens?: number;
  /** The run's wall time; a turn that runs then is interrupted. */
  timeoutMs?: number;
  /** No turn begins once the run has cost so much, by `prices`. */
  maxCost?: number;
  /** What tokens cost. */
  prices?: TokenPrices;
  /** How failed turns are tried again. */
  retry?: RetryPolicy;
  /** Called before each turn. */
  beforeTurn?: AutoRunHook;
  /** Called after each completed turn. */
  afterTurn?: AutoRunHook;
  /** Called before anybody decides about an approval. */
  beforeApproval?: AutoRunBeforeApproval;
  /** Called before a decision about an approval is sent. */
  afterApproval?: AutoRunAfterApproval;
  /** Called before a tool of the application's is called. */
  beforeTool?: AutoRunBeforeTool;
  /** Called before the model gets the result of such a call. */
  afterTool?: AutoRunAfterTool;
  /** What the next turn is told when the check has nothing to say. */
  nextPrompt?: string;
  /**
   * What each turn runs with. A guardrail that rejects ends the run with its error. Guardrails are functions, which a token
   * cannot hold: on a resume they have to be given again, and alone they leave the token's other options of turns as they are.
   */
  turn?: Omit<
    TurnOptions,
    keyof Responders | "signal" | "outputType" | "outputRepairs" | "traceContext"
  >;
  /** Signs the continuation tokens, and refuses others. */
  tokenKey?: string;
  /**
   * The W3C trace context that the run's turns belong to: a `traceparent`, or that with `tracestate`. By default the
   * current one of OpenTelemetry, after {@link instrument}.
   */
  traceContext?: string | TraceContext;
  /** Interrupts the run when aborted. */
  signal?: AbortSignal;
}

/** Why a run ended. */
export type AutoRunStopReason =
  | "done"
  | "max_turns"
  | "max_tokens"
  | "timeout"
  | "max_cost"
  | "failed"
  | "refused"
  | "interrupted"
  | "stopped_by_hook"
  | "stopped_by_caller"
  | "goal_ended";

/** One turn of a run, in short. */
export interface AutoRunTurn {
  /** Its number, from 1; a repetition has the same. */
  turn: number;
  /** The thread that it ran on. */
  threadId: string;
  /** How often it was tried, this time included. */
  attempt: number;
  /** The engine's id of it. */
  turnId: string;
  /** How it ended. */
  status: TurnResult["status"];
  /** The text of its final answer. */
  finalResponse: string | null;
  /** What it used, by itself. */
  tokens: AutoRunTokens;
  /** How long it took. */
  durationMs: number | null;
}

/** What a run came to. */
export interface AutoRunResult {
  /** The thread that it ran on; the last one, when agents handed over. */
  threadId: string;
  /** Why it ended. */
  stopReason: AutoRunStopReason;
  /** More about why, for people. */
  detail: string | null;
  /** How many turns were begun, in all processes; a repeated one counts once. */
  turns: number;
  /** What they used. */
  tokens: AutoRunTokens;
  /** What that cost, where prices were given. */
  cost: number | null;
  /** The wall time, in all processes. */
  elapsedMs: number;
  /** Goes on with the run, for example with other limits; null when the task is done. */
  continuation: string | null;
  /** With `failed` and `refused`, what went wrong; `kind` is `turn`, or that of an error. */
  error: { kind: string; message: string; codexErrorInfo: unknown } | null;
  /** The last turn. */
  last: TurnResult | null;
  /** The turns that ended in this process, repetitions too. */
  history: AutoRunTurn[];
  /** Who handed over to whom in this process. */
  handoffs: AutoRunHandoff[];
}

/** An agent handed the conversation over to another one. */
export interface AutoRunHandoff {
  /** The turn after which it did. */
  turn: number;
  /** The thread whose agent did. */
  fromThreadId: string;
  /** The thread whose agent goes on. */
  toThreadId: string;
  /** What that agent is called. */
  name: string;
  /** What it was told. */
  message: string;
}

/** What a run tells of itself, between the events of its turns. */
export type AutoRunEvent = EventBase<
  `codexkit/autoRun/${"turnStarted" | "turnCompleted" | "turnFound" | "checked" | "handedOver" | "retrying" | "continuation" | "completed"}`,
  { threadId: string; [field: string]: unknown }
>;

const price: Check = (value, name) => {
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0) {
    const what = typeof value === "number" ? String(value) : kindOf(value);
    throw InvalidArgumentError.of(name, `expected a number of at least 0, not ${what}`);
  }
};

const word: Check = () => {};

const COMMAND: Rules<ShellCheck> = {
  type: word,
  command: text,
  workingDirectory: text,
  timeoutMs: milliseconds,
  maxOutput: count(1),
};
const CHECKS: Record<string, Check> = {
  command: record(COMMAND),
  verdict: record<VerdictCheck>({ type: word, criteria: text }),
  goal: record<GoalCheck>({ type: word, tokenBudget: count(1) }),
};

const UNTYPED =
  'a run has many answers, and until: { type: "verdict" } gives the last one a type of its own; for a typed answer, ask ' +
  "for it with thread.run(..., { outputType }) after the run";

/** Options of turns that are none of a run's, and what to do instead. */
const REFUSED: Record<string, string> = {
  outputType: UNTYPED,
  outputRepairs: UNTYPED,
  traceContext: "give traceContext to the run itself",
  ...Object.fromEntries(
    Object.keys(RESPONDERS).map((name) => [name, "who answers in a run is the thread's to say"]),
  ),
};

const RULES: Rules<AutoRunOptions> = {
  until: (value, name) => {
    if (typeof value === "function" || value === "answer") return;
    const type = isPlainObject(value) ? value.type : undefined;
    const check = typeof type === "string" ? CHECKS[type] : undefined;
    if (check === undefined) {
      throw InvalidArgumentError.of(
        name,
        `expected a function, "answer", or an object whose type is "command", "verdict" or "goal", not ${kindOf(value)}`,
      );
    }
    check(value, name);
  },
  maxTurns: count(1),
  maxTokens: count(1),
  timeoutMs: milliseconds,
  maxCost: price,
  prices: record<TokenPrices>({ input: price, cachedInput: price, output: price }),
  retry: record<RetryPolicy>({
    attempts: count(0),
    initialDelayMs: milliseconds,
    factor: price,
    maxDelayMs: milliseconds,
    maxWaitMs: milliseconds,
  }),
  beforeTurn: callback,
  afterTurn: callback,
  beforeApproval: callback,
  afterApproval: callback,
  beforeTool: callback,
  afterTool: callback,
  nextPrompt: text,
  turn: (value, name) => {
    if (!isPlainObject(value)) throw InvalidArgumentError.of(name, "expected an object");
    if ("signal" in value) {
      throw InvalidArgumentError.of(`${name}.signal`, "give the signal to the run itself");
    }
    for (const option of Object.keys(REFUSED)) {
      if (value[option] === undefined || value[option] === null) continue;
      throw InvalidArgumentError.of(`${name}.${option}`, REFUSED[option] as string);
    }
    checkTurnOptions(value as TurnOptions);
  },
  tokenKey: text,
  traceContext,
  signal: signalRule,
};

/** Options that were checked: what the core is told, and the application's functions. @internal */
export interface Plan {
  options: string;
  signal: AbortSignal | undefined;
  functions: Functions;
  /** What looks at the turns; it lives as long as this does. */
  checks: Checks | undefined;
}

interface Functions {
  check?: AutoRunPredicate;
  before_turn?: AutoRunHook;
  after_turn?: AutoRunHook;
  before_approval?: AutoRunBeforeApproval;
  after_approval?: AutoRunAfterApproval;
  before_tool?: AutoRunBeforeTool;
  after_tool?: AutoRunAfterTool;
}

const HOOKS = [
  ["before_turn", "beforeTurn"],
  ["after_turn", "afterTurn"],
  ["before_approval", "beforeApproval"],
  ["after_approval", "afterApproval"],
  ["before_tool", "beforeTool"],
  ["after_tool", "afterTool"],
] as const satisfies readonly (readonly [keyof Functions, keyof AutoRunOptions])[];

const seconds = (value: number | null | undefined) =>
  value === null || value === undefined ? undefined : value / 1000;

/**
 * Checks the options of a run.
 *
 * @param turn the parameters of `turn/start`
 * @internal
 */
export function autoPlan(
  options: AutoRunOptions,
  stream: boolean,
  turn: (options: TurnOptions | undefined) => object | undefined,
): Plan {
  checkOptions(options, RULES);
  const { until, prices, retry } = options;
  const functions: Functions = {};
  if (typeof until === "function") functions.check = until;
  const asked: Record<string, boolean> = {};
  for (const [name, option] of HOOKS) {
    const hook = options[option];
    if (hook) Object.assign(functions, { [name]: hook });
    asked[name] = Boolean(hook);
  }
  const told = {
    until: wireUntil(until),
    max_turns: options.maxTurns,
    max_tokens: options.maxTokens,
    timeout_s: seconds(options.timeoutMs),
    max_cost: options.maxCost,
    prices: prices && {
      input: prices.input,
      cached_input: prices.cachedInput,
      output: prices.output,
    },
    retry: retry && {
      attempts: retry.attempts,
      initial_delay_s: seconds(retry.initialDelayMs),
      factor: retry.factor,
      max_delay_s: seconds(retry.maxDelayMs),
      max_wait_s: seconds(retry.maxWaitMs),
    },
    ...asked,
    next_prompt: options.nextPrompt,
    trace_context: traceValue(options.traceContext),
    turn: turn(options.turn ?? undefined),
    token_key: options.tokenKey,
    keep_events: stream,
  };
  return {
    options: encode("options", told),
    signal: options.signal ?? undefined,
    functions,
    checks: checksOf(options.turn),
  };
}

function wireUntil(until: AutoRunOptions["until"]): unknown {
  if (until === undefined || until === null) return undefined;
  if (typeof until === "function") return "callback";
  if (until === "answer") return until;
  switch (until.type) {
    case "command":
      return {
        command: {
          command: until.command,
          cwd: until.workingDirectory,
          timeout_s: seconds(until.timeoutMs),
          max_output: until.maxOutput ?? undefined,
        },
      };
    case "verdict":
      return { verdict: { criteria: until.criteria } };
    case "goal":
      return { goal: { token_budget: until.tokenBudget } };
  }
}

/** Nobody waits for the answer any more. */
const LATE = Symbol("late");

/** Calls the function that a request is for, and hands its answer on. */
async function answer(request: NativeAutoRequest, { functions }: Plan): Promise<void> {
  const what = request.what() as keyof Functions;
  const params = JSON.parse(request.params());
  // A function cannot be ended; what it says too late is not heard.
  const late = request.withdrawn().then(() => LATE);
  const given = await Promise.race([call(functions, what, params), late]);
  if (given === LATE) return;
  request.respond(encode(what === "check" ? "until" : what, given ?? null));
}

// biome-ignore lint/suspicious/noExplicitAny: what the core says of each hook
function call(functions: Functions, what: keyof Functions, params: any): unknown {
  const { threadId, turnId, request } = params;
  switch (what) {
    case "check":
      return functions.check?.(params.result);
    case "before_approval":
      return functions.before_approval?.(request);
    case "after_approval":
      return functions.after_approval?.(request, params.decision);
    case "before_tool":
      return functions.before_tool?.({ ...params.call, threadId, turnId });
    case "after_tool":
      return functions.after_tool?.(
        { ...params.call, threadId, turnId },
        { text: params.text, ...params.result },
      );
    default: {
      const { turn, tokens, continuation, prompt = null, result = null } = params;
      return functions[what]?.({ turn, prompt, result, tokens, continuation });
    }
  }
}

/** Calls what throws native errors at once. @internal */
export function attempt<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw fromNative(error);
  }
}

/** Answers what a run asks until its end. Whatever is thrown interrupts it. @internal */
export async function finish(native: NativeAutoRun, plan: Plan): Promise<AutoRunResult> {
  const work = async () => {
    for (;;) {
      const request = await settle(native.nextRequest());
      if (request === null) break;
      await answer(request, plan);
    }
    return JSON.parse(await settle(native.result())) as AutoRunResult;
  };
  try {
    return await abortable(plan.signal, work(), () => native.interrupt());
  } catch (error) {
    native.interrupt();
    throw error;
  }
}

/**
 * A run, and an async iterator over its events: those of all turns, and between them its own
 * (`codexkit/autoRun/turnStarted`, `turnCompleted`, `turnFound`, `checked`, `retrying`, `continuation`,
 * `completed`). Functions of the application are called while the events are read, or in {@link AutoRun.result}.
 *
 * ```ts
 * const run = await thread.autoRunStreamed("Fix the tests", { until: { type: "command", command: "npm test" } });
 * for await (const event of run) if (event.method === "codexkit/autoRun/continuation") console.log(run.continuation);
 * const { stopReason } = await run.result();
 * ```
 */
export class AutoRun implements AsyncIterableIterator<Event | AutoRunEvent>, AsyncDisposable {
  readonly #native: NativeAutoRun;
  readonly #plan: Plan;
  readonly #events: EventStream;
  /** Stops listening to the signal. */
  readonly #over: () => void;

  /** @internal */
  constructor(native: NativeAutoRun, plan: Plan) {
    this.#native = native;
    this.#plan = plan;
    this.#events = new EventStream((id) => native.events(hub(), id), true);
    const { signal } = plan;
    const abort = () => {
      native.interrupt();
      this.#events.fail(new AbortError(signal?.reason));
    };
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort, { once: true });
    this.#over = () => signal?.removeEventListener("abort", abort);
  }

  /** The thread that it runs on. */
  get threadId(): string {
    return this.#native.threadId();
  }

  /** The id of the turn that runs now. */
  get turnId(): string | null {
    return this.#native.turnId();
  }

  /** The newest continuation token, for {@link Codex.autoResume}; null once the task is done. */
  get continuation(): string | null {
    return this.#native.continuation();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /**
   * The next event.
   *
   * @returns the event, or `done` at the end of the run
   * @throws {GuardrailError} after the last event, when a guardrail does not let a prompt or a result pass
   * @throws {InvalidArgumentError} when a function returned what has no meaning
   * @throws {AbortError} when the signal was aborted
   */
  async next(): Promise<IteratorResult<Event | AutoRunEvent, undefined>> {
    try {
      for (;;) {
        const next = await this.#events.next();
        if (next.done) this.#over();
        if (next.done || (next.value.method as string) !== "codexkit/autoRun/asked") return next;
        const request = this.#native.takeRequest();
        if (request !== null) await answer(request, this.#plan);
      }
    } catch (error) {
      this.#native.interrupt();
      throw error;
    }
  }

  /** Ends a loop; the run goes on until it asks something, or is interrupted. */
  async return(): Promise<IteratorResult<Event | AutoRunEvent, undefined>> {
    return { value: undefined, done: true };
  }

  /**
   * Waits for the end, answering what the run asks. Works before, after and beside the iteration.
   *
   * @returns what it came to; a failure of the engine is a result, too
   * @throws {GuardrailError} when a guardrail does not let a prompt or a result pass
   * @throws {InvalidArgumentError} when a function returned what has no meaning
   * @throws {AbortError} when the signal was aborted
   */
  async result(): Promise<AutoRunResult> {
    const result = await finish(this.#native, this.#plan);
    this.#over();
    return result;
  }

  /**
   * Gives the running turn further input (`turn/steer`); between turns, the next one.
   *
   * @param input a prompt, or parts
   * @throws {InvalidArgumentError} for input that cannot be, and when the run has ended
   */
  async steer(input: Exclude<Input, ExternalMessage>): Promise<void> {
    await settle(this.#native.steer(wireInput(input)));
  }

  /** Ends the run after the turn that runs now, or before the next. */
  stop(): void {
    this.#native.stop();
  }

  /** Ends the run now: interrupts its turn, kills its check. */
  interrupt(): void {
    this.#native.interrupt();
  }

  /** Interrupts the run unless it has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#native.interrupt();
  }
}
