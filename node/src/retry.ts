/** Repeating a call while the server says that it is overloaded. */

import { setTimeout as pause } from "node:timers/promises";
import { throwIfAborted } from "./abort.js";
import { callback, checkOptions, count, kindOf, type Rules, signal } from "./check.js";
import { AbortError, InvalidArgumentError, isRetryableError } from "./errors.js";

/** How {@link retryOnOverload} repeats. */
export interface RetryOptions {
  /** How often the operation is called at most; 3 by default. */
  maxAttempts?: number;
  /** The pause after the first attempt in milliseconds, doubled with each; 250 by default. */
  initialDelayMs?: number;
  /** The longest pause in milliseconds; 2,000 by default. */
  maxDelayMs?: number;
  /** How much of a pause is random, so that clients do not come back together: 0 to 1, 0.2 by default. */
  jitterRatio?: number;
  /** Ends the pauses when aborted. The operation has to look at the signal itself. */
  signal?: AbortSignal;
}

const notNegative = (value: unknown, name: string): void => {
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0) {
    const what = typeof value === "number" ? String(value) : kindOf(value);
    throw InvalidArgumentError.of(name, `expected a number of at least 0, not ${what}`);
  }
};

const RULES: Rules<RetryOptions> = {
  maxAttempts: count(1),
  initialDelayMs: notNegative,
  maxDelayMs: notNegative,
  jitterRatio: (value, name) => {
    notNegative(value, name);
    if ((value as number) > 1) throw InvalidArgumentError.of(name, "expected a number from 0 to 1");
  },
  signal,
};

/**
 * Calls an operation until it succeeds, fails for another reason than an overloaded server, or has been tried
 * often enough.
 *
 * @param operation what to call; it gets the number of the attempt, from 1
 * @param options how to repeat
 * @returns what the operation gives
 * @throws whatever the last attempt threw
 * @throws {AbortError} when the signal was aborted
 * @throws {InvalidArgumentError} for options that cannot be
 */
export async function retryOnOverload<T>(
  operation: (attempt: number) => T | Promise<T>,
  options: RetryOptions = {},
): Promise<T> {
  callback(operation, "operation");
  checkOptions(options, RULES);
  const attempts = options.maxAttempts ?? 3;
  const longest = options.maxDelayMs ?? 2000;
  const jitter = options.jitterRatio ?? 0.2;
  let delay = options.initialDelayMs ?? 250;
  for (let attempt = 1; ; attempt++) {
    throwIfAborted(options.signal ?? undefined);
    try {
      return await operation(attempt);
    } catch (error) {
      if (attempt >= attempts || !isRetryableError(error)) throw error;
    }
    const random = delay * jitter * (2 * Math.random() - 1);
    await rest(Math.max(0, Math.min(longest, delay) + random), options.signal ?? undefined);
    delay = Math.min(longest, delay * 2);
  }
}

async function rest(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await pause(ms, undefined, signal === undefined ? {} : { signal });
  } catch {
    throw new AbortError(signal?.reason);
  }
}
