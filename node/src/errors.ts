/** The errors of the package: one root, a class per kind that a caller acts on differently. */

import type { CodexErrorInfo } from "./generated/protocol.js";
import { camel } from "./names.js";
import { native } from "./native.js";
import type { RunResult } from "./threadEvents.js";
import type { TurnResult } from "./turn.js";

/** The facts that an error of the core carries. */
export interface CodexErrorFields {
  /** What a caller acts on: `closed`, `timeout`, `rpc`, `invalid_argument`, ... */
  kind: string;
  /** What happened. For people; not API. */
  message: string;
  /** The message with what to do about it. */
  text?: string;
  /** Whether the same call may succeed after a pause. */
  retryable?: boolean;
  /** Whether it may be repeated by a machine. @internal */
  repeatable?: boolean;
  /** Whether the engine's own retries are used up. */
  exhausted?: boolean;
  /** The JSON-RPC error code, if the engine answered with an error. */
  code?: number | string;
  /** The JSON-RPC error's own message, as the engine sent it. */
  rpcMessage?: string;
  /** The JSON-RPC error's data. */
  data?: unknown;
  /** The argument that was refused. */
  argument?: string;
  /** The protocol method. */
  method?: string;
  /** The engine's exit code, if its end is the cause. */
  exitCode?: number;
  /** The signal that ended the engine. */
  signal?: number;
  /** The last lines of the engine's standard error. */
  stderrTail?: string;
  /** How many events a lagging stream gave up. */
  skipped?: number;
  /** The oldest engine that would do, if the engine at hand is too old for what was asked. */
  neededVersion?: string;
  /** What is wrong with an answer, if that is the error. */
  output?: InvalidOutput;
  /** The status of the server's answer to the engine, if it is told. */
  httpStatus?: number;
  /** When the limit that was hit is reset, in seconds since 1970. */
  resetsAt?: number;
  /** How many seconds the server asks to wait. */
  retryAfter?: number;
  /** What it is the consequence of. */
  cause?: CodexErrorFields & { errno?: number | null };
  /** The number of the error itself, if it was thrown here. @internal */
  host?: number;
}

/** What is wrong with an answer of the model's. */
export interface InvalidOutput {
  /** Where in the answer, as a JSON path: `$.steps[0].title`. */
  path: string;
  /** The rule that is broken: a keyword of JSON Schema, `json`, or the word of the schema's own library. */
  rule: string;
  /** Where in the schema the rule stands, as a JSON pointer; empty if it stands in none. */
  schemaPath: string;
  /** The whole answer. */
  rawText: string;
  /** How many turns were run. */
  attempts: number;
  /** The last turn, and those before it. */
  result: { turn: TurnResult; attempts: TurnResult[] } | null;
}

/**
 * The root of all errors of this package. `message` says what happened, `hint` what can be done about an error of this
 * kind, and `String(error)` both. Where it is the consequence of another error, that is its `cause`.
 */
export class CodexError extends Error {
  /** What a caller acts on: `closed`, `timeout`, `rpc`, `invalid_argument`, ... */
  readonly kind: string;
  /** The JSON-RPC error code (a number), or `ABORT_ERR`. */
  readonly code: number | string | undefined;
  /** The JSON-RPC error's own message, as the engine sent it; `message` adds the method and the code. */
  readonly rpcMessage: string | undefined;
  /** The JSON-RPC error's data. */
  readonly data: unknown;
  /** The argument that was refused. */
  readonly argument: string | undefined;
  /** The protocol method that the error belongs to. */
  readonly method: string | undefined;
  /** The engine's exit code, if its end is the cause. */
  readonly exitCode: number | undefined;
  /** The signal that ended the engine, if its end is the cause. */
  readonly signal: number | undefined;
  /** The last lines of the engine's standard error, if its end is the cause. */
  readonly stderrTail: string | undefined;
  /** How many events a lagging stream gave up. */
  readonly skipped: number | undefined;
  /** The oldest engine that would do, if the engine at hand is too old for a method, a parameter or a value. */
  readonly neededVersion: string | undefined;
  /** Whether the same call may succeed after a pause. */
  readonly retryable: boolean;
  /** When the limit that was hit is reset, in seconds since 1970, if it is known. */
  readonly resetsAt: number | undefined;
  /** How many seconds the server asks to wait, if it does. */
  readonly retryAfter: number | undefined;
  readonly #text: string | undefined;
  readonly #repeatable: boolean | undefined;

  /**
   * @param fields the kind, the message and the facts
   * @param options the cause
   */
  constructor(fields: CodexErrorFields, options?: ErrorOptions) {
    super(fields.message, options ?? causeOf(fields));
    this.kind = fields.kind;
    this.code = fields.code;
    this.rpcMessage = fields.rpcMessage;
    this.data = fields.data;
    this.argument = fields.argument;
    this.method = fields.method;
    this.exitCode = fields.exitCode;
    this.signal = fields.signal;
    this.stderrTail = fields.stderrTail;
    this.skipped = fields.skipped;
    this.neededVersion = fields.neededVersion;
    this.retryable = fields.retryable ?? false;
    this.resetsAt = fields.resetsAt;
    this.retryAfter = fields.retryAfter;
    this.#text = fields.text;
    this.#repeatable = fields.repeatable;
  }

  /** What can be done about an error of this kind, in general. */
  get hint(): string {
    return native().describeError(this.kind, "")[1];
  }

  /** The class's name, what happened, and what to do about it. */
  override toString(): string {
    return `${this.name}: ${this.#text ?? native().describeError(this.kind, this.message)[0]}`;
  }

  /** Whether it may be repeated by a machine; undefined if the core has not said so. @internal */
  static repeatable(error: CodexError): boolean | undefined {
    return error.#repeatable;
  }

  /** The class's name. */
  override get name(): string {
    return this.constructor.name;
  }
}

/** What an error of the core is the consequence of. */
function causeOf({ cause }: CodexErrorFields): ErrorOptions | undefined {
  if (cause === undefined) return undefined;
  if (cause.kind !== "os") return { cause: fromFields(cause) };
  const { message, errno } = cause;
  return { cause: Object.assign(new Error(message), { errno: errno ?? undefined }) };
}

/** No engine was found in any of the places searched. */
export class EngineNotFoundError extends CodexError {}
/**
 * The engine is too old for codexkit or for what was asked of it, or too new for what was removed. `method` and
 * `argument` name what it lacks, if it is not the engine as a whole.
 */
export class EngineVersionError extends CodexError {}
/** The engine could not be started, or ended before it answered `initialize`. */
export class SpawnError extends CodexError {}
/** A deadline passed. */
export class CodexTimeoutError extends CodexError {}
/** The client was closed, or the engine is gone. */
export class ClosedError extends CodexError {}
/**
 * The engine answered with a JSON-RPC error: `code`, `rpcMessage` and `data` are what it sent. The codes that
 * JSON-RPC names have classes of their own.
 */
export class RpcError extends CodexError {}
/** The engine could not parse the request (-32700). */
export class ParseError extends RpcError {}
/** The engine refused the request in its present state or shape (-32600). */
export class InvalidRequestError extends RpcError {}
/** The engine does not know the method (-32601). */
export class MethodNotFoundError extends RpcError {}
/** The engine refused the parameters (-32602). */
export class InvalidParamsError extends RpcError {}
/** The engine failed while it handled the request (-32603). */
export class InternalRpcError extends RpcError {}
/** The server is overloaded: the same call may succeed after a pause, see {@link retryOnOverload}. */
export class ServerBusyError extends RpcError {}
/** The engine's own retries are used up. */
export class RetryLimitExceededError extends ServerBusyError {}
/** There is no native module for this platform where it was looked for; the message lists the places. */
export class NativeModuleError extends CodexError {}
/** The engine sent something that cannot be understood where an answer was needed. */
export class ProtocolError extends CodexError {}
/** A stream's reader fell so far behind that events were given up; the turn's result is exact all the same. */
export class LaggedError extends CodexError {}

/** An argument was refused before anything was sent. */
export class InvalidArgumentError extends CodexError {
  /** @internal */
  static of(argument: string, message: string): InvalidArgumentError {
    return new InvalidArgumentError({
      kind: "invalid_argument",
      message: `${argument}: ${message}`,
      argument,
    });
  }
}

/** The model's answer is not of the `outputType`, and there were no (more) repairs. */
export class InvalidOutputError extends CodexError {
  /** Where in the answer, as a JSON path: `$.steps[0].title`. */
  readonly path: string;
  /**
   * The rule that is broken: the schema's keyword, as `required`; `json` if the answer is no JSON; or what the schema's
   * own library says, as `zod:custom`.
   */
  readonly rule: string;
  /** Where in the schema the rule stands, as a JSON pointer; empty if it stands in none. */
  readonly schemaPath: string;
  /** The whole answer, as the model gave it. */
  readonly rawText: string;
  /** How many turns were run, the repairs included. */
  readonly attempts: number;
  /** What the turns came to, the last one at the end. */
  readonly results: TurnResult[];

  /** @param fields the kind, the message and the facts */
  constructor(fields: CodexErrorFields) {
    super(fields);
    const { output } = fields;
    this.path = output?.path ?? "$";
    this.rule = output?.rule ?? "";
    this.schemaPath = output?.schemaPath ?? "";
    this.rawText = output?.rawText ?? "";
    this.attempts = output?.attempts ?? 0;
    this.results = output?.result ? [...output.result.attempts, output.result.turn] : [];
  }

  /** What the last turn came to; undefined where none was run. */
  get result(): TurnResult | undefined {
    return this.results.at(-1);
  }
}

/** The caller's `AbortSignal` ended the call. `cause` is the signal's reason. */
export class AbortError extends CodexError {
  /** @param reason why: the signal's reason, which becomes the `cause` */
  constructor(reason: unknown) {
    const fields = { kind: "cancelled", code: "ABORT_ERR", message: "The operation was aborted" };
    super(fields, { cause: reason });
  }
}

/**
 * The turn ended, but not well. {@link TurnFailedError.result} says how far it came. What a caller acts on otherwise has
 * a class below it.
 */
export class TurnFailedError extends CodexError {
  /** What the turn came to: its items, status and error. */
  readonly result: RunResult;
  /** The status of the server's answer to the engine, if it is told. */
  readonly httpStatus: number | undefined;

  /**
   * @param message why it failed
   * @param result what the turn came to
   * @param fields the kind and further facts
   */
  constructor(message: string, result: RunResult, fields: Partial<CodexErrorFields> = {}) {
    super({ kind: "turn_failed", ...fields, message });
    this.result = result;
    this.httpStatus = fields.httpStatus;
  }

  /** The engine's classification of the error, as in `"usageLimitExceeded"`; null without one. */
  get codexErrorInfo(): CodexErrorInfo | null {
    return this.result.error?.codexErrorInfo ?? null;
  }

  /** The thread that the turn ran on. */
  get threadId(): string {
    return this.result.threadId;
  }

  /** The turn. */
  get turnId(): string {
    return this.result.turnId;
  }
}

/** Too much was sent in too short a time. `resetsAt` and `retryAfter` say how long to wait, if it is known. */
export class RateLimitedError extends TurnFailedError {}
/** The account's or the session's allowance is used up. `resetsAt` says until when, if it is known. */
export class UsageLimitError extends TurnFailedError {}
/** The thread is too long for the model. */
export class ContextWindowError extends TurnFailedError {}
/** The server does not accept the key or the login. */
export class AuthenticationError extends TurnFailedError {}
/**
 * The turn was ended because what it asked for was not approved: a handler or a policy said `cancel`, or the automatic
 * review has denied too often. A `decline` is no error: the turn goes on.
 */
export class ApprovalDeniedError extends TurnFailedError {}
/** The turn failed because the server is overloaded; it may succeed after a pause. */
export class TurnOverloadedError extends TurnFailedError {}

/**
 * The server is overloaded; the same may succeed after a pause. A call that met it is a {@link ServerBusyError}, a turn
 * that failed for it a {@link TurnOverloadedError}: both are `instanceof` this.
 */
export class OverloadedError extends CodexError {
  /** @internal */
  static override [Symbol.hasInstance](error: unknown): boolean {
    return error instanceof ServerBusyError || error instanceof TurnOverloadedError;
  }
}

/** A guardrail did not let the input or the output of a turn pass. */
export class GuardrailError extends CodexError {
  /**
   * @param guardrail the guardrail's name
   * @param stage `input`, and no turn was started; or `output`
   * @param reason what it said, or what went wrong with it
   * @param result what the turn came to, for an output
   * @param cause what it threw
   */
  constructor(
    readonly guardrail: string,
    readonly stage: "input" | "output",
    readonly reason: string,
    readonly result: RunResult | TurnResult | null,
    cause?: unknown,
  ) {
    const message = `the ${stage} guardrail ${JSON.stringify(guardrail)} rejected it: ${reason}`;
    super({ kind: "guardrail", message }, cause === undefined ? undefined : { cause });
  }
}

const CLASSES: Record<string, new (fields: CodexErrorFields) => CodexError> = {
  engine_not_found: EngineNotFoundError,
  engine_version: EngineVersionError,
  spawn: SpawnError,
  timeout: CodexTimeoutError,
  closed: ClosedError,
  protocol: ProtocolError,
  invalid_argument: InvalidArgumentError,
  invalid_output: InvalidOutputError,
  lagged: LaggedError,
};

const RPC_CLASSES: Record<number, new (fields: CodexErrorFields) => RpcError> = {
  [-32700]: ParseError,
  [-32600]: InvalidRequestError,
  [-32601]: MethodNotFoundError,
  [-32602]: InvalidParamsError,
  [-32603]: InternalRpcError,
};

const TURN_CLASSES: Record<string, typeof TurnFailedError> = {
  overloaded: TurnOverloadedError,
  rate_limited: RateLimitedError,
  usage_limit: UsageLimitError,
  context_window: ContextWindowError,
  authentication: AuthenticationError,
  approval_denied: ApprovalDeniedError,
};

/**
 * What the core makes of a turn that was not completed.
 *
 * @param end the turn's result
 * @param result the same, as the error carries it
 */
export function fromTurn(end: TurnResult, result: RunResult): TurnFailedError {
  const text = native().turnError(JSON.stringify({ ...end, items: [] }));
  const fields: CodexErrorFields =
    text === null ? { kind: "turn_failed", message: "" } : JSON.parse(text);
  return new (TURN_CLASSES[fields.kind] ?? TurnFailedError)(fields.message, result, fields);
}

/** The class of a JSON-RPC error: the most specific one. */
function rpcClass(fields: CodexErrorFields): new (fields: CodexErrorFields) => RpcError {
  if (fields.kind === "overloaded") {
    return fields.exhausted ? RetryLimitExceededError : ServerBusyError;
  }
  return RPC_CLASSES[fields.code as number] ?? RpcError;
}

/**
 * Tells whether an error says that the same call may simply be repeated after a pause. A deadline that passed does not
 * say so: what was asked for may have been done.
 *
 * @param error anything that was thrown
 * @returns true for an {@link OverloadedError}, for a {@link RateLimitedError}, for an {@link RpcError} whose data says
 * so, and for a turn that failed for a reason that passes
 */
export function isRetryableError(error: unknown): boolean {
  if (error instanceof OverloadedError) return true;
  if (!(error instanceof CodexError)) return false;
  const known = CodexError.repeatable(error);
  if (known !== undefined || !(error instanceof RpcError)) return known ?? false;
  const { code, rpcMessage, message, data } = error;
  if (typeof code !== "number") return false;
  const text = native().answerError(code, rpcMessage ?? message, JSON.stringify(data ?? null));
  return (JSON.parse(text) as CodexErrorFields).repeatable === true;
}

/** What the core calls an option, where this package calls it otherwise. */
const OPTION_NAMES: Record<string, string> = {
  codex_bin: "codexPathOverride",
  initialize_timeout: "initializeTimeoutMs",
  request_timeout: "requestTimeoutMs",
  close_timeout: "closeTimeoutMs",
  approval_timeout: "approvalTimeoutMs",
  timeout: "timeoutMs",
  ttl: "ttlMs",
  thread_id: "id",
};

/** The error class for the JSON of a core error. */
export function fromJson(text: string): CodexError {
  let fields: CodexErrorFields;
  try {
    fields = JSON.parse(text) as CodexErrorFields;
  } catch {
    fields = { kind: "internal", message: text };
  }
  return fromFields(fields);
}

/** Errors that the core was told of, by their numbers. Whoever may get one keeps it. */
const hosted = new Map<number, WeakRef<CodexError>>();
const unhosted = new FinalizationRegistry<number>((number) => hosted.delete(number));
let lastHost = 0;

/** The number by which the core gives an error back: the very object, as long as somebody keeps it. */
export function host(error: CodexError): number {
  // The core has it as a u32.
  lastHost = (lastHost + 1) >>> 0;
  hosted.set(lastHost, new WeakRef(error));
  unhosted.register(error, lastHost);
  return lastHost;
}

/** The same from the error's fields. */
export function fromFields(fields: CodexErrorFields): CodexError {
  const known = fields.host === undefined ? undefined : hosted.get(fields.host)?.deref();
  if (known !== undefined) return known;
  if (fields.code !== undefined) return new (rpcClass(fields))(fields);
  if (fields.argument !== undefined) {
    const theirs = fields.argument;
    // Of a path as in `config.a_key[0]` only the first part is an option's name.
    const head = /^[a-z_]*/.exec(theirs)?.[0] ?? "";
    const rest = theirs.slice(head.length);
    const ours = (OPTION_NAMES[head] ?? camel(head)) + (RESTS[head]?.(rest) ?? rest);
    return new (CLASSES[fields.kind] ?? CodexError)(renamed(fields, theirs, ours));
  }
  return new (CLASSES[fields.kind] ?? CodexError)(fields);
}

/** The names of the options of a remote engine and of a policy: times are in milliseconds here. */
function inMilliseconds(path: string): string {
  return camel(path).replace(/(Timeout|Alive|Delay|Wait)$/, "$1Ms");
}

/** The names of the options of an MCP server, whose own name comes before them: `.my_server.env_vars`. */
function server(path: string): string {
  return path.replace(/\.[a-z_]+$/, (field) => camel(field).replace(/TimeoutS$/, "TimeoutMs"));
}

/** What becomes of the rest of a path, by its first part. */
const RESTS: Record<string, (path: string) => string> = {
  remote: inMilliseconds,
  restart: inMilliseconds,
  retry: inMilliseconds,
  server,
  // The last part is a field only if there is a server's name before it.
  mcp_servers: (path) => (/\..*\./.test(path) ? server(path) : path),
};

/** The fields of an error about the argument `theirs`, which is called `ours` here. */
function renamed(fields: CodexErrorFields, theirs: string, ours: string): CodexErrorFields {
  const { message } = fields;
  const begins = message.startsWith(`${theirs}:`);
  const { text: _, ...rest } = fields;
  return {
    ...rest,
    argument: ours,
    message: begins ? ours + message.slice(theirs.length) : message,
  };
}

/** Throws `error` on; an argument that the protocol calls `theirs` gets the name of the option it came from. */
export function rename(error: unknown, theirs: string, ours: string): unknown {
  if (!(error instanceof InvalidArgumentError) || error.argument !== theirs) return error;
  const { kind, message } = error;
  return new InvalidArgumentError(renamed({ kind, message }, theirs, ours));
}

/** What a native call threw, as one of this package's errors. */
export function fromNative(error: unknown): unknown {
  return error instanceof Error && !(error instanceof CodexError) ? fromJson(error.message) : error;
}

/** Awaits a native promise and throws this package's errors. */
export async function settle<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    throw fromNative(error);
  }
}

/** The error of a client that was closed by its owner. */
export function closed(): ClosedError {
  return new ClosedError({
    kind: "closed",
    message: "this Codex was closed; make a new one to go on",
  });
}
