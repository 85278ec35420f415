/**
 * Which engine of this process has which thread loaded.
 *
 * An engine keeps a thread that it has loaded to itself until it ends, and ignores the options of a `thread/resume`
 * of one that somebody listens to. So a thread that another client of the same options has loaded is used where it
 * is, and one that is resumed with options is let go of first.
 */

import { RpcError, settle } from "./errors.js";
import type { ClientRequestMap } from "./generated/protocol.js";
import { encode } from "./input.js";
import type { NativeClient } from "./native.js";

/** What makes two clients as good as one: everything that they were started with. */
export interface Kinship {
  /** The options and the policies in JSON. */
  options: string;
  /** What else answers approvals, questions and calls of tools: the application's functions, and its tools. */
  handlers: readonly unknown[];
}

/** What is known of a running engine's client. */
interface Known {
  kinship: Kinship;
  threads: Set<string>;
}

const clients = new Set<WeakRef<NativeClient>>();
const known = new WeakMap<NativeClient, Known>();

const forgotten = new FinalizationRegistry<WeakRef<NativeClient>>((reference) => {
  clients.delete(reference);
});

/** Adds a client that was started. It is not kept alive. */
export function addClient(client: NativeClient, kinship: Kinship): void {
  known.set(client, { kinship, threads: new Set() });
  const reference = new WeakRef(client);
  clients.add(reference);
  forgotten.register(client, reference);
}

/** Every client that is still held by somebody. */
export function* liveClients(): Generator<NativeClient, undefined, undefined> {
  for (const reference of clients) {
    const client = reference.deref();
    if (client !== undefined) yield client;
  }
}

/** Remembers that a client's engine has a thread loaded. */
export function setLoaded(client: NativeClient, threadId: string): void {
  known.get(client)?.threads.add(threadId);
}

/** Whether a client's engine lives and has a thread loaded. */
export function isLoaded(client: NativeClient, threadId: string): boolean {
  return !client.isClosed() && (known.get(client)?.threads.has(threadId) ?? false);
}

/** The client of this process, as good as one of `kinship`, whose engine has a thread loaded. */
export function holder(threadId: string, kinship: Kinship): NativeClient | undefined {
  for (const client of liveClients()) {
    const theirs = known.get(client)?.kinship;
    if (theirs && related(theirs, kinship) && isLoaded(client, threadId)) return client;
  }
  return undefined;
}

function related(one: Kinship, other: Kinship): boolean {
  return (
    one.options === other.options &&
    one.handlers.length === other.handlers.length &&
    one.handlers.every((handler, index) => handler === other.handlers[index])
  );
}

/**
 * Has an engine let go of a thread (`thread/unsubscribe`), so that a resume takes its options. Not while a turn
 * runs, and not if there is no file to load it from again.
 */
export async function unload(client: NativeClient, threadId: string): Promise<void> {
  if (!isLoaded(client, threadId)) return;
  try {
    const stored = JSON.parse(await settle(client.thread(threadId).read(false)));
    const { ephemeral, status } = (stored as ClientRequestMap["thread/read"]["result"]).thread;
    if (ephemeral || status.type === "active") return;
    await settle(client.request("thread/unsubscribe", encode("params", { threadId }), null));
  } catch (error) {
    // The resume says what is wrong, if it matters.
    if (!(error instanceof RpcError)) throw error;
  }
}
