/** Checked options in the form that the core and the protocol have. */

import { resolve } from "node:path";
import { locateBundledEngine } from "./engine.js";
import type { CyberAccessProgram as WireCyberAccessProgram } from "./generated/protocol.js";
import { encode } from "./input.js";
import { wireServers, withServers } from "./mcpServers.js";
import type { ApprovalPreset, CyberAccessProgram, SandboxMode, WebSearchMode } from "./modes.js";
import type {
  CodexConfigObject,
  CodexOptions,
  ReconnectOptions,
  RemoteEngine,
  RestartOptions,
  ThreadOptions,
  TurnOptions,
} from "./options.js";
import { isFor, type ThreadOpening } from "./rules.js";

/** The options of a client as the core reads them. */
export function clientOptionsJson(options: CodexOptions): string {
  // The official SDK takes an empty string for no path, too.
  const binary = options.codexPathOverride || undefined;
  const engine = remote(options.remote);
  return encode("options", {
    codex_bin: binary,
    bundled: binary === undefined && engine === undefined ? locateBundledEngine() : undefined,
    launch_args_override: options.launchArgsOverride,
    config: engineConfig(options),
    config_overrides: configOverrides(options),
    mcp_servers: options.mcpServers ? wireServers(options.mcpServers) : undefined,
    cwd: options.cwd,
    // Explicit, because a worker thread's process.env is its own.
    env:
      engine === undefined
        ? { inherit: false, set: defined(options.env ?? process.env) }
        : undefined,
    remote: engine,
    restart: options.restart
      ? wirePolicy(options.restart === true ? {} : options.restart)
      : undefined,
    client_name: options.clientName ?? "codexkit_node",
    client_title: options.clientTitle ?? "codexkit for Node",
    client_version: options.clientVersion,
    experimental_api: options.experimentalApi,
    capabilities: options.capabilities,
    initialize_timeout_s: seconds(options.initializeTimeoutMs),
    request_timeout_s: seconds(options.requestTimeoutMs),
    close_timeout_s: seconds(options.closeTimeoutMs),
    approval_timeout_s: seconds(options.approvalTimeoutMs),
    max_line_bytes: options.maxLineBytes,
    queue: wireQueue(options),
  });
}

/** The limits of a stream's queue. */
export function wireQueue({ queue }: CodexOptions): object | undefined {
  return queue
    ? {
        soft_events: queue.softEvents,
        soft_bytes: queue.softBytes,
        hard_events: queue.hardEvents,
        hard_bytes: queue.hardBytes,
      }
    : undefined;
}

/** A remote engine as the core reads it. */
function remote(given: CodexOptions["remote"]): object | undefined {
  if (given === undefined || given === null) return undefined;
  const engine: RemoteEngine = typeof given === "string" ? { url: given } : given;
  const policy = engine.reconnect === false ? { maxAttempts: 0 } : (engine.reconnect ?? {});
  return {
    url: engine.url,
    bearer_token: engine.bearerToken,
    connect_timeout_s: seconds(engine.connectTimeoutMs),
    reconnect: wirePolicy(policy),
    ca_file: engine.caFile,
    allow_insecure_token: engine.allowInsecureToken,
    keep_alive_s: seconds(engine.keepAliveMs),
    answer_requests: engine.answerRequests,
  };
}

/** When to try again and how long to wait between, as the core reads it. */
function wirePolicy(policy: ReconnectOptions | RestartOptions): object {
  return {
    max_attempts: policy.maxAttempts,
    initial_delay_s: seconds(policy.initialDelayMs),
    max_delay_s: seconds(policy.maxDelayMs),
  };
}

function engineConfig(options: CodexOptions): CodexConfigObject {
  // A key of the options must not end in a file; its owner may say otherwise.
  const memoryOnly: CodexConfigObject = options.apiKey
    ? { cli_auth_credentials_store: "ephemeral" }
    : {};
  return { ...memoryOnly, ...options.config };
}

function configOverrides(options: CodexOptions): string[] {
  const overrides = [...(options.configOverrides ?? [])];
  // JSON's strings are TOML's, but for U+007F.
  const quoted = (text: string) => JSON.stringify(text).replaceAll("\u007f", "\\u007f");
  if (options.baseUrl) overrides.push(`openai_base_url=${quoted(options.baseUrl)}`);
  return overrides;
}

function seconds(ms: number | null | undefined): number | undefined {
  return ms === undefined || ms === null ? undefined : ms / 1000;
}

/** An environment without what is not set. */
export function defined(env: Record<string, string | undefined>): Record<string, string> {
  const set: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && value !== null) set[name] = String(value);
  }
  return set;
}

/** The parameters of `thread/start`, `thread/resume` or `thread/fork`. */
export function threadParams(options: ThreadOptions, opening: ThreadOpening): string {
  const config = threadConfig(options);
  const only = <K extends keyof ThreadOptions>(option: K) =>
    isFor(option, opening) ? options[option] : undefined;
  const includeTurns = only("includeTurns") ?? undefined;
  const params = encode("options", {
    model: options.model || undefined,
    modelProvider: options.modelProvider,
    sandbox: options.sandboxMode,
    cwd: absolute(options.workingDirectory),
    ...approvals(options),
    // The official SDK accepts it for a resumed thread, to no effect.
    threadSource: opening === "resume" ? undefined : options.threadSource,
    baseInstructions: options.baseInstructions,
    developerInstructions: options.developerInstructions,
    personality: only("personality"),
    serviceTier: options.serviceTier,
    ephemeral: only("ephemeral") ?? undefined,
    serviceName: only("serviceName"),
    sessionStartSource: only("sessionStartSource"),
    excludeTurns: includeTurns === undefined ? undefined : !includeTurns,
    config: Object.keys(config).length > 0 ? config : undefined,
    ...options.params,
  });
  return options.mcpServers ? withServers(options.mcpServers, params) : params;
}

/** A thread's options that are settings of the engine's configuration. */
function threadConfig(options: ThreadOptions): CodexConfigObject {
  const config: CodexConfigObject = { ...options.config };
  if (typeof options.networkAccessEnabled === "boolean") {
    config["sandbox_workspace_write.network_access"] = options.networkAccessEnabled;
  }
  if (options.additionalDirectories?.length) {
    config["sandbox_workspace_write.writable_roots"] = options.additionalDirectories.map((folder) =>
      resolve(folder),
    );
  }
  const search = options.webSearchMode ?? searchMode(options.webSearchEnabled);
  if (search) config.web_search = search;
  return config;
}

function searchMode(enabled: boolean | null | undefined): WebSearchMode | undefined {
  if (enabled === undefined || enabled === null) return undefined;
  return enabled ? "live" : "disabled";
}

function absolute(folder: string | null | undefined): string | undefined {
  return folder ? resolve(folder) : undefined;
}

const PRESETS: Record<ApprovalPreset, object> = {
  deny_all: { approvalPolicy: "never" },
  auto_review: { approvalPolicy: "on-request", approvalsReviewer: "auto_review" },
};

function approvals(options: ThreadOptions | TurnOptions): object {
  if (options.approvalPreset) return PRESETS[options.approvalPreset];
  return { approvalPolicy: options.approvalPolicy, approvalsReviewer: options.approvalsReviewer };
}

const POLICIES: Record<SandboxMode, string> = {
  "read-only": "readOnly",
  "workspace-write": "workspaceWrite",
  "danger-full-access": "dangerFullAccess",
};

const PROGRAMS: Record<CyberAccessProgram, WireCyberAccessProgram> = {
  standard: "standard",
  daybreak_blue: "daybreakBlue",
  daybreak_red: "daybreakRed",
};

/** The further parameters of `turn/start`: a turn's own, and what its thread says for every turn. */
export function turnParams(thread: ThreadOptions, options: TurnOptions): object {
  const { sandboxMode, cyberAccessProgram } = options;
  return {
    model: options.model || undefined,
    effort: options.modelReasoningEffort ?? thread.modelReasoningEffort,
    summary: options.summary,
    cwd: absolute(options.workingDirectory),
    ...approvals(options),
    sandboxPolicy: sandboxMode ? { type: POLICIES[sandboxMode] } : options.sandboxPolicy,
    personality: options.personality,
    serviceTier: options.serviceTier,
    serviceTierForTurn: options.turnServiceTier,
    turnTrigger: options.source,
    outputSchema: options.outputSchema,
    cyberAccessProgram: cyberAccessProgram ? PROGRAMS[cyberAccessProgram] : undefined,
    ...options.params,
  };
}
