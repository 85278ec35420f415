/** Typed answers: schemas of zod's and others' as a plan of the core's, and what comes of it as a checked value. */

import { isPlainObject, kindOf } from "./check.js";
import { fromNative, InvalidArgumentError, settle } from "./errors.js";
import { checkEnd, hub } from "./hub.js";
import { encode } from "./input.js";
import { type NativeOutputPlan, type NativeTurn, native } from "./native.js";
import type { TurnOptions } from "./options.js";
import { BATCH, Waiter } from "./stream.js";
import type { RunResult } from "./threadEvents.js";
import type { TurnResult } from "./turn.js";

/** What a check of a Standard Schema finds wrong. */
export interface OutputIssue {
  /** What is wrong. */
  readonly message: string;
  /** Where in the answer. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** A schema of any library that follows https://standardschema.dev, as zod does. */
export interface StandardSchema<Output = unknown> {
  /** What the schema can do. */
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => OutputResult<Output> | Promise<OutputResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
    /** Given by libraries that describe their schemas as JSON Schema, as zod does from 4.2 on. */
    readonly jsonSchema?: { readonly input: (options: { target: "draft-2020-12" }) => object };
  };
}

type OutputResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly OutputIssue[] };

/**
 * The type of an answer: a schema that can say what it is as JSON Schema (zod from 4.2 on, and others), or a plain
 * JSON Schema as `jsonSchema`, with or without the schema that checks what follows it.
 */
export type OutputType<Output = unknown> =
  | StandardSchema<Output>
  | { readonly jsonSchema: object; readonly schema?: StandardSchema<Output> };

/** What an answer of an {@link OutputType} becomes. */
export type InferOutput<Type> = Type extends {
  readonly "~standard": { readonly types?: { readonly output: infer Output } | undefined };
}
  ? Output
  : Type extends { readonly schema: infer Schema }
    ? InferOutput<Schema>
    : unknown;

/** The options of a turn whose answer is of a type. */
export type TypedTurnOptions<Type extends OutputType> = TurnOptions & { outputType: Type };

/** What a turn with an answer of a type came to. */
export type TypedRunResult<Output> = RunResult & {
  /** The answer. */
  parsed: Output;
  /** The turns before it whose answers were invalid. */
  attempts: RunResult[];
};

/** What a turn with an answer of a type came to, as the protocol has it. */
export type TypedTurnResult<Output> = TurnResult & {
  /** The answer; undefined if the turn did not complete. */
  parsed: Output;
};

/** What became of an answer. */
export type Judged = { repair: true } | { repair: false; parsed: unknown };

/** One typed question. */
export class Output {
  readonly #plan: NativeOutputPlan;
  readonly #jsonSchema: object;
  readonly #checker: StandardSchema | undefined;

  /** Refuses what is no type of an answer. */
  constructor(type: OutputType, repairs: number, parts: string, params: string) {
    const { jsonSchema, checker } = described(type, "outputType");
    this.#jsonSchema = jsonSchema;
    this.#checker = checker;
    try {
      const schema = encode("outputType", jsonSchema);
      this.#plan = new (native().NativeOutputPlan)(schema, parts, params, repairs);
    } catch (error) {
      throw fromNative(error);
    }
  }

  /** What the next turn is started with, as JSON texts. */
  next(): { parts: string; params: string } {
    const [parts, params] = JSON.parse(this.#plan.next()) as [unknown, unknown];
    return { parts: JSON.stringify(parts), params: JSON.stringify(params) };
  }

  /** Judges the answer of a turn that was started so, once it has ended. */
  async judge(turn: NativeTurn): Promise<Judged> {
    return this.#checked(await settle(this.#plan.judge(turn)));
  }

  /** The answer of a turn that was started so by somebody else, one of many. */
  async read(turn: TurnResult): Promise<unknown> {
    const type = {
      jsonSchema: this.#jsonSchema,
      ...(this.#checker && { schema: this.#checker }),
    };
    return new Output(type, 0, "[]", "{}").#only(turn);
  }

  async #only(turn: TurnResult): Promise<unknown> {
    let json: string;
    try {
      json = this.#plan.judgeResult(encode("turn", turn));
    } catch (error) {
      throw fromNative(error);
    }
    const judged = await this.#checked(json);
    return judged.repair ? undefined : judged.parsed;
  }

  async #checked(json: string): Promise<Judged> {
    const judged = JSON.parse(json) as { value?: unknown } | null;
    if (judged === null) return { repair: true };
    const checker = this.#checker?.["~standard"];
    // Null is an answer; a turn that did not complete has none.
    if (checker === undefined || !("value" in judged)) {
      return { repair: false, parsed: judged.value };
    }
    const checked = await checker.validate(judged.value);
    if (checked.issues === undefined) return { repair: false, parsed: checked.value };
    this.#reject(checker.vendor, checked.issues);
    return { repair: true };
  }

  #reject(vendor: string, issues: readonly OutputIssue[]): void {
    const [issue] = issues;
    const code = (issue as { code?: unknown } | undefined)?.code;
    const rule = `${vendor}:${typeof code === "string" ? code : "issue"}`;
    const keys = JSON.stringify(issuePath(issue));
    try {
      this.#plan.reject(keys, rule, issue?.message ?? "the answer is refused");
    } catch (error) {
      throw fromNative(error);
    }
  }

  /** The growing answer of a turn. */
  async *partials(turn: NativeTurn, aborted: () => unknown): AsyncGenerator<unknown, undefined> {
    const waiter = new Waiter(true);
    const stream = this.#plan.outputs(turn, hub(), waiter.id);
    try {
      for (;;) {
        const failure = aborted();
        if (failure !== undefined) throw failure;
        const batch = stream.drain(BATCH);
        if (batch !== null) yield* JSON.parse(batch) as unknown[];
        else if (checkEnd(stream.end())) return undefined;
        else await waiter.wait();
      }
    } finally {
      waiter.wake();
    }
  }
}

const HOW =
  "expected a zod schema (zod 4.2 or newer), another Standard Schema that gives its JSON Schema, or { jsonSchema }";

/** Refuses what cannot be the type of an answer by its shape. */
export function checkOutputType(value: unknown, name: string): void {
  const given = value as { jsonSchema?: unknown; schema?: unknown } | null;
  if (isStandard(value)) return;
  if (!isPlainObject(given) || !("jsonSchema" in given)) {
    const plain = isPlainObject(given) && ("type" in given || "properties" in given);
    const hint = plain ? "; a plain JSON Schema is given as { jsonSchema: ... }" : "";
    const old = typeof value === "object" && value !== null && "_def" in value ? OLD : "";
    throw InvalidArgumentError.of(name, `${HOW}, not ${kindOf(value)}${hint}${old}`);
  }
  if (!isPlainObject(given.jsonSchema)) {
    throw InvalidArgumentError.of(
      `${name}.jsonSchema`,
      `it must be a plain JSON object, not ${kindOf(given.jsonSchema)}`,
    );
  }
  if (given.schema !== undefined && !isStandard(given.schema)) {
    throw InvalidArgumentError.of(
      `${name}.schema`,
      `expected a Standard Schema, as zod's, not ${kindOf(given.schema)}`,
    );
  }
}

const OLD = "; this zod is too old for Standard Schema";

/** Whether a value is a Standard Schema. */
export function isStandard(value: unknown): value is StandardSchema {
  const isObject = (typeof value === "object" && value !== null) || typeof value === "function";
  if (!isObject || !("~standard" in value)) return false;
  const standard = value["~standard"] as { validate?: unknown } | null;
  return typeof standard?.validate === "function";
}

/** Where in a value an issue is. */
export function issuePath(issue: OutputIssue | undefined): (string | number)[] {
  const path = (issue?.path ?? []).map((part) => (typeof part === "object" ? part.key : part));
  return path.map((key) => (typeof key === "number" ? key : String(key)));
}

/** The JSON Schema of a type that was given as the argument `name`, and what checks after it. */
export function described(
  type: OutputType,
  name: string,
): { jsonSchema: object; checker: StandardSchema | undefined } {
  if (!isStandard(type)) return { jsonSchema: type.jsonSchema, checker: type.schema };
  const standard = type["~standard"];
  if (typeof standard.jsonSchema?.input !== "function") {
    throw InvalidArgumentError.of(
      name,
      `this schema of ${standard.vendor} does not give its JSON Schema; give it as ` +
        "{ schema, jsonSchema }, with z.toJSONSchema(schema) in zod 4 or zodToJsonSchema(schema) of zod-to-json-schema in zod 3",
    );
  }
  try {
    // What the model writes is what the schema reads.
    return { jsonSchema: standard.jsonSchema.input({ target: "draft-2020-12" }), checker: type };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw InvalidArgumentError.of(
      name,
      `this schema of ${standard.vendor} has no JSON Schema: ${why}`,
    );
  }
}
