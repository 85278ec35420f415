/** The errors of the package: one root, a class per kind that a caller acts on differently. */

import type { RunResult } from "./threadEvents.js";

/** The facts that an error of the core carries. */
export interface CodexErrorFields {
  /** What a caller acts on: `closed`, `timeout`, `rpc`, `invalid_argument`, ... */
  kind: string;
  /** What happened and how to mend it. For people; not API. */
  message: string;
  /** Whether the same call may succeed after a pause. */
  retryable?: boolean;
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
}

/** The root of all errors of this package. */
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
  /** Whether the same call may succeed after a pause. */
  readonly retryable: boolean;

  constructor(fields: CodexErrorFields, options?: ErrorOptions) {
    super(fields.message, options);
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
    this.retryable = fields.retryable ?? false;
  }

  /** The class's name. */
  override get name(): string {
    return this.constructor.name;
  }
}

/** No engine was found in any of the places searched. */
export class EngineNotFoundError extends CodexError {}
/** The engine is too old. */
export class EngineVersionError extends CodexError {}
/** The engine could not be started, or ended before it answered `initialize`. */
export class SpawnError extends CodexError {}
/** A deadline passed. */
export class CodexTimeoutError extends CodexError {}
/** The client was closed, or the engine is gone. */
export class ClosedError extends CodexError {}
/** The engine answered with a JSON-RPC error. */
export class RpcError extends CodexError {}
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

/** The caller's `AbortSignal` ended the call. `cause` is the signal's reason. */
export class AbortError extends CodexError {
  constructor(reason: unknown) {
    const fields = { kind: "cancelled", code: "ABORT_ERR", message: "The operation was aborted" };
    super(fields, { cause: reason });
  }
}

/** The turn ended, but not well. {@link TurnFailedError.result} says how far it came. */
export class TurnFailedError extends CodexError {
  /** What the turn came to: its items, status and error. */
  readonly result: RunResult;

  constructor(message: string, result: RunResult) {
    super({ kind: "turn_failed", message });
    this.result = result;
  }
}

const CLASSES: Record<string, new (fields: CodexErrorFields) => CodexError> = {
  engine_not_found: EngineNotFoundError,
  engine_version: EngineVersionError,
  spawn: SpawnError,
  timeout: CodexTimeoutError,
  closed: ClosedError,
  rpc: RpcError,
  protocol: ProtocolError,
  invalid_argument: InvalidArgumentError,
  lagged: LaggedError,
};

/** The error class for the JSON of a core error. */
export function fromJson(text: string): CodexError {
  let fields: CodexErrorFields;
  try {
    fields = JSON.parse(text) as CodexErrorFields;
  } catch {
    fields = { kind: "internal", message: text };
  }
  // The core names options in snake_case, this package in camelCase.
  if (fields.argument !== undefined) {
    fields.argument = fields.argument.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
  }
  return new (CLASSES[fields.kind] ?? CodexError)(fields);
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
