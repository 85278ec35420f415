/** What a turn can be given, and what crosses to the core as JSON text. */

import { resolve } from "node:path";
import { Attachment } from "./attachment.js";
import { isPlainObject, kindOf } from "./check.js";
import { InvalidArgumentError } from "./errors.js";
import type {
  FunctionCallOutputBody,
  TurnToolOutput,
  UserInput as WireUserInput,
} from "./generated/protocol.js";

/**
 * A part of a turn's input: the official SDK's two kinds, or any kind of the protocol (`image` with a `url`,
 * `localImage`, `skill` and `mention` with a `name` and a `path`, ...). Relative paths of images are resolved
 * against `process.cwd()`.
 */
export type UserInput =
  | { type: "text"; text: string }
  | { type: "local_image"; path: string }
  | WireUserInput;

/**
 * Content from another agent, tool or application, with a tool's authority: it ranks below what users and
 * developers say and authorises nothing. It is the whole input of a turn.
 */
export type ExternalMessage = {
  type: "external_message";
  /** The tool that delivers the content. */
  toolName: string;
  /** Text, or content items as the Responses API has them in a function's output. */
  content: FunctionCallOutputBody;
  /** The tool's namespace. */
  namespace?: string;
};

/**
 * A turn's input: a prompt, parts in their order (a string is a text, an {@link Attachment} an image or a mention), or
 * one external message.
 */
export type Input =
  | string
  | UserInput
  | Attachment
  | readonly (UserInput | Attachment | string)[]
  | ExternalMessage;

/** The input of a turn as the core takes it. */
export interface WireInput {
  /** The protocol's parts, as JSON text. */
  parts: string;
  /** Goes into `toolOutput`. */
  toolOutput: (Omit<TurnToolOutput, "namespace"> & { namespace?: string }) | undefined;
}

/** The input of a turn. Whether it is acceptable to the engine is the core's to say. */
export function wireTurnInput(input: Input): WireInput {
  if (isPlainObject(input) && input.type === "external_message") {
    return { parts: "[]", toolOutput: toolOutput(input as ExternalMessage) };
  }
  return { parts: wireInput(input), toolOutput: undefined };
}

/** The parts of any input but an external message, as JSON text. */
export function wireInput(input: Input): string {
  const parts = partsOf(input);
  return encode(
    "input",
    parts.map((part, index) => wirePart(part, Array.isArray(input) ? `input[${index}]` : "input")),
  );
}

/** The parts of an input, each attachment as what it is for a turn. */
export function partsOf(input: Input): unknown[] {
  const parts: readonly unknown[] = Array.isArray(input) ? input : [input];
  return parts.flatMap((part) => (part instanceof Attachment ? part.inputs() : [part]));
}

function wirePart(part: unknown, name: string): unknown {
  if (typeof part === "string") return { type: "text", text: part };
  if (!isPlainObject(part)) {
    const accepted =
      name === "input"
        ? "a string, an input part or an array of these"
        : "a string or an object with a `type`";
    throw InvalidArgumentError.of(name, `expected ${accepted}, not ${kindOf(part)}`);
  }
  if (part.type === "external_message") {
    throw InvalidArgumentError.of(
      name,
      "an external message is a turn's whole input; give it alone",
    );
  }
  if (part.type !== "local_image" && part.type !== "localImage") return part;
  const { path } = part;
  return { ...part, type: "localImage", path: typeof path === "string" ? resolve(path) : path };
}

function toolOutput(message: ExternalMessage): WireInput["toolOutput"] {
  const { toolName, content, namespace } = message;
  if (typeof toolName !== "string" || toolName.trim() === "") {
    throw InvalidArgumentError.of("input.toolName", "expected a nonempty string");
  }
  if (typeof content !== "string" && !Array.isArray(content)) {
    throw InvalidArgumentError.of(
      "input.content",
      `expected a string or an array, not ${kindOf(content)}`,
    );
  }
  return namespace === undefined || namespace === null
    ? { name: toolName, output: content }
    : { name: toolName, output: content, namespace };
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
