/**
 * codexkit: the Codex agent engine from Node, through one native client.
 *
 * @packageDocumentation
 */

export type { Agent } from "./agents.js";
export type { ApiOptions } from "./api.js";
export type * from "./approvals.js";
export { Attachment } from "./attachment.js";
export {
  AutoRun,
  type AutoRunAfterApproval,
  type AutoRunAfterTool,
  type AutoRunBeforeApproval,
  type AutoRunBeforeTool,
  type AutoRunDecision,
  type AutoRunEvent,
  type AutoRunHandoff,
  type AutoRunHook,
  type AutoRunHookAnswer,
  type AutoRunOptions,
  type AutoRunPredicate,
  type AutoRunResult,
  type AutoRunStep,
  type AutoRunStopReason,
  type AutoRunTokens,
  type AutoRunToolCall,
  type AutoRunToolResult,
  type AutoRunTurn,
  type GoalCheck,
  type RetryPolicy,
  type ShellCheck,
  type TokenPrices,
  type VerdictCheck,
} from "./auto.js";
export {
  type ClientMethod,
  Codex,
  type Diagnostic,
  type EngineMetadata,
  type Stats,
} from "./codex.js";
export {
  AbortError,
  ApprovalDeniedError,
  AuthenticationError,
  ClosedError,
  CodexError,
  type CodexErrorFields,
  CodexTimeoutError,
  ContextWindowError,
  EngineNotFoundError,
  EngineVersionError,
  GuardrailError,
  InternalRpcError,
  InvalidArgumentError,
  type InvalidOutput,
  InvalidOutputError,
  InvalidParamsError,
  InvalidRequestError,
  isRetryableError,
  LaggedError,
  MethodNotFoundError,
  NativeModuleError,
  OverloadedError,
  ParseError,
  ProtocolError,
  RateLimitedError,
  RetryLimitExceededError,
  RpcError,
  ServerBusyError,
  SpawnError,
  TurnFailedError,
  TurnOverloadedError,
  UsageLimitError,
} from "./errors.js";
export {
  type ApprovalDecidedEvent,
  type ApprovalRequestedEvent,
  type Event,
  type EventBase,
  isKnownEvent,
  type KnownEvent,
  type NotificationMethod,
  type ReconnectedEvent,
  type RestartedEvent,
  type UnknownEvent,
  type UnknownMethod,
} from "./events.js";
export {
  type FileCleanup,
  type FileMetrics,
  type FileSource,
  FileStore,
  type FileStoreOptions,
  type StageOptions,
} from "./files.js";
export type { Api } from "./generated/api.js";
export type * as protocol from "./generated/protocol.js";
export type { GoalOptions } from "./goal.js";
export type {
  GuardrailOptions,
  InputGuardrail,
  InputRuling,
  OutputGuardrail,
  OutputRuling,
  Rejection,
} from "./guardrails.js";
export { Handoff, type HandoffOptions } from "./handoff.js";
export type { ExternalMessage, Input, UserInput } from "./input.js";
export { type InstrumentOptions, instrument, uninstrument } from "./instrument.js";
export { ChatgptLoginHandle, DeviceCodeLoginHandle } from "./login.js";
export {
  type MapInput,
  type MapItem,
  type MapOptions,
  type MapProgress,
  type MapResult,
  MapRun,
  type TypedMapOptions,
  type TypedMapResult,
} from "./map.js";
export {
  Mcp,
  type McpCallOptions,
  McpLoginHandle,
  type McpLoginOptions,
  type McpResource,
  type McpStatusOptions,
  type McpToolResult,
  qualify,
  toolNames,
} from "./mcp.js";
export {
  McpClient,
  type McpClientOptions,
  type McpPrompt,
  type McpPromptResult,
  type McpServerInfo,
} from "./mcpClient.js";
export type { HttpServer, McpServer, McpServerOptions, StdioServer } from "./mcpServers.js";
export type { Histogram, Metrics } from "./metrics.js";
export {
  type ApprovalMode,
  type ApprovalPreset,
  Approvals,
  type ApprovalsReviewer,
  type CyberAccessProgram,
  type ModelReasoningEffort,
  type Personality,
  type ReasoningSummary,
  Sandbox,
  type SandboxMode,
  type SessionStartSource,
  type WebSearchMode,
} from "./modes.js";
export type {
  ApprovalHandler,
  CodexConfigObject,
  CodexConfigValue,
  CodexOptions,
  QueueLimits,
  ReconnectOptions,
  RemoteEngine,
  RequestOptions,
  RestartOptions,
  ServerRequest,
  ServerRequestMethod,
  ServerResponse,
  ThreadOptions,
  TurnOptions,
} from "./options.js";
export type {
  InferOutput,
  OutputIssue,
  OutputType,
  StandardSchema,
  TypedRunResult,
  TypedTurnOptions,
  TypedTurnResult,
} from "./output.js";
export * as policies from "./policies.js";
export type { Policy } from "./policy.js";
export { type RetryOptions, retryOnOverload } from "./retry.js";
export type { EventStream } from "./stream.js";
export {
  flushTelemetry,
  type ObserveOptions,
  observe,
  type Span,
  type SpanKind,
  semanticConventions,
  type TelemetryEvent,
  type TraceContext,
} from "./telemetry.js";
export { type TerminalOptions, terminalElicitations, terminalQuestions } from "./terminal.js";
export { type OpenedThread, Thread } from "./thread.js";
export type * from "./threadEvents.js";
export {
  image,
  type ThreadToolOptions,
  Tool,
  type ToolContext,
  ToolImage,
  type ToolMetrics,
  type ToolOptions,
  type ToolParameters,
  ToolRegistry,
  tool,
} from "./tools.js";
export { Turn, type TurnResult } from "./turn.js";
export { version } from "./version.js";
