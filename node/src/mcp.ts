/** What the engine says of its MCP servers, what can be asked of them through it, and the names of their tools. */

import { checkOptions, flag, listOf, milliseconds, oneOf, text } from "./check.js";
import { fromNative, settle } from "./errors.js";
import type {
  ClientRequestMap,
  McpServerOauthLoginCompletedNotification,
  McpServerStatus,
} from "./generated/protocol.js";
import { encode } from "./input.js";
import { type NativeMcp, type NativeMcpLogin, native } from "./native.js";

/** What {@link Mcp.status} is to tell. */
export interface McpStatusOptions {
  /** Leave out resources and templates, which take a request to each server; false by default. */
  toolsOnly?: boolean;
  /** Tell of this server alone. */
  server?: string;
}

/** How long a call may take. */
export interface McpCallOptions {
  /** In milliseconds; without it, what the client or the server's declaration says. */
  timeoutMs?: number;
}

/** How to log in to a server. */
export interface McpLoginOptions {
  /** The scopes to ask for, instead of the configuration's. */
  scopes?: readonly string[];
  /** How the engine makes itself known to the server. */
  clientRegistration?: "auto" | "cimd" | "dcr";
  /** How long the person may take, in milliseconds. */
  timeoutMs?: number;
}

/** What a tool gave: `content`, `structuredContent`, and `isError`, which says that the tool failed. */
export type McpToolResult = ClientRequestMap["mcpServer/tool/call"]["result"];

/** What a resource holds. */
export type McpResource = Pick<ClientRequestMap["mcpServer/resource/read"]["result"], "contents">;

/** The optional limit of a call, in seconds. */
export function limit(options: McpCallOptions): number | null {
  checkOptions(options, { timeoutMs: milliseconds });
  const { timeoutMs } = options;
  return timeoutMs === undefined || timeoutMs === null ? null : timeoutMs / 1000;
}

/** The arguments of a tool or a prompt. */
export function args(given: unknown): string | null {
  return given === undefined || given === null ? null : encode("args", given);
}

/** The MCP servers of an engine ({@link Codex.mcp}) or of one of its threads ({@link Thread.mcp}). */
export class Mcp {
  readonly #native: () => Promise<NativeMcp>;

  /** @internal */
  constructor(open: () => Promise<NativeMcp>) {
    this.#native = open;
  }

  /**
   * The servers with their tools, resources, templates, login and state (`mcpServerStatus/list`), all pages of
   * them. Of a thread it waits for its servers' tools; a server's state may still be `starting`.
   *
   * @param options what to tell
   * @throws {RpcError} when the engine refuses
   */
  async status(options: McpStatusOptions = {}): Promise<McpServerStatus[]> {
    checkOptions(options, { toolsOnly: flag, server: text });
    const mcp = await this.#native();
    return JSON.parse(await settle(mcp.status(options.toolsOnly ?? false, options.server ?? null)));
  }

  /**
   * Waits until servers of the thread are ready for calls.
   *
   * @param names the servers; all of the thread's that are switched on without any
   * @param options `timeoutMs`: how long to wait at most; 60,000 by default
   * @returns their status, without resources
   * @throws {InvalidArgumentError} without a thread ({@link Codex.mcp}), and for a name that the thread has no server of
   * @throws {SpawnError} when one has failed to start, in the engine's words
   * @throws {CodexTimeoutError} when they are not ready in time
   */
  async waitReady(
    names: readonly string[] = [],
    options: McpCallOptions = {},
  ): Promise<McpServerStatus[]> {
    listOf(text)(names, "names");
    const timeout = limit(options);
    const mcp = await this.#native();
    return JSON.parse(await settle(mcp.waitReady([...names], timeout)));
  }

  /**
   * Calls a tool of a server of the thread, without the model (`mcpServer/tool/call`).
   *
   * @param server the server's name
   * @param tool the tool's name on that server
   * @param toolArguments its arguments
   * @param options `timeoutMs`: the client's `requestTimeoutMs` by default
   * @returns what the tool gave; `isError` says that it failed
   * @throws {InvalidArgumentError} without a thread ({@link Codex.mcp})
   * @throws {RpcError} when the engine or the server refuses
   */
  async callTool(
    server: string,
    tool: string,
    toolArguments?: Record<string, unknown> | null,
    options: McpCallOptions = {},
  ): Promise<McpToolResult> {
    text(server, "server");
    text(tool, "tool");
    const [given, timeout] = [args(toolArguments), limit(options)];
    const mcp = await this.#native();
    return JSON.parse(await settle(mcp.callTool(server, tool, given, timeout)));
  }

  /**
   * Reads a resource of a server (`mcpServer/resource/read`).
   *
   * @param server the server's name
   * @param uri the resource's URI
   * @returns `contents`, each with a `uri` and a `text` or a `blob`
   * @throws {RpcError} when the engine or the server refuses
   */
  async readResource(server: string, uri: string): Promise<McpResource> {
    text(server, "server");
    text(uri, "uri");
    const mcp = await this.#native();
    return JSON.parse(await settle(mcp.readResource(server, uri)));
  }

  /** Has the engine read its configuration again and start servers anew (`config/mcpServer/reload`). */
  async reload(): Promise<void> {
    const mcp = await this.#native();
    await settle(mcp.reload());
  }

  /**
   * Begins an OAuth login to a server that speaks HTTP (`mcpServer/oauth/login`).
   *
   * @param server the server's name
   * @param options how to log in
   * @returns a handle with the URL to open, that waits for the end
   * @throws {RpcError} when the engine refuses, as for a server that is a process
   */
  async login(server: string, options: McpLoginOptions = {}): Promise<McpLoginHandle> {
    text(server, "server");
    checkOptions(options, {
      scopes: listOf(text),
      clientRegistration: oneOf(["auto", "cimd", "dcr"]),
      timeoutMs: milliseconds,
    });
    const { scopes, clientRegistration, timeoutMs } = options;
    const mcp = await this.#native();
    const begun = mcp.login(
      server,
      scopes ? [...scopes] : null,
      clientRegistration ?? null,
      timeoutMs ? timeoutMs / 1000 : null,
    );
    return new McpLoginHandle(server, await settle(begun));
  }
}

/**
 * A login to an MCP server: open {@link McpLoginHandle.authorizationUrl}, then wait. The protocol has no way to take a
 * login back: it ends with its time limit. Made by {@link Mcp.login}.
 */
export class McpLoginHandle {
  /** The server's name. */
  readonly server: string;
  /** What to open in a browser. */
  readonly authorizationUrl: string;
  /** The login's id; null with older engines. */
  readonly loginId: string | null;
  readonly #native: NativeMcpLogin;

  /** @internal */
  constructor(server: string, login: NativeMcpLogin) {
    this.server = server;
    this.authorizationUrl = login.authorizationUrl();
    this.loginId = login.loginId();
    this.#native = login;
  }

  /**
   * Waits until the login has succeeded or failed (`mcpServer/oauthLogin/completed`). Repeated calls give the same.
   *
   * @param options `timeoutMs`: how long to wait at most; without it, as long as the engine takes
   * @returns the notification: look at `success` and `error`
   * @throws {CodexTimeoutError} when it has not come in time; the login goes on
   * @throws {ClosedError} when the engine or client is gone first
   */
  async wait(options: McpCallOptions = {}): Promise<McpServerOauthLoginCompletedNotification> {
    return JSON.parse(await settle(this.#native.wait(limit(options))));
  }
}

/**
 * The one name of a server's tool among those of several servers, as the engine has it: `mcp__SERVER__TOOL`.
 * Characters that a model's API takes in no name become `_`.
 *
 * @param server the server's name
 * @param tool the tool's name on that server
 */
export function qualify(server: string, tool: string): string {
  text(server, "server");
  text(tool, "tool");
  return native().mcpQualify(server, tool);
}

/**
 * The tools of several servers by their one name.
 *
 * @param servers the names of each server's tools
 * @returns server and tool for each name
 * @throws {InvalidArgumentError} when two tools would have the same name
 */
export function toolNames(
  servers: Record<string, readonly string[]>,
): Record<string, { server: string; tool: string }> {
  try {
    return JSON.parse(native().mcpToolNames(encode("servers", servers)));
  } catch (error) {
    throw fromNative(error);
  }
}
