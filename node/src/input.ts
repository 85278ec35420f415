/** What crosses to the core as JSON text: inputs of turns, and parameters. */

import { InvalidArgumentError } from "./errors.js";
import type { UserInput as WireUserInput } from "./generated/protocol.js";

/** A part of a turn's input: the official SDK's two kinds, or any kind of the protocol. */
export type UserInput =
  | { type: "text"; text: string }
  | { type: "local_image"; path: string }
  | WireUserInput;

/** A turn's input: a prompt, or parts in their order. */
export type Input = string | UserInput[];

/** The input as the protocol has it. Whether it is acceptable is the core's to say. */
export function wireInput(input: Input): string {
  if (typeof input !== "string" && !Array.isArray(input)) {
    throw InvalidArgumentError.of("input", "it must be a string or an array of input parts");
  }
  const parts = typeof input === "string" ? [{ type: "text", text: input }] : input.map(wirePart);
  return encode("input", parts);
}

function wirePart(part: UserInput): unknown {
  return part?.type === "local_image" ? { ...part, type: "localImage" } : part;
}

/** JSON.stringify writes a lone surrogate, and nothing else, as such an escape. */
const LONE_SURROGATE = /(?<!\\)(?:\\\\)*\\ud[89a-f]/;

/**
 * A value as JSON text.
 *
 * @throws {InvalidArgumentError} for what JSON cannot hold (circles, BigInt) and for lone surrogates, which the
 * engine would silently ignore the whole message for
 */
export function encode(argument: string, value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw InvalidArgumentError.of(argument, `it cannot be written as JSON: ${why}`);
  }
  if (text === undefined) {
    throw InvalidArgumentError.of(argument, `a ${typeof value} cannot be written as JSON`);
  }
  if (text.includes("\\ud") && LONE_SURROGATE.test(text)) {
    throw InvalidArgumentError.of(
      argument,
      "it holds half of a surrogate pair; make it well-formed with String.prototype.toWellFormed()",
    );
  }
  return text;
}
