// What the steps of the Node runner show: events, results and errors, as JSON.

import { isDeepStrictEqual } from "node:util";
import {
  ClosedError,
  CodexError,
  GuardrailError,
  InvalidOutputError,
  RpcError,
} from "../../node/dist/index.mjs";

/** The folded result of a failed turn, where the other languages raise. */
class TurnFailed extends Error {}

/** An event by its public fields, checked against its line. */
export function view(event) {
  const shown = { method: event.method, params: event.params };
  const { method, params } = JSON.parse(event.raw);
  if (!isDeepStrictEqual(shown, { method, params })) {
    throw new Error(`an event's view is not its line: ${JSON.stringify(shown)}, ${event.raw}`);
  }
  return shown;
}

/** A result without what the official one does not have. */
export function result({ threadId: _thread, recovered: _recovered, ...rest }) {
  return rest;
}

/** What `run` does in the other languages: a failed turn is an error. */
export function raiseFailed(end) {
  if (end.status === "failed") throw new TurnFailed(end.error?.message);
  return result(end);
}

/** An error of the package as `{kind, ...}`. */
export function errorRecord(error) {
  if (error instanceof RpcError) {
    return { kind: "rpc", code: error.code, message: error.rpcMessage };
  }
  if (error instanceof ClosedError) return { kind: "closed" };
  if (error instanceof TurnFailed) return { kind: "turn_failed", message: error.message };
  if (error instanceof InvalidOutputError) {
    const { kind, message, path, rule, schemaPath, rawText, attempts } = error;
    return { kind, message, path, rule, schemaPath, rawText, attempts };
  }
  if (error instanceof GuardrailError) {
    const { kind, message, guardrail, stage, reason } = error;
    return { kind, message, guardrail, stage, reason, said: error.result?.finalResponse ?? null };
  }
  if (error instanceof CodexError) return { kind: error.kind, message: error.message };
  return undefined;
}
