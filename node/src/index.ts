/**
 * codexkit: the Codex agent engine from Node, through one native client.
 *
 * @packageDocumentation
 */

export {
  type ClientMethod,
  Codex,
  type Diagnostic,
  type EngineMetadata,
  type RequestOptions,
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
  InvalidArgumentError,
  LaggedError,
  ProtocolError,
  RpcError,
  SpawnError,
  TurnFailedError,
} from "./errors.js";
export {
  type Event,
  type EventBase,
  isKnownEvent,
  type KnownEvent,
  type NotificationMethod,
  type UnknownEvent,
  type UnknownMethod,
} from "./events.js";
export type * as protocol from "./generated/protocol.js";
export type { Input, UserInput } from "./input.js";
export type {
  ApprovalHandler,
  ApprovalMode,
  CodexConfigObject,
  CodexConfigValue,
  CodexOptions,
  CyberAccessProgram,
  ModelReasoningEffort,
  QueueLimits,
  SandboxMode,
  ServerRequest,
  ServerRequestMethod,
  ServerResponse,
  ThreadOptions,
  TurnOptions,
  WebSearchMode,
} from "./options.js";
export type { EventStream } from "./stream.js";
export { type OpenedThread, Thread } from "./thread.js";
export type * from "./threadEvents.js";
export { Turn, type TurnResult } from "./turn.js";
