/**
 * Guardrails: functions of the application that look at what a turn is told, and at what it came to. They fail closed:
 * where one throws, or returns what has no meaning, the turn does not start, or its result is not given.
 */

import { callback, isPlainObject, kindOf, listOf, type Rules } from "./check.js";
import { CodexError, GuardrailError, InvalidArgumentError } from "./errors.js";
import { type Input, wireTurnInput } from "./input.js";
import type { RunResult } from "./threadEvents.js";
import type { TurnResult } from "./turn.js";

/** What a guardrail returns that does not let something pass. */
export interface Rejection {
  /** Why. */
  reject: string;
}

/** What an input guardrail says. */
export type InputRuling = Input | Rejection | null | undefined;

/** What an output guardrail says. */
export type OutputRuling = string | Rejection | null | undefined;

/**
 * Looks at a turn's input before it starts.
 *
 * @returns nothing to let it pass, another input, or `{ reject: "why" }`
 */
export type InputGuardrail = (input: Input) => InputRuling | Promise<InputRuling>;

/**
 * Looks at what a turn came to before it is given.
 *
 * @returns nothing to let it pass, another final response, or `{ reject: "why" }`
 */
export type OutputGuardrail = (
  result: RunResult | TurnResult,
) => OutputRuling | Promise<OutputRuling>;

/**
 * The guardrails of a turn, in their order: of {@link Thread.run}, {@link Thread.turn} and {@link Thread.runStreamed}, of each
 * turn of a run or a map (their option `turn`), and of the calls of a thread as a tool.
 */
export interface GuardrailOptions {
  /** Functions that look at the input before the turn starts, replace it, or reject it. */
  inputGuardrails?: readonly InputGuardrail[];
  /** Functions that look at the result before it is given, replace its final response, or reject it. */
  outputGuardrails?: readonly OutputGuardrail[];
}

/** What each accepts. @internal */
export const GUARDRAILS: Rules<GuardrailOptions> = {
  inputGuardrails: listOf(callback),
  outputGuardrails: listOf(callback),
};

/** Refuses guardrails where nobody would ask them. @internal */
export function refuseGuardrails(options: GuardrailOptions, why: string): void {
  for (const name of ["inputGuardrails", "outputGuardrails"] as const) {
    if (options[name]) throw InvalidArgumentError.of(name, why);
  }
}

/** The input that a turn may have. @internal */
export async function checkInput(input: Input, options: GuardrailOptions): Promise<Input> {
  let current = input;
  for (const guardrail of options.inputGuardrails ?? []) {
    const ruling = await asked(guardrail, "input", current, null);
    if (ruling === undefined || ruling === null) continue;
    if (isRejection(ruling)) throw rejected(guardrail, "input", ruling.reject, null);
    try {
      if (isPlainObject(ruling) && "reject" in ruling) throw InvalidArgumentError.of("reject", "");
      wireTurnInput(ruling as Input);
    } catch (error) {
      if (!(error instanceof CodexError)) throw error;
      const why = `it returned ${kindOf(ruling)}; it may return nothing, an input or { reject }`;
      throw rejected(guardrail, "input", why, null, error);
    }
    current = ruling as Input;
  }
  return current;
}

/** The result that may be given; `typed` answers are not replaced. @internal */
export async function checkOutput<Result extends RunResult | TurnResult>(
  result: Result,
  options: GuardrailOptions,
  typed: boolean,
): Promise<Result> {
  let current = result;
  if (result.status !== "completed") return current;
  for (const guardrail of options.outputGuardrails ?? []) {
    const ruling = await asked(guardrail, "output", current, current);
    if (ruling === undefined || ruling === null) continue;
    if (isRejection(ruling)) throw rejected(guardrail, "output", ruling.reject, current);
    if (typeof ruling !== "string" || typed) {
      const accepted = typed ? "nothing or { reject }" : "nothing, a string or { reject }";
      const why = `it returned ${kindOf(ruling)}; it may return ${accepted}`;
      throw rejected(guardrail, "output", why, current);
    }
    current = { ...current, finalResponse: ruling };
  }
  return current;
}

type Stage = "input" | "output";

async function asked<Given>(
  guardrail: (given: Given) => unknown,
  stage: Stage,
  given: Given,
  result: RunResult | TurnResult | null,
): Promise<unknown> {
  try {
    return await guardrail(given);
  } catch (error) {
    const name = error instanceof Error ? error.name : kindOf(error);
    throw rejected(guardrail, stage, `it threw ${name}`, result, error);
  }
}

function isRejection(ruling: unknown): ruling is Rejection {
  return isPlainObject(ruling) && typeof ruling.reject === "string" && ruling.reject.trim() !== "";
}

function rejected(
  guardrail: { name: string },
  stage: Stage,
  reason: string,
  result: RunResult | TurnResult | null,
  cause?: unknown,
): GuardrailError {
  return new GuardrailError(guardrail.name || "(anonymous)", stage, reason, result, cause);
}
