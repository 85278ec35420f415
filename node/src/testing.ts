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

/** Tokens that a scripted reply says it used. */
export type ScriptedUsage = Record<string, number>;

/** One thing that the model says in a reply. */
export type ScriptedItem =
  | {
      /** Text, streamed word by word unless `deltas` says otherwise. */
      message: string;
      phase?: "commentary" | "final_answer";
      deltas?: boolean | string[];
      delay_ms?: number;
    }
  | { reasoning: { summary?: string[]; content?: string[] } }
  | { call: { name: string; arguments?: Record<string, unknown> | string; namespace?: string } }
  | { custom_call: { name: string; input: string; stream?: boolean } }
  | { web_search: { query: string } }
  | { compaction: Record<string, unknown> }
  | { event: Record<string, unknown> }
  | { repeat_delta: { count: number; text: string; delay_ms?: number } }
  | { sleep_ms: number }
  | { sse: string }
  | { cut: true };

/** What the model answers to one request. */
export interface ScriptedReply {
  items?: ScriptedItem[];
  usage?: ScriptedUsage;
  headers?: Record<string, string>;
  status?: number;
  body?: unknown;
  end?:
    | "completed"
    | "cut"
    | "none"
    | { failed: { code: string; message: string } }
    | { incomplete: string };
  capture?: Record<string, string>;
}

/** The replies to the requests that match `when`. */
export interface ScriptedRule {
  when?: { prompt_contains?: string; model?: string; kind?: "turn" | "guardian" | "compaction" };
  replies: ScriptedReply[];
  /** What to answer after the last reply: an error (`none`), the last again, or from the first again. */
  repeat?: "none" | "last" | "cycle";
}

/** A script: replies in their order, or rules. */
export interface ModelScript {
  replies?: ScriptedReply[];
  rules?: ScriptedRule[];
  repeat?: "none" | "last" | "cycle";
  model?: string;
}

/** A request that the model server got. */
export type RecordedRequest = Record<string, unknown>;

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
