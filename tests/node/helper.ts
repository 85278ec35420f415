// What the tests share: a client on the real engine with a scripted model, or on a faulty engine.
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Codex, type CodexOptions, type Event } from "codexkit";
import { type ModelScript, ScriptedModel } from "codexkit/testing";
import { onTestFinished } from "vitest";

export const root = resolve(__dirname, "../..");
let count = 0;

/** A folder for one test, removed after it. */
export function folder(name = "folder"): string {
  count += 1;
  const path = join(root, ".cache/work", `node-${process.pid}-${count}`, name);
  mkdirSync(path, { recursive: true });
  onTestFinished(() =>
    rmSync(resolve(path, ".."), { recursive: true, force: true, maxRetries: 5 }),
  );
  return path;
}

/** A client of the real engine, whose model answers as `script` says. Closed after the test. */
export async function scripted(script: ModelScript | string[], options: CodexOptions = {}) {
  const home = folder("home");
  const model = await ScriptedModel.start(Array.isArray(script) ? { replies: script } : script);
  const base: CodexOptions = { ...model.options(home) };
  base.env = { ...base.env, HOME: home }; // no profile of the user's in the agent's shells
  if (process.env.CODEXKIT_TEST_ENGINE) base.codexPathOverride = process.env.CODEXKIT_TEST_ENGINE;
  const codex = new Codex({
    ...base,
    ...options,
    configOverrides: [...(base.configOverrides ?? []), ...(options.configOverrides ?? [])],
  });
  onTestFinished(async () => {
    await codex.close();
    await model.close();
  });
  return { model, codex, home };
}

/** A client of an engine that misbehaves as `plan` says (see testkit/README.md). Closed after the test. */
export function faulty(plan: unknown, options: CodexOptions = {}): Codex {
  const binary = join(root, "target", process.env.CODEXKIT_PROFILE ?? "debug", "codexkit-testkit");
  const codex = new Codex({
    launchArgsOverride: [binary, "faulty", "--plan", JSON.stringify(plan)],
    ...options,
  });
  onTestFinished(() => codex.close());
  return codex;
}

/** Everything that a stream gives. */
export async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const events: T[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

/** The events up to and including the first of a method. */
export async function until(stream: AsyncIterable<Event>, method: string): Promise<Event[]> {
  const events: Event[] = [];
  for await (const event of stream) {
    events.push(event);
    if (event.method === method) break;
  }
  return events;
}

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error("it did not reject");
}

/** Waits until `condition` holds. */
export async function eventually(condition: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (condition()) return;
    await new Promise((resume) => setTimeout(resume, 25));
  }
  throw new Error(`in vain waited for: ${what}`);
}

/** Whether a process is there (a zombie is not). */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    const { readFileSync } = require("node:fs") as typeof import("node:fs");
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return process.platform !== "linux";
  }
}

/** What a model says to a prompt that has this in it. */
export const rule = (prompt: string, ...replies: unknown[]) => ({
  when: { prompt_contains: prompt },
  replies,
});

/** A client whose model has these rules. */
export const ruled = (...rules: unknown[]) => scripted({ rules } as never);

/** A shell command as the model calls it. */
export function command(cmd: string, more: object = {}) {
  return { items: [{ call: { name: "exec_command", arguments: { cmd, ...more } } }] };
}

/** Runs a program of its own in the repository's folder, and gives its lines, its errors and its exit code. */
export function runProgram(code: string, flags: readonly string[] = []) {
  const file = join(folder("program"), "program.mjs");
  writeFileSync(file, code);
  const env = { ...process.env, HOME: folder("home") };
  const done = spawnSync(process.execPath, [...flags, file], {
    cwd: root,
    encoding: "utf8",
    timeout: 60_000,
    env,
  });
  return { out: done.stdout.trim().split("\n"), err: done.stderr, code: done.status };
}
