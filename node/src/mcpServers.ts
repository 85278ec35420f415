/** MCP servers as a thread, a client or an {@link McpClient} gets them. What cannot work is the core's to refuse. */

import { isPlainObject, kindOf } from "./check.js";
import { fromNative, InvalidArgumentError } from "./errors.js";
import { encode } from "./input.js";
import { native } from "./native.js";

/** What every MCP server has. What is left out (or null) has the default. */
export interface McpServerOptions {
  /** How long it may take to start and shake hands, in milliseconds; the engine's default is 10,000. */
  startupTimeoutMs?: number;
  /** How long a tool may take, in milliseconds; the engine's default is 60,000. */
  toolTimeoutMs?: number;
  /** The only tools to offer. */
  enabledTools?: readonly string[];
  /** Tools not to offer. */
  disabledTools?: readonly string[];
  /** Whether it is started at all; true by default. */
  enabled?: boolean;
  /** Whether a thread cannot start without it; false by default. */
  required?: boolean;
  /**
   * Which tools the engine asks about before it calls them: as they say of themselves (`auto`), all (`prompt`),
   * those that write (`writes`) or none (`approve`).
   */
  toolApproval?: "auto" | "prompt" | "writes" | "approve";
}

/** An MCP server that is a process and speaks over its standard input and output. */
export interface StdioServer extends McpServerOptions {
  /** The program. */
  command: string;
  /** Its arguments. */
  args?: readonly string[];
  /** Environment variables for it, with their values. */
  env?: Record<string, string>;
  /** Variables that it gets as they are where it is started. By default it sees only a few (`PATH`, `HOME`, ...). */
  envVars?: readonly string[];
  /** Its working directory. */
  cwd?: string;
  /** Not for a process. */
  url?: undefined;
}

/** An MCP server that speaks streamable HTTP. */
export interface HttpServer extends McpServerOptions {
  /** Its address, `http://` or `https://`. */
  url: string;
  /** Headers of every request. */
  headers?: Record<string, string>;
  /** The environment variable that holds the bearer token. */
  bearerTokenEnvVar?: string;
  /** Headers whose values are in environment variables: header to variable. */
  envHttpHeaders?: Record<string, string>;
  /** The scopes to ask for in an OAuth login. */
  scopes?: readonly string[];
  /** The resource to name in an OAuth login (RFC 8707). */
  oauthResource?: string;
  /** Not for a server that speaks HTTP. */
  command?: undefined;
}

/** An MCP server: a process, or one that speaks streamable HTTP. */
export type McpServer = StdioServer | HttpServer;

/** A declaration as the core reads it. */
export function wireServer(server: unknown, name: string): object {
  if (!isPlainObject(server)) {
    const accepted = "an object with a command or a url";
    throw InvalidArgumentError.of(name, `expected ${accepted}, not ${kindOf(server)}`);
  }
  return wireOptions(server);
}

/** Names and times as the core has them: `startupTimeoutMs: 500` is `startup_timeout_s: 0.5`. */
export function wireOptions(options: Record<string, unknown>): object {
  const wire: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined || value === null) continue;
    const isTime = key.endsWith("Ms");
    const snake = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    wire[isTime ? snake.replace(/_ms$/, "_s") : snake] =
      isTime && typeof value === "number" ? value / 1000 : value;
  }
  return wire;
}

/** Declarations by name as the core reads them: JSON text. */
export function wireServers(servers: unknown): object {
  if (!isPlainObject(servers)) {
    throw InvalidArgumentError.of(
      "mcpServers",
      `expected an object of names and servers, not ${kindOf(servers)}`,
    );
  }
  const given = Object.entries(servers).filter(([, server]) => server !== undefined);
  return Object.fromEntries(
    given.map(([name, server]) => [name, wireServer(server, `mcpServers.${name}`)]),
  );
}

/** The parameters of a thread (JSON text) with MCP servers put into their `config`. */
export function withServers(servers: unknown, params: string): string {
  const wire = encode("mcpServers", wireServers(servers));
  try {
    return native().mcpParams(wire, params);
  } catch (error) {
    throw fromNative(error);
  }
}

/** Refuses servers that cannot work. */
export function checkServers(servers: unknown): void {
  withServers(servers, "{}");
}
