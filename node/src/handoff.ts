/**
 * Handoffs: tools by which agents hand their conversation over to each other. The core carries them out, as part of an
 * auto-run.
 */

import { type Check, checkOptions, count, type Rules, text } from "./check.js";
import { fromNative, InvalidArgumentError } from "./errors.js";
import { type NativeHandoff, native } from "./native.js";
import type { Thread } from "./thread.js";
import { Tool } from "./tools.js";

/** How an agent is declared that others hand their conversation over to. */
export interface HandoffOptions {
  /** What the agent is called: letters, digits, `_` and `-`. The tool is `transfer_to_NAME`. */
  name: string;
  /** What it is for, for the model that may hand over to it. */
  description: string;
  /** How many of the newest messages that the agent has not seen go along; by default all of them, with 0 none. */
  history?: number;
}

const messages: Check = count(0);
const RULES: Rules<HandoffOptions> = { name: text, description: text, history: messages };

/**
 * A tool, `transfer_to_NAME`, by which an agent hands its conversation over to the agent of another thread.
 *
 * {@link Thread.autoRun} and its like follow it: when the turn is over, the other thread is given what was said and it has
 * not seen, and the run's next turn is that thread's. In other turns the call fails, and the model reads why.
 * {@link Thread.asHandoff} makes one of a thread; two agents that hand over to each other need one made before its
 * thread, and {@link Handoff.bind}.
 */
export class Handoff extends Tool {
  readonly #handoff: NativeHandoff;
  /** Its handlers answer as long as it is there. */
  #thread: Thread | undefined;

  /**
   * @param options its name, its words for the model
   * @throws {InvalidArgumentError} for a name that providers do not take, an empty description, a negative number
   */
  constructor(options: HandoffOptions) {
    const handoff = declare(options);
    super(handoff.tool());
    this.#handoff = handoff;
  }

  /**
   * Says whose agent it is, from now on. The thread is started if it has not begun.
   *
   * Keep the thread, or the handoff: without both the agent is not there.
   *
   * @param thread the agent's thread
   * @throws {InvalidArgumentError} for what is no thread
   */
  async bind(thread: Thread): Promise<void> {
    if (typeof thread?.loaded !== "function") {
      throw InvalidArgumentError.of("thread", "expected a Thread of this package");
    }
    this.#handoff.bind(await thread.loaded(), false);
    this.#thread = thread;
  }

  /** Binds it to a thread that was there first, and keeps what that has of its own. @internal */
  async keep(thread: Thread): Promise<this> {
    this.#handoff.bind(await thread.loaded(), true);
    this.#thread = thread;
    return this;
  }

  /** The id of the thread that it is bound to; null if to none. */
  get threadId(): string | null {
    return this.#thread === undefined ? null : this.#handoff.threadId();
  }
}

function declare(options: HandoffOptions): NativeHandoff {
  checkOptions(options, RULES, "handoff");
  // What is missing has no rule that could say so.
  text(options.name, "name");
  text(options.description, "description");
  try {
    return new (native().NativeHandoff)(options.name, options.description, options.history);
  } catch (error) {
    throw fromNative(error);
  }
}
