/**
 * codexkit/testing: test an agent offline, without a key. The real engine talks to a model server whose
 * answers are a script.
 *
 * @packageDocumentation
 */

import { existsSync, mkdirSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { Codex } from "./codex.js";
import { settle } from "./errors.js";
import { encode } from "./input.js";
import { type NativeScriptedModel, native } from "./native.js";
import type { CodexOptions } from "./options.js";

/** One thing that the model says in a reply; a string is a message. testkit/README.md describes them all. */
export type ScriptedItem =
  | string
  | {
      /** Text, streamed word by word unless `deltas` says otherwise. */
      message: string;
      phase?: "commentary" | "final_answer";
      deltas?: boolean | string[];
      delay_ms?: number;
      id?: string;
      /** False leaves the message open. */
      done?: boolean;
    }
  | { repeat_delta: { count: number; text: string; delay_ms?: number } }
  | { reasoning: { summary?: string[]; content?: string[] }; delay_ms?: number }
  | {
      call: {
        name: string;
        arguments?: Record<string, unknown> | string;
        namespace?: string;
        call_id?: string;
      };
    }
  | {
      custom_call: { name: string; input: string; stream?: boolean; call_id?: string };
      delay_ms?: number;
    }
  | { web_search: { query: string } | { action: Record<string, unknown> } }
  | { compaction: Record<string, unknown> }
  | { output: Record<string, unknown> }
  | { event: Record<string, unknown> }
  | { sleep_ms: number }
  | { sse: string }
  | { cut: true }
  | { hang: true };

/** What the model answers to one request; a string is a message. */
export type ScriptedReply =
  | string
  | {
      items?: ScriptedItem[];
      usage?: Record<string, number>;
      headers?: Record<string, string>;
      status?: number;
      body?: unknown;
      end?:
        | "completed"
        | "cut"
        | "none"
        | "hang"
        | { failed: { code: string; message: string } }
        | { incomplete: string };
      /** Expressions with one group on the request's input; `${name}` in later texts becomes the match. */
      capture?: Record<string, string>;
      delay_ms?: number;
      hang?: boolean;
      comment?: string;
    };

/** What to answer after the last reply: an error, the last again, from the first again, or a later rule. */
export type ScriptedRepeat = "none" | "last" | "cycle" | "next";

/** The replies to the requests that match `when`. */
export interface ScriptedRule {
  /** What must hold of a request; without it the rule is for every request of a turn. */
  when?: {
    /** The text of the last user message contains this. */
    prompt_contains?: string;
    /** The text of any user message contains this, as a steered one. */
    user_contains?: string;
    /** The JSON text of the whole input contains this. */
    input_contains?: string;
    /** The JSON text of the last input item contains this, as a tool's output. */
    last_input_contains?: string;
    /** The request asks for this model. */
    model?: string;
    /** The request is of this kind; `turn` by default. */
    kind?: "turn" | "guardian" | "compaction" | "any";
    /** So many outputs of tools follow the last user message. */
    step?: number;
  };
  /** The replies in their order. */
  replies: ScriptedReply[];
  /** What happens when all were given; by default an error. */
  repeat?: ScriptedRepeat;
  /** For readers. */
  comment?: string;
}

/** A script: replies in their order, or rules. */
export interface ModelScript {
  /** Rules, tried in their order. */
  rules?: ScriptedRule[];
  /** The replies to what no rule is for. */
  replies?: ScriptedReply[];
  /** What happens when all of these were given; by default an error. */
  repeat?: ScriptedRepeat;
  /** The model that the engine is told to use; `gpt-5.5` by default. */
  model?: string;
  /** What the server answers when it is asked for its models; nothing by default. */
  models?: unknown[];
  /** The HTTP status when no reply is left; 500 by default. */
  exhausted_status?: number;
}

/** A request that the model server got. */
export interface RecordedRequest {
  /** Its number, from 1. */
  n: number;
  /** The HTTP method. */
  method: string;
  /** The path that was asked for. */
  path: string;
  /** The headers, without the authorization. */
  headers: Record<string, string>;
  /** What the engine sent: `input`, `tools`, `model`, ... */
  // biome-ignore lint/suspicious/noExplicitAny: it is the Responses API's, to be looked into by tests.
  body: any;
  /** `turn`, `guardian` (a review of an approval) or `compaction`. */
  kind: string;
  /** The engine's thread. */
  thread: string | null;
  /** The text of the last user message. */
  prompt: string | null;
  /** `open` while the answer is sent, then `done`, `cut`, or `client_gone` when the engine hung up first. */
  outcome: string;
  [field: string]: unknown;
}

/** The servers that were not closed: an engine may use one that no variable names any more. */
const running = new Set<ScriptedModel>();

/**
 * A server of the OpenAI Responses API on this machine whose answers are a script.
 *
 * ```ts
 * await using model = await ScriptedModel.start({ replies: [{ items: [{ message: "Hello" }] }] });
 * await using codex = new Codex(model.options());
 * ```
 */
export class ScriptedModel implements AsyncDisposable {
  readonly #native: NativeScriptedModel;
  readonly #homes: string[] = [];

  private constructor(native: NativeScriptedModel) {
    this.#native = native;
    running.add(this);
  }

  /**
   * Starts a server.
   *
   * @param script what it answers: an object, or JSON text
   * @throws {InvalidArgumentError} for a script with a mistake, saying where
   */
  static async start(script: ModelScript | string): Promise<ScriptedModel> {
    const text = typeof script === "string" ? script : encode("script", script);
    return new ScriptedModel(await settle(native().NativeScriptedModel.start(text)));
  }

  /** Where the server is, as in `http://127.0.0.1:40000/v1`. */
  get baseUrl(): string {
    return this.#native.baseUrl();
  }

  /** The `key=value` settings that have an engine use this server. */
  get configOverrides(): string[] {
    return this.#native.configOverrides();
  }

  /** The requests that came so far. */
  get requests(): RecordedRequest[] {
    return JSON.parse(this.#native.requests());
  }

  /**
   * Waits for requests.
   *
   * @param count how many must have come in all
   * @param timeoutMs how long to wait for them
   * @returns all that have come
   * @throws {CodexTimeoutError} when they do not come in time
   */
  async waitForRequests(count: number, timeoutMs = 10_000): Promise<RecordedRequest[]> {
    return JSON.parse(await settle(this.#native.waitForRequests(count, timeoutMs / 1000)));
  }

  /**
   * Options for a {@link Codex} that uses this server, in a home of its own.
   *
   * @param home the engine's `CODEX_HOME`. By default a fresh one under `node_modules/.cache` (the engine
   * does without some helpers in the system's temporary folder), removed when the server is closed.
   */
  options(home: string = this.#freshHome()): CodexOptions {
    mkdirSync(home, { recursive: true });
    return {
      configOverrides: this.configOverrides,
      env: {
        ...process.env,
        CODEX_HOME: home,
        OPENAI_API_KEY: undefined,
        CODEX_API_KEY: undefined,
      },
    };
  }

  /** Stops the server and removes the homes that it made. */
  async close(): Promise<void> {
    running.delete(this);
    this.#native.shutdown();
    for (const home of this.#homes.splice(0)) {
      rmSync(home, { recursive: true, force: true, maxRetries: 3 });
    }
  }

  /** The same as {@link ScriptedModel.close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #freshHome(): string {
    const modules = join(process.cwd(), "node_modules");
    const root = existsSync(modules) ? join(modules, ".cache") : join(homedir(), ".cache");
    const home = join(root, "codexkit", `home-${process.pid}-${Date.now()}-${this.#homes.length}`);
    this.#homes.push(home);
    return home;
  }
}

/** What {@link codexFixtures} gives a test. */
export interface CodexFixtures {
  /** The model server. */
  model: ScriptedModel;
  /** A client that uses it. */
  codex: Codex;
}

type Use<T> = (value: T) => Promise<void>;

/**
 * Fixtures for vitest: a fresh model server and client for each test that asks for them.
 *
 * ```ts
 * const it = test.extend<CodexFixtures>(codexFixtures({ replies: [{ items: [{ message: "Hello" }] }] }));
 * it("answers", async ({ codex }) => {
 *   expect((await codex.startThread().run("Hi")).finalResponse).toBe("Hello");
 * });
 * ```
 *
 * @param script what the model answers
 * @param options further options of the client
 */
export function codexFixtures(script: ModelScript | string, options: CodexOptions = {}) {
  return {
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of the fixtures it needs here.
    model: async ({}: object, use: Use<ScriptedModel>) => {
      await using model = await ScriptedModel.start(script);
      await use(model);
    },
    codex: async ({ model }: { model: ScriptedModel }, use: Use<Codex>) => {
      await using codex = new Codex({ ...model.options(), ...options });
      await use(codex);
    },
  };
}
