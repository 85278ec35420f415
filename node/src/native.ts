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
  takeRequests(): string | null;
  respond(id: number, result: string): void;
  decline(id: number, why: string): void;
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

/** @see bindings/node/src/output.rs */
export interface NativeOutputPlan {
  next(): string;
  judge(turn: NativeTurn): Promise<string>;
  reject(path: string, rule: string, message: string): void;
  outputs(turn: NativeTurn, hub: NativeHub, id: number): NativeSimpleStream;
}

/** @see bindings/node/src/turn.rs */
export interface NativeThread {
  id(): string;
  startResponse(): string | null;
  turn(input: string, params: string): Promise<NativeTurn>;
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
  threadStart(params: string): Promise<NativeThread>;
  threadResume(id: string, params: string): Promise<NativeThread>;
  threadFork(id: string, params: string): Promise<NativeThread>;
  threadList(params: string): Promise<string>;
  thread(id: string): NativeThread;
  notifications(hub: NativeHub, id: number): NativeStream;
  subscribe(hub: NativeHub, id: number): NativeStream;
  diagnostics(): string;
  stats(): string;
  stderrTail(): string;
  isClosed(): boolean;
  pid(): number | null;
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

/** @see bindings/node/src/testing.rs */
export interface NativeScriptedModel {
  baseUrl(): string;
  configOverrides(): string[];
  requests(): string;
  waitForRequests(count: number, timeout: number): Promise<string>;
  shutdown(): void;
}

interface NativeModule {
  NativeHub: new (look: () => void) => NativeHub;
  NativeClient: {
    start(hub: NativeHub, client: number, options: string, handles: boolean): Promise<NativeClient>;
  };
  NativeOutputPlan: new (
    schema: string,
    input: string,
    params: string,
    repairs: number,
  ) => NativeOutputPlan;
  NativeExec: new (options: string) => NativeExec;
  NativeScriptedModel: { start(script: string): Promise<NativeScriptedModel> };
}

let loaded: NativeModule | undefined;

/** The native module. */
export function native(): NativeModule {
  loaded ??= loadNativeModule() as NativeModule;
  return loaded;
}
