/** Async iteration over native streams: no promise and no native object per event. */

import { COLUMNS, type Event, EventView } from "./events.js";
import { charge, checkEnd, forget, freshId, hold, pass, release, whenReady } from "./hub.js";
import type { NativeBatch, NativeStream } from "./native.js";

/** Events taken from the native queue at once. */
export const BATCH = 256;

/** Waits for a native stream. What is common to full and simple streams. */
export class Waiter {
  readonly id = freshId();
  readonly #keepsAlive: boolean;
  #waiting: Promise<void> | undefined;
  #resume: (() => void) | undefined;

  constructor(keepsAlive: boolean) {
    this.#keepsAlive = keepsAlive;
  }

  /** Resolves when the stream has something, or when {@link Waiter.wake} is called. */
  wait(): Promise<void> {
    this.#waiting ??= new Promise((resolve) => {
      if (this.#keepsAlive) hold();
      this.#resume = () => {
        this.#waiting = undefined;
        this.#resume = undefined;
        if (this.#keepsAlive) release();
        resolve();
      };
      whenReady(this.id, this.#resume);
    });
    return this.#waiting;
  }

  /** Ends the wait, if there is one. */
  wake(): void {
    forget(this.id);
    this.#resume?.();
  }
}

/**
 * The events of a turn, or the notifications of a client, for `for await`.
 *
 * Leaving the loop early gives nothing up: another loop goes on where it left.
 */
export class EventStream implements AsyncIterableIterator<Event> {
  readonly #waiter: Waiter;
  readonly #open: (id: number) => NativeStream | Promise<NativeStream>;
  /** Whether the stream may end without an error now, because the client's owner has closed it. */
  readonly #closed: () => boolean;
  #stream: NativeStream | undefined;
  #batch: NativeBatch | undefined;
  #index = 0;
  #count = 0;
  #slow = 0;
  #failure: { error: unknown } | undefined;
  #over = false;

  /** @internal */
  constructor(
    open: (id: number) => NativeStream | Promise<NativeStream>,
    keepsAlive: boolean,
    closed: () => boolean = () => false,
  ) {
    this.#open = open;
    this.#closed = closed;
    this.#waiter = new Waiter(keepsAlive);
  }

  /** The stream itself. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /**
   * The next event.
   *
   * @returns the event, or `done` at the end of the stream
   * @throws {LaggedError} when the reader fell too far behind
   * @throws {ClosedError} when the engine or client is gone
   * @throws {AbortError} when the turn's signal was aborted
   */
  next(): Promise<IteratorResult<Event, undefined>> {
    if (this.#slow === 0 && this.#index < this.#count && this.#failure === undefined) {
      if (pass() === undefined) return Promise.resolve(this.#take());
    }
    return this.#advance();
  }

  /** Ends a loop; the stream stays as it is. */
  async return(): Promise<IteratorResult<Event, undefined>> {
    return { value: undefined, done: true };
  }

  /** How many notifications were given up because nobody read them in time. */
  get dropped(): number {
    return this.#stream?.dropped() ?? 0;
  }

  /** Begins to keep events now, and not when the first is asked for. @internal */
  async begin(): Promise<void> {
    this.#stream ??= await this.#open(this.#waiter.id);
  }

  /** Makes the stream end with `error` at once. @internal */
  fail(error: unknown): void {
    if (this.#over) return;
    this.#failure = { error };
    this.#waiter.wake();
  }

  #take(): IteratorResult<Event, undefined> {
    const view = new EventView(this.#batch as NativeBatch, this.#index);
    this.#index += 1;
    return { value: view as unknown as Event, done: false };
  }

  async #advance(): Promise<IteratorResult<Event, undefined>> {
    this.#slow += 1;
    try {
      for (;;) {
        const gate = pass();
        if (gate !== undefined) await gate;
        if (this.#failure !== undefined) this.#throw();
        if (this.#index < this.#count) return this.#take();
        if (this.#over) return { value: undefined, done: true };
        this.#stream ??= await this.#open(this.#waiter.id);
        if (this.#refill(this.#stream)) continue;
        const end = this.#stream.end();
        this.#over = this.#over || (end !== null && this.#closed()) || checkEnd(end);
        if (!this.#over) await this.#waiter.wait();
      }
    } catch (error) {
      this.#over = true;
      throw error;
    } finally {
      this.#slow -= 1;
    }
  }

  #throw(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    this.#index = this.#count;
    this.#over = true;
    throw failure?.error;
  }

  #refill(stream: NativeStream): boolean {
    const batch = stream.drain(BATCH);
    if (batch === null) return false;
    charge();
    this.#batch = batch;
    this.#index = 0;
    this.#count = batch.columns.length / COLUMNS;
    return true;
  }
}
