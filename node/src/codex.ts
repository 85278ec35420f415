/** The client: one engine process, started when it is first needed. */

import { throwIfAborted } from "./abort.js";
import type { Agent } from "./agents.js";
import { makeApi } from "./api.js";
import type { PendingReply, PendingRequest } from "./approvals.js";
import {
  AutoRun,
  type AutoRunOptions,
  type AutoRunResult,
  autoPlan,
  finish,
  type Plan,
} from "./auto.js";
import { checkOptions, count, flag, text } from "./check.js";
import { Checks } from "./checks.js";
import { Engines } from "./engines.js";
import { InvalidArgumentError, settle } from "./errors.js";
import { needsAppServer } from "./execOptions.js";
import type { Api } from "./generated/api.js";
import type { ClientRequestMap } from "./generated/protocol.js";
import { hub } from "./hub.js";
import { encode } from "./input.js";
import { ChatgptLoginHandle, DeviceCodeLoginHandle } from "./login.js";
import {
  type MapInput,
  type MapOptions,
  MapRun,
  mapPlan,
  type TypedMapOptions,
  type TypedMapResult,
} from "./map.js";
import { Mcp } from "./mcp.js";
import { type Metrics, metricsFrom } from "./metrics.js";
import { camelKeys } from "./names.js";
import type { NativeAutoRun } from "./native.js";
import type { CodexOptions, RequestOptions, ThreadOptions, TurnOptions } from "./options.js";
import type { InferOutput, OutputType } from "./output.js";
import { asking, chainOf, replyJson } from "./responders.js";
import {
  checkCodexOptions,
  checkRequestOptions,
  checkThreadId,
  checkThreadOptions,
} from "./rules.js";
import { EventStream } from "./stream.js";
import { Thread } from "./thread.js";
import type { ToolRegistry } from "./tools.js";
import { turnParams } from "./wire.js";

/** What the engine said of itself, and how it was found. */
export interface EngineMetadata {
  /** The user agent that the engine presents to the model provider. */
  userAgent: string;
  /** The engine's `CODEX_HOME`. */
  codexHome: string | null;
  /** `unix` or `windows`. */
  platformFamily: string | null;
  /** `linux`, `macos`, ... */
  platformOs: string | null;
  /** The first part of the user agent. */
  serverName: string | null;
  /** The engine's version, as the user agent says it. */
  serverVersion: string | null;
  /** Where the engine was found: `source` is `codex_bin`, `CODEX_BINARY`, `package @openai/codex` or `PATH`. */
  engine: { path: string; source: string; version: string };
}

/** Something odd about the engine's output that did not end the client. */
export interface Diagnostic {
  /** `blank_line`, `malformed_line`, `invalid_utf8`, `declined`, ... */
  kind: string;
  /** What was odd, in words. */
  message: string;
  /** The beginning of what was odd. */
  excerpt: string;
}

/** Counters of a client, since its engine started. */
export interface Stats {
  /** Lines that the engine wrote. */
  lines: number;
  /** Notifications that went to a turn. */
  turnEvents: number;
  /** Notifications that belonged to no turn. */
  unclaimedEvents: number;
  /** Of those, the ones that were given up because nobody read them. */
  droppedNotifications: number;
  /** Deltas that were joined to the one before for a slow reader; their text is kept. */
  coalescedDeltas: number;
  /** Events that a stream gave up with a `LaggedError`. */
  laggedEvents: number;
  /** Requests that the engine sent. */
  serverRequests: number;
  /** Diagnostics that were recorded, also those that were pushed out since. */
  diagnostics: number;
  /** Turns that run. */
  openTurns: number;
  /** Requests that wait for the engine's answer. */
  pendingRequests: number;
  /** How often the engine was restarted (`restart`), and the session picked up in the new one. */
  restarts: number;
}

/** The methods of the requests that a client may send. */
export type ClientMethod = keyof ClientRequestMap;

/** The parameters that a method may do without are optional arguments. */
type RequestArguments<M extends ClientMethod> = undefined extends ClientRequestMap[M]["params"]
  ? [params?: ClientRequestMap[M]["params"], options?: RequestOptions]
  : [params: ClientRequestMap[M]["params"], options?: RequestOptions];

/**
 * A client of the Codex engine.
 *
 * One engine process serves all its threads. It is started when it is first needed, does not keep the Node
 * process alive while nothing is awaited, and ends with it.
 *
 * ```ts
 * await using codex = new Codex();
 * const thread = codex.startThread({ workingDirectory: "." });
 * const { finalResponse } = await thread.run("What does this project do?");
 * ```
 */
export class Codex implements AsyncDisposable {
  readonly #engines: Engines;
  #api: Api | undefined;

  /**
   * @param options how to find, start and talk to the engine
   * @throws {InvalidArgumentError} for options that cannot be
   */
  constructor(options: CodexOptions = {}) {
    checkCodexOptions(options);
    this.#engines = new Engines(options);
  }

  /**
   * A new thread. It is created in the engine (`thread/start`) with its first turn.
   *
   * @param options what it runs with
   * @throws {InvalidArgumentError} for options that cannot be
   */
  startThread(options: ThreadOptions = {}): Thread {
    checkThreadOptions(options, "start");
    return new Thread(this.#engines, options, null);
  }

  /**
   * A thread of before, by its id. It is loaded (`thread/resume`) with its first turn.
   *
   * @param id the thread's id
   * @param options what it runs with from now on
   * @throws {InvalidArgumentError} for options that cannot be, and for what is no id
   */
  resumeThread(id: string, options: ThreadOptions = {}): Thread {
    checkThreadId(id);
    checkThreadOptions(options, "resume");
    return new Thread(this.#engines, options, id);
  }

  /**
   * Goes on with a run from its continuation token, which may be of another process and of another language. What
   * was done since it was given is found on the thread and not done again; a turn that was cut off is repeated, and
   * counted once.
   *
   * @param token the token, as `continuation` gave it
   * @param options what replaces what the token says; `thread`: the thread with its options, by default it is
   * resumed as it was stored
   * @returns what the run came to
   * @throws {GuardrailError} when a guardrail of `turn` does not let a prompt or a result pass
   * @throws {InvalidArgumentError} for a token that is damaged or of something else, and for options that cannot be
   * @throws {RpcError} when the engine cannot resume the thread
   * @throws {AbortError} when the signal was aborted
   */
  async autoResume(
    token: string,
    options: AutoRunOptions & { thread?: Thread } = {},
  ): Promise<AutoRunResult> {
    const [plan, run] = await this.#autoResume(token, options, false);
    return finish(run, plan);
  }

  /**
   * {@link Codex.autoResume} with the full stream of events, and control over the run.
   *
   * @param token the token
   * @param options what replaces what the token says
   * @returns the run
   */
  async autoResumeStreamed(
    token: string,
    options: AutoRunOptions & { thread?: Thread } = {},
  ): Promise<AutoRun> {
    const [plan, run] = await this.#autoResume(token, options, true);
    return new AutoRun(run, plan);
  }

  async #autoResume(
    token: string,
    { thread, ...options }: AutoRunOptions & { thread?: Thread },
    stream: boolean,
  ): Promise<[Plan, NativeAutoRun]> {
    text(token, "token");
    if (thread !== undefined && !(thread instanceof Thread)) {
      throw InvalidArgumentError.of("thread", "expected a Thread");
    }
    const plan = autoPlan(options, stream, (turn) => turn && again(turn));
    throwIfAborted(plan.signal);
    if (thread !== undefined) return [plan, await thread.autoResume(token, plan)];
    const client = await this.#engines.client();
    const guarding = Checks.guarding(plan.checks);
    return [plan, await settle(client.autoResume(token, plan.options, undefined, ...guarding))];
  }

  /**
   * Runs many prompts, each on a fresh thread, some at a time, and gives the results as they complete. Items are taken
   * from an iterable when there is room for them. The map goes on while results are taken; leaving the loop interrupts
   * what runs. A failed item is a result like others.
   *
   * @param items prompts, or objects with a prompt, a folder and a name
   * @param options how many at a time, the journal, what the threads and turns run with
   * @returns the map: an async iterator over its results
   * @throws {InvalidArgumentError} for items and options that cannot be, and for a journal that is of other items or
   * options, of a newer version, or in use
   * @throws {AbortError} when the signal was aborted
   */
  map<Type extends OutputType>(
    items: Iterable<MapInput> | AsyncIterable<MapInput>,
    options: TypedMapOptions<Type>,
  ): Promise<MapRun<TypedMapResult<InferOutput<Type>>>>;
  map(items: Iterable<MapInput> | AsyncIterable<MapInput>, options?: MapOptions): Promise<MapRun>;
  async map(
    items: Iterable<MapInput> | AsyncIterable<MapInput>,
    options: MapOptions = {},
  ): Promise<MapRun> {
    const plan = mapPlan(items, options);
    throwIfAborted(plan.signal);
    const client = await this.#engines.client();
    const run = await asking(chainOf(options), this.#engines.life, (...asking) =>
      settle(client.map(plan.options, ...asking, Checks.guarding(plan.checks)[1])),
    );
    return MapRun.begin(run, plan);
  }

  /**
   * The sub-agents that the engine has spawned on this client's threads, in the order of their spawning. What they ask
   * is answered by whoever answers for the threads above them.
   *
   * @returns the agents
   */
  async agents(): Promise<Agent[]> {
    const client = await this.#engines.client();
    return JSON.parse(client.agents());
  }

  /**
   * A new thread with the history of another (`thread/fork`).
   *
   * @param id the other thread's id
   * @param options what the fork runs with
   * @returns the fork, loaded
   * @throws {InvalidArgumentError} for options that cannot be
   * @throws {RpcError} when there is no such thread
   */
  async forkThread(id: string, options: ThreadOptions = {}): Promise<Thread> {
    return this.resumeThread(id).fork(options);
  }

  /**
   * Lists stored threads, a page at a time (`thread/list`).
   *
   * @param params what to list, and from where
   */
  async listThreads(
    params: Partial<ClientRequestMap["thread/list"]["params"]> = {},
  ): Promise<ClientRequestMap["thread/list"]["result"]> {
    const client = await this.#engines.client();
    return JSON.parse(await settle(client.threadList(encode("params", params))));
  }

  /**
   * Puts a stored thread into the archive (`thread/archive`).
   *
   * @param id the thread's id
   * @throws {RpcError} when there is no such thread
   */
  async archiveThread(id: string): Promise<ClientRequestMap["thread/archive"]["result"]> {
    return this.resumeThread(id).archive();
  }

  /**
   * Takes a thread out of the archive (`thread/unarchive`).
   *
   * @param id the thread's id
   * @param options what it runs with from now on
   * @returns the thread; it is loaded with its first turn
   * @throws {RpcError} when there is no such thread
   */
  async unarchiveThread(id: string, options: ThreadOptions = {}): Promise<Thread> {
    const thread = this.resumeThread(id, options);
    await thread.unarchive();
    return thread;
  }

  /**
   * Logs in with an API key (`account/login/start`), for all who use this `CODEX_HOME`. For a key of this client
   * alone, give {@link CodexOptions.apiKey} instead: that one is kept in memory.
   *
   * @param apiKey the key
   */
  async loginApiKey(apiKey: string): Promise<void> {
    text(apiKey, "apiKey");
    await this.#engines.request("account/login/start", { type: "apiKey", apiKey });
  }

  /**
   * Starts a login through the browser (`account/login/start`).
   *
   * @returns a handle with the URL to open, that waits for the end
   */
  async loginChatgpt(): Promise<ChatgptLoginHandle> {
    return ChatgptLoginHandle.start(this.#engines);
  }

  /**
   * Starts a login by a code that a person enters on any device (`account/login/start`).
   *
   * @returns a handle with the URL and the code, that waits for the end
   */
  async loginChatgptDeviceCode(): Promise<DeviceCodeLoginHandle> {
    return DeviceCodeLoginHandle.start(this.#engines);
  }

  /**
   * The account in use (`account/read`).
   *
   * @param options `refreshToken`: whether to refresh the login's token first
   * @returns the account, null without a login; and whether one is needed
   */
  async account(
    options: { refreshToken?: boolean } = {},
  ): Promise<ClientRequestMap["account/read"]["result"]> {
    checkOptions(options, { refreshToken: flag });
    const params = { refreshToken: options.refreshToken ?? false };
    return this.request("account/read", params);
  }

  /** Forgets the login (`account/logout`). */
  async logout(): Promise<void> {
    await this.#engines.request("account/logout");
  }

  /**
   * The models that the engine knows (`model/list`).
   *
   * @param options `includeHidden`: whether to list those that are not meant to be chosen, too; `cursor` and
   * `limit`: which page
   * @returns the models, and where the next page begins
   */
  async models(
    options: { includeHidden?: boolean; cursor?: string; limit?: number } = {},
  ): Promise<ClientRequestMap["model/list"]["result"]> {
    checkOptions(options, { includeHidden: flag, cursor: text, limit: count(1) });
    return this.request("model/list", {
      ...options,
      includeHidden: options.includeHidden ?? false,
    });
  }

  /**
   * The tools that every thread has which this client starts, resumes or forks from now on. Add to them at any time.
   *
   * @throws {InvalidArgumentError} with `transport: "exec"`, whose engine takes none
   */
  get tools(): ToolRegistry {
    if (this.#engines.oneShot !== undefined) throw needsAppServer("calling tools");
    return this.#engines.tools;
  }

  /** The MCP servers of the engine's configuration; those of a thread are at {@link Thread.mcp}. */
  get mcp(): Mcp {
    return new Mcp(async () => (await this.#engines.client()).mcp(null));
  }

  /**
   * Every method of the protocol under its own name, typed and checked before it is sent:
   * `codex.api.thread.goal.set({ threadId, objective })` calls `thread/goal/set`.
   */
  get api(): Api {
    this.#api ??= makeApi(this.#engines);
    return this.#api;
  }

  /**
   * Sends any request of the protocol.
   *
   * @param method the method, as in `model/list`
   * @param rest its parameters, and how to send it
   * @returns the engine's answer
   * @throws {RpcError} when the engine answers with an error
   * @throws {CodexTimeoutError} when it does not answer in time
   * @throws {ClosedError} when the client was closed or the engine ended meanwhile
   */
  request<M extends ClientMethod>(
    method: M,
    ...rest: RequestArguments<M>
  ): Promise<ClientRequestMap[M]["result"]>;
  /**
   * The same for a method that this version does not know.
   *
   * @param method the method
   * @param params its parameters
   * @param options how to send it
   * @returns the engine's answer
   */
  request(method: string, params?: unknown, options?: RequestOptions): Promise<unknown>;
  async request(method: string, params?: unknown, options: RequestOptions = {}): Promise<unknown> {
    text(method, "method");
    checkRequestOptions(options);
    return this.#engines.request(method, params, options.timeoutMs);
  }

  /**
   * Sends the engine a notification of the protocol. There is no answer to it.
   *
   * @param method the method
   * @param params its parameters
   * @throws {ClosedError} when the client was closed
   */
  async notify(method: string, params?: unknown): Promise<void> {
    text(method, "method");
    const json = params === undefined ? null : encode("params", params);
    const client = await this.#engines.client();
    await settle(client.notify(method, json));
  }

  /**
   * What handlers have put off (`{ decision: "later" }`) and waits for its answer. It is withdrawn when its turn ends.
   *
   * @returns the requests, each with its `subject`: `approval`, `question` or `elicitation`
   * @throws {ClosedError} when the client was closed
   */
  async pendingApprovals(): Promise<PendingRequest[]> {
    await this.#engines.assertOpen();
    return this.#engines.pending().map(({ asked }) => asked);
  }

  /**
   * Answers what was put off.
   *
   * @param approvalId the request's `id`
   * @param reply a decision, answers to questions, or a reply to an MCP server, as a handler would give it
   * @throws {InvalidArgumentError} when nothing waits under this id any more, and for an answer that does not fit; the
   * request then waits on
   * @throws {ClosedError} when the client was closed
   */
  async answerApproval(approvalId: string, reply: PendingReply): Promise<void> {
    text(approvalId, "approvalId");
    await this.#engines.assertOpen();
    const pending = this.#engines.pending().find(({ asked }) => asked.id === approvalId);
    if (pending === undefined) {
      const id = JSON.stringify(approvalId);
      throw InvalidArgumentError.of(
        "approvalId",
        `nothing waits for an answer under ${id}: it was answered, withdrawn or never put off`,
      );
    }
    const { client, asked } = pending;
    const json = replyJson(asked.subject, asked, reply);
    await settle(client.answerApproval(approvalId, json));
  }

  /**
   * The notifications that belong to no turn (`account/updated`, `thread/started`, ...). A bounded ring: if
   * nobody reads, the oldest are given up and counted. All streams share one cursor.
   *
   * @param options `keepAlive`: whether waiting for a notification keeps the process alive; false by default
   * @returns an async iterator that ends with the client
   * @throws {ClosedError} while iterating, when the engine ended by itself
   */
  notifications(options: { keepAlive?: boolean } = {}): EventStream {
    checkOptions(options, { keepAlive: flag });
    return new EventStream(
      async (id) => (await this.#engines.client()).notifications(hub(), id),
      options.keepAlive ?? false,
      () => this.#engines.closed,
    );
  }

  /**
   * Starts the engine now instead of with the first turn.
   *
   * @returns what the engine said of itself, and how it was found
   * @throws {EngineNotFoundError} when there is none
   * @throws {EngineVersionError} when it is too old
   * @throws {SpawnError} when it cannot be started, or ends at once
   * @throws {CodexTimeoutError} when it does not answer
   */
  async start(): Promise<EngineMetadata> {
    return JSON.parse((await this.#engines.client()).metadata());
  }

  /** What was odd about the engine's output, the newest last. Empty before the engine has started. */
  diagnostics(): Diagnostic[] {
    return JSON.parse(this.#engines.running?.diagnostics() ?? "[]");
  }

  /** Counters; undefined before the engine has started. */
  stats(): Stats | undefined {
    const text = this.#engines.running?.stats();
    return text === undefined ? undefined : (camelKeys(JSON.parse(text)) as Stats);
  }

  /** What was done since the start, and what is done now; undefined before the engine has started. */
  metrics(): Metrics | undefined {
    const text = this.#engines.running?.metrics();
    return text === undefined ? undefined : metricsFrom(text);
  }

  /** The last of what the engine wrote to its standard error. */
  stderrTail(): string {
    return this.#engines.running?.stderrTail() ?? "";
  }

  /** Whether the client was closed. An engine that ended by itself is started again with the next use. */
  get isClosed(): boolean {
    return this.#engines.closed;
  }

  /** The engine's process id; null before it has started and after it has ended. */
  get pid(): number | null {
    return this.#engines.running?.pid() ?? null;
  }

  /**
   * Ends the engine in good order; what is awaited fails with a `ClosedError`. Repeating it does no harm.
   */
  async close(): Promise<void> {
    await this.#engines.close();
  }

  /** The same as {@link Codex.close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** What replaces the token's parameters of turns: nothing, if only guardrails are given again, which no token holds. */
function again(turn: TurnOptions): object | undefined {
  const params = turnParams({}, turn);
  const guarded = turn.inputGuardrails || turn.outputGuardrails;
  return guarded && Object.values(params).every((value) => value === undefined)
    ? undefined
    : params;
}
