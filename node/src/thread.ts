/** A thread: a conversation with the agent. */

import { abortable, throwIfAborted } from "./abort.js";
import type { Engines } from "./codex.js";
import { settle, TurnFailedError } from "./errors.js";
import type { ClientRequestMap } from "./generated/protocol.js";
import { checkEnd, hub } from "./hub.js";
import { type Input, wireInput } from "./input.js";
import type { NativeClient, NativeThread, NativeTurn } from "./native.js";
import { type ThreadOptions, type TurnOptions, threadParams, turnParams } from "./options.js";
import { BATCH, Waiter } from "./stream.js";
import type { RunResult, RunStreamedResult, ThreadEvent } from "./threadEvents.js";
import { Turn, type TurnResult } from "./turn.js";

/** What the engine says of a thread that it has started, resumed or forked. */
export type OpenedThread =
  | ClientRequestMap["thread/start"]["result"]
  | ClientRequestMap["thread/resume"]["result"]
  | ClientRequestMap["thread/fork"]["result"];

interface Loaded {
  client: NativeClient;
  thread: NativeThread;
}

/**
 * A conversation with the agent. Made by {@link Codex.startThread}, {@link Codex.resumeThread} and
 * {@link Thread.fork}; nothing happens until it is used.
 *
 * Turns of one thread run one after the other: input given while a turn runs joins that turn.
 */
export class Thread {
  readonly #engines: Engines;
  readonly #options: ThreadOptions;
  #id: string | null;
  #loaded: Loaded | undefined;
  #loading: Promise<Loaded> | undefined;

  /** @internal */
  constructor(engines: Engines, options: ThreadOptions, id: string | null, loaded?: Loaded) {
    this.#engines = engines;
    this.#options = options;
    this.#id = id;
    this.#loaded = loaded;
  }

  /** The thread's id; null until its first turn starts. */
  get id(): string | null {
    return this.#id;
  }

  /**
   * Starts the thread in the engine now (`thread/start`, or `thread/resume` if it has an id) instead of with
   * its first turn. It then has its id.
   *
   * @returns the engine's answer: the thread, its model, working directory, sandbox and so on
   * @throws {RpcError} when there is no such thread
   * @throws {CodexError} in one of its kinds when there is no engine, or it is gone
   */
  async open(): Promise<OpenedThread> {
    const { thread } = await this.#load();
    return JSON.parse(thread.startResponse() ?? "null");
  }

  /**
   * Runs a turn to its end.
   *
   * @param input a prompt, or parts
   * @param turnOptions what the turn runs with
   * @returns the completed items, the final answer and the usage
   * @throws {TurnFailedError} when the turn failed or was interrupted; `result` says how far it came
   * @throws {AbortError} when the signal was aborted
   * @throws {CodexError} in one of its kinds when there is no engine, or it is gone
   */
  async run(input: Input, turnOptions: TurnOptions = {}): Promise<RunResult> {
    const turn = await this.#start(input, turnOptions);
    const text = await abortable(turnOptions.signal, settle(turn.runSimple()), () =>
      turn.interruptInBackground(),
    );
    const { simple, turn: end } = JSON.parse(text) as {
      simple: { items: RunResult["items"]; finalResponse: string; usage: RunResult["usage"] };
      turn: TurnResult;
    };
    const result: RunResult = {
      items: simple.items,
      finalResponse: simple.finalResponse,
      usage: simple.usage,
      ...outcome(end),
    };
    if (result.status !== "completed") throw failed(result);
    return result;
  }

  /**
   * Runs a turn and tells its events in the official SDK's simple model (no deltas). The turn starts when
   * the first event is asked for; leaving the loop early interrupts it.
   *
   * @param input a prompt, or parts
   * @param turnOptions what the turn runs with
   * @returns the events; the generator throws what {@link Thread.run} throws, after `turn.failed`
   */
  async runStreamed(input: Input, turnOptions: TurnOptions = {}): Promise<RunStreamedResult> {
    return { events: this.#streamed(input, turnOptions) };
  }

  /**
   * Starts a turn (`turn/start`) with its full stream of events, and control over it.
   *
   * @param input a prompt, or parts
   * @param turnOptions what the turn runs with
   * @returns the running turn
   * @throws {InvalidArgumentError} for an empty prompt, an unknown input or a missing file
   * @throws {AbortError} when the signal was aborted
   * @throws {CodexError} in one of its kinds when there is no engine, or it refuses
   */
  async turn(input: Input, turnOptions: TurnOptions = {}): Promise<Turn> {
    return new Turn(await this.#start(input, turnOptions), turnOptions.signal);
  }

  /**
   * Makes a thread that begins with this one's history (`thread/fork`).
   *
   * @param options what the fork runs with; by default what this thread runs with
   * @returns the fork
   */
  async fork(options: ThreadOptions = this.#options): Promise<Thread> {
    const client = await this.#engines.client();
    const id = this.#id ?? (await this.#load()).thread.id();
    const thread = await settle(client.threadFork(id, threadParams(options, false)));
    return new Thread(this.#engines, options, thread.id(), { client, thread });
  }

  /**
   * Reads what is stored of the thread (`thread/read`).
   *
   * @param includeTurns whether to read its turns and items too; true by default
   */
  async read(includeTurns = true): Promise<ClientRequestMap["thread/read"]["result"]> {
    const thread = await this.#handle();
    return JSON.parse(await settle(thread.read(includeTurns)));
  }

  /** Names the thread (`thread/name/set`). */
  async setName(name: string): Promise<ClientRequestMap["thread/name/set"]["result"]> {
    const thread = await this.#handle();
    return JSON.parse(await settle(thread.setName(name)));
  }

  /** Has the engine summarise the thread to free context (`thread/compact/start`); it does not wait for it. */
  async compact(): Promise<ClientRequestMap["thread/compact/start"]["result"]> {
    const { thread } = await this.#load();
    return JSON.parse(await settle(thread.compact()));
  }

  /** Puts the thread into the archive (`thread/archive`). */
  async archive(): Promise<ClientRequestMap["thread/archive"]["result"]> {
    const thread = await this.#handle();
    return JSON.parse(await settle(thread.archive()));
  }

  /** Takes the thread out of the archive (`thread/unarchive`). */
  async unarchive(): Promise<ClientRequestMap["thread/unarchive"]["result"]> {
    const thread = await this.#handle();
    return JSON.parse(await settle(thread.unarchive()));
  }

  /** Starts a turn; aborting meanwhile rejects at once and interrupts what comes of it. */
  async #start(input: Input, options: TurnOptions): Promise<NativeTurn> {
    throwIfAborted(options.signal);
    const parts = wireInput(input);
    const params = turnParams(this.#options, options);
    const starting = this.#load().then(({ thread }) => settle(thread.turn(parts, params)));
    return abortable(options.signal, starting, () => {
      starting.then(
        (turn) => turn.interruptInBackground(),
        () => {},
      );
    });
  }

  async *#streamed(
    input: Input,
    options: TurnOptions,
  ): AsyncGenerator<ThreadEvent, undefined, undefined> {
    const { signal } = options;
    const turn = await this.#start(input, options);
    const waiter = new Waiter(true);
    const stream = turn.simpleEvents(hub(), waiter.id);
    const collected: RunResult["items"] = [];
    let usage: RunResult["usage"] = null;
    let finalResponse = "";
    let over = false;
    try {
      while (!over) {
        throwIfAborted(signal);
        const text = stream.drain(BATCH);
        if (text === null) {
          over = checkEnd(stream.end());
          if (!over) await abortable(signal, waiter.wait(), () => waiter.wake());
          continue;
        }
        for (const event of JSON.parse(text) as ThreadEvent[]) {
          if (event.type === "item.completed") {
            collected.push(event.item);
            if (event.item.type === "agent_message") finalResponse = event.item.text;
          } else if (event.type === "turn.completed") {
            usage = event.usage;
          }
          yield event;
          throwIfAborted(signal);
        }
      }
    } finally {
      waiter.wake();
      if (!over) turn.interruptInBackground();
    }
    const end = JSON.parse(await settle(turn.result())) as TurnResult;
    if (end.status !== "completed") {
      throw failed({ items: collected, finalResponse, usage, ...outcome(end) });
    }
  }

  /** The thread in the engine that runs now: started, or resumed if it has an id. */
  #load(): Promise<Loaded> {
    if (this.#loaded !== undefined && !this.#loaded.client.isClosed()) {
      return this.#engines.assertOpen().then(() => this.#loaded as Loaded);
    }
    this.#loading ??= this.#open().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #open(): Promise<Loaded> {
    const id = this.#id;
    const params = threadParams(this.#options, id === null);
    const client = await this.#engines.client();
    const opening = id === null ? client.threadStart(params) : client.threadResume(id, params);
    const thread = await settle(opening);
    this.#id = thread.id();
    this.#loaded = { client, thread };
    return this.#loaded;
  }

  /** The thread for calls that need not have it loaded. */
  async #handle(): Promise<NativeThread> {
    if (this.#id === null) return (await this.#load()).thread;
    const client = await this.#engines.client();
    return client.thread(this.#id);
  }
}

/** What a result says of the turn, beside its items. */
function outcome(end: TurnResult) {
  return {
    threadId: end.threadId,
    turnId: end.id,
    status: end.status,
    error: end.error,
    durationMs: end.durationMs,
    tokenUsage: end.usage,
  };
}

function failed(result: RunResult): TurnFailedError {
  const why = result.error?.message ?? `the turn ended as ${result.status}`;
  return new TurnFailedError(why, result);
}
