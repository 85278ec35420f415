/**
 * View 2: the `ThreadEvent` model of the official TypeScript SDK, with the same names.
 *
 * It differs from the official types where they are wrong about what the engine sends (a command that has
 * not ended has `exit_code: null`, a file change starts `in_progress`, searches have an `action`), and has more:
 * ids of turns, a turn's own usage beside the thread's, the kind of an error.
 */

import type { CodexErrorInfo, ThreadTokenUsage, TurnError } from "./generated/protocol.js";

/** The status of a command execution. */
export type CommandExecutionStatus = "in_progress" | "completed" | "failed" | "declined";

/** A command that the agent ran. */
export type CommandExecutionItem = {
  /** The item. */
  id: string;
  type: "command_execution";
  /** The command line. */
  command: string;
  /** What it wrote to stdout and stderr so far. */
  aggregated_output: string;
  /** Its exit code; null while it runs. */
  exit_code: number | null;
  /** How far it is. */
  status: CommandExecutionStatus;
};

/** What was done to a file. */
export type PatchChangeKind = "add" | "delete" | "update";

/** A change of one file. */
export type FileUpdateChange = {
  /** The file. */
  path: string;
  /** What was done to it. */
  kind: PatchChangeKind;
};

/** The status of a file change. */
export type PatchApplyStatus = "in_progress" | "completed" | "failed" | "declined";

/** Files that the agent changed. */
export type FileChangeItem = {
  /** The item. */
  id: string;
  type: "file_change";
  /** The files. */
  changes: FileUpdateChange[];
  /** How far it is. */
  status: PatchApplyStatus;
};

/** The status of a call to an MCP tool. */
export type McpToolCallStatus = "in_progress" | "completed" | "failed";

/** A call to a tool of an MCP server. */
export type McpToolCallItem = {
  /** The item. */
  id: string;
  type: "mcp_tool_call";
  /** The server's name in the configuration. */
  server: string;
  /** The tool's name. */
  tool: string;
  /** What the model gave it. */
  arguments: unknown;
  /** What the server answered; null while it runs, or if the call failed. */
  result: { content: unknown[]; _meta?: unknown; structured_content: unknown } | null;
  /** Why the call failed; null otherwise. */
  error: { message: string } | null;
  /** How far it is. */
  status: McpToolCallStatus;
};

/** A call to a sub-agent tool. Not in the official types, but in the official stream. */
export type CollabToolCallItem = {
  /** The item. */
  id: string;
  type: "collab_tool_call";
  /** What the agent does with others: spawn, send, wait, close. */
  tool: string;
  /** The thread that calls. */
  sender_thread_id: string;
  /** The threads of the sub-agents. */
  receiver_thread_ids: string[];
  /** What they are told. */
  prompt: string | null;
  /** The sub-agents' states by thread. */
  agents_states: Record<string, { status: string; message: string | null }>;
  /** How far it is. */
  status: "in_progress" | "completed" | "failed" | "interrupted";
};

/** What the agent says: text, or JSON if an output schema was given. */
export type AgentMessageItem = {
  /** The item. */
  id: string;
  type: "agent_message";
  /** The text. */
  text: string;
};

/** A summary of the agent's reasoning. */
export type ReasoningItem = {
  /** The item. */
  id: string;
  type: "reasoning";
  /** The summary. */
  text: string;
};

/** A web search. Its id is the engine's own. */
export type WebSearchItem = {
  /** The item. */
  id: string;
  type: "web_search";
  /** What was searched for. */
  query: string;
  /** What was done: a search, or a page that was opened. */
  action: { type: string; [field: string]: unknown };
};

/** An error that did not end the turn. */
export type ErrorItem = {
  /** The item. */
  id: string;
  type: "error";
  /** What happened. */
  message: string;
};

/** A step of the agent's to-do list. */
export type TodoItem = {
  /** What is to be done. */
  text: string;
  /** Whether it is done. */
  completed: boolean;
};

/** The agent's to-do list. It completes as the turn does. */
export type TodoListItem = {
  /** The item. */
  id: string;
  type: "todo_list";
  /** The steps. */
  items: TodoItem[];
};

/** An item of a thread. */
export type ThreadItem =
  | AgentMessageItem
  | ReasoningItem
  | CommandExecutionItem
  | FileChangeItem
  | McpToolCallItem
  | CollabToolCallItem
  | WebSearchItem
  | TodoListItem
  | ErrorItem;

/** Token counters. */
export type Usage = {
  /** Tokens sent to the model. */
  input_tokens: number;
  /** Those of them that came from the prompt cache. */
  cached_input_tokens: number;
  /** Those of them that were written to the prompt cache. */
  cache_write_input_tokens: number;
  /** Tokens that the model produced. */
  output_tokens: number;
  /** Those of them that were reasoning. */
  reasoning_output_tokens: number;
};

/** The first event of every turn. */
export type ThreadStartedEvent = {
  type: "thread.started";
  /** The thread's id. */
  thread_id: string;
};

/** The engine works on the input. */
export type TurnStartedEvent = {
  type: "turn.started";
  /** The turn's id. Not with `transport: "exec"`, whose engine does not say it. */
  turn_id?: string;
};

/** The turn ended well. */
export type TurnCompletedEvent = {
  type: "turn.completed";
  /** The turn's id. Not with `transport: "exec"`. */
  turn_id?: string;
  /** What this turn used. (The official stream has the thread's total here.) */
  usage: Usage;
  /** What the whole thread has used. */
  thread_usage: Usage;
};

/** The turn failed. */
export type TurnFailedEvent = {
  type: "turn.failed";
  /** The turn's id. Not with `transport: "exec"`. */
  turn_id?: string;
  /** Why. */
  error: ThreadError;
};

/** An item began. */
export type ItemStartedEvent = {
  type: "item.started";
  /** The item. */
  item: ThreadItem;
};

/** An item changed. */
export type ItemUpdatedEvent = {
  type: "item.updated";
  /** The item. */
  item: ThreadItem;
};

/** An item is final. */
export type ItemCompletedEvent = {
  type: "item.completed";
  /** The item. */
  item: ThreadItem;
};

/** Why a turn failed. */
export type ThreadError = {
  /** What happened. */
  message: string;
  /** The engine's classification, as in `"usageLimitExceeded"`. Not with `transport: "exec"`. */
  codex_error_info?: CodexErrorInfo | null;
};

/** The engine reports an error, from which it may recover. */
export type ThreadErrorEvent = {
  type: "error";
  /** What happened. */
  message: string;
  /** Whether the engine tries again by itself. Not with `transport: "exec"`. */
  will_retry?: boolean;
  /** The engine's classification, as in `"usageLimitExceeded"`. Not with `transport: "exec"`. */
  codex_error_info?: CodexErrorInfo | null;
};

/** The events of `runStreamed()`. */
export type ThreadEvent =
  | ThreadStartedEvent
  | TurnStartedEvent
  | TurnCompletedEvent
  | TurnFailedEvent
  | ItemStartedEvent
  | ItemUpdatedEvent
  | ItemCompletedEvent
  | ThreadErrorEvent;

/** What `run()` gives: the official fields, and what else is known of the turn. */
export type RunResult = {
  /** Every completed item. */
  items: ThreadItem[];
  /** The text of the last agent message; empty without one. */
  finalResponse: string;
  /** What the turn used; null if it did not complete. */
  usage: Usage | null;
  /** The thread that the turn ran on. */
  threadId: string;
  /** The turn's id. */
  turnId: string;
  /** `completed`, or how the turn ended otherwise. */
  status: string;
  /** The engine's error, if the turn failed. */
  error: TurnError | null;
  /** How long the turn took, in milliseconds. */
  durationMs: number | null;
  /** The engine's own usage report: of the last model response, and of the thread. */
  tokenUsage: ThreadTokenUsage | null;
};

/** What `runStreamed()` gives. */
export type RunStreamedResult = {
  /** The events of the turn; it starts when the first is asked for. */
  events: AsyncGenerator<ThreadEvent>;
};
