/** `transport: "exec"`: a process of `codex exec` for each turn, as the official SDK does it. */

import { abortable, throwIfAborted } from "./abort.js";
import { closed, fromNative, settle, TurnFailedError } from "./errors.js";
import { type ExecTurn, execClientJson } from "./execOptions.js";
import { checkEnd, hub } from "./hub.js";
import { encode } from "./input.js";
import { type NativeExec, type NativeExecRun, native } from "./native.js";
import type { CodexOptions } from "./options.js";
import { BATCH, Waiter } from "./stream.js";
import type { RunResult, ThreadEvent } from "./threadEvents.js";

/** Where a thread keeps its id. */
export interface ThreadId {
  get(): string | null;
  set(id: string): void;
}

/** How a turn and its process ended, as the core says it. */
interface Outcome {
  status: string;
  failure: string | null;
  exitCode: number | null;
  stderrTail: string;
}

/** Starts the processes of one client. */
export class OneShot {
  readonly #options: CodexOptions;
  readonly #runs = new Set<WeakRef<NativeExecRun>>();
  #exec: NativeExec | undefined;
  #closed = false;

  constructor(options: CodexOptions) {
    this.#options = options;
  }

  /** Runs a turn to its end. */
  async run(turn: ExecTurn, thread: ThreadId): Promise<RunResult> {
    const result = emptyResult();
    for await (const event of this.streamed(turn, thread)) observe(result, event);
    result.status = "completed";
    result.threadId = thread.get() ?? "";
    return result;
  }

  /** The events of a turn; its process is started when the first is asked for. */
  async *streamed(
    turn: ExecTurn,
    thread: ThreadId,
  ): AsyncGenerator<ThreadEvent, undefined, undefined> {
    const { signal } = turn;
    throwIfAborted(signal);
    const waiter = new Waiter(true);
    const run = this.#start(turn, thread.get(), waiter.id);
    const reference = new WeakRef(run);
    const result = emptyResult();
    this.#runs.add(reference);
    killAtExit(reference);
    let over = false;
    try {
      while (!over) {
        throwIfAborted(signal);
        const batch = run.drain(BATCH);
        if (batch === null) {
          over = this.#checkEnd(run);
          if (!over) await abortable(signal, waiter.wait(), () => waiter.wake());
          continue;
        }
        for (const event of JSON.parse(batch) as ThreadEvent[]) {
          if (event.type === "thread.started") thread.set(event.thread_id);
          observe(result, event);
          yield event;
          throwIfAborted(signal);
        }
      }
    } finally {
      waiter.wake();
      if (!over) run.cancel();
      // Whoever leaves the loop finds nothing running any more. An abort does not wait for that.
      if (!signal?.aborted) await run.outcome().catch(() => {});
      this.#runs.delete(reference);
      running.delete(reference);
    }
    const outcome = JSON.parse(await settle(run.outcome())) as Outcome;
    if (outcome.status === "failed") throw failed(result, outcome, thread.get());
  }

  /** Ends every turn that runs. */
  async close(): Promise<void> {
    this.#closed = true;
    const runs = [...this.#runs].map((reference) => reference.deref());
    for (const run of runs) run?.cancel();
    await Promise.all(runs.map((run) => run?.outcome().catch(() => {})));
  }

  #checkEnd(run: NativeExecRun): boolean {
    try {
      return checkEnd(run.end());
    } catch (error) {
      throw this.#closed ? closed() : error;
    }
  }

  #start(turn: ExecTurn, threadId: string | null, id: number): NativeExecRun {
    if (this.#closed) throw closed();
    const options = encode("options", { ...turn.options, thread_id: threadId ?? undefined });
    try {
      this.#exec ??= new (native().NativeExec)(execClientJson(this.#options));
      return this.#exec.start(hub(), id, turn.prompt, options);
    } catch (error) {
      throw fromNative(error);
    }
  }
}

const running = new Set<WeakRef<NativeExecRun>>();
let exitIsWatched = false;

/** Has the process and all that it started die with this one, however that exits. */
function killAtExit(reference: WeakRef<NativeExecRun>): void {
  if (!exitIsWatched) {
    exitIsWatched = true;
    process.once("exit", () => {
      for (const reference of running) reference.deref()?.kill();
    });
  }
  running.add(reference);
}

function emptyResult(): RunResult {
  return {
    items: [],
    finalResponse: "",
    usage: null,
    threadId: "",
    // `codex exec` tells neither the turn's id nor how long it took.
    turnId: "",
    status: "failed",
    error: null,
    durationMs: null,
    tokenUsage: null,
  };
}

function observe(result: RunResult, event: ThreadEvent): void {
  if (event.type === "item.completed") {
    result.items.push(event.item);
    if (event.item.type === "agent_message") result.finalResponse = event.item.text;
  } else if (event.type === "turn.completed") {
    // Older engines do not count it; the official SDK puts it in, too.
    if (event.usage) event.usage.cache_write_input_tokens ??= 0;
    result.usage = event.usage;
  }
}

function failed(result: RunResult, outcome: Outcome, threadId: string | null): TurnFailedError {
  const message = outcome.failure ?? "the turn failed";
  const error = { message, codexErrorInfo: null, additionalDetails: null };
  return new TurnFailedError(message, {
    ...result,
    threadId: threadId ?? "",
    error: error as RunResult["error"],
  });
}
