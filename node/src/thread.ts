/** A thread: a conversation with the agent. */

import { abortable, throwIfAborted } from "./abort.js";
import type { Agent } from "./agents.js";
import {
  AutoRun,
  type AutoRunOptions,
  type AutoRunResult,
  attempt,
  autoPlan,
  finish,
  type Plan,
} from "./auto.js";
import { checkOptions, count, flag, type Rules, signal as signalRule, text } from "./check.js";
import { Checks, checksOf } from "./checks.js";
import type { Engines } from "./engines.js";
import { fromTurn, InvalidArgumentError, rename, settle } from "./errors.js";
import type { Event } from "./events.js";
import type { ThreadId } from "./exec.js";
import { type ExecTurn, execTurn } from "./execOptions.js";
import type { ClientRequestMap, ThreadGoal, ThreadGoalSetParams } from "./generated/protocol.js";
import { type GoalOptions, pursue } from "./goal.js";
import { checkInput, checkOutput, refuseGuardrails } from "./guardrails.js";
import { Handoff, type HandoffOptions } from "./handoff.js";
import { checkEnd, freshId, hold, hub, release, whenReady } from "./hub.js";
import { type ExternalMessage, encode, type Input, wireInput, wireTurnInput } from "./input.js";
import { isLoaded, setLoaded, unload } from "./loaded.js";
import { Mcp } from "./mcp.js";
import type { NativeAutoRun, NativeClient, NativeThread, NativeTurn } from "./native.js";
import type { ThreadOptions, TurnOptions } from "./options.js";
import {
  type InferOutput,
  Output,
  type OutputType,
  type TypedRunResult,
  type TypedTurnOptions,
  type TypedTurnResult,
} from "./output.js";
import { asking, type Chain, chainOf, keepRunning } from "./responders.js";
import { checkThreadOptions, checkTurnOptions } from "./rules.js";
import { BATCH, EventStream, Waiter } from "./stream.js";
import { traceJson } from "./telemetry.js";
import type { RunResult, RunStreamedResult, ThreadEvent } from "./threadEvents.js";
import {
  checkThreadTool,
  type ThreadToolOptions,
  type Tool,
  type ToolRegistry,
  threadTool,
  withRegistry,
} from "./tools.js";
import { Turn, type TurnResult } from "./turn.js";
import { threadParams, turnParams } from "./wire.js";

const GOAL_OPTIONS: Rules<GoalOptions> = { tokenBudget: count(1), signal: signalRule };

/** What the engine says of a thread that it has started, resumed or forked. */
export type OpenedThread =
  | ClientRequestMap["thread/start"]["result"]
  | ClientRequestMap["thread/resume"]["result"]
  | ClientRequestMap["thread/fork"]["result"];

/** A turn that was checked and only has to be started. */
interface Prepared {
  parts: string;
  params: string;
  chain: Chain | undefined;
  signal: AbortSignal | undefined;
  output?: Output | undefined;
  trace: string | undefined;
}

/** What a way of running a turn can do with its options. */
interface Takes {
  guarded?: boolean;
  typed?: boolean;
}

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
  readonly #options: ThreadOptions & { tools?: ToolRegistry };
  #id: string | null;
  #loaded: Loaded | undefined;
  #loading: Promise<Loaded> | undefined;
  /** Settles when the turns that were left early have ended. */
  #left: Promise<void> = Promise.resolve();

  readonly #ownId: ThreadId = {
    get: () => this.#id,
    set: (id) => {
      this.#id = id;
    },
  };

  /** @internal */
  constructor(engines: Engines, options: ThreadOptions, id: string | null, loaded?: Loaded) {
    this.#engines = engines;
    this.#options = withRegistry(options);
    this.#id = id;
    this.#loaded = loaded;
  }

  /** The thread's id; null until its first turn starts. */
  get id(): string | null {
    return this.#id;
  }

  /** The thread's MCP servers: their status, and calls of their tools without the model. Using it opens the thread. */
  get mcp(): Mcp {
    return new Mcp(async () => {
      const { client, thread } = await this.#load();
      return client.mcp(thread.id());
    });
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
   * @returns the completed items, the final answer and the usage; with an `outputType` the answer as `parsed`
   * @throws {GuardrailError} when a guardrail does not let the input or the result pass
   * @throws {InvalidOutputError} when the (last) answer is not of the `outputType`
   * @throws {TurnFailedError} when the turn failed or was interrupted; `result` says how far it came. What a caller
   * acts on otherwise has a class below it: {@link RateLimitedError}, {@link UsageLimitError}, ...
   * @throws {AbortError} when the signal was aborted
   * @throws {CodexError} in one of its kinds when there is no engine, or it is gone
   */
  run<Type extends OutputType>(
    input: Input,
    turnOptions: TypedTurnOptions<Type>,
  ): Promise<TypedRunResult<InferOutput<Type>>>;
  run(input: Input, turnOptions?: TurnOptions): Promise<RunResult>;
  async run(input: Input, turnOptions: TurnOptions = {}): Promise<RunResult> {
    const { oneShot } = this.#engines;
    if (oneShot) return oneShot.run(this.#oneShot(input, turnOptions), this.#ownId);
    const prepared = await this.#guarded(input, turnOptions);
    const result = await this.#finish(prepared);
    return checkOutput(result, turnOptions, prepared.output !== undefined);
  }

  /** Runs a turn, and the repairs of a typed one. */
  async #finish(prepared: Prepared): Promise<RunResult> {
    const { output } = prepared;
    if (output === undefined) return (await this.#complete(prepared)).result;
    const attempts: RunResult[] = [];
    for (;;) {
      const { native, result } = await this.#complete({ ...prepared, ...output.next() });
      const judged = await output.judge(native);
      if (!judged.repair) return Object.assign(result, { parsed: judged.parsed, attempts });
      attempts.push(result);
    }
  }

  /** Runs one turn to its end; throws if that is not a good one. */
  async #complete(prepared: Prepared): Promise<{ native: NativeTurn; result: RunResult }> {
    const turn = await this.#start(prepared);
    const outcomes = await abortable(prepared.signal, settle(turn.runSimple()), () => {
      this.#leave(turn);
    });
    const { simple, turn: end } = JSON.parse(outcomes) as {
      simple: { items: RunResult["items"]; finalResponse: string; usage: RunResult["usage"] };
      turn: TurnResult;
    };
    const result: RunResult = {
      items: simple.items,
      finalResponse: simple.finalResponse,
      usage: simple.usage,
      ...outcome(end),
    };
    if (result.status !== "completed") throw fromTurn(end, result);
    return { native: turn, result };
  }

  /**
   * Runs a turn and tells its events in the official SDK's simple model (no deltas). The turn starts when
   * the first event is asked for; leaving the loop early interrupts it.
   *
   * @param input a prompt, or parts
   * @param turnOptions what the turn runs with
   * @returns the events; the generator throws what {@link Thread.run} throws: after `turn.failed`; when an input guardrail
   * rejects, before the first event; when an output guardrail does, after the last
   */
  async runStreamed(input: Input, turnOptions: TurnOptions = {}): Promise<RunStreamedResult> {
    const { oneShot } = this.#engines;
    if (oneShot) {
      return { events: oneShot.streamed(this.#oneShot(input, turnOptions), this.#ownId) };
    }
    const prepared = this.#prepare(input, turnOptions, { guarded: true });
    return { events: this.#streamed(input, turnOptions, prepared) };
  }

  /**
   * Runs a turn and tells what the agent says as it says it: the text of `item/agentMessage/delta`, piece by
   * piece. The turn starts when the first piece is asked for; leaving the loop early interrupts it.
   *
   * @param input a prompt, or parts
   * @param turnOptions what the turn runs with
   * @returns the pieces
   * @throws {InvalidArgumentError} at the call, for input or options that cannot be
   * @throws {TurnFailedError} while iterating, when the turn failed or was interrupted. Its `result` has no items.
   */
  streamText(
    input: Input,
    turnOptions: TurnOptions = {},
  ): AsyncGenerator<string, undefined, undefined> {
    return this.#texts(this.#prepare(input, turnOptions));
  }

  /**
   * Starts a turn (`turn/start`) with its full stream of events, and control over it.
   *
   * @param input a prompt, or parts
   * @param turnOptions what the turn runs with
   * @returns the running turn
   * @throws {GuardrailError} when an input guardrail does not let it pass
   * @throws {InvalidArgumentError} for an empty prompt, an unknown input or a missing file
   * @throws {AbortError} when the signal was aborted
   * @throws {CodexError} in one of its kinds when there is no engine, or it refuses
   */
  turn<Type extends OutputType>(
    input: Input,
    turnOptions: TypedTurnOptions<Type>,
  ): Promise<Turn<TypedTurnResult<InferOutput<Type>>>>;
  turn(input: Input, turnOptions?: TurnOptions): Promise<Turn>;
  async turn(input: Input, turnOptions: TurnOptions = {}): Promise<Turn> {
    if (turnOptions.outputRepairs) {
      const why = "a turn that is started is one turn; give it to thread.run()";
      throw InvalidArgumentError.of("outputRepairs", why);
    }
    const prepared = await this.#guarded(input, turnOptions);
    const { output } = prepared;
    const native = await this.#start({ ...prepared, ...output?.next() });
    return new Turn(native, prepared.signal, () => this.#leave(native), output, turnOptions);
  }

  /**
   * Runs turns until the task is done or a limit is reached. Nobody else should start turns on the thread meanwhile.
   *
   * @param input what the first turn is told
   * @param options when the task is done, the limits, the hooks
   * @returns what it came to; `stopReason` says why it ended. A failure of the engine is a result, too.
   * @throws {GuardrailError} when a guardrail of `turn` does not let a prompt or a result pass
   * @throws {InvalidArgumentError} for input and options that cannot be; and when a function returned what has no meaning
   * @throws {AbortError} when the signal was aborted
   */
  async autoRun(
    input: Exclude<Input, ExternalMessage>,
    options: AutoRunOptions = {},
  ): Promise<AutoRunResult> {
    const plan = this.#autoPlan(options, false);
    return this.#watched(await this.#autoRun(input, plan), plan);
  }

  /**
   * Begins a run of turns with the full stream of events, and control over it.
   *
   * @param input what the first turn is told
   * @param options when the task is done, the limits, the hooks
   * @returns the run
   * @throws {InvalidArgumentError} for input and options that cannot be
   * @throws {AbortError} when the signal was aborted
   */
  async autoRunStreamed(
    input: Exclude<Input, ExternalMessage>,
    options: AutoRunOptions = {},
  ): Promise<AutoRun> {
    const plan = this.#autoPlan(options, true);
    return new AutoRun(await this.#autoRun(input, plan), plan);
  }

  /**
   * Goes on with a run on this thread. @internal
   *
   * @param plan what is told anew
   */
  async autoResume(token: string, plan: Plan): Promise<NativeAutoRun> {
    const { client, thread } = await this.#load();
    return settle(client.autoResume(token, plan.options, thread, ...Checks.guarding(plan.checks)));
  }

  #autoPlan(options: AutoRunOptions, stream: boolean): Plan {
    return autoPlan(options, stream, (turn) => {
      const goal = typeof options.until === "object" && options.until?.type === "goal";
      // The engine starts the turns of a goal, so that what a thread says for its turns has no place to go.
      return goal && turn === undefined ? undefined : turnParams(this.#options, turn ?? {});
    });
  }

  async #autoRun(
    input: Exclude<Input, ExternalMessage>,
    { options, signal, checks }: Plan,
  ): Promise<NativeAutoRun> {
    const parts = wireInput(input);
    throwIfAborted(signal);
    hold();
    await this.#left.finally(release);
    const { thread } = await this.#load();
    throwIfAborted(signal);
    return attempt(() => thread.autoRun(parts, options, ...Checks.guarding(checks)));
  }

  /** Waits for a run; one that is left early is waited for by the next turn. */
  async #watched(run: NativeAutoRun, plan: Plan): Promise<AutoRunResult> {
    try {
      return await finish(run, plan);
    } catch (error) {
      const over = run.result().then(
        () => {},
        () => {},
      );
      this.#left = Promise.all([this.#left, over]).then(() => {});
      throw error;
    }
  }

  /**
   * Makes a thread that begins with this one's history (`thread/fork`).
   *
   * @param options what the fork runs with; by default what this thread runs with
   * @returns the fork
   */
  async fork(options: ThreadOptions = this.#options): Promise<Thread> {
    if (options !== this.#options) checkThreadOptions(options, "fork");
    const shared = withRegistry(options);
    const { tools } = shared;
    const id = this.#id ?? (await this.#load()).thread.id();
    const client = await this.#engines.clientFor(id);
    const params = threadParams(options, "fork");
    const thread = await asking(
      chainOf(options),
      this.#engines.life,
      (...asking) => opened(client.threadFork(id, params, ...asking, tools?.native)),
      { tools },
    );
    setLoaded(client, thread.id());
    return new Thread(this.#engines, shared, thread.id(), { client, thread });
  }

  /**
   * The thread as a tool, for other threads: their agents call it with an `input` (a text), which is a turn's on this
   * thread, and read the turn's final response. The thread remembers its calls, as it does all its turns.
   *
   * Calls come one after the other, and after a turn that runs. A call that could never begin, because the agent that
   * asks is asked itself by way of this thread, fails at once. A call whose caller is interrupted interrupts the turn.
   *
   * @param options its name, its words for the model, its limits, the guardrails of its calls
   * @returns the tool, for the option `tools` of a client or another thread, or for a {@link ToolRegistry}
   * @throws {InvalidArgumentError} for a name that providers do not take, an empty description, a limit of zero
   */
  async asTool(options: ThreadToolOptions): Promise<Tool> {
    checkThreadTool(options);
    const { thread } = await this.#load();
    const { inputGuardrails, outputGuardrails, ...declared } = options;
    const checks = checksOf({ inputGuardrails, outputGuardrails }, { givenBack: false });
    return threadTool(declared, [this, checks], (declaration) =>
      thread.asTool(declaration, ...Checks.guarding(checks)),
    );
  }

  /**
   * The thread's agent as one that others hand their conversation over to; see {@link Handoff}.
   *
   * @param options what it is called, its words for the model
   * @returns the handoff, for the option `tools` of a client or another thread, or for a {@link ToolRegistry}
   * @throws {InvalidArgumentError} for a name that providers do not take, an empty description, a negative number
   */
  async asHandoff(options: HandoffOptions): Promise<Handoff> {
    return new Handoff(options).keep(this);
  }

  /** Started, and known to the engine. @internal */
  async loaded(): Promise<NativeThread> {
    return (await this.#load()).thread;
  }

  /**
   * The sub-agents that the engine has spawned for this thread's agent, in the order of their spawning. For one of them,
   * `codex.resumeThread(agent.threadId)` is a handle.
   *
   * @returns the agents; theirs are theirs
   */
  async children(): Promise<Agent[]> {
    return JSON.parse((await this.#handle()).children());
  }

  /**
   * What the engine tells of this thread and of the sub-agents below it, and no turn claims: for a sub-agent, or an agent
   * that has some, all that they do, from now on. Each call has a cursor of its own; the oldest unread are given up.
   *
   * @param options `keepAlive`: whether waiting for an event keeps the process alive; false by default
   * @returns an async iterator that ends with the client
   * @throws {ClosedError} while iterating, when the engine ended by itself
   */
  async subscribe(options: { keepAlive?: boolean } = {}): Promise<EventStream> {
    checkOptions(options, { keepAlive: flag });
    const thread = await this.#handle();
    const stream = new EventStream(
      (id) => thread.subscribe(hub(), id),
      options.keepAlive ?? false,
      () => this.#engines.closed,
    );
    await stream.begin();
    return stream;
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

  /**
   * Names the thread (`thread/name/set`).
   *
   * @param name the name
   */
  async setName(name: string): Promise<ClientRequestMap["thread/name/set"]["result"]> {
    text(name, "name");
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

  /**
   * The thread's goal (`thread/goal/get`).
   *
   * @returns the goal with its status, budget and use; null without one
   */
  async goal(): Promise<ThreadGoal | null> {
    const answer = await this.#request("thread/goal/get", {});
    return (answer as ClientRequestMap["thread/goal/get"]["result"]).goal;
  }

  /**
   * Sets the thread's goal or changes it (`thread/goal/set`). While it is `active`, the engine starts turns by
   * itself until it is reached; `{ status: "paused" }` holds them. The engine's part of goals may have to be
   * switched on in its configuration.
   *
   * @param goal the objective, the status, the budget of tokens: what is given changes
   * @returns the goal
   * @throws {RpcError} when the engine refuses
   */
  async setGoal(goal: Omit<ThreadGoalSetParams, "threadId">): Promise<ThreadGoal> {
    const answer = await this.#request("thread/goal/set", goal);
    return (answer as ClientRequestMap["thread/goal/set"]["result"]).goal;
  }

  /**
   * Sets a goal in place of an earlier one, and tells every event of the turns that the engine starts for it, until
   * the goal is reached or given up: the last `thread/goal/updated` says which. Leaving the loop early pauses the
   * goal and interrupts its turn.
   *
   * @param objective what is to be reached
   * @param options `tokenBudget` and `signal`
   * @returns the events
   * @throws {InvalidArgumentError} at the call, for arguments that cannot be
   * @throws {RpcError} while iterating, when the engine refuses
   * @throws {AbortError} while iterating, when the signal was aborted
   */
  pursue(
    objective: string,
    options: GoalOptions = {},
  ): AsyncGenerator<Event, undefined, undefined> {
    text(objective, "objective");
    checkOptions(options, GOAL_OPTIONS);
    return this.#pursue(objective, options);
  }

  async *#pursue(
    objective: string,
    { tokenBudget, signal }: GoalOptions,
  ): AsyncGenerator<Event, undefined, undefined> {
    const { client, thread } = await this.#load();
    const given = { tokenBudget: tokenBudget ?? undefined, signal: signal ?? undefined };
    yield* pursue(client, thread.id(), objective, given);
  }

  /**
   * Gives the thread's goal up (`thread/goal/clear`).
   *
   * @returns whether there was one
   */
  async clearGoal(): Promise<boolean> {
    const answer = await this.#request("thread/goal/clear", {});
    return (answer as ClientRequestMap["thread/goal/clear"]["result"]).cleared;
  }

  /** Sends a request about the loaded thread. */
  async #request(method: string, params: object): Promise<unknown> {
    const { client, thread } = await this.#load();
    const json = encode("params", { ...params, threadId: thread.id() });
    return JSON.parse(await settle(client.request(method, json, null)));
  }

  /** The same for a process of its own. */
  #oneShot(input: Input, options: TurnOptions): ExecTurn {
    checkTurnOptions(options);
    refuseGuardrails(options, "the transport `exec` has none; leave the option out");
    return execTurn(this.#options, input, options);
  }

  /** The same for a turn that may have guardrails and a typed answer. What is wrong is told before they are asked. */
  async #guarded(input: Input, options: TurnOptions): Promise<Prepared> {
    const takes = { guarded: true, typed: true };
    return this.#allowed(input, options, takes, this.#prepare(input, options, takes));
  }

  /** The turn that the input guardrails allow. */
  async #allowed(
    input: Input,
    options: TurnOptions,
    takes: Takes,
    prepared: Prepared,
  ): Promise<Prepared> {
    const allowed = await checkInput(input, options);
    return allowed === input ? prepared : this.#prepare(allowed, options, takes);
  }

  /** Checks what a turn is asked for; throws before anything is started. */
  #prepare(input: Input, options: TurnOptions, takes: Takes = {}): Prepared {
    checkTurnOptions(options);
    if (!takes.guarded) {
      const why = "run(), turn() and runStreamed() have guardrails; use one of these";
      refuseGuardrails(options, why);
    }
    if (options.outputType && !takes.typed) {
      const why =
        "only run() and turn() give typed answers; give outputSchema, or use one of these";
      throw InvalidArgumentError.of("outputType", why);
    }
    const { parts, toolOutput } = wireTurnInput(input);
    const params = { ...turnParams(this.#options, options), ...(toolOutput && { toolOutput }) };
    // The last to be looked at: a mistake is one whether or not there is still time.
    const signal = options.signal ?? undefined;
    const encoded = encode("params", params);
    const { outputType, outputRepairs } = options;
    const output = outputType && new Output(outputType, outputRepairs ?? 0, parts, encoded);
    const trace = traceJson(options.traceContext);
    return { parts, params: encoded, chain: chainOf(options), signal, output, trace };
  }

  /** Starts a turn; aborting meanwhile rejects at once and interrupts what comes of it. */
  async #start({ parts, params, chain, signal, trace }: Prepared): Promise<NativeTurn> {
    throwIfAborted(signal);
    const starting = (async () => {
      // Or the turn would join one that is being interrupted, and end with it.
      hold();
      await this.#left.finally(release);
      const { client, thread } = await this.#load();
      const turn = await asking(
        chain,
        this.#engines.life,
        (...asking) => opened(thread.turn(parts, params, ...asking)),
        { trace },
      );
      keepRunning(turn, thread, client);
      return turn;
    })();
    return abortable(signal, starting, () => {
      const ended = starting.then(endTurn, () => {});
      this.#left = Promise.all([this.#left, ended]).then(() => {});
    });
  }

  /** Interrupts a turn that nobody waits for any more. The next one begins after its end. */
  #leave(turn: NativeTurn): void {
    this.#left = Promise.all([this.#left, endTurn(turn)]).then(() => {});
  }

  async *#texts(prepared: Prepared): AsyncGenerator<string, undefined, undefined> {
    const native = await this.#start(prepared);
    const turn = new Turn(native, prepared.signal);
    let over = false;
    try {
      for await (const event of turn) {
        over = event.method === "turn/completed";
        if (event.method === "item/agentMessage/delta") yield event.params.delta;
      }
    } finally {
      if (!over) this.#leave(native);
    }
    const end = await turn.result();
    if (end.status !== "completed") {
      const finalResponse = end.finalResponse ?? "";
      throw fromTurn(end, { items: [], finalResponse, usage: null, ...outcome(end) });
    }
  }

  async *#streamed(
    input: Input,
    options: TurnOptions,
    prepared: Prepared,
  ): AsyncGenerator<ThreadEvent, undefined, undefined> {
    const { signal } = prepared;
    const takes = { guarded: true };
    const turn = await this.#start(await this.#allowed(input, options, takes, prepared));
    const waiter = new Waiter(true);
    const stream = turn.simpleEvents(hub(), waiter.id);
    const collected: RunResult["items"] = [];
    let usage: RunResult["usage"] = null;
    let finalResponse = "";
    let over = false;
    try {
      while (!over) {
        throwIfAborted(signal);
        const batch = stream.drain(BATCH);
        if (batch === null) {
          over = checkEnd(stream.end());
          if (!over) await abortable(signal, waiter.wait(), () => waiter.wake());
          continue;
        }
        for (const event of JSON.parse(batch) as ThreadEvent[]) {
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
      if (!over) this.#leave(turn);
    }
    const end = JSON.parse(await settle(turn.result())) as TurnResult;
    const result = { items: collected, finalResponse, usage, ...outcome(end) };
    if (end.status !== "completed") throw fromTurn(end, result);
    await checkOutput(result, options, false);
  }

  /** The thread in the engine that runs now: started, or resumed if it has an id. */
  #load(): Promise<Loaded> {
    const loaded = this.#loaded;
    if (loaded !== undefined && isLoaded(loaded.client, loaded.thread.id())) {
      return this.#engines.assertOpen().then(() => loaded);
    }
    this.#loading ??= this.#open().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #open(): Promise<Loaded> {
    const id = this.#id;
    const params = threadParams(this.#options, id === null ? "start" : "resume");
    const client = await (id === null ? this.#engines.client() : this.#engines.clientFor(id));
    const { tools } = this.#options;
    const says = params !== "{}" || tools !== undefined || this.#engines.hasTools;
    if (id !== null && says) await unload(client, id);
    const thread = await asking(
      chainOf(this.#options),
      this.#engines.life,
      (...asking) =>
        opened(
          id === null
            ? client.threadStart(params, ...asking, tools?.native)
            : client.threadResume(id, params, ...asking, tools?.native),
        ),
      { tools },
    );
    this.#id = thread.id();
    setLoaded(client, this.#id);
    this.#loaded = { client, thread };
    return this.#loaded;
  }

  /** The thread for calls that need not have it loaded. */
  async #handle(): Promise<NativeThread> {
    if (this.#id === null) return (await this.#load()).thread;
    const client = await this.#engines.clientFor(this.#id);
    return client.thread(this.#id);
  }
}

/** Interrupts a turn; resolves when it has ended. */
function endTurn(turn: NativeTurn): Promise<void> {
  const id = freshId();
  const ended = new Promise<void>((resolve) => whenReady(id, resolve));
  turn.onFinished(hub(), id);
  turn.interruptInBackground();
  return ended;
}

/** Awaits a call that the thread's or turn's options go into, and calls them in errors as this package does. */
async function opened<T>(promise: Promise<T>): Promise<T> {
  try {
    return await settle(promise);
  } catch (error) {
    throw rename(error, "cwd", "workingDirectory");
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
