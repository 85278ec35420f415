/** The engine that runs for a client: started when it is first needed, and ended with the process. */

import type { PendingRequest } from "./approvals.js";
import { closed, settle } from "./errors.js";
import { OneShot } from "./exec.js";
import { needsAppServer } from "./execOptions.js";
import { answerRequests, freshId, stopAnswering } from "./hub.js";
import { encode } from "./input.js";
import { addClient, holder, type Kinship, liveClients } from "./loaded.js";
import { type NativeClient, native } from "./native.js";
import type { CodexOptions } from "./options.js";
import { requestAnswerer } from "./requests.js";
import { asking, type Chain, chainOf, type Life } from "./responders.js";
import { dropOwn, ownTag, recordQueue } from "./telemetry.js";
import { ToolRegistry, withRegistry } from "./tools.js";
import { clientOptionsJson } from "./wire.js";

/**
 * What threads share: the engine that runs now. After an engine has died, the next use starts a new one and
 * threads resume in it; only {@link Codex.close} is final. @internal
 */
export class Engines {
  readonly #options: CodexOptions;
  readonly #chain: Chain | undefined;
  /** The tag of its records. */
  readonly #tag: number;
  /** Whether it was closed, for the callbacks of its threads and turns, too. */
  readonly life: Life = { over: false };
  #tools: ToolRegistry | undefined;
  /** Under which its engine's requests arrive. */
  #answering: number | undefined;
  #running: NativeClient | undefined;
  /** The threads that are used where another client has them loaded. */
  readonly #elsewhere = new Map<string, WeakRef<NativeClient>>();
  #starting: Promise<NativeClient> | undefined;

  /** What runs turns instead, if the client's transport is `exec`. */
  readonly oneShot: OneShot | undefined;

  constructor(options: CodexOptions) {
    this.#options = options;
    // The client's own time is told with its other times.
    const { approvalTimeoutMs: _, ...responders } = options;
    this.#chain = chainOf(responders);
    this.#tag = ownTag(options);
    this.#tools = withRegistry(options).tools;
    this.oneShot = options.transport === "exec" ? new OneShot(options) : undefined;
    if (options.prewarm) this.#prewarm();
  }

  /** Starts what is needed first. A failure waits for the first call; after that, each call tries again. */
  #prewarm(): void {
    const starting = this.#start();
    const over = () => {
      if (this.#starting === starting) this.#starting = undefined;
    };
    starting.then(over, () => undefined);
    this.#starting = starting;
  }

  /** The tools of all its threads. */
  get tools(): ToolRegistry {
    this.#tools ??= new ToolRegistry();
    return this.#tools;
  }

  /** Whether its threads have any. */
  get hasTools(): boolean {
    return this.#tools !== undefined && this.#tools.list().length > 0;
  }

  get running(): NativeClient | undefined {
    return this.#running;
  }

  get closed(): boolean {
    return this.life.over;
  }

  async assertOpen(): Promise<void> {
    if (this.closed) throw closed();
    if (this.oneShot !== undefined) throw needsAppServer("anything but run() and runStreamed()");
  }

  async client(): Promise<NativeClient> {
    await this.assertOpen();
    if (this.#running !== undefined && !this.#running.isClosed()) return this.#running;
    this.#starting ??= this.#start();
    const starting = this.#starting;
    return starting.finally(() => {
      if (this.#starting === starting) this.#starting = undefined;
    });
  }

  async #start(): Promise<NativeClient> {
    const { approvalHandler, apiKey } = this.#options;
    const handles = typeof approvalHandler === "function";
    const id = freshId();
    if (handles) answerRequests(id, requestAnswerer(approvalHandler));
    this.#answering = id;
    const kinship = this.#kinship();
    const json = clientOptionsJson(this.#options);
    const client = await asking(
      this.#chain,
      this.life,
      (hub, owner, responders) =>
        settle(
          native().NativeClient.start(
            hub,
            owner,
            json,
            handles,
            responders,
            this.tools.native,
            recordQueue(),
            this.#tag,
          ),
        ),
      { owner: id, tools: this.tools },
    );
    forgottenClients.register(client, id);
    if (this.closed) {
      client.kill();
      throw closed();
    }
    killAtExit(client, kinship);
    if (apiKey) {
      const login = encode("apiKey", { type: "apiKey", apiKey });
      try {
        await settle(client.request("account/login/start", login, null));
      } catch (error) {
        client.kill();
        throw error;
      }
    }
    this.#running = client;
    return client;
  }

  /** The client to use a stored thread with: the one whose engine has it loaded, if it is as good as this one. */
  async clientFor(threadId: string): Promise<NativeClient> {
    await this.assertOpen();
    const client = holder(threadId, this.#kinship());
    if (client === undefined) return this.client();
    if (client !== this.#running) this.#elsewhere.set(threadId, new WeakRef(client));
    return client;
  }

  /** What waits for an answer that was put off, and in which client: this one's, and its threads' elsewhere. */
  pending(): { client: NativeClient; asked: PendingRequest }[] {
    const found = (client: NativeClient, mine: (asked: PendingRequest) => boolean) =>
      (JSON.parse(client.pendingApprovals()) as { subject: string; view: object }[])
        .map(({ subject, view }) => ({ subject, ...view }) as PendingRequest)
        .filter(mine)
        .map((asked) => ({ client, asked }));
    const pending = this.#running ? found(this.#running, () => true) : [];
    for (const [threadId, reference] of this.#elsewhere) {
      const client = reference.deref();
      if (client === undefined || client.isClosed()) this.#elsewhere.delete(threadId);
      else if (client !== this.#running)
        pending.push(...found(client, (asked) => asked.threadId === threadId));
    }
    return pending;
  }

  #kinship(): Kinship {
    const { apiKey, approvalHandler } = this.#options;
    const { json = "", callbacks = [] } = this.#chain ?? {};
    return {
      options: clientOptionsJson(this.#options) + (apiKey ?? "") + json,
      handlers: [approvalHandler, ...callbacks, ...(this.hasTools ? [this.#tools] : [])],
    };
  }

  /** Sends a request to the engine that runs now. */
  async request(method: string, params?: unknown, timeoutMs?: number | null): Promise<unknown> {
    const json = params === undefined ? null : encode("params", params);
    const timeout = timeoutMs === undefined || timeoutMs === null ? null : timeoutMs / 1000;
    const client = await this.client();
    return JSON.parse(await settle(client.request(method, json, timeout)));
  }

  async close(): Promise<void> {
    this.life.over = true;
    await this.oneShot?.close();
    const client = this.#running ?? (await this.#starting?.catch(() => undefined));
    if (client !== undefined) await settle(client.close());
    if (this.#answering !== undefined) stopAnswering(this.#answering);
    dropOwn(this.#tag);
  }
}

let exitIsWatched = false;

/** Has the engine die with the process, however that exits. A client that nobody holds any more ends it by itself. */
function killAtExit(client: NativeClient, kinship: Kinship): void {
  if (!exitIsWatched) {
    exitIsWatched = true;
    process.once("exit", () => {
      for (const live of liveClients()) live.kill();
    });
  }
  addClient(client, kinship);
}

const forgottenClients = new FinalizationRegistry<number>(stopAnswering);
