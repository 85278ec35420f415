/** The figures of a client, as the core counts them. */

import { camelKeys } from "./names.js";

/** A distribution of times in seconds. */
export interface Histogram {
  /** How many there were. */
  count: number;
  /** All of them together. */
  sum: number;
  /** The upper bounds of the buckets but the last, which has none. */
  bounds: number[];
  /** How many were in each bucket: one more than there are bounds. */
  counts: number[];
}

/** What a client has done since its engine started, and what it does now. */
export interface Metrics {
  /**
   * Turns that ended, by how: `completed`, `interrupted`, `failed`, `refused` (the engine did not start it), `lost` (the
   * engine went away), `abandoned` (the last handle was dropped), `other`.
   */
  turns: Record<string, number>;
  /** How long they took. */
  turnDuration: Histogram;
  /** How long it took from the call to a turn's first event. */
  timeToFirstEvent: Histogram;
  /** Tokens of the turns that ended. */
  tokens: { input: number; output: number; cachedInput: number; reasoningOutput: number };
  /** Calls of the application's tools: `success`, `failure`, `invalid`, `timeout`, `cancelled`. */
  toolCalls: Record<string, number>;
  /** How long they took. */
  toolDuration: Histogram;
  /** Questions of the engine, by what was decided. */
  approvals: Record<string, number>;
  /** Requests to the engine: `ok`, or the kind of the error. */
  requests: Record<string, number>;
  /** Turns that an auto-run tried again. */
  retries: number;
  /** How often a supervised engine was started again. */
  restarts: number;
  /** Turns that are open now. */
  openTurns: number;
  /** Requests that wait for an answer now. */
  pendingRequests: number;
  /** Events that wait for the readers of turns now. */
  queueDepth: number;
  /** Deltas joined to the one before, because a reader fell behind. */
  coalescedEvents: number;
  /** Events given up in streams whose reader fell too far behind. */
  laggedEvents: number;
  /** Notifications dropped from the ring, because nobody read them in time. */
  droppedNotifications: number;
  /** Diagnostics so far. */
  diagnostics: number;
  /** Records of telemetry dropped in this process, because they came faster than they were taken. */
  droppedRecords: number;
}

/** From the core's JSON. Only its own names change their case: the words that are counted stay. @internal */
export function metricsFrom(text: string): Metrics {
  const found = JSON.parse(text) as Record<string, object>;
  return camelKeys({ ...found, tokens: camelKeys(found.tokens ?? {}) }) as unknown as Metrics;
}
