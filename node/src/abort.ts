/** `AbortSignal` for calls: at once, once, and without leaving listeners behind. */

import { AbortError } from "./errors.js";

/**
 * Waits for `work`, or rejects as soon as the signal is aborted.
 *
 * @param onAbort what to do then about the work, which goes on by itself
 */
export function abortable<T>(
  signal: AbortSignal | undefined,
  work: Promise<T>,
  onAbort: () => void,
): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = () => {
      onAbort();
      reject(new AbortError(signal.reason));
    };
    if (signal.aborted) {
      work.catch(() => {});
      abort();
      return;
    }
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** Throws if the signal is aborted already. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AbortError(signal.reason);
}
