/** A goal as one piece of work: the engine starts turns by itself until it is reached or given up. */

import { throwIfAborted } from "./abort.js";
import { AbortError, CodexError, settle } from "./errors.js";
import type { Event } from "./events.js";
import { hub } from "./hub.js";
import { encode } from "./input.js";
import type { NativeClient } from "./native.js";
import { EventStream } from "./stream.js";

/** How {@link Thread.pursue} works on a goal. */
export interface GoalOptions {
  /** The tokens that may be used before the engine gives the goal up (`budgetLimited`). */
  tokenBudget?: number;
  /** Pauses the goal and interrupts its turn when aborted. */
  signal?: AbortSignal;
}

/** What is going on, as far as the events have told it. */
class Progress {
  turn: string | undefined;
  /** Undefined until the engine says that it works on it: what comes before is the end of an earlier goal. */
  #active: boolean | undefined;

  observe(event: Event): void {
    switch (event.method) {
      case "turn/started":
        this.turn = event.params.turn.id;
        break;
      case "turn/completed":
        if (this.turn === event.params.turn.id) this.turn = undefined;
        break;
      case "thread/goal/updated":
        this.#set(event.params.goal.status === "active");
        break;
      case "thread/goal/cleared":
        this.#set(false);
        break;
    }
  }

  #set(active: boolean): void {
    if (active || this.#active !== undefined) this.#active = active;
  }

  get over(): boolean {
    return this.#active === false && this.turn === undefined;
  }
}

/**
 * Sets a goal and gives every event of the thread until the goal has ended and no turn runs.
 *
 * @param client the client whose engine has the thread loaded
 * @param threadId the thread
 */
export async function* pursue(
  client: NativeClient,
  threadId: string,
  objective: string,
  { tokenBudget, signal }: GoalOptions,
): AsyncGenerator<Event, undefined, undefined> {
  const send = async (method: string, params: object) => {
    const json = encode("params", { threadId, ...params });
    return settle(client.request(method, json, null));
  };
  throwIfAborted(signal);
  await send("thread/goal/clear", {});
  // From before the goal is set, so that no event of it is missed, and after an old one has been cleared.
  const events = new EventStream((id) => client.subscribe(hub(), id), true);
  await events.begin();
  const progress = new Progress();
  const abort = () => events.fail(new AbortError(signal?.reason));
  signal?.addEventListener("abort", abort, { once: true });
  try {
    throwIfAborted(signal);
    await send("thread/goal/set", { objective, status: "active", tokenBudget });
    for await (const event of events) {
      if (event.threadId !== threadId) continue;
      progress.observe(event);
      yield event;
      if (progress.over) return;
    }
  } finally {
    signal?.removeEventListener("abort", abort);
    if (!progress.over) await giveUp(send, progress.turn);
  }
}

/** Pauses the goal and interrupts its turn; what the engine refuses is passed over. */
async function giveUp(
  send: (method: string, params: object) => Promise<unknown>,
  turnId: string | undefined,
): Promise<void> {
  const attempt = async (method: string, params: object) => {
    try {
      await send(method, params);
    } catch (error) {
      if (!(error instanceof CodexError)) throw error;
    }
  };
  await attempt("thread/goal/set", { status: "paused" });
  if (turnId !== undefined) await attempt("turn/interrupt", { turnId });
}
