/** Map: many prompts, each on a thread of its own, some at a time. The core does it; here are the types and the items. */

import { resolve } from "node:path";
import { throwIfAborted } from "./abort.js";
import type { Responders } from "./approvals.js";
import {
  checkOptions,
  count,
  flag,
  isPlainObject,
  kindOf,
  milliseconds,
  type Rules,
  signal as signalRule,
  text,
} from "./check.js";
import { Checks, checksOf } from "./checks.js";
import {
  AbortError,
  CodexError,
  type CodexErrorFields,
  fromFields,
  fromNative,
  fromTurn,
  InvalidArgumentError,
  settle,
} from "./errors.js";
import { type ExternalMessage, encode, type Input, wireInput } from "./input.js";
import type { NativeMapRun } from "./native.js";
import type { ThreadOptions, TurnOptions } from "./options.js";
import { Output, type OutputType } from "./output.js";
import { checkThreadOptions, checkTurnOptions, RESPONDERS, traceContext } from "./rules.js";
import { type TraceContext, traceValue } from "./telemetry.js";
import type { TurnResult } from "./turn.js";
import { threadParams, turnParams } from "./wire.js";

/** One item of a map: what a fresh thread is told, and where it works. */
export interface MapItem {
  /** A prompt, or parts. */
  prompt: Exclude<Input, ExternalMessage>;
  /** The thread's working directory, instead of the one for all. */
  workingDirectory?: string;
  /** A name of your own for it; it comes back with the result. */
  id?: string;
}

/** What an item may be given as: a prompt alone, or one with its folder and name. */
export type MapInput = MapItem | Exclude<Input, ExternalMessage>;

/** How a map works, and who answers for its threads. */
export interface MapOptions extends Responders {
  /** How many items run at a time; 4 by default. */
  concurrency?: number;
  /**
   * A file that remembers what each item came to. A later map with the same items and options goes on from it: what
   * succeeded is given at once, the rest is done.
   */
  journal?: string;
  /** Whether the first failed item ends the map; false by default. */
  stopOnError?: boolean;
  /** How long one item may take. */
  itemTimeoutMs?: number;
  /** What the threads run with. */
  thread?: Omit<ThreadOptions, keyof Responders>;
  /**
   * What the turns run with. An item whose guardrail rejects has failed with that error; so has one whose answer is not of
   * the `outputType`.
   */
  turn?: Omit<TurnOptions, keyof Responders | "signal" | "outputRepairs" | "traceContext">;
  /**
   * The W3C trace context that the map's threads and turns belong to: a `traceparent`, or that with `tracestate`. By default the
   * current one of OpenTelemetry, after {@link instrument}.
   */
  traceContext?: string | TraceContext;
  /** Interrupts the map when aborted. */
  signal?: AbortSignal;
}

/** The options of a map whose answers are of a type. */
export type TypedMapOptions<Type extends OutputType> = MapOptions & {
  turn: { outputType: Type };
};

/** What one item of such a map came to. */
export type TypedMapResult<Parsed> = Omit<MapResult, "result"> & {
  /** What its turn came to, if there was one; `parsed` is there when the status is `ok`. */
  result: (TurnResult & { parsed?: Parsed }) | null;
};

/** Where a map is. */
export interface MapProgress {
  /** Items that succeeded, those of the journal included. */
  done: number;
  /** Items that failed. */
  failed: number;
  /** Items that run now. */
  running: number;
  /** How many there are; null while the items of an iterator are not all taken. */
  total: number | null;
}

/** What one item came to. */
export interface MapResult {
  /** Which item it was, from 0. */
  index: number;
  /** How it ended. */
  status: "ok" | "failed";
  /** The item's own name. */
  id: string | null;
  /** The thread that it ran on; null if none was started. */
  threadId: string | null;
  /** What its turn came to, if there was one. */
  result: TurnResult | null;
  /** Why it failed. */
  error: CodexError | null;
  /** Whether it succeeded in an earlier map with the same journal, and was not done again. */
  fromJournal: boolean;
  /** Where the map was when this was given. */
  progress: MapProgress;
}

const inside =
  <T>(check: (options: T) => void, refused: Readonly<Record<string, string>>) =>
  (value: unknown, name: string): void => {
    if (!isPlainObject(value)) {
      throw InvalidArgumentError.of(name, `expected an object, not ${kindOf(value)}`);
    }
    for (const [option, why] of Object.entries(refused)) {
      if (value[option] !== undefined && value[option] !== null) {
        throw InvalidArgumentError.of(`${name}.${option}`, why);
      }
    }
    check(value as T);
  };

const OF_MAP =
  "it is not for the threads of a map; who answers and the signal are given to map() itself";
const ANSWERS = Object.fromEntries(Object.keys(RESPONDERS).map((name) => [name, OF_MAP]));

const RULES: Rules<MapOptions> = {
  ...RESPONDERS,
  concurrency: count(1),
  journal: text,
  stopOnError: flag,
  itemTimeoutMs: milliseconds,
  thread: inside<ThreadOptions>((options) => checkThreadOptions(options, "start"), ANSWERS),
  turn: inside<TurnOptions>(checkTurnOptions, {
    ...ANSWERS,
    signal: OF_MAP,
    traceContext: "give traceContext to map() itself",
    outputRepairs:
      "an item of a map is one turn; leave it out, and ask for what has failed with thread.run()",
  }),
  traceContext,
  signal: signalRule,
};

type Items = Iterable<MapInput> | AsyncIterable<MapInput>;

/** A map that was checked. @internal */
export interface MapPlan {
  options: string;
  items: AsyncIterator<string> | Iterator<string>;
  signal: AbortSignal | undefined;
  /** What looks at the turns; it lives as long as this does. */
  checks: Checks | undefined;
}

/** Checks what a map is told. @internal */
export function mapPlan(items: Items, options: MapOptions): MapPlan {
  checkOptions(options, RULES);
  const { thread = {}, turn = {}, itemTimeoutMs, journal } = options;
  const asked = turns(thread, turn);
  const wire: Wire = (item, number) => wireItem(item, number, asked.words);
  // What is there already is looked at now: mistakes show where they are made.
  const listed = Array.isArray(items) ? items.map(wire) : undefined;
  const given = {
    concurrency: options.concurrency,
    stop_on_error: options.stopOnError,
    item_timeout_s:
      itemTimeoutMs === undefined || itemTimeoutMs === null ? undefined : itemTimeoutMs / 1000,
    journal: journal === undefined || journal === null ? undefined : resolve(journal),
    total: listed?.length,
    thread: JSON.parse(threadParams(thread, "start")),
    turn: asked.params,
    trace_context: traceValue(options.traceContext),
  };
  return {
    options: encode("options", given),
    items: listed?.values() ?? lazily(items, wire),
    signal: options.signal ?? undefined,
    checks: asked.checks,
  };
}

/** What all turns have in common. */
interface Turns {
  params: object;
  /** Parts after each prompt: a schema that strict mode has no form for is told in words. */
  words: unknown[];
  checks: Checks | undefined;
}

function turns(thread: ThreadOptions, turn: TurnOptions): Turns {
  const params = turnParams(thread, turn);
  if (!turn.outputType) return { params, words: [], checks: checksOf(turn) };
  const prompt = encode("turn", [{ type: "text", text: "" }]);
  const output = new Output(turn.outputType, 0, prompt, encode("turn", params));
  const first = output.next();
  const [, ...words] = JSON.parse(first.parts) as unknown[];
  return { params: JSON.parse(first.params), words, checks: new Checks(turn, { output }) };
}

type Wire = (item: MapInput, number: number) => string;

function lazily(items: Items, wire: Wire): AsyncIterator<string> {
  const iterable =
    typeof items === "object" &&
    items !== null &&
    (Symbol.asyncIterator in items || Symbol.iterator in items);
  if (!iterable) {
    throw InvalidArgumentError.of(
      "items",
      `expected an array or an iterable of prompts, not ${kindOf(items)}`,
    );
  }
  return wired(items, wire);
}

async function* wired(items: Items, wire: Wire): AsyncGenerator<string, undefined> {
  let number = 0;
  for await (const item of items) yield wire(item, number++);
}

function wireItem(item: MapInput, number: number, words: readonly unknown[]): string {
  const name = `items[${number}]`;
  const whole: MapItem =
    isPlainObject(item) && "prompt" in item
      ? (item as unknown as MapItem)
      : { prompt: item as MapItem["prompt"] };
  checkOptions<MapItem>(whole, { prompt: () => {}, workingDirectory: text, id: text }, name);
  const { prompt, workingDirectory, id } = whole;
  try {
    const cwd = workingDirectory ? resolve(workingDirectory) : undefined;
    const input = [...JSON.parse(wireInput(prompt)), ...words];
    return encode(name, { id, input, cwd });
  } catch (error) {
    if (!(error instanceof CodexError)) throw error;
    throw InvalidArgumentError.of(name, error.message);
  }
}

/** An item's turn, and why it failed. */
function outcome(turn: TurnResult | null, error: CodexErrorFields | null): CodexError | null {
  if (error !== null) return fromFields(error);
  if (turn === null || turn.status === "completed") return null;
  const { items: _, usage: __, ...rest } = turn;
  return fromTurn(turn, {
    items: [],
    finalResponse: turn.finalResponse ?? "",
    usage: null,
    threadId: rest.threadId,
    turnId: rest.id,
    status: rest.status,
    error: rest.error,
    durationMs: rest.durationMs,
    tokenUsage: turn.usage,
  });
}

/**
 * A map, and an async iterator over its results as they complete. It goes on while results are taken; leaving a loop
 * early interrupts what runs.
 *
 * ```ts
 * for await (const { index, status, result } of await codex.map(["one", "two"], { concurrency: 8 })) {
 *   console.log(index, status, result?.finalResponse);
 * }
 * ```
 */
export class MapRun<Result extends TypedMapResult<unknown> = MapResult>
  implements AsyncIterableIterator<Result>, AsyncDisposable
{
  readonly #native: NativeMapRun;
  readonly #items: MapPlan["items"];
  readonly #signal: AbortSignal | undefined;
  readonly #checks: Checks | undefined;
  readonly #over: () => void;
  #ended = false;

  private constructor(native: NativeMapRun, { items, signal, checks }: MapPlan) {
    this.#native = native;
    this.#items = items;
    this.#signal = signal;
    this.#checks = checks;
    const abort = () => native.interrupt();
    signal?.addEventListener("abort", abort, { once: true });
    this.#over = () => signal?.removeEventListener("abort", abort);
  }

  /** Brings the items that the journal may know, to see whether it is theirs. @internal */
  static async begin(native: NativeMapRun, plan: MapPlan): Promise<MapRun> {
    const run = new MapRun(native, plan);
    try {
      while (native.mustCheck()) await run.#feed();
      throwIfAborted(plan.signal);
    } catch (error) {
      run.interrupt();
      throw error;
    }
    return run;
  }

  async #feed(): Promise<void> {
    const item = await this.#items.next();
    try {
      if (item.done) this.#native.finish();
      else this.#native.push(item.value);
    } catch (error) {
      throw fromNative(error);
    }
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Where it is now. */
  get progress(): MapProgress {
    return JSON.parse(this.#native.progress());
  }

  /**
   * The next result, whichever item it is of.
   *
   * @returns the result, or `done` at the end
   * @throws {ClosedError} when the engine or client is gone
   * @throws {InvalidArgumentError} for an item that is none, and when the journal is of other items
   * @throws {AbortError} when the signal was aborted
   */
  async next(): Promise<IteratorResult<Result, undefined>> {
    try {
      for (;;) {
        const step = await settle(this.#native.step());
        if (this.#signal?.aborted && !this.#ended) throw new AbortError(this.#signal.reason);
        if (step === null) {
          this.#ended = true;
          this.#over();
          return { value: undefined, done: true };
        }
        if (step === "want") {
          await this.#feed();
          continue;
        }
        return { value: (await this.#result(step)) as Result, done: false };
      }
    } catch (error) {
      this.#ended = true;
      this.interrupt();
      throw error;
    }
  }

  /** A result as it is given. */
  async #result(step: string): Promise<unknown> {
    const { turn, error, ...rest } = JSON.parse(step);
    const failure = outcome(turn, error);
    if (failure !== null) this.#checks?.forget(failure);
    if (rest.status !== "ok" || turn === null || this.#checks === undefined) {
      return { ...rest, result: turn, error: failure };
    }
    try {
      return { ...rest, result: await this.#checks.passed(turn), error: null };
    } catch (error) {
      // It is of the journal, and the type of the answers has changed.
      if (!(error instanceof CodexError)) throw error;
      return { ...rest, status: "failed", result: turn, error };
    }
  }

  /** Leaves the map: interrupts what runs, and begins nothing more. */
  async return(): Promise<IteratorResult<Result, undefined>> {
    this.interrupt();
    await this.#items.return?.();
    return { value: undefined, done: true };
  }

  /**
   * Waits for the end.
   *
   * @returns the results that were not taken before, in the order of the items
   * @throws what {@link MapRun.next} throws
   */
  async collect(): Promise<Result[]> {
    const results: Result[] = [];
    for await (const result of this) results.push(result);
    return results.sort((one, other) => one.index - other.index);
  }

  /** Interrupts what runs, and begins nothing more. */
  interrupt(): void {
    this.#over();
    this.#native.interrupt();
  }

  /** Interrupts the map unless it has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.interrupt();
  }
}
