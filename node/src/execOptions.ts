/** What `transport: "exec"` accepts of the options, and their form for the core. */

import { resolve } from "node:path";
import { isPlainObject, kindOf } from "./check.js";
import { locateBundledEngine } from "./engine.js";
import { InvalidArgumentError } from "./errors.js";
import { encode, type Input, partsOf } from "./input.js";
import type { CodexOptions, ThreadOptions, TurnOptions } from "./options.js";
import { defined, wireQueue } from "./wire.js";

/** The options of a client that mean something for a process per turn. */
const CLIENT: ReadonlySet<keyof CodexOptions> = new Set<keyof CodexOptions>([
  "transport",
  "codexPathOverride",
  "baseUrl",
  "apiKey",
  "config",
  "configOverrides",
  "env",
  "cwd",
  "clientName",
  "maxLineBytes",
  "queue",
]);

const THREAD: ReadonlySet<keyof ThreadOptions> = new Set<keyof ThreadOptions>([
  "model",
  "threadSource",
  "sandboxMode",
  "workingDirectory",
  "skipGitRepoCheck",
  "modelReasoningEffort",
  "networkAccessEnabled",
  "webSearchMode",
  "webSearchEnabled",
  "approvalPolicy",
  "additionalDirectories",
  "ephemeral",
]);

const TURN: ReadonlySet<keyof TurnOptions> = new Set<keyof TurnOptions>([
  "cyberAccessProgram",
  "outputSchema",
  "signal",
]);

/** The error for what only an app-server can do. */
export function needsAppServer(what: string): InvalidArgumentError {
  return InvalidArgumentError.of(
    "transport",
    `${what} cannot be done by transport: "exec"; give the client transport: "app-server", which is the default`,
  );
}

function refuseOthers<T extends object>(options: T, known: ReadonlySet<keyof T>): void {
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && value !== null && !known.has(name as keyof T)) {
      throw needsAppServer(`what the option ${name} asks for`);
    }
  }
}

/** Refuses options of a client that its processes would not know of. */
export function checkExecClient(options: CodexOptions): void {
  refuseOthers(options, CLIENT);
}

/** The options of a client as the core reads them. */
export function execClientJson(options: CodexOptions): string {
  const binary = options.codexPathOverride || undefined;
  return encode("options", {
    codex_bin: binary,
    bundled: binary === undefined ? locateBundledEngine() : undefined,
    config: options.config ?? undefined,
    config_overrides: options.configOverrides ?? undefined,
    base_url: options.baseUrl || undefined,
    api_key: options.apiKey || undefined,
    // Explicit, because a worker thread's process.env is its own.
    env: { inherit: false, set: defined(options.env ?? process.env) },
    cwd: options.cwd,
    client_name: options.clientName ?? "codexkit_node",
    max_line_bytes: options.maxLineBytes,
    queue: wireQueue(options),
  });
}

/** A turn as the core reads it, but for the thread's id. */
export interface ExecTurn {
  prompt: string;
  options: object;
  signal: AbortSignal | undefined;
}

/** A checked turn: its prompt, and what goes onto the command line. */
export function execTurn(thread: ThreadOptions, input: Input, turn: TurnOptions): ExecTurn {
  refuseOthers(thread, THREAD);
  refuseOthers(turn, TURN);
  if (isPlainObject(thread.approvalPolicy)) throw needsAppServer("a granular approvalPolicy");
  const { prompt, images } = execInput(input);
  const options = {
    model: thread.model || undefined,
    thread_source: thread.threadSource,
    sandbox_mode: thread.sandboxMode,
    working_directory: thread.workingDirectory || undefined,
    additional_directories: thread.additionalDirectories ?? undefined,
    skip_git_repo_check: thread.skipGitRepoCheck ?? undefined,
    ephemeral: thread.ephemeral ?? undefined,
    output_schema: turn.outputSchema,
    cyber_access_program: turn.cyberAccessProgram,
    model_reasoning_effort: thread.modelReasoningEffort || undefined,
    network_access_enabled: thread.networkAccessEnabled,
    web_search_mode: thread.webSearchMode || undefined,
    web_search_enabled: thread.webSearchEnabled,
    approval_policy: thread.approvalPolicy || undefined,
    images,
  };
  return { prompt, options, signal: turn.signal ?? undefined };
}

/** Texts are joined by blank lines, as in the official SDK; images go beside them. */
function execInput(input: Input): { prompt: string; images: string[] } {
  const parts = partsOf(input);
  const texts: string[] = [];
  const images: string[] = [];
  for (const [index, part] of parts.entries()) {
    const name = Array.isArray(input) ? `input[${index}]` : "input";
    if (typeof part === "string") texts.push(part);
    else if (!isPlainObject(part)) {
      throw InvalidArgumentError.of(
        name,
        `expected a string or an object with a \`type\`, not ${kindOf(part)}`,
      );
    } else if (part.type === "text" && typeof part.text === "string") texts.push(part.text);
    else if (isImage(part)) images.push(resolve(part.path));
    else throw needsAppServer(`an input part of the type ${JSON.stringify(part.type)} (${name})`);
  }
  return { prompt: texts.join("\n\n"), images };
}

function isImage(part: Record<string, unknown>): part is { type: string; path: string } {
  return (
    (part.type === "local_image" || part.type === "localImage") && typeof part.path === "string"
  );
}
