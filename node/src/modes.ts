/**
 * The values that options choose from: each list is what is accepted, what an error names, and the type.
 *
 * The compiler compares them with the engine's own types where those are closed.
 */

import type {
  SandboxPolicy,
  ApprovalsReviewer as WireApprovalsReviewer,
  Personality as WirePersonality,
  ReasoningSummary as WireReasoningSummary,
  SandboxMode as WireSandboxMode,
  ThreadStartSource as WireThreadStartSource,
  WebSearchMode as WireWebSearchMode,
} from "./generated/protocol.js";

/** A list that has every value of `T` and nothing else. */
const every =
  <T extends string>() =>
  <const L extends readonly T[]>(...list: L & ([T] extends [L[number]] ? unknown : never)): L =>
    list;

export const APPROVAL_POLICIES = ["never", "on-request", "on-failure", "untrusted"] as const;
export const APPROVAL_PRESETS = ["deny_all", "auto_review"] as const;
export const APPROVALS_REVIEWERS = every<WireApprovalsReviewer>()(
  "user",
  "auto_review",
  "guardian_subagent",
);
export const SANDBOX_MODES = every<WireSandboxMode>()(
  "read-only",
  "workspace-write",
  "danger-full-access",
);
export const SANDBOX_POLICIES = every<SandboxPolicy["type"]>()(
  "readOnly",
  "workspaceWrite",
  "dangerFullAccess",
  "externalSandbox",
);
export const REASONING_EFFORTS = [
  "none",
  "minimal",
  "low",
  "medium",
  "high",
  "xhigh",
  "max",
  "ultra",
  "persistent",
] as const;
export const REASONING_SUMMARIES = every<WireReasoningSummary>()(
  "auto",
  "concise",
  "detailed",
  "none",
);
export const PERSONALITIES = every<WirePersonality>()("none", "friendly", "pragmatic");
export const WEB_SEARCH_MODES = every<WireWebSearchMode>()("disabled", "cached", "indexed", "live");
export const CYBER_ACCESS_PROGRAMS = ["standard", "daybreak_blue", "daybreak_red"] as const;
export const SESSION_START_SOURCES = every<WireThreadStartSource>()("startup", "clear");

/**
 * When the agent asks before it acts: the engine's approval policies, as the official SDK calls them. `never` asks
 * nothing, `on-request` leaves it to the model, `untrusted` asks for every command that is not known to be harmless.
 * `on-failure` is gone from the engine and refused. {@link ApprovalPreset} has the two usual choices.
 */
export type ApprovalMode = (typeof APPROVAL_POLICIES)[number];

/**
 * What happens when the agent asks for more than its sandbox allows. `deny_all`: nothing is ever asked, and what
 * the sandbox forbids fails (policy `never`). `auto_review`: the engine's reviewer model decides (policy
 * `on-request` with the reviewer `auto_review`).
 */
export type ApprovalPreset = (typeof APPROVAL_PRESETS)[number];

/** Who answers when the agent asks: the application's handler (`user`) or the engine's reviewer model. */
export type ApprovalsReviewer = (typeof APPROVALS_REVIEWERS)[number];

/** What the agent's commands may do. */
export type SandboxMode = (typeof SANDBOX_MODES)[number];

/** How hard the model thinks. Which of them a model knows, `Codex.models()` says. */
export type ModelReasoningEffort = (typeof REASONING_EFFORTS)[number];

/** How the model's reasoning is summarised. */
export type ReasoningSummary = (typeof REASONING_SUMMARIES)[number];

/** How the agent speaks. The engine has deprecated `friendly` and `pragmatic`: they no longer select a style. */
export type Personality = (typeof PERSONALITIES)[number];

/** Whether and how the model may search the web. */
export type WebSearchMode = (typeof WEB_SEARCH_MODES)[number];

/** An authorised cyber program, see {@link TurnOptions.cyberAccessProgram}. */
export type CyberAccessProgram = (typeof CYBER_ACCESS_PROGRAMS)[number];

/** What began the session, for the engine's hooks. */
export type SessionStartSource = (typeof SESSION_START_SOURCES)[number];

/** The sandbox modes by name, for who prefers `Sandbox.workspaceWrite` to a string. */
export const Sandbox = {
  /** Reading files. */
  readOnly: "read-only",
  /** Reading, and writing inside the workspace and the further directories. */
  workspaceWrite: "workspace-write",
  /** Everything the user may. */
  fullAccess: "danger-full-access",
} as const satisfies Record<string, SandboxMode>;

/** The approval presets by name, for {@link ThreadOptions.approvalPreset}. */
export const Approvals = {
  /** Nothing is ever asked: what the sandbox forbids fails. */
  denyAll: "deny_all",
  /** The engine's reviewer model decides. */
  autoReview: "auto_review",
} as const satisfies Record<string, ApprovalPreset>;
