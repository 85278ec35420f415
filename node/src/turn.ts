/** A turn: one piece of work of the agent, while it runs and after. */

import { AbortError, fromNative, InvalidArgumentError, settle } from "./errors.js";
import type { Event } from "./events.js";
import type {
  ClientRequestMap,
  RateLimitSnapshot,
  ThreadTokenUsage,
  TurnError,
  ThreadItem as WireThreadItem,
} from "./generated/protocol.js";
import { checkOutput, type GuardrailOptions } from "./guardrails.js";
import { freshId, hub, whenReady } from "./hub.js";
import { type ExternalMessage, type Input, wireInput } from "./input.js";
import type { NativeTurn } from "./native.js";
import type { Output } from "./output.js";
import { EventStream } from "./stream.js";

/** What a turn came to. */
export interface TurnResult {
  /** The turn's id. */
  id: string;
  /** The thread that it ran on. */
  threadId: string;
  /** How it ended. */
  status: "completed" | "interrupted" | "failed" | (string & {});
  /** The engine's error, if it failed. */
  error: TurnError | null;
  /** When it started, in seconds since 1970. */
  startedAt: number | null;
  /** When it ended, in seconds since 1970. */
  completedAt: number | null;
  /** How long it took, in milliseconds. */
  durationMs: number | null;
  /** The text of the final answer; commentary never counts. Null without one. */
  finalResponse: string | null;
  /** The completed items in the order of their completion, as the engine sent them. */
  items: WireThreadItem[];
  /** The last usage report: `last` is the turn's last model response, `total` the thread's. */
  usage: ThreadTokenUsage | null;
  /** The engine never said that the turn had ended; it was found out with `thread/read`. */
  recovered: boolean;
  /** The kind of request for approval that was answered with `cancel`, if that has ended the turn. */
  denied?: string;
  /** The account's limits as they were last told, if the turn failed. */
  rateLimits?: RateLimitSnapshot;
}

/**
 * A turn that was started with {@link Thread.turn}.
 *
 * ```ts
 * const turn = await thread.turn("Fix the tests");
 * for await (const event of turn) {
 *   if (event.method === "item/agentMessage/delta") process.stdout.write(event.params.delta);
 * }
 * const { status } = await turn.result();
 * ```
 */
export class Turn<Result extends TurnResult = TurnResult> implements AsyncIterable<Event> {
  readonly #native: NativeTurn;
  readonly #output: Output | undefined;
  readonly #guardrails: GuardrailOptions;
  /** What the guardrails made of the result: whoever asks again gets the same. */
  #guarded: Promise<Result> | undefined;
  #failure: unknown;
  #stream: EventStream | undefined;
  /** Rejects when the signal is aborted; undefined without a signal. */
  readonly #aborted: Promise<never> | undefined;

  /** @internal */
  constructor(
    native: NativeTurn,
    signal: AbortSignal | undefined,
    onAbort?: () => void,
    output?: Output,
    guardrails: GuardrailOptions = {},
  ) {
    this.#native = native;
    this.#output = output;
    this.#guardrails = guardrails;
    if (signal !== undefined) {
      this.#aborted = this.#obey(signal, onAbort ?? (() => native.interruptInBackground()));
      this.#aborted.catch(() => {});
    }
  }

  /** The turn's id. */
  get id(): string {
    return this.#native.id();
  }

  /** Its thread's id. */
  get threadId(): string {
    return this.#native.threadId();
  }

  /**
   * Every notification of the turn, from before `turn/start` was sent to `turn/completed`. There is one
   * cursor: a second loop goes on where the first left.
   *
   * @returns an async iterator that ends with the turn
   */
  stream(): EventStream {
    // Made when it is asked for: of many turns only the result is wanted.
    this.#stream ??= new EventStream((id) => this.#native.events(hub(), id), true);
    return this.#stream;
  }

  /** The same as {@link Turn.stream}. */
  [Symbol.asyncIterator](): EventStream {
    return this.stream();
  }

  /**
   * Waits for the end of the turn; whether the stream is read makes no difference.
   *
   * @returns what it came to. A turn that failed or was interrupted resolves too: see `status` and `error`. With an
   * `outputType`, `parsed` is the answer.
   * @throws {GuardrailError} when an output guardrail does not let it pass
   * @throws {InvalidOutputError} when the answer is not of the `outputType`
   * @throws {ClosedError} when the engine or client is gone
   * @throws {AbortError} when the turn's signal was aborted
   */
  async result(): Promise<Result> {
    const result = await this.#outcome();
    if (!this.#guardrails.outputGuardrails?.length) return result;
    this.#guarded ??= checkOutput(result, this.#guardrails, this.#output !== undefined);
    return this.#guarded;
  }

  async #outcome(): Promise<Result> {
    const result = JSON.parse(await this.#orAborted(this.#native.result())) as Result;
    if (this.#output === undefined) return result;
    const judged = await this.#output.judge(this.#native);
    return { ...result, parsed: judged.repair ? undefined : judged.parsed };
  }

  /**
   * The answer while it grows: plain values, completed as far as the text goes. Strings that are open are given as
   * far as they go, open arrays and objects closed, unfinished numbers left out. The values are not checked.
   * Commentary is no answer; a further message of the agent's begins a new one.
   *
   * It takes the events of the turn: read this or {@link Turn.stream}, not both.
   *
   * @returns the values; the loop ends with the turn, and {@link Turn.result} gives the checked answer
   * @throws {InvalidArgumentError} at the call, when the turn was started without an `outputType`
   * @throws {ClosedError} while iterating, when the engine or client is gone
   * @throws {AbortError} while iterating, when the turn's signal was aborted
   */
  partialOutputs(): AsyncGenerator<unknown, undefined> {
    if (this.#output === undefined) {
      const why = "the turn was started without one; give it to thread.turn()";
      throw InvalidArgumentError.of("outputType", why);
    }
    return this.#output.partials(this.#native, () => this.#failure);
  }

  /**
   * Gives the running turn further input (`turn/steer`).
   *
   * @param input a prompt, or parts
   * @returns the engine's answer
   * @throws {RpcError} when the turn has ended
   * @throws {InvalidArgumentError} for input that cannot be
   */
  async steer(
    input: Exclude<Input, ExternalMessage>,
  ): Promise<ClientRequestMap["turn/steer"]["result"]> {
    return JSON.parse(await settle(this.#native.steer(wireInput(input))));
  }

  /**
   * Interrupts the turn (`turn/interrupt`) and ends the commands that it runs. Repeating it does no harm.
   *
   * @throws {ClosedError} when the engine or client is gone
   */
  async interrupt(): Promise<void> {
    await settle(this.#native.interrupt());
  }

  /** Ends the wait with the signal's AbortError, if that comes first. */
  async #orAborted<T>(work: Promise<T>): Promise<T> {
    try {
      return await (this.#aborted === undefined ? work : Promise.race([this.#aborted, work]));
    } catch (error) {
      throw fromNative(error);
    }
  }

  #obey(signal: AbortSignal, onAbort: () => void): Promise<never> {
    return new Promise((_, reject) => {
      const abort = () => {
        const error = new AbortError(signal.reason);
        this.#failure = error;
        onAbort();
        this.stream().fail(error);
        reject(error);
      };
      if (signal.aborted) {
        abort();
        return;
      }
      signal.addEventListener("abort", abort, { once: true });
      const id = freshId();
      whenReady(id, () => signal.removeEventListener("abort", abort));
      this.#native.onFinished(hub(), id);
    });
  }
}
