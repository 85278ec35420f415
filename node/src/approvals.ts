/**
 * Approvals, questions and elicitations: what the engine asks of a person, and what is answered. Types only; they are
 * those of the core (core/src/approvals).
 */

import type { Policy } from "./policy.js";

/**
 * What an approval is about: a command, changes of files, more permissions for the rest of the turn or session, or the
 * call of an MCP server's tool.
 */
export type ApprovalKind = "command" | "file_change" | "permissions" | "mcp_tool";

/** The word for a decision. */
export type DecisionWord = "accept" | "acceptForSession" | "acceptWithRule" | "decline" | "cancel";

/** A change of one file that waits for approval. */
export interface ProposedChange {
  /** The file. */
  path: string;
  /** What happens to it. */
  kind: "add" | "delete" | "update" | (string & {});
  /** Where an update moves the file to. */
  move_path: string | null;
  /** The unified diff, or the content of an added or deleted file. */
  diff: string;
}

/**
 * An approval that the engine asks for, whichever of its methods it asks with. Fields that the engine did not give, or
 * that make no sense for the kind, are null.
 */
export interface ApprovalRequest {
  /** Names this request, also when the engine asks again over another connection. */
  id: string;
  /** What it is about. */
  kind: ApprovalKind;
  /** The protocol method, as in `item/commandExecution/requestApproval`. */
  method: string;
  /** The thread. */
  threadId: string | null;
  /** The turn. */
  turnId: string | null;
  /** The item that waits. */
  itemId: string | null;
  /** Why the agent wants it, in its words. */
  reason: string | null;
  /** The command as it would run, with the shell that runs it. */
  command: string | null;
  /** The line within, if a shell runs one: `git status` of `/bin/bash -lc 'git status'`. */
  script: string | null;
  /** Where it would run. */
  cwd: string | null;
  /** What files would become. */
  changes: ProposedChange[];
  /** A folder that the agent wants to write to from now on. */
  grantRoot: string | null;
  /** The permissions asked for, as on the wire. */
  permissions: unknown;
  /** The host and protocol, if it is about the network, as on the wire. */
  network: unknown;
  /** The MCP server. */
  server: string | null;
  /** Its tool. */
  tool: string | null;
  /** The tool's arguments. */
  arguments: unknown;
  /** The rule that `acceptWithRule` would remember: the beginning of the command. */
  proposedRule: string[] | null;
  /** What can be decided, in the order of its reach. */
  availableDecisions: DecisionWord[];
  /** The request's parameters as they came. */
  params: Record<string, unknown>;
}

/** Questions that the agent asks (`item/tool/requestUserInput`). */
export interface QuestionRequest {
  /** Names this request. */
  id: string;
  /** The thread. */
  threadId: string | null;
  /** The turn. */
  turnId: string | null;
  /** The item that waits. */
  itemId: string | null;
  /** What is asked; each wants an answer. */
  questions: Question[];
  /** The request's parameters as they came. */
  params: Record<string, unknown>;
}

/** One question. */
export interface Question {
  /** By which its answer is named. */
  id: string;
  /** A word or two for its head. */
  header: string;
  /** The question. */
  question: string;
  /** What can be chosen; empty for a free answer. */
  options: QuestionOption[];
  /** Whether an answer that is no option is taken, too. */
  isOther: boolean;
  /** Whether the answer is not to be shown. */
  isSecret: boolean;
}

/** What can be chosen. */
export interface QuestionOption {
  /** The answer. */
  label: string;
  /** What it means. */
  description: string;
}

/** What an MCP server asks of the user (`mcpServer/elicitation/request`). */
export interface ElicitationRequest {
  /** Names this request. */
  id: string;
  /** The thread. */
  threadId: string | null;
  /** The turn, if the engine knows which. */
  turnId: string | null;
  /** The MCP server. */
  server: string;
  /** How it asks: `form` for values, `url` for a page to visit. */
  mode: "form" | "url" | (string & {});
  /** What it says. */
  message: string;
  /** The JSON Schema of the values of a form. */
  schema: Record<string, unknown> | null;
  /** The page to visit. */
  url: string | null;
  /** The request's parameters as they came. */
  params: Record<string, unknown>;
}

/** Puts the answer off: {@link Codex.answerApproval} gives it, within `timeoutMs` milliseconds if that is given. */
export interface Later {
  /** The word for it. */
  decision: "later";
  /** After so many milliseconds without an answer it is declined; without it, it waits as long as its turn does. */
  timeoutMs?: number;
}

/**
 * A decision about an approval.
 *
 * - `"accept"`: yes, this once.
 * - `"acceptForSession"`: yes, and the same without asking until the session ends.
 * - `"acceptWithRule"`: yes, and by a rule from now on; as an object with a `rule` of one's own (the words that commands
 *   may begin with), else it is the request's `proposedRule`.
 * - `"decline"`: no; the turn goes on. As an object with a `reason`, which the agent reads.
 * - `"cancel"`: no, and the turn is interrupted.
 * - `{ decision: "later" }`: see {@link Later}.
 */
export type Decision =
  | DecisionWord
  | { decision: "acceptWithRule"; rule?: readonly string[] }
  | { decision: "decline"; reason?: string }
  | Later;

/** Answers to questions, by the question's id: a text, or several. */
export type Answers = Record<string, string | readonly string[]>;

/** What is answered to an MCP server: yes, with the values of a form; no; or neither, the question was closed. */
export type ElicitationReply =
  | { action: "accept"; content?: Record<string, unknown> }
  | { action: "decline" }
  | { action: "cancel" };

/**
 * Decides about an approval, now or later. One that throws, rejects or returns nonsense declines; the reason is in
 * {@link Codex.diagnostics}.
 *
 * @param request what is asked
 * @returns the decision; null or undefined without an opinion, so that the next one is asked
 */
export type ApprovalFunction = (request: ApprovalRequest) => Awaitable<Decision>;

/** Who decides about approvals: a ready-made policy, or a function. */
export type Approver = Policy | ApprovalFunction;

/**
 * Answers the agent's questions. One that throws, rejects or returns nonsense declines.
 *
 * @param request what is asked
 * @returns an answer to each question, `"decline"` to give none, or a {@link Later}; null or undefined without an
 * opinion, so that the next one is asked
 */
export type QuestionFunction = (request: QuestionRequest) => Awaitable<Answers | "decline" | Later>;

/**
 * Answers what MCP servers ask. One that throws, rejects or returns nonsense declines.
 *
 * @param request what is asked
 * @returns the reply, or a {@link Later}; null or undefined without an opinion, so that the next one is asked
 */
export type ElicitationFunction = (
  request: ElicitationRequest,
) => Awaitable<ElicitationReply | Later>;

/** Something, nothing, or a promise of it. */
type Awaitable<T> = T | null | undefined | Promise<T | null | undefined>;

/** What waits for its answer, by its `subject`. */
export type PendingRequest =
  | ({ subject: "approval" } & ApprovalRequest)
  | ({ subject: "question" } & QuestionRequest)
  | ({ subject: "elicitation" } & ElicitationRequest);

/** What can be answered to a {@link PendingRequest}. */
export type PendingReply = Exclude<Decision, Later> | Answers | ElicitationReply;

/**
 * Who answers what the engine asks of a person. The options of a turn are asked first, then those of its thread, then
 * those of the client, and last the client's `approvalHandler`. Where nobody decides, the answer is no.
 */
export interface Responders {
  /** Decide about approvals; of several, the first one with an opinion. */
  onApproval?: Approver | readonly Approver[];
  /** Answers the agent's questions. */
  onQuestion?: QuestionFunction;
  /** Answers what MCP servers ask. */
  onElicitation?: ElicitationFunction;
  /**
   * How long these may take, in milliseconds, before the request is declined. By default as long as the next ones above
   * say; 300,000 for a client.
   */
  approvalTimeoutMs?: number;
}
