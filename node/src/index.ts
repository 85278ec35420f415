/**
 * codexkit: the Codex agent engine from Node, through one native client.
 *
 * @packageDocumentation
 */

export type { ApiOptions } from "./api.js";
export {
  type ClientMethod,
  Codex,
  type Diagnostic,
  type EngineMetadata,
  type Stats,
} from "./codex.js";
export {
  AbortError,
  ClosedError,
  CodexError,
  type CodexErrorFields,
  CodexTimeoutError,
  EngineNotFoundError,
  EngineVersionError,
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
  ParseError,
  ProtocolError,
  RetryLimitExceededError,
  RpcError,
  ServerBusyError,
  SpawnError,
  TurnFailedError,
} from "./errors.js";
export {
  type Event,
  type EventBase,
  isKnownEvent,
  type KnownEvent,
  type NotificationMethod,
  type ReconnectedEvent,
  type UnknownEvent,
  type UnknownMethod,
} from "./events.js";
export type { Api } from "./generated/api.js";
export type * as protocol from "./generated/protocol.js";
export type { GoalOptions } from "./goal.js";
export type { ExternalMessage, Input, UserInput } from "./input.js";
export { ChatgptLoginHandle, DeviceCodeLoginHandle } from "./login.js";
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
export { type RetryOptions, retryOnOverload } from "./retry.js";
export type { EventStream } from "./stream.js";
export { type OpenedThread, Thread } from "./thread.js";
export type * from "./threadEvents.js";
export { Turn, type TurnResult } from "./turn.js";
export { version } from "./version.js";
