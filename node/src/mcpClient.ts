/** A client of one MCP server, without an engine. */

import { checkOptions, count, milliseconds, text } from "./check.js";
import { fromNative, settle } from "./errors.js";
import type { Resource, ResourceTemplate, Tool } from "./generated/protocol.js";
import { encode } from "./input.js";
import { args, limit, type McpCallOptions, type McpResource, type McpToolResult } from "./mcp.js";
import { type McpServer, wireOptions, wireServer } from "./mcpServers.js";
import { type NativeMcpClient, native } from "./native.js";

/** How to be a client. What is left out (or null) has the default. */
export interface McpClientOptions {
  /** The name by which the application introduces itself. */
  clientName?: string;
  /** The application's version. */
  clientVersion?: string;
  /** How long anything but a tool may take, in milliseconds; 30,000 by default. */
  requestTimeoutMs?: number;
  /** How long a process may take to end by itself, in milliseconds; 2,000 by default. */
  closeTimeoutMs?: number;
  /** How often in a row a server that ended is started again, until it answers a call; 5 by default. */
  maxRestarts?: number;
  /** The pause before the first attempt, in milliseconds; 250 by default. It doubles. */
  restartDelayMs?: number;
  /** The longest pause, in milliseconds; 8,000 by default. */
  maxRestartDelayMs?: number;
}

/** A prompt of a server. */
export interface McpPrompt {
  /** Its name. */
  name: string;
  /** The name that people see. */
  title?: string;
  /** What it is for. */
  description?: string;
  /** What it asks for. */
  arguments?: { name: string; description?: string; required?: boolean }[];
}

/** A prompt with its arguments filled in. */
export interface McpPromptResult {
  /** What it is for. */
  description?: string;
  /** The messages, with content blocks as the protocol has them. */
  messages: { role: "user" | "assistant"; content: Record<string, unknown> }[];
}

/** What a server said of itself. */
export interface McpServerInfo {
  /** The version of the protocol that both agreed on. */
  protocolVersion: string;
  /** What it can do. */
  capabilities: Record<string, unknown>;
  /** Who it is. */
  serverInfo?: { name: string; version: string; title?: string };
  /** How to use it. */
  instructions?: string;
}

const live = new Set<WeakRef<NativeMcpClient>>();
let exitIsWatched = false;

/** Has servers end with the process, however that exits. A client that nobody holds any more ends its own. */
function killAtExit(client: NativeMcpClient): void {
  if (!exitIsWatched) {
    exitIsWatched = true;
    process.once("exit", () => {
      for (const reference of live) reference.deref()?.kill();
    });
  }
  const reference = new WeakRef(client);
  live.add(reference);
  forgotten.register(client, reference);
}

const forgotten = new FinalizationRegistry<WeakRef<NativeMcpClient>>((reference) => {
  live.delete(reference);
});

/**
 * A client of one MCP server, without an engine.
 *
 * When the server ends by itself, it is started again after a pause that grows; calls that come meanwhile wait. A
 * call that was on its way fails: nothing is sent twice.
 *
 * ```ts
 * await using client = await McpClient.connect("files", { command: "npx", args: ["-y", "files"] });
 * console.log(await client.callTool("read", { path: "a.txt" }));
 * ```
 */
export class McpClient implements AsyncDisposable {
  readonly #name: string;
  readonly #native: NativeMcpClient;

  private constructor(name: string, client: NativeMcpClient) {
    this.#name = name;
    this.#native = client;
  }

  /**
   * Starts a server or connects to one, and shakes hands with it.
   *
   * @param name what errors and qualified names call it
   * @param server how it is reached, and what of it is used
   * @param options how to be a client
   * @throws {InvalidArgumentError} for a declaration that cannot work, or a variable that is not set
   * @throws {SpawnError} when the server cannot be started or reached, ends at once or asks for authorization
   * @throws {CodexTimeoutError} when it does not shake hands in time
   */
  static async connect(
    name: string,
    server: McpServer,
    options: McpClientOptions = {},
  ): Promise<McpClient> {
    text(name, "name");
    checkOptions(options, {
      clientName: text,
      clientVersion: text,
      requestTimeoutMs: milliseconds,
      closeTimeoutMs: milliseconds,
      maxRestarts: count(0),
      restartDelayMs: milliseconds,
      maxRestartDelayMs: milliseconds,
    });
    const wire = encode("server", wireServer(server, "server"));
    const given = encode("options", wireOptions({ clientName: "codexkit_node", ...options }));
    const client = await settle(native().NativeMcpClient.connect(name, wire, given));
    killAtExit(client);
    return new McpClient(name, client);
  }

  /** The server's name. */
  get name(): string {
    return this.#name;
  }

  /**
   * What the server said of itself in the last handshake.
   *
   * @throws {ClosedError} when it is gone
   */
  get serverInfo(): McpServerInfo {
    try {
      return JSON.parse(this.#native.serverInfo());
    } catch (error) {
      throw fromNative(error);
    }
  }

  /** How the client is. */
  get state(): "ready" | "restarting" | "closed" {
    return this.#native.state() as "ready" | "restarting" | "closed";
  }

  /** How often the server was started again. */
  get restarts(): number {
    return this.#native.restarts();
  }

  /** The process's id while one runs; null without. */
  get pid(): number | null {
    return this.#native.pid();
  }

  /** The end of what the server's processes wrote to standard error. */
  stderrTail(): string {
    return this.#native.stderrTail();
  }

  /**
   * The server's tools that the declaration lets through, all pages of them (`tools/list`).
   *
   * @throws {RpcError} when the server refuses
   * @throws {CodexTimeoutError} when it does not answer in time
   * @throws {ClosedError} when it is gone
   */
  async listTools(): Promise<Tool[]> {
    return JSON.parse(await settle(this.#native.listTools()));
  }

  /**
   * The server's resources, all pages of them (`resources/list`).
   *
   * @throws {RpcError} when the server refuses
   */
  async listResources(): Promise<Resource[]> {
    return JSON.parse(await settle(this.#native.listResources()));
  }

  /**
   * The templates of the server's resources, all pages of them (`resources/templates/list`).
   *
   * @throws {RpcError} when the server refuses
   */
  async listResourceTemplates(): Promise<ResourceTemplate[]> {
    return JSON.parse(await settle(this.#native.listResourceTemplates()));
  }

  /**
   * The server's prompts, all pages of them (`prompts/list`).
   *
   * @throws {RpcError} when the server refuses
   */
  async listPrompts(): Promise<McpPrompt[]> {
    return JSON.parse(await settle(this.#native.listPrompts()));
  }

  /**
   * Calls a tool (`tools/call`).
   *
   * @param name the tool
   * @param toolArguments its arguments
   * @param options `timeoutMs`: how long it may take, instead of what the declaration says
   * @returns what the tool gave; `isError` says that it failed
   * @throws {InvalidArgumentError} for a tool that the declaration leaves out
   * @throws {RpcError} when the server refuses
   * @throws {CodexTimeoutError} when it does not answer in time
   * @throws {ClosedError} when it ends meanwhile (the call is not repeated), or ended too often
   */
  async callTool(
    name: string,
    toolArguments?: Record<string, unknown> | null,
    options: McpCallOptions = {},
  ): Promise<McpToolResult> {
    text(name, "name");
    const call = this.#native.callTool(name, args(toolArguments), limit(options));
    return JSON.parse(await settle(call));
  }

  /**
   * Reads a resource (`resources/read`).
   *
   * @param uri the resource's URI
   * @returns `contents`, each with a `uri` and a `text` or a `blob`
   * @throws {RpcError} when the server refuses
   */
  async readResource(uri: string): Promise<McpResource> {
    text(uri, "uri");
    return JSON.parse(await settle(this.#native.readResource(uri)));
  }

  /**
   * Gets a prompt with its arguments filled in (`prompts/get`).
   *
   * @param name the prompt
   * @param promptArguments its arguments
   * @throws {RpcError} when the server refuses
   */
  async getPrompt(
    name: string,
    promptArguments?: Record<string, string> | null,
  ): Promise<McpPromptResult> {
    text(name, "name");
    return JSON.parse(await settle(this.#native.getPrompt(name, args(promptArguments))));
  }

  /**
   * Asks the server for a sign of life (`ping`).
   *
   * @throws {CodexTimeoutError} when it gives none in time
   * @throws {ClosedError} when it is gone
   */
  async ping(): Promise<void> {
    await settle(this.#native.ping());
  }

  /** Ends the connection, and the process with all that it started. Repeating it does no harm. */
  async close(): Promise<void> {
    await settle(this.#native.close());
  }

  /** The same as {@link McpClient.close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
