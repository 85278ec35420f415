/** The options of a client, a thread and a turn. rules.ts checks them, wire.ts turns them into parameters. */

import type { Responders } from "./approvals.js";
import type {
  AskForApproval,
  InitializeCapabilities,
  SandboxPolicy,
  ServerRequestMap,
  ThreadForkParams,
  ThreadResumeParams,
  ThreadStartParams,
  TurnStartParams,
} from "./generated/protocol.js";
import type { GuardrailOptions } from "./guardrails.js";
import type { McpServer } from "./mcpServers.js";
import type {
  ApprovalMode,
  ApprovalPreset,
  ApprovalsReviewer,
  CyberAccessProgram,
  ModelReasoningEffort,
  Personality,
  ReasoningSummary,
  SandboxMode,
  SessionStartSource,
  WebSearchMode,
} from "./modes.js";
import type { OutputType } from "./output.js";
import type { Span, TelemetryEvent, TraceContext } from "./telemetry.js";
import type { Tool, ToolRegistry } from "./tools.js";

/** A value of the engine's configuration. */
export type CodexConfigValue = string | number | boolean | CodexConfigValue[] | CodexConfigObject;

/** An object of the engine's configuration. */
export type CodexConfigObject = { [key: string]: CodexConfigValue };

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

/** What to do when the connection to a remote engine is lost. What is left out (or null) has the default. */
export interface ReconnectOptions {
  /** Attempts in a row until the client is closed; 5 by default, 0 means never to try. */
  maxAttempts?: number;
  /**
   * The pause before the first attempt, in milliseconds; 250 by default. It doubles with every further one, and
   * each is shortened by up to a half at random.
   */
  initialDelayMs?: number;
  /** The longest pause, in milliseconds; 8,000 by default. */
  maxDelayMs?: number;
}

/** When to start an engine again that ended by itself. What is left out (or null) has the default. */
export interface RestartOptions {
  /**
   * Restarts in a row until the client is closed; 5 by default. An engine that has run for longer than `maxDelayMs`
   * begins a new row.
   */
  maxAttempts?: number;
  /**
   * The pause before the first restart, in milliseconds; 100 by default. It doubles with every further one in a row,
   * and each is shortened by up to a half at random.
   */
  initialDelayMs?: number;
  /** The longest pause, in milliseconds; 10,000 by default. */
  maxDelayMs?: number;
}

/** An engine that somebody else started (`codex app-server --listen ...`). What is left out has the default. */
export interface RemoteEngine {
  /** `unix://PATH`, `ws://HOST:PORT` or `wss://HOST:PORT`. */
  url: string;
  /** The token that the engine asks for. It is never shown. */
  bearerToken?: string;
  /** How long a connection may take with its handshake, in milliseconds; 10,000 by default. */
  connectTimeoutMs?: number;
  /** What to do when the connection is lost; `false` closes the client. */
  reconnect?: ReconnectOptions | false;
  /** A PEM file with the only certificates to trust, for `wss://`; without it the system's are. */
  caFile?: string;
  /** Send the token over `ws://` to another machine, where others may read it on the way. */
  allowInsecureToken?: boolean;
  /**
   * How often the engine is asked for a sign of life, in milliseconds; 20,000 by default. After three without one
   * the connection counts as lost.
   */
  keepAliveMs?: number;
  /**
   * Whether this client answers approvals, questions and tool calls; true by default. The engine asks every client
   * on a thread and takes the first answer: one that only watches must not answer.
   */
  answerRequests?: boolean;
}

/** How to find, start and talk to an engine. What is left out (or null) has the default. */
export interface CodexOptions extends Responders {
  /**
   * `app-server`, the default: one engine process serves all turns. `exec`: a process of `codex exec --json` for
   * each turn, as the official SDK does it, which can only `run()` and `runStreamed()`.
   */
  transport?: "app-server" | "exec";
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
  /**
   * MCP servers for every thread, by name. They become arguments of the engine, so likely secrets are refused: give
   * such a server to the thread ({@link ThreadOptions.mcpServers}).
   */
  mcpServers?: Record<string, McpServer>;
  /** The tools that every thread of the client has besides its own: {@link Codex.tools} has them and takes more. */
  tools?: readonly Tool[] | ToolRegistry;
  /** Called with each span of the client that ended; see {@link observe}. */
  onSpan?: (span: Span) => void;
  /** Called with each event of the client. */
  onEvent?: (event: TelemetryEvent) => void;
  /** The engine's environment. It replaces `process.env` wholly. */
  env?: Record<string, string | undefined>;
  /** The engine's working directory, and so the default of threads. */
  cwd?: string;
  /** A whole launch command instead. Then `codexPathOverride`, `config`, `configOverrides`, `baseUrl` do nothing. */
  launchArgsOverride?: string[];
  /**
   * An engine that runs already, or its URL. Then nothing is started, and no option that says how to start one can
   * be given (`codexPathOverride`, `baseUrl`, `apiKey`, `config`, `configOverrides`, `env`, `cwd`,
   * `launchArgsOverride`).
   */
  remote?: string | RemoteEngine;
  /**
   * Whether (and when) to start the engine again when it ends by itself, load the client's threads into the new one
   * and tell the turns that ran what became of them. By default, the engine's end is the end of all that ran, and the
   * next call starts a new engine.
   */
  restart?: boolean | RestartOptions;
  /**
   * Whether to start the engine when the client is made, instead of with the first call: it gets ready while the
   * program goes on importing and building its prompt. What the start fails with is thrown by the first call.
   */
  prewarm?: boolean;
  /**
   * Answers approvals, questions, tool calls and everything else that the engine asks, in the protocol's own form. It is
   * asked last; what nobody answers is declined.
   */
  approvalHandler?: ApprovalHandler;
  /** How the application introduces itself. */
  clientName?: string;
  /** The name that people see. */
  clientTitle?: string;
  /** The application's version. */
  clientVersion?: string;
  /** Whether to ask for the experimental part of the protocol; true by default. */
  experimentalApi?: boolean;
  /** What else the application declares to the engine at the start, as the protocol has it. */
  capabilities?: Partial<Omit<InitializeCapabilities, "experimentalApi">>;
  /** How long the engine may take to start, in milliseconds; 30,000 by default. */
  initializeTimeoutMs?: number;
  /** How long it may take to answer a request, in milliseconds; 120,000 by default. */
  requestTimeoutMs?: number;
  /** How long it may take to end by itself, in milliseconds; 5,000 by default. */
  closeTimeoutMs?: number;
  /** How long handlers may take, in milliseconds; 300,000 by default. Then the request is declined. */
  approvalTimeoutMs?: number;
  /** The longest line that is read from the engine. */
  maxLineBytes?: number;
  /** The limits of the queue of a turn's unread events. */
  queue?: QueueLimits;
}

/**
 * What a thread runs with. What is left out (or null) is for the engine's configuration to say; the options hold
 * for the thread's turns until a turn changes them.
 */
export interface ThreadOptions extends Responders {
  /** The model. */
  model?: string;
  /** The model provider. */
  modelProvider?: string;
  /** A classification of the thread's origin; used when it is first created. */
  threadSource?: string;
  /** What the agent's commands may do. */
  sandboxMode?: SandboxMode;
  /** The directory to work in: an existing one. A relative path is resolved against `process.cwd()`. */
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
  /** One of the two usual choices instead of `approvalPolicy` and `approvalsReviewer`. */
  approvalPreset?: ApprovalPreset;
  /** Who answers when the agent asks; the application's handler (`user`) unless the configuration says otherwise. */
  approvalsReviewer?: ApprovalsReviewer;
  /** Further directories that commands may write to in the `workspace-write` sandbox. */
  additionalDirectories?: string[];
  /** Settings of the engine for this thread, as in config.toml. */
  config?: CodexConfigObject;
  /** MCP servers of the thread, by name, beside those of the configuration. */
  mcpServers?: Record<string, McpServer>;
  /** The thread's tools, besides the client's: functions of the application that the model calls. */
  tools?: readonly Tool[] | ToolRegistry;
  /** Instructions that replace the model's own. */
  baseInstructions?: string;
  /** Instructions that are added to the model's own. */
  developerInstructions?: string;
  /** How the agent speaks. */
  personality?: Personality;
  /** The service tier of the thread's turns. */
  serviceTier?: string;
  /** Keep no file of the thread. For new threads and forks. */
  ephemeral?: boolean;
  /** The name of the service that the thread belongs to. For new threads. */
  serviceName?: string;
  /** What began the session, for the engine's hooks. For new threads. */
  sessionStartSource?: SessionStartSource;
  /**
   * Whether the engine's answer ({@link Thread.open}) carries the history of a resumed or forked thread; it does
   * not change what the model sees.
   */
  includeTurns?: boolean;
  /** Any further parameter of `thread/start`, `thread/resume` or `thread/fork`, as the protocol names it. Unchecked. */
  params?: Partial<ThreadStartParams & ThreadResumeParams & ThreadForkParams>;
}

/** What one turn runs with. What is left out (or null) is the thread's. */
export interface TurnOptions extends Responders, GuardrailOptions {
  /** Selects an authorised cyber program with the built-in provider. */
  cyberAccessProgram?: CyberAccessProgram;
  /** A JSON schema that the final answer shall follow: a plain object. */
  outputSchema?: unknown;
  /**
   * The type of the answer, which becomes `parsed` of the result: a zod schema (4.2 or newer), another Standard Schema
   * that gives its JSON Schema, or a plain JSON Schema as `{ jsonSchema }`. Unlike with `outputSchema`, the answer is
   * checked. For {@link Thread.run}, {@link Thread.turn} and {@link Codex.map}.
   */
  outputType?: OutputType;
  /** How many further turns may tell the model what is wrong with an invalid answer; 0 by default. For {@link Thread.run}. */
  outputRepairs?: number;
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
  /** One of the two usual choices instead of `approvalPolicy` and `approvalsReviewer`, from this turn on. */
  approvalPreset?: ApprovalPreset;
  /** Who answers when the agent asks, from this turn on. */
  approvalsReviewer?: ApprovalsReviewer;
  /** What the agent's commands may do, from this turn on. */
  sandboxMode?: SandboxMode;
  /** The same with all its settings, instead of `sandboxMode`. */
  sandboxPolicy?: SandboxPolicy;
  /** How the agent speaks, from this turn on. */
  personality?: Personality;
  /** The service tier, from this turn on. */
  serviceTier?: string;
  /** The service tier of this turn alone; `default` is the standard speed. */
  turnServiceTier?: string;
  /** What started this turn: a label without authority. */
  source?: string;
  /**
   * The W3C trace context that the turn belongs to: a `traceparent`, or that with `tracestate`. By default the current
   * one of OpenTelemetry, after {@link instrument}.
   */
  traceContext?: string | TraceContext;
  /** Any further parameter of `turn/start`, as the protocol names it. Unchecked. */
  params?: Partial<TurnStartParams>;
}

/** How to send a request. */
export interface RequestOptions {
  /** How long the engine may take, in milliseconds; the client's `requestTimeoutMs` by default. */
  timeoutMs?: number;
}
