/** The options of a client, a thread and a turn, and their form on the wire. */

import { resolve } from "node:path";
import { locateBundledEngine } from "./engine.js";
import { InvalidArgumentError } from "./errors.js";
import type {
  AskForApproval,
  ReasoningSummary,
  SandboxPolicy,
  ServerRequestMap,
  ThreadForkParams,
  ThreadResumeParams,
  ThreadStartParams,
  TurnStartParams,
} from "./generated/protocol.js";
import { encode } from "./input.js";

/** A value of the engine's configuration. */
export type CodexConfigValue = string | number | boolean | CodexConfigValue[] | CodexConfigObject;

/** An object of the engine's configuration. */
export type CodexConfigObject = { [key: string]: CodexConfigValue };

/** When the agent asks before it acts. `on-failure` and `untrusted` are refused by newer engines. */
export type ApprovalMode = "never" | "on-request" | "on-failure" | "untrusted";

/** What the agent's commands may do. */
export type SandboxMode = "read-only" | "workspace-write" | "danger-full-access";

/** How hard the model thinks. */
export type ModelReasoningEffort =
  | "minimal"
  | "low"
  | "medium"
  | "high"
  | "xhigh"
  | "max"
  | "ultra"
  | "persistent";

/** Whether and how the model may search the web. */
export type WebSearchMode = "disabled" | "cached" | "live";

/** An authorised cyber program, see {@link TurnOptions.cyberAccessProgram}. */
export type CyberAccessProgram = "standard" | "daybreak_blue" | "daybreak_red";

/** The methods of the engine's requests. */
export type ServerRequestMethod = keyof ServerRequestMap;

/** A request of the engine that wants an answer: an approval, a question, a tool call. Narrows on `method`. */
export type ServerRequest = {
  [M in ServerRequestMethod]: {
    method: M;
    params: ServerRequestMap[M]["params"];
    threadId: string | undefined;
    turnId: string | undefined;
    itemId: string | undefined;
  };
}[ServerRequestMethod];

/** An answer to a {@link ServerRequest}. */
export type ServerResponse = ServerRequestMap[ServerRequestMethod]["result"];

/**
 * Answers the engine's requests. Nothing (undefined, null), a throw and a rejection decline.
 *
 * @param method the request's method, as in `item/commandExecution/requestApproval`
 * @param params its parameters
 * @param request all of it, as a union that narrows on `method`
 * @returns the answer that the method asks for, as in `{ decision: "accept" }`
 */
export type ApprovalHandler = (
  method: ServerRequestMethod,
  params: ServerRequest["params"],
  request: ServerRequest,
) => ServerResponse | null | undefined | Promise<ServerResponse | null | undefined>;

/** When a turn's queue of unread events joins deltas (soft) and when it gives up (hard). */
export interface QueueLimits {
  /** Events waiting beyond which adjacent deltas are joined; 10,000 by default. */
  softEvents?: number;
  /** Bytes waiting beyond which adjacent deltas are joined; 8 MiB by default. */
  softBytes?: number;
  /** Events waiting beyond which the stream ends with a `LaggedError`; 100,000 by default. */
  hardEvents?: number;
  /** Bytes waiting beyond which the stream ends with a `LaggedError`; 256 MiB by default. */
  hardBytes?: number;
}

/** How to find, start and talk to an engine. */
export interface CodexOptions {
  /** The engine's executable. By default `CODEX_BINARY`, then `@openai/codex`, then `codex` on the PATH. */
  codexPathOverride?: string;
  /** The OpenAI API's base URL. */
  baseUrl?: string;
  /**
   * An API key. The engine gets it through `account/login/start` and keeps it in memory
   * (`cli_auth_credentials_store="ephemeral"`): no file and no environment variable holds it, so that the
   * agent's commands cannot read it, and a stored login is left alone.
   */
  apiKey?: string;
  /** Settings of the engine, as in config.toml. They become `--config key=value`. */
  config?: CodexConfigObject;
  /** Raw `key=value` settings, after those of `config`. */
  configOverrides?: string[];
  /** The engine's environment. It replaces `process.env` wholly. */
  env?: Record<string, string | undefined>;
  /** The engine's working directory, and so the default of threads. */
  cwd?: string;
  /** A whole launch command instead. Then `codexPathOverride`, `config`, `configOverrides`, `baseUrl` do nothing. */
  launchArgsOverride?: string[];
  /** Answers approvals, questions and tool calls. Without one, all are declined. */
  approvalHandler?: ApprovalHandler;
  /** How the application introduces itself. */
  clientName?: string;
  /** The name that people see. */
  clientTitle?: string;
  /** The application's version. */
  clientVersion?: string;
  /** Whether to ask for the experimental part of the protocol; true by default. */
  experimentalApi?: boolean;
  /** How long the engine may take to start, in milliseconds; 30,000 by default. */
  initializeTimeoutMs?: number;
  /** How long it may take to answer a request, in milliseconds; 120,000 by default. */
  requestTimeoutMs?: number;
  /** How long it may take to end by itself, in milliseconds; 5,000 by default. */
  closeTimeoutMs?: number;
  /** How long `approvalHandler` may take, in milliseconds; 300,000 by default. Then the request is declined. */
  approvalTimeoutMs?: number;
  /** The longest line that is read from the engine. */
  maxLineBytes?: number;
  /** The limits of the queue of a turn's unread events. */
  queue?: QueueLimits;
}

/** What a thread runs with. */
export interface ThreadOptions {
  /** The model. */
  model?: string;
  /** The model provider. */
  modelProvider?: string;
  /** A classification of the thread's origin; used when it is first created. */
  threadSource?: string;
  /** What the agent's commands may do. */
  sandboxMode?: SandboxMode;
  /** The directory to work in. */
  workingDirectory?: string;
  /** Accepted for the official SDK's sake: the app-server does not ask for a Git repository. */
  skipGitRepoCheck?: boolean;
  /** How hard the model thinks. */
  modelReasoningEffort?: ModelReasoningEffort;
  /** Whether commands may use the network in the `workspace-write` sandbox. */
  networkAccessEnabled?: boolean;
  /** How the model may search the web. It goes before `webSearchEnabled`. */
  webSearchMode?: WebSearchMode;
  /** True means `live`, false means `disabled`. */
  webSearchEnabled?: boolean;
  /** When the agent asks before it acts. Without a handler, what it asks for is declined. */
  approvalPolicy?: ApprovalMode | AskForApproval;
  /** Further directories that commands may write to in the `workspace-write` sandbox. */
  additionalDirectories?: string[];
  /** Settings of the engine for this thread. */
  config?: CodexConfigObject;
  /** Instructions that replace the model's own. */
  baseInstructions?: string;
  /** Instructions that are added to the model's own. */
  developerInstructions?: string;
  /** Keep no file of the thread. */
  ephemeral?: boolean;
  /** Any further parameter of `thread/start`, `thread/resume` or `thread/fork`, as the protocol names it. */
  params?: Partial<ThreadStartParams & ThreadResumeParams & ThreadForkParams>;
}

/** What one turn runs with. */
export interface TurnOptions {
  /** Selects an authorised cyber program with the built-in provider. */
  cyberAccessProgram?: CyberAccessProgram;
  /** A JSON schema that the final answer shall follow: a plain object. */
  outputSchema?: unknown;
  /** Interrupts the turn when aborted. */
  signal?: AbortSignal;
  /** The model, from this turn on. */
  model?: string;
  /** How hard the model thinks, from this turn on. */
  modelReasoningEffort?: ModelReasoningEffort;
  /** Whether and how the reasoning is summarised, from this turn on. */
  summary?: ReasoningSummary;
  /** The directory to work in, from this turn on. */
  workingDirectory?: string;
  /** When the agent asks before it acts, from this turn on. */
  approvalPolicy?: ApprovalMode | AskForApproval;
  /** What the agent's commands may do, from this turn on. */
  sandboxPolicy?: SandboxPolicy;
  /** Any further parameter of `turn/start`, as the protocol names it. */
  params?: Partial<TurnStartParams>;
}

/** Refuses what JSON would silently change. */
function checkConfig(value: unknown, path: string): void {
  const refuse = (what: string): never => {
    throw InvalidArgumentError.of(path, `${what} is no value of the engine's configuration`);
  };
  if (typeof value === "string" || typeof value === "boolean") return;
  if (typeof value === "number") {
    if (!Number.isFinite(value)) refuse(String(value));
    return;
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) checkConfig(item, `${path}[${index}]`);
    return;
  }
  if (!isPlainObject(value)) refuse(value === null ? "null" : `a ${typeName(value)}`);
  for (const [key, child] of Object.entries(value as object)) {
    if (key === "") refuse("an empty key");
    if (child !== undefined) checkConfig(child, `${path}.${key}`);
  }
}

function typeName(value: unknown): string {
  return typeof value === "object" ? (value?.constructor?.name ?? "object") : typeof value;
}

/** Whether a value is an object literal: no array, no instance of a class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Refuses options that cannot be. Called at construction, so that mistakes show where they are made. */
export function checkClientOptions(options: CodexOptions): void {
  if (options.config !== undefined && options.config !== null) {
    if (!isPlainObject(options.config)) {
      throw InvalidArgumentError.of("config", "it must be a plain object");
    }
    checkConfig(options.config, "config");
  }
  if (options.apiKey !== undefined && options.launchArgsOverride !== undefined) {
    throw InvalidArgumentError.of(
      "apiKey",
      "it cannot be kept from disk under launchArgsOverride; log in with request('account/login/start', ...)",
    );
  }
  if (options.approvalHandler !== undefined && typeof options.approvalHandler !== "function") {
    throw InvalidArgumentError.of("approvalHandler", "it must be a function");
  }
}

/** The options as the core reads them. */
export function clientOptionsJson(options: CodexOptions): string {
  const seconds = (ms: number | undefined) => (ms === undefined ? undefined : ms / 1000);
  const overrides = [...(options.configOverrides ?? [])];
  if (options.baseUrl) overrides.push(`openai_base_url=${JSON.stringify(options.baseUrl)}`);
  const memoryOnly = options.apiKey ? { cli_auth_credentials_store: "ephemeral" } : {};
  const queue = options.queue;
  return encode("options", {
    codex_bin: options.codexPathOverride,
    bundled: options.codexPathOverride === undefined ? locateBundledEngine() : undefined,
    launch_args_override: options.launchArgsOverride,
    config: { ...memoryOnly, ...options.config },
    config_overrides: overrides,
    cwd: options.cwd,
    // Explicit, because a worker thread's process.env is its own.
    env: { inherit: false, set: defined(options.env ?? process.env) },
    client_name: options.clientName,
    client_title: options.clientTitle,
    client_version: options.clientVersion,
    experimental_api: options.experimentalApi,
    initialize_timeout_s: seconds(options.initializeTimeoutMs),
    request_timeout_s: seconds(options.requestTimeoutMs),
    close_timeout_s: seconds(options.closeTimeoutMs),
    approval_timeout_s: seconds(options.approvalTimeoutMs),
    max_line_bytes: options.maxLineBytes,
    queue: queue && {
      soft_events: queue.softEvents,
      soft_bytes: queue.softBytes,
      hard_events: queue.hardEvents,
      hard_bytes: queue.hardBytes,
    },
  });
}

function defined(env: Record<string, string | undefined>): Record<string, string> {
  const set: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined) set[name] = String(value);
  }
  return set;
}

/** The parameters of `thread/start`; also of `thread/resume` and `thread/fork`, but for `threadSource`. */
export function threadParams(options: ThreadOptions, isNew: boolean): string {
  const config: CodexConfigObject = { ...options.config };
  if (options.config !== undefined) checkConfig(options.config, "config");
  if (options.networkAccessEnabled !== undefined) {
    config["sandbox_workspace_write.network_access"] = options.networkAccessEnabled;
  }
  if (options.additionalDirectories?.length) {
    config["sandbox_workspace_write.writable_roots"] = options.additionalDirectories.map((folder) =>
      resolve(folder),
    );
  }
  const search = options.webSearchMode ?? searchMode(options.webSearchEnabled);
  if (search) config.web_search = search;
  return encode("options", {
    model: options.model,
    modelProvider: options.modelProvider,
    sandbox: options.sandboxMode,
    cwd: absolute(options.workingDirectory),
    approvalPolicy: options.approvalPolicy,
    threadSource: isNew ? options.threadSource : undefined,
    baseInstructions: options.baseInstructions,
    developerInstructions: options.developerInstructions,
    ephemeral: options.ephemeral,
    config: Object.keys(config).length > 0 ? config : undefined,
    ...options.params,
  });
}

function searchMode(enabled: boolean | undefined): WebSearchMode | undefined {
  if (enabled === undefined) return undefined;
  return enabled ? "live" : "disabled";
}

function absolute(folder: string | undefined): string | undefined {
  return folder === undefined ? undefined : resolve(folder);
}

/** The further parameters of `turn/start`. */
export function turnParams(thread: ThreadOptions, options: TurnOptions): string {
  if (options.outputSchema !== undefined && !isJsonObject(options.outputSchema)) {
    throw InvalidArgumentError.of("outputSchema", "it must be a plain JSON object");
  }
  return encode("options", {
    model: options.model,
    effort: options.modelReasoningEffort ?? thread.modelReasoningEffort,
    summary: options.summary,
    cwd: absolute(options.workingDirectory),
    approvalPolicy: options.approvalPolicy,
    sandboxPolicy: options.sandboxPolicy,
    outputSchema: options.outputSchema,
    cyberAccessProgram: options.cyberAccessProgram,
    ...options.params,
  });
}

function isJsonObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
