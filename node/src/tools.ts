/**
 * Tools: functions of the application that the model calls. What a declaration must be, when a call is let in and how
 * it ends is the core's to say; here is the way to a function and back.
 *
 * A function is known to the native side by a number. The table of numbers keeps no tool alive: its registry does, which
 * clients, threads and running turns keep in turn.
 */

import {
  callback,
  checkOptions,
  count,
  isPlainObject,
  kindOf,
  listOf,
  type Rules,
  text,
} from "./check.js";
import { AbortError, fromNative, InvalidArgumentError, rename } from "./errors.js";
import { GUARDRAILS, type GuardrailOptions } from "./guardrails.js";
import { type ArrivedCall, answerCalls, freshId, hub } from "./hub.js";
import { encode } from "./input.js";
import { type NativeTool, type NativeToolRegistry, native } from "./native.js";
import {
  checkOutputType,
  described,
  type InferOutput,
  isStandard,
  issuePath,
  type OutputIssue,
  type OutputType,
  type StandardSchema,
} from "./output.js";

/** What a tool's function gets besides the arguments. */
export interface ToolContext {
  /** The thread whose turn calls; empty if the engine does not say. */
  readonly threadId: string;
  /** The turn that calls; empty if the engine does not say. */
  readonly turnId: string;
  /** The call's own id. */
  readonly callId: string;
  /** The tool's name. */
  readonly tool: string;
  /** The tool's group. */
  readonly namespace: string | null;
  /** Aborted when nobody waits for the result any more: the turn ended, the time is over, or the client is closed. */
  readonly signal: AbortSignal;
}

/**
 * What the arguments of a tool are: a schema that can say what it is as JSON Schema (zod from 4.2 on, and others), or
 * a JSON Schema of an object, as it is or as `jsonSchema`, there with or without the schema that checks what follows it.
 */
export type ToolParameters = TypedParameters | PlainParameters;

/** A schema that says to TypeScript what it gives. */
type TypedParameters =
  | StandardSchema
  | { readonly jsonSchema: object; readonly schema: StandardSchema };

/** A JSON Schema of an object. */
type PlainParameters =
  | { readonly jsonSchema: object; readonly schema?: undefined }
  | { readonly [keyword: string]: unknown; readonly "~standard"?: never; readonly schema?: never };

/** A tool as it is declared. */
export interface ToolOptions<Arguments = Record<string, unknown>> {
  /** The name: letters, digits, `_` and `-`. */
  name: string;
  /** What it does, for the model. */
  description: string;
  /** What its arguments are; none by default. */
  parameters?: ToolParameters;
  /**
   * The function. What it returns is the result: a string is text, {@link image} makes an image, an array with an image
   * in it is a list of parts, nothing is an empty text, and any other value is JSON. What it throws is a failed result,
   * whose message the model reads.
   */
  execute: (args: Arguments, context: ToolContext) => unknown;
  /** The group that it belongs to; two groups may have tools of one name. */
  namespace?: string;
  /** How long a call may take, in milliseconds, from the moment it has its place; 600,000 by default, null is without a limit. */
  timeoutMs?: number | null;
  /** How many calls may run at the same time; further ones wait. Without a limit by default. */
  maxConcurrency?: number;
}

/** How a tool does, since it was registered. */
export interface ToolMetrics {
  /** Calls that came, those with wrong arguments among them. */
  calls: number;
  /** Calls that gave a result. */
  successes: number;
  /** Calls that failed, for whatever reason. */
  failures: number;
  /** Of the failures: the arguments did not follow the schema, so that the function was not called. */
  invalid: number;
  /** Of the failures: the time was over. */
  timeouts: number;
  /** Of the failures: the turn ended, or the client was closed. */
  cancelled: number;
  /** Calls that run now. */
  running: number;
  /** Calls that wait for their place now. */
  waiting: number;
  /** How long the last call that ran took, in milliseconds. */
  lastLatencyMs: number;
  /** How long the slowest took. */
  maxLatencyMs: number;
  /** How long all took together. */
  totalLatencyMs: number;
  /** What the last failure said, with what looks like a secret left out. */
  lastError: string | null;
}

/** An image in the result of a tool. Made by {@link image}. */
export class ToolImage {
  /** Where it is: an `https:` or a `data:` URL. */
  readonly url: string;

  /** @internal */
  constructor(url: string) {
    this.url = url;
  }
}

/**
 * An image, for the result of a tool.
 *
 * @param source its `https:` or `data:` URL, or its bytes with their media type (`image/png`)
 * @throws {InvalidArgumentError} for anything else
 */
export function image(
  source: { url: string } | { bytes: Uint8Array; mediaType: string },
): ToolImage {
  const given = source as { url?: unknown; bytes?: unknown; mediaType?: unknown } | null;
  if (given?.url !== undefined) {
    text(given.url, "url");
    if (!/^(https?|data):/i.test(given.url as string)) {
      throw InvalidArgumentError.of("url", "it must begin with https: or data:");
    }
    return new ToolImage(given.url as string);
  }
  if (!(given?.bytes instanceof Uint8Array)) {
    const why = `expected a Uint8Array, or a url instead, not ${kindOf(given?.bytes)}`;
    throw InvalidArgumentError.of("bytes", why);
  }
  text(given.mediaType, "mediaType");
  if (!/^image\/[\w.+-]+$/.test(given.mediaType as string)) {
    const what = JSON.stringify(given.mediaType);
    throw InvalidArgumentError.of("mediaType", `expected one such as "image/png", not ${what}`);
  }
  const { buffer, byteOffset, byteLength } = given.bytes;
  const base64 = Buffer.from(buffer, byteOffset, byteLength).toString("base64");
  return new ToolImage(`data:${given.mediaType};base64,${base64}`);
}

/** A tool: its declaration and its function. Made by {@link tool}. */
export class Tool {
  /** @internal */
  readonly native: NativeTool;
  readonly #function: Called | undefined;
  readonly #spec: Readonly<Record<string, unknown>>;

  /** Without a function if the native side runs its calls. @internal */
  constructor(native: NativeTool, called?: Called) {
    this.native = native;
    this.#function = called;
    this.#spec = JSON.parse(native.spec());
  }

  /** The name. */
  get name(): string {
    return this.#spec.name as string;
  }

  /** The group that it belongs to; null if to none. */
  get namespace(): string | null {
    return this.#spec.namespace as string | null;
  }

  /** What names it in a registry: the name, or `namespace.name`. */
  get key(): string {
    return this.native.key();
  }

  /** What it does. */
  get description(): string {
    return this.#spec.description as string;
  }

  /** The JSON Schema of its arguments, as the model gets it. */
  get parameters(): Record<string, unknown> {
    return structuredClone(this.#spec.parameters) as Record<string, unknown>;
  }

  /** How long a call may take, in milliseconds; null is without a limit. */
  get timeoutMs(): number | null {
    const seconds = this.#spec.timeoutS as number | null;
    return seconds === null ? null : seconds * 1000;
  }

  /** How many calls may run at the same time; null is without a limit. */
  get maxConcurrency(): number | null {
    return this.#spec.maxConcurrency as number | null;
  }

  /** Runs a call. @internal */
  async call(args: unknown, context: ToolContext): Promise<unknown> {
    const checked = await this.#function?.checker?.validate(args);
    if (checked?.issues) throw new Error(refusal(checked.issues));
    return this.#function?.execute((checked ? checked.value : args) as never, context);
  }
}

/** What a call of a tool is given to, after what checks its arguments. */
interface Called {
  readonly execute: ToolOptions<never>["execute"];
  readonly checker: StandardSchema["~standard"] | undefined;
}

/**
 * Declares a tool: a function that the model calls.
 *
 * @param options its name, its words for the model, its arguments and its function
 * @returns the tool, for the option `tools` of a client or a thread, or for a {@link ToolRegistry}
 * @throws {InvalidArgumentError} for a name that providers do not take, no description, a schema that is none or is not
 * one of an object, a limit of zero
 */
export function tool<Parameters extends TypedParameters>(
  options: ToolOptions<InferOutput<Parameters>> & { parameters: Parameters },
): Tool;
export function tool<Arguments extends object = Record<string, unknown>>(
  options: ToolOptions<Arguments> & { parameters?: PlainParameters },
): Tool;
export function tool(options: ToolOptions<never>): Tool {
  checkOptions(options, RULES, "tool");
  // What is missing has no rule that could say so.
  text(options.name, "name");
  text(options.description, "description");
  callback(options.execute, "execute");
  const { checker, ...schema } = parametersOf(options.parameters);
  const number = freshId();
  const made = declare(options, schema, (text) => new (native().NativeTool)(hub(), number, text));
  const declared = new Tool(made, {
    execute: options.execute.bind(options),
    checker: checker?.["~standard"],
  });
  answerCalls(arrived);
  tools.set(number, new WeakRef(declared));
  forgotten.register(declared, number);
  return declared;
}

/** How a thread is declared as a tool. Where a guardrail rejects, the call has failed, and the model reads why. */
export interface ThreadToolOptions extends GuardrailOptions {
  /** The name: letters, digits, `_` and `-`. */
  name: string;
  /** What the agent knows or does, for the model that may ask it. */
  description: string;
  /** The group that it belongs to. */
  namespace?: string;
  /** How long a call may take, in milliseconds, with its waiting for others; by default and with null it has no limit. */
  timeoutMs?: number | null;
}

/** What tools need lives as long as these: a thread's handlers and guardrails answer as long as it is there. */
const needed = new WeakMap<Tool, unknown>();

/** A tool whose calls are turns of a thread, which `make` makes of its declaration; it keeps what it `needs`. */
export function threadTool(
  options: Declared,
  needs: unknown,
  make: (declaration: string) => NativeTool,
): Tool {
  const limits = { timeoutMs: options.timeoutMs ?? null };
  const declared = new Tool(declare({ ...options, ...limits }, {}, make));
  needed.set(declared, needs);
  return declared;
}

/** Refuses what cannot declare a thread as a tool. */
export function checkThreadTool(options: ThreadToolOptions): void {
  const { name, description, namespace, timeoutMs } = RULES;
  checkOptions(options, { name, description, namespace, timeoutMs, ...GUARDRAILS }, "tool");
  text(options.name, "name");
  text(options.description, "description");
}

/** What is common to both kinds of tools. */
type Declared = Omit<ThreadToolOptions, keyof GuardrailOptions> &
  Pick<ToolOptions, "maxConcurrency">;

function declare(
  options: Declared,
  schema: Schema,
  make: (declaration: string) => NativeTool,
): NativeTool {
  try {
    return make(declaration(options, schema));
  } catch (error) {
    throw rename(fromNative(error), "max_concurrency", "maxConcurrency");
  }
}

/**
 * Tools that may change at any time. Threads that are started, resumed or forked with it have the tools that are in it
 * then; a call goes to the tool that has the name when it comes.
 */
export class ToolRegistry {
  /** @internal */
  readonly native: NativeToolRegistry = new (native().NativeToolRegistry)();
  readonly #tools = new Map<string, Tool>();

  /**
   * @param tools what is in it at first
   * @throws {InvalidArgumentError} for what is no tool, and for two of one name
   */
  constructor(tools: readonly Tool[] = []) {
    listOf(isTool)(tools, "tools");
    for (const tool of tools) this.register(tool);
  }

  /**
   * Adds a tool.
   *
   * @param tool the tool
   * @throws {InvalidArgumentError} if there is one of this name
   */
  register(tool: Tool): void {
    isTool(tool, "tool");
    attempt(() => this.native.register(tool.native));
    this.#tools.set(tool.key, tool);
  }

  /**
   * Puts a tool in the place of the one of its name, whose metrics go on, or adds it. Threads that have the tool
   * already know its old description and schema, and their next call goes to the new one.
   *
   * @param tool the tool
   * @returns the tool that was there
   */
  replace(tool: Tool): Tool | undefined {
    isTool(tool, "tool");
    const old = this.#tools.get(tool.key);
    this.native.replace(tool.native);
    this.#tools.set(tool.key, tool);
    return old;
  }

  /**
   * Takes a tool out. Calls that run go on; later ones of threads that know it fail.
   *
   * @param key its name, or `namespace.name`
   * @returns the tool; undefined if there was none
   */
  remove(key: string): Tool | undefined {
    const old = this.get(key);
    this.native.remove(key);
    this.#tools.delete(key);
    return old;
  }

  /**
   * A tool.
   *
   * @param key its name, or `namespace.name`
   */
  get(key: string): Tool | undefined {
    text(key, "key");
    return this.#tools.get(key);
  }

  /** All tools, in the order in which they came. */
  list(): Tool[] {
    return [...this.#tools.values()];
  }

  /** How the tools do, by name or `namespace.name`. */
  metrics(): Record<string, ToolMetrics> {
    return JSON.parse(attempt(() => this.native.metrics()));
  }

  /**
   * Says what a group of tools is for; the model reads it.
   *
   * @param namespace the group
   * @param description what it is for
   * @throws {InvalidArgumentError} for an empty description
   */
  describe(namespace: string, description: string): void {
    text(namespace, "namespace");
    text(description, "description");
    attempt(() => this.native.describe(namespace, description));
  }
}

const isTool = (value: unknown, name: string) => {
  if (!(value instanceof Tool)) {
    const how = "expected what tool({ name, description, parameters, execute }) makes";
    throw InvalidArgumentError.of(name, `${how}, not ${kindOf(value)}`);
  }
};

/** Refuses what are no tools. */
export function checkTools(value: unknown, name: string): void {
  if (value instanceof ToolRegistry) return;
  if (!Array.isArray(value)) {
    const why = `expected an array of tools or a ToolRegistry, not ${kindOf(value)}`;
    throw InvalidArgumentError.of(name, why);
  }
  listOf(isTool)(value, name);
}

/** The tools of these options as a registry, so that all that is made of them shares one. */
export function withRegistry<Options extends { tools?: readonly Tool[] | ToolRegistry }>(
  options: Options,
): Options & { tools?: ToolRegistry } {
  const { tools } = options;
  if (tools === undefined || tools === null || tools instanceof ToolRegistry) {
    return options as Options & { tools?: ToolRegistry };
  }
  return { ...options, tools: new ToolRegistry(tools) };
}

const RULES: Rules<ToolOptions> = {
  name: text,
  description: text,
  parameters: (value, name) => {
    if (!isPlainSchema(value)) checkOutputType(value, name);
  },
  execute: callback,
  namespace: text,
  timeoutMs: (value, name) => {
    if (typeof value !== "number" || !Number.isFinite(value) || value <= 0) {
      const what = typeof value === "number" ? String(value) : kindOf(value);
      throw InvalidArgumentError.of(
        name,
        `expected a positive number of milliseconds, not ${what}`,
      );
    }
  },
  maxConcurrency: count(1),
};

/** A schema as the core reads it, and what checks after it. */
interface Schema {
  parameters?: object;
  /** Whether it was made of a type, so that it may be brought into the common form. */
  derived?: boolean;
  checker?: StandardSchema | undefined;
}

/** Whether a value is a JSON Schema as it is. */
function isPlainSchema(value: unknown): value is object {
  return !isStandard(value) && isPlainObject(value) && !("jsonSchema" in value);
}

function parametersOf(given: ToolParameters | undefined | null): Schema {
  if (given === undefined || given === null) return {};
  if (isPlainSchema(given)) return { parameters: given };
  const { jsonSchema, checker } = described(given as OutputType, "parameters");
  return { parameters: jsonSchema, derived: isStandard(given), checker };
}

function declaration(options: Declared, schema: Schema): string {
  return encode("parameters", {
    name: options.name,
    namespace: options.namespace ?? undefined,
    description: options.description,
    ...schema,
    timeoutS: options.timeoutMs == null ? options.timeoutMs : options.timeoutMs / 1000,
    maxConcurrency: options.maxConcurrency ?? undefined,
  });
}

function attempt<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw fromNative(error);
  }
}

/** What a schema's own check found wrong, in the words of the core's. */
function refusal(issues: readonly OutputIssue[]): string {
  const lines = issues.map((issue) => {
    const at = issuePath(issue).map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`));
    return `at $${at.join("")}: ${issue.message}`;
  });
  return `the arguments are refused; correct them and call again: ${lines.join("; ")}`;
}

const tools = new Map<number, WeakRef<Tool>>();
const forgotten = new FinalizationRegistry<number>((number) => tools.delete(number));
/** The calls that run. */
const running = new Map<number, AbortController>();

/** What the hub calls for new calls, and for those that nobody waits for any more. */
function arrived(calls: readonly ArrivedCall[], cancelled: readonly number[]): void {
  for (const call of calls) {
    const tool = tools.get(call.tool)?.deref();
    if (tool === undefined) hub().failCall(call.id, "the tool is gone");
    else void run(tool, call);
  }
  for (const id of cancelled) {
    running.get(id)?.abort(new AbortError(new Error("nobody waits for the result any more")));
    running.delete(id);
  }
}

async function run(tool: Tool, { id, arguments: args, context }: ArrivedCall): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  try {
    const given = await tool.call(args, { ...context, signal: controller.signal });
    hub().finishCall(id, encode("result", { content: content(given) }));
  } catch (error) {
    hub().failCall(id, error instanceof Error ? error.message : String(error));
  } finally {
    running.delete(id);
  }
}

/** What a function returned, as the parts of a result. */
function content(given: unknown): object[] {
  const isParts = Array.isArray(given) && given.some((part) => part instanceof ToolImage);
  return isParts ? given.map(part) : [part(given)];
}

function part(given: unknown): object {
  if (given === undefined) return { type: "text", text: "" };
  if (typeof given === "string") return { type: "text", text: given };
  if (given instanceof ToolImage) return { type: "image", url: given.url };
  if (typeof given === "function" || typeof given === "symbol") {
    throw new Error(`the tool gave a ${typeof given}, which is no JSON`);
  }
  return { type: "json", value: given };
}
