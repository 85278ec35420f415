/**
 * What the native module offers. Private to the package.
 *
 * It is loaded on first use, so that importing the package costs nothing.
 */

import { loadNativeModule } from "./nativeModule.js";

/** A batch of events: their lines as one string, and {@link COLUMNS} integers per event. */
export interface NativeBatch {
  text: string;
  columns: Int32Array;
}

/** @see bindings/node/src/hub.rs */
export interface NativeHub {
  takeReady(): number[];
  hasMore(): boolean;
  takeRequests(): string | null;
  respond(id: number, result: string): void;
  decline(id: number, why: string): void;
  takeAsks(): string | null;
  answer(id: number, reply: string): void;
  fail(id: number, why: string): void;
  takeChecks(): string | null;
  letPass(id: number, other: string | undefined): void;
  reject(id: number, kind: string, message: string, host: number): void;
  takeCalls(): string | null;
  finishCall(id: number, result: string): void;
  failCall(id: number, why: string): void;
}

/** @see bindings/node/src/tools.rs */
export interface NativeTool {
  spec(): string;
  key(): string;
}

/** @see bindings/node/src/tools.rs */
export interface NativeHandoff {
  bind(thread: NativeThread, keep: boolean): void;
  threadId(): string | null;
  tool(): NativeTool;
}

/** @see bindings/node/src/tools.rs */
export interface NativeToolRegistry {
  register(tool: NativeTool): void;
  replace(tool: NativeTool): void;
  remove(key: string): void;
  metrics(): string;
  describe(namespace: string, description: string): void;
}

/** @see bindings/node/src/stream.rs */
export interface NativeStream {
  drain(max: number): NativeBatch | null;
  end(): string | null;
  dropped(): number;
}

/** @see bindings/node/src/stream.rs */
export interface NativeSimpleStream {
  drain(max: number): string | null;
  end(): string | null;
}

/** @see bindings/node/src/turn.rs */
export interface NativeTurn {
  id(): string;
  threadId(): string;
  events(hub: NativeHub, id: number): NativeStream;
  simpleEvents(hub: NativeHub, id: number): NativeSimpleStream;
  onFinished(hub: NativeHub, id: number): void;
  runSimple(): Promise<string>;
  result(): Promise<string>;
  steer(input: string): Promise<string>;
  interrupt(): Promise<void>;
  interruptInBackground(): void;
}

/** @see bindings/node/src/auto.rs */
export interface NativeAutoRun {
  threadId(): string;
  turnId(): string | null;
  continuation(): string | null;
  events(hub: NativeHub, id: number): NativeStream;
  nextRequest(): Promise<NativeAutoRequest | null>;
  takeRequest(): NativeAutoRequest | null;
  result(): Promise<string>;
  steer(input: string): Promise<void>;
  stop(): void;
  interrupt(): void;
}

/** @see bindings/node/src/auto.rs */
export interface NativeAutoRequest {
  what(): string;
  params(): string;
  withdrawn(): Promise<null>;
  respond(answer: string): void;
}

/** @see bindings/node/src/map.rs */
export interface NativeMapRun {
  mustCheck(): boolean;
  push(item: string): void;
  finish(): void;
  step(): Promise<string | null>;
  progress(): string;
  interrupt(): void;
}

/** @see bindings/node/src/output.rs */
export interface NativeOutputPlan {
  next(): string;
  judge(turn: NativeTurn): Promise<string>;
  judgeResult(turn: string): string;
  reject(path: string, rule: string, message: string): void;
  outputs(turn: NativeTurn, hub: NativeHub, id: number): NativeSimpleStream;
}

/** @see bindings/node/src/turn.rs */
export interface NativeThread {
  id(): string;
  startResponse(): string | null;
  turn(
    input: string,
    params: string,
    hub: NativeHub,
    owner: number,
    responders: string | null,
  ): Promise<NativeTurn>;
  autoRun(input: string, options: string, hub: NativeHub, guard: number | undefined): NativeAutoRun;
  asTool(declaration: string, hub: NativeHub, guard: number | undefined): NativeTool;
  children(): string;
  subscribe(hub: NativeHub, id: number): NativeStream;
  read(includeTurns: boolean): Promise<string>;
  setName(name: string): Promise<string>;
  compact(): Promise<string>;
  archive(): Promise<string>;
  unarchive(): Promise<string>;
}

/** @see bindings/node/src/client.rs */
export interface NativeClient {
  metadata(): string;
  request(method: string, params: string | null, timeout: number | null): Promise<string>;
  api(
    method: string,
    params: string,
    extra: string | null,
    timeout: number | null,
  ): Promise<string>;
  notify(method: string, params: string | null): Promise<void>;
  threadStart(
    params: string,
    hub: NativeHub,
    owner: number,
    responders: string | null,
    tools: NativeToolRegistry | undefined,
  ): Promise<NativeThread>;
  threadResume(
    id: string,
    params: string,
    hub: NativeHub,
    owner: number,
    responders: string | null,
    tools: NativeToolRegistry | undefined,
  ): Promise<NativeThread>;
  threadFork(
    id: string,
    params: string,
    hub: NativeHub,
    owner: number,
    responders: string | null,
    tools: NativeToolRegistry | undefined,
  ): Promise<NativeThread>;
  threadList(params: string): Promise<string>;
  autoResume(
    token: string,
    options: string,
    thread: NativeThread | undefined,
    hub: NativeHub,
    guard: number | undefined,
  ): Promise<NativeAutoRun>;
  map(
    options: string,
    hub: NativeHub,
    owner: number,
    responders: string | null,
    guard: number | undefined,
  ): Promise<NativeMapRun>;
  agents(): string;
  thread(id: string): NativeThread;
  pendingApprovals(): string;
  answerApproval(id: string, reply: string): Promise<void>;
  mcp(threadId: string | null): NativeMcp;
  notifications(hub: NativeHub, id: number): NativeStream;
  subscribe(hub: NativeHub, id: number): NativeStream;
  diagnostics(): string;
  stats(): string;
  metrics(): string;
  stderrTail(): string;
  isClosed(): boolean;
  pid(): number | null;
  close(): Promise<void>;
  kill(): void;
}

/** @see bindings/node/src/mcp.rs */
export interface NativeMcp {
  status(toolsOnly: boolean, server: string | null): Promise<string>;
  waitReady(names: string[], timeout: number | null): Promise<string>;
  callTool(
    server: string,
    tool: string,
    args: string | null,
    timeout: number | null,
  ): Promise<string>;
  readResource(server: string, uri: string): Promise<string>;
  reload(): Promise<void>;
  login(
    server: string,
    scopes: string[] | null,
    clientRegistration: string | null,
    timeout: number | null,
  ): Promise<NativeMcpLogin>;
}

/** @see bindings/node/src/mcp.rs */
export interface NativeMcpLogin {
  authorizationUrl(): string;
  loginId(): string | null;
  wait(timeout: number | null): Promise<string>;
}

/** @see bindings/node/src/mcp.rs */
export interface NativeMcpClient {
  serverInfo(): string;
  state(): string;
  restarts(): number;
  pid(): number | null;
  stderrTail(): string;
  listTools(): Promise<string>;
  listResources(): Promise<string>;
  listResourceTemplates(): Promise<string>;
  listPrompts(): Promise<string>;
  callTool(name: string, args: string | null, timeout: number | null): Promise<string>;
  readResource(uri: string): Promise<string>;
  getPrompt(name: string, args: string | null): Promise<string>;
  ping(): Promise<void>;
  close(): Promise<void>;
  kill(): void;
}

/** @see bindings/node/src/exec.rs */
export interface NativeExec {
  start(hub: NativeHub, id: number, prompt: string, turn: string): NativeExecRun;
}

/** @see bindings/node/src/exec.rs */
export interface NativeExecRun {
  drain(max: number): string | null;
  end(): string | null;
  outcome(): Promise<string>;
  threadId(): string | null;
  pid(): number | null;
  kill(): void;
  cancel(): void;
}

/** @see bindings/node/src/files.rs */
export interface NativeFileStore {
  root(): string;
  stageBytes(data: Uint8Array, options: string): Promise<string>;
  stagePath(path: string, options: string): Promise<string>;
  stageUrl(url: string, options: string): Promise<string>;
  begin(options: string): Promise<NativeUpload>;
  list(): Promise<string>;
  get(id: string): Promise<string>;
  remove(id: string): Promise<boolean>;
  cleanup(): Promise<string>;
  reset(): Promise<string>;
  metrics(): string;
}

/** @see bindings/node/src/files.rs */
export interface NativeUpload {
  write(data: Uint8Array): Promise<void>;
  finish(): Promise<string>;
  abort(): Promise<void>;
}

/** @see bindings/node/src/files.rs */
export interface NativeAttachment {
  inputs(): string;
  isImage(): boolean;
  asImage(): string;
  asMention(): string;
  asInlineImage(): Promise<string>;
  asText(maxBytes: number | null): Promise<string>;
}

/** @see bindings/node/src/testing.rs */
export interface NativeScriptedModel {
  baseUrl(): string;
  configOverrides(): string[];
  requests(): string;
  waitForRequests(count: number, timeout: number): Promise<string>;
  shutdown(): void;
}

/** @see bindings/node/src/telemetry.rs */
export interface NativeRecords {
  listen(on: boolean, capturesContent: boolean): void;
  take(most: number): string | null;
  conventions(): string;
}

interface NativeModule {
  NativeHub: new (look: () => void) => NativeHub;
  NativeRecords: new (look: () => void) => NativeRecords;
  NativeClient: {
    start(
      hub: NativeHub,
      client: number,
      options: string,
      handles: boolean,
      responders: string | null,
      tools: NativeToolRegistry,
      records: NativeRecords,
      tag: number,
    ): Promise<NativeClient>;
  };
  NativeTool: new (hub: NativeHub, number: number, declaration: string) => NativeTool;
  NativeHandoff: new (name: string, description: string, history?: number) => NativeHandoff;
  NativeToolRegistry: new () => NativeToolRegistry;
  /** @see bindings/node/src/responders.rs */
  checkResponders(json: string): void;
  NativeOutputPlan: new (
    schema: string,
    input: string,
    params: string,
    repairs: number,
  ) => NativeOutputPlan;
  NativeExec: new (options: string) => NativeExec;
  NativeFileStore: new (options: string) => NativeFileStore;
  NativeAttachment: new (json: string) => NativeAttachment;
  NativeMcpClient: {
    connect(name: string, server: string, options: string): Promise<NativeMcpClient>;
  };
  /** @see bindings/node/src/error.rs */
  turnError(result: string): string | null;
  answerError(code: number, message: string, data: string): string;
  describeError(kind: string, message: string): [text: string, hint: string];
  mcpParams(servers: string, params: string): string;
  mcpQualify(server: string, tool: string): string;
  mcpToolNames(servers: string): string;
  NativeScriptedModel: { start(script: string): Promise<NativeScriptedModel> };
}

let loaded: NativeModule | undefined;

/** The native module. */
export function native(): NativeModule {
  loaded ??= loadNativeModule() as NativeModule;
  return loaded;
}
