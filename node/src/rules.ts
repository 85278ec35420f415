/** What each option accepts. A new option gets a line here, or this does not compile. */

import type { Responders } from "./approvals.js";
import {
  type Check,
  callback,
  checkOptions,
  config,
  count,
  flag,
  isPlainObject,
  kindOf,
  listOf,
  milliseconds,
  object,
  oneOf,
  type Rules,
  record,
  signal,
  text,
} from "./check.js";
import { InvalidArgumentError } from "./errors.js";
import { checkExecClient } from "./execOptions.js";
import { GUARDRAILS } from "./guardrails.js";
import { checkServers } from "./mcpServers.js";
import {
  APPROVAL_POLICIES,
  APPROVAL_PRESETS,
  APPROVALS_REVIEWERS,
  CYBER_ACCESS_PROGRAMS,
  PERSONALITIES,
  REASONING_EFFORTS,
  REASONING_SUMMARIES,
  SANDBOX_MODES,
  SANDBOX_POLICIES,
  SESSION_START_SOURCES,
  WEB_SEARCH_MODES,
} from "./modes.js";
import type {
  CodexOptions,
  QueueLimits,
  ReconnectOptions,
  RemoteEngine,
  RequestOptions,
  RestartOptions,
  ThreadOptions,
  TurnOptions,
} from "./options.js";
import { checkOutputType } from "./output.js";
import * as policies from "./policies.js";
import { checkPolicy } from "./policy.js";
import { checkTools } from "./tools.js";

const QUEUE: Rules<QueueLimits> = {
  softEvents: count(0),
  softBytes: count(0),
  hardEvents: count(1),
  hardBytes: count(1),
};

const RECONNECT: Rules<ReconnectOptions> = {
  maxAttempts: count(0),
  initialDelayMs: milliseconds,
  maxDelayMs: milliseconds,
};

const RESTART: Rules<RestartOptions> = {
  maxAttempts: count(1),
  initialDelayMs: milliseconds,
  maxDelayMs: milliseconds,
};

const REMOTE: Rules<RemoteEngine> = {
  url: text,
  bearerToken: text,
  connectTimeoutMs: milliseconds,
  reconnect: (value, name) => {
    if (value !== false) record(RECONNECT)(value, name);
  },
  caFile: text,
  allowInsecureToken: flag,
  keepAliveMs: milliseconds,
  answerRequests: flag,
};

/** A URL, or an object with one. */
const remote: Check = (value, name) => {
  if (typeof value === "string") return text(value, name);
  record(REMOTE)(value, name);
  text((value as Partial<RemoteEngine>).url, `${name}.url`);
};

/** Names and values of environment variables; an undefined value is left out. */
const environment: Check = (value, name) => {
  object(value, name);
  for (const [variable, setting] of Object.entries(value as Record<string, unknown>)) {
    if (setting !== undefined) text(setting, `${name}.${variable}`);
  }
};

/** Where in a trace a call is made; the core says whether it is well-formed. @internal */
export const traceContext: Check = (value, name) => {
  if (typeof value !== "string") object(value, name);
};

const rawOverride: Check = (value, name) => {
  text(value, name);
  if (!/^[^=]*[^=\s][^=]*=/.test(value as string)) {
    throw InvalidArgumentError.of(name, `${JSON.stringify(value)} is not of the form key=value`);
  }
};

const FACTORIES = new Map<unknown, string>(
  Object.entries(policies).map(([name, factory]) => [factory, name]),
);

/** A policy or a function. */
const approver: Check = (value, name) => {
  const factory = FACTORIES.get(value);
  if (factory !== undefined) {
    throw InvalidArgumentError.of(
      name,
      `policies.${factory} makes a policy; call it: policies.${factory}(...)`,
    );
  }
  if (typeof value === "function") return;
  if (!isPlainObject(value)) {
    throw InvalidArgumentError.of(name, `expected a policy or a function, not ${kindOf(value)}`);
  }
  checkPolicy(value, name);
};

/** Who answers. */
export const RESPONDERS: Rules<Responders> = {
  onApproval: (value, name) =>
    Array.isArray(value) ? listOf(approver)(value, name) : approver(value, name),
  onQuestion: callback,
  onElicitation: callback,
  approvalTimeoutMs: milliseconds,
};

const CODEX: Rules<CodexOptions> = {
  ...RESPONDERS,
  transport: oneOf(["app-server", "exec"]),
  codexPathOverride: text,
  baseUrl: text,
  apiKey: text,
  config,
  configOverrides: listOf(rawOverride),
  mcpServers: checkServers,
  tools: checkTools,
  onSpan: callback,
  onEvent: callback,
  env: environment,
  cwd: text,
  launchArgsOverride: listOf(text),
  remote,
  restart: (value, name) => {
    if (typeof value !== "boolean") record(RESTART)(value, name);
  },
  prewarm: flag,
  approvalHandler: callback,
  clientName: text,
  clientTitle: text,
  clientVersion: text,
  experimentalApi: flag,
  capabilities: object,
  initializeTimeoutMs: milliseconds,
  requestTimeoutMs: milliseconds,
  closeTimeoutMs: milliseconds,
  maxLineBytes: count(1),
  queue: record(QUEUE),
};

const approvalPolicy: Check = (value, name) => {
  if (isPlainObject(value)) {
    if (isPlainObject(value.granular)) return;
    throw InvalidArgumentError.of(name, "an object must be of the form { granular: { ... } }");
  }
  oneOf(APPROVAL_POLICIES)(value, name);
};

/** What threads and turns have in common. */
const COMMON = {
  ...RESPONDERS,
  model: text,
  modelReasoningEffort: oneOf(REASONING_EFFORTS),
  workingDirectory: text,
  approvalPolicy,
  approvalPreset: oneOf(APPROVAL_PRESETS),
  approvalsReviewer: oneOf(APPROVALS_REVIEWERS),
  sandboxMode: oneOf(SANDBOX_MODES),
  personality: oneOf(PERSONALITIES),
  serviceTier: text,
  params: object,
};

const THREAD: Rules<ThreadOptions> = {
  ...COMMON,
  modelProvider: text,
  threadSource: text,
  mcpServers: checkServers,
  tools: checkTools,
  skipGitRepoCheck: flag,
  networkAccessEnabled: flag,
  webSearchMode: oneOf(WEB_SEARCH_MODES),
  webSearchEnabled: flag,
  additionalDirectories: listOf(text),
  config,
  baseInstructions: text,
  developerInstructions: text,
  ephemeral: flag,
  serviceName: text,
  sessionStartSource: oneOf(SESSION_START_SOURCES),
  includeTurns: flag,
};

const TURN: Rules<TurnOptions> = {
  ...COMMON,
  cyberAccessProgram: oneOf(CYBER_ACCESS_PROGRAMS),
  outputSchema: (value, name) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw InvalidArgumentError.of(name, `it must be a plain JSON object, not ${kindOf(value)}`);
    }
  },
  ...GUARDRAILS,
  outputType: checkOutputType,
  outputRepairs: count(0),
  signal,
  summary: oneOf(REASONING_SUMMARIES),
  sandboxPolicy: (value, name) => {
    object(value, name);
    oneOf(SANDBOX_POLICIES)((value as { type?: unknown }).type, `${name}.type`);
  },
  turnServiceTier: text,
  source: text,
  traceContext,
};

const REQUEST: Rules<RequestOptions> = { timeoutMs: milliseconds };

/** Two options of which only one may be given. */
function alternatives<T>(options: T, first: keyof T & string, second: keyof T & string): void {
  if (given(options[first]) && given(options[second])) {
    throw InvalidArgumentError.of(
      first,
      `it cannot be given together with ${second}; leave one out`,
    );
  }
}

function given(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** What says how to start an engine, and so means nothing for one that runs already. */
const STARTING = [
  "codexPathOverride",
  "baseUrl",
  "apiKey",
  "config",
  "configOverrides",
  "mcpServers",
  "env",
  "cwd",
  "launchArgsOverride",
  "restart",
] as const;

/** Refuses options of a client that cannot be. Called at construction, so that mistakes show where they are made. */
export function checkCodexOptions(options: CodexOptions): void {
  checkOptions(options, CODEX);
  if (options.transport === "exec") checkExecClient(options);
  alternatives(options, "apiKey", "launchArgsOverride");
  for (const option of STARTING) alternatives(options, option, "remote");
}

/** For which ways of opening a thread an option is, if not for all. */
const ONLY_FOR: Partial<Record<keyof ThreadOptions, readonly ThreadOpening[]>> = {
  serviceName: ["start"],
  sessionStartSource: ["start"],
  ephemeral: ["start", "fork"],
  personality: ["start", "resume"],
  includeTurns: ["resume", "fork"],
};

/** How a thread is opened: `thread/start`, `thread/resume` or `thread/fork`. */
export type ThreadOpening = "start" | "resume" | "fork";

/** Whether an option means something for this way of opening a thread. */
export function isFor(option: keyof ThreadOptions, opening: ThreadOpening): boolean {
  return ONLY_FOR[option]?.includes(opening) ?? true;
}

/** Refuses options of a thread that cannot be. */
export function checkThreadOptions(options: ThreadOptions, opening: ThreadOpening): void {
  checkOptions(options, THREAD);
  alternatives(options, "approvalPreset", "approvalPolicy");
  alternatives(options, "approvalPreset", "approvalsReviewer");
  for (const option of Object.keys(ONLY_FOR) as (keyof ThreadOptions)[]) {
    if (given(options[option]) && !isFor(option, opening)) {
      const ways = ONLY_FOR[option]?.map((way) => `thread/${way}`).join(" and ");
      throw InvalidArgumentError.of(option, `it is for ${ways} only, not for thread/${opening}`);
    }
  }
}

/** Refuses options of a turn that cannot be. */
export function checkTurnOptions(options: TurnOptions): void {
  checkOptions(options, TURN);
  // As the official SDK does: a schema that turned out to be null is a mistake.
  if (options.outputSchema === null) TURN.outputSchema(null, "outputSchema");
  alternatives(options, "outputType", "outputSchema");
  alternatives(options, "approvalPreset", "approvalPolicy");
  alternatives(options, "approvalPreset", "approvalsReviewer");
  alternatives(options, "sandboxMode", "sandboxPolicy");
  if (options.outputRepairs && !options.outputType) {
    throw InvalidArgumentError.of(
      "outputRepairs",
      "it is for answers with an outputType, and there is none",
    );
  }
}

/** Refuses options of a request that cannot be. */
export function checkRequestOptions(options: RequestOptions): void {
  checkOptions(options, REQUEST);
}

/** Refuses what is no id of a thread. */
export function checkThreadId(id: unknown): void {
  text(id, "id");
  if ((id as string).trim() === "")
    throw InvalidArgumentError.of("id", "it is empty; give the id of a thread");
}
