// What the tests share: folders, and programs that may import codexkit.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { onTestFinished } from "vitest";

export const root = resolve(__dirname, "../../..");
let count = 0;

/** A folder for one test, removed after it; within the repository, so that programs in it find codexkit. */
export function folder(name: string): string {
  count += 1;
  const path = join(root, ".cache/work", `environments-${process.pid}-${count}`, name);
  mkdirSync(path, { recursive: true });
  onTestFinished(() =>
    rmSync(resolve(path, ".."), { recursive: true, force: true, maxRetries: 5 }),
  );
  return path;
}

/** Runs a program with a home of its own; gives what it printed and how it ended. */
export function run(file: string, cwd: string, environment: Record<string, string> = {}) {
  const { CODEX_BINARY: _, NODE_OPTIONS: __, ...inherited } = process.env;
  const done = spawnSync(process.execPath, [file], {
    cwd,
    encoding: "utf8",
    timeout: 50_000,
    env: { ...inherited, HOME: folder("home"), ...environment },
  });
  return { out: done.stdout.trim().split("\n"), err: done.stderr, code: done.status };
}

/** Waits until `condition` holds. */
export async function eventually(condition: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (condition()) return;
    await new Promise((resume) => setTimeout(resume, 50));
  }
  throw new Error(`in vain waited for: ${what}`);
}

/** Whether a process has ended (a zombie has). */
export function gone(pid: number): boolean {
  if (existsSync("/proc/self/stat")) {
    if (!existsSync(`/proc/${pid}/stat`)) return true;
    return /^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  }
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}
