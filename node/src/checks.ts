/**
 * What looks at the turns that the core starts by itself, in runs, maps and tools: guardrails, and the type of the answer.
 *
 * The core asks about each input before its turn starts, and about each result before anybody gets it. It takes the error
 * that is thrown here for the turn's own, and gives back its number, under which the same object is found again.
 */

import { CodexError, GuardrailError, host } from "./errors.js";
import { checkInput, checkOutput, type GuardrailOptions } from "./guardrails.js";
import { type ArrivedCheck, answerChecks, freshId, hub } from "./hub.js";
import { encode, type Input, wireTurnInput } from "./input.js";
import type { NativeHub } from "./native.js";
import type { Output } from "./output.js";
import type { TurnResult } from "./turn.js";

/** What a native call is told of them. */
export type Guarding = [hub: NativeHub, guard: number | undefined];

/** What else there is to know of them. */
interface ChecksOptions {
  /** The type of the answers. */
  output?: Output;
  /** Whether somebody gets the errors back, and not their words alone, as a model does. */
  givenBack?: boolean;
}

/**
 * Answers what the core asks about inputs and results. It is known to the native side by a number, and has to be kept by
 * whoever has the run, the map or the tool: when it is gone, nothing passes.
 */
export class Checks {
  readonly #guardrails: GuardrailOptions;
  readonly #output: Output | undefined;
  readonly #number = freshId();
  /** The errors that are not given back yet; undefined if nobody gets them back. */
  readonly #errors: Set<CodexError> | undefined;
  /** Typed answers by the ids of their turns, until somebody takes them. */
  readonly #parsed = new Map<string, unknown>();

  constructor(guardrails: GuardrailOptions, { output, givenBack = true }: ChecksOptions = {}) {
    this.#guardrails = guardrails;
    this.#errors = givenBack ? new Set() : undefined;
    this.#output = output;
    answerChecks(arrived);
    known.set(this.#number, new WeakRef(this));
    forgotten.register(this, this.#number);
  }

  /** What a native call is told. */
  static guarding(checks: Checks | undefined): Guarding {
    return [hub(), checks === undefined ? undefined : checks.#number];
  }

  /** What the core puts in the place of what it gave; undefined for the same. */
  async look(stage: ArrivedCheck["stage"], given: unknown): Promise<unknown> {
    if (stage === "input") return this.#input(shown(given as WirePart[]));
    const result = given as TurnResult;
    const typed = this.#output !== undefined;
    const read = typed ? await this.read(result) : result;
    const allowed = await checkOutput(read, this.#guardrails, typed);
    if (typed && "parsed" in read) this.#parsed.set(result.id, read.parsed);
    return allowed === read ? undefined : allowed.finalResponse;
  }

  async #input(input: Input): Promise<unknown> {
    const allowed = await checkInput(input, this.#guardrails);
    if (allowed === input) return undefined;
    const { parts, toolOutput } = wireTurnInput(allowed);
    if (toolOutput === undefined) return JSON.parse(parts);
    const why = "it returned an external message, which only run(), turn() and runStreamed() take";
    throw new GuardrailError("guardrails", "input", why, null);
  }

  /** A result with its typed answer. */
  async read(result: TurnResult): Promise<TurnResult & { parsed?: unknown }> {
    if (this.#output === undefined) return result;
    return { ...result, parsed: await this.#output.read(result) };
  }

  /** A result that has passed, with its typed answer: read anew if it is of a journal. */
  async passed(result: TurnResult): Promise<TurnResult> {
    if (!this.#parsed.has(result.id)) return this.read(result);
    const parsed = this.#parsed.get(result.id);
    this.#parsed.delete(result.id);
    return Object.assign(result, { parsed });
  }

  /** The number of an error that the core gives back; it is kept until {@link Checks.forget}. */
  keep(error: CodexError): number {
    this.#errors?.add(error);
    return host(error);
  }

  /** Says that an error has been given back. */
  forget(error: CodexError): void {
    this.#errors?.delete(error);
  }
}

/** What looks at turns with these options; undefined if nothing does. */
export function checksOf(
  options: GuardrailOptions | undefined | null,
  more: ChecksOptions = {},
): Checks | undefined {
  const some = options?.inputGuardrails?.length || options?.outputGuardrails?.length;
  return options && some ? new Checks(options, more) : undefined;
}

const known = new Map<number, WeakRef<Checks>>();
const forgotten = new FinalizationRegistry<number>((number) => known.delete(number));

/** What the hub calls for each. */
function arrived({ id, guard, stage, given }: ArrivedCheck): void {
  const checks = known.get(guard)?.deref();
  if (checks === undefined) {
    const gone = new GuardrailError("guardrails", stage, "they are gone", null);
    hub().reject(id, gone.kind, gone.message, host(gone));
  } else void answer(checks, id, stage, given);
}

async function answer(
  checks: Checks,
  id: number,
  stage: ArrivedCheck["stage"],
  given: unknown,
): Promise<void> {
  try {
    const other = await checks.look(stage, given);
    hub().letPass(id, other === undefined ? undefined : encode("guardrail", other));
  } catch (thrown) {
    const error = refusal(thrown, stage);
    hub().reject(id, error.kind, error.message, checks.keep(error));
  }
}

function refusal(error: unknown, stage: ArrivedCheck["stage"]): CodexError {
  const ours = error instanceof CodexError && ["guardrail", "invalid_output"].includes(error.kind);
  if (ours) return error;
  const name = error instanceof Error ? error.name : typeof error;
  return new GuardrailError("guardrails", stage, `they could not be asked: ${name}`, null, error);
}

/** A part of an input, as the protocol has it. */
type WirePart = { type: string; [field: string]: unknown };

/** An input as a guardrail sees it: a text, or a list of parts. */
function shown(parts: WirePart[]): Input {
  const [first] = parts;
  if (parts.length === 1 && first?.type === "text") return first.text as string;
  const part = (one: WirePart) =>
    one.type === "localImage" ? { ...one, type: "local_image" } : one;
  return parts.map(part) as unknown as Input;
}
