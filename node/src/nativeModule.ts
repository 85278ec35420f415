/**
 * Finds the native module: where CODEXKIT_NATIVE_PATH says, beside this package in a clone, beside a bundle
 * that this file became a part of, or in the package of this platform that npm installed. Private to the
 * package; it does not know what the module offers.
 *
 * Only names that are put together at run time are required here, so that bundlers leave them alone.
 */

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { NativeModuleError } from "./errors.js";

/** The platforms with packages; `cargo xtask dist` makes them. */
const PLATFORMS = [
  "linux-x64-gnu",
  "linux-x64-musl",
  "linux-arm64-gnu",
  "linux-arm64-musl",
  "darwin-x64",
  "darwin-arm64",
  "win32-x64-msvc",
  "win32-arm64-msvc",
];

/**
 * Loads the native module.
 *
 * @returns what the module exports
 * @throws {NativeModuleError} when there is none, or none that this machine can load; the message has every
 *   place that was tried, what was wrong there, and what to do
 */
export function loadNativeModule(): unknown {
  const platform = platformName();
  const own = `codexkit.${platform}.node`;
  // A bundle of ES modules has no such name unless its banner defines it.
  const here = typeof __dirname === "string" ? __dirname : undefined;
  const files = here === undefined ? [] : filesNear(here, own);
  const failures = files.length === 0 ? [`no ${own} beside ${here ?? "the program"}`] : [];
  let cause: unknown;
  // An explicit choice is never passed over.
  const chosen = process.env.CODEXKIT_NATIVE_PATH;
  for (const id of chosen ? [resolve(chosen)] : [...files, `codexkit-${platform}`]) {
    try {
      return require(id);
    } catch (error) {
      failures.push(`${id}: ${firstLine(error)}`);
      cause ??= error;
    }
  }
  const message = explain(platform, chosen ? failures.slice(-1) : failures);
  throw new NativeModuleError({ kind: "native_module", message }, { cause });
}

/** The native modules above the folder of the compiled TypeScript, and beside a bundle. */
function filesNear(here: string, own: string): string[] {
  // What `cargo xtask setup` and `npm install <clone>` make is for this machine alone and names no libc.
  const plain = `codexkit.${process.platform}-${process.arch}.node`;
  const names = [join("..", plain), join("..", own), own];
  return names.map((name) => join(here, name)).filter((file) => existsSync(file));
}

/** This machine as the packages' names have it, for example `linux-x64-gnu`. */
function platformName(): string {
  const machine = `${process.platform}-${process.arch}`;
  if (process.platform === "linux") return `${machine}-${usesMusl() ? "musl" : "gnu"}`;
  return process.platform === "win32" ? `${machine}-msvc` : machine;
}

/** Node's report names the version of glibc where there is one. */
function usesMusl(): boolean {
  const report = process.report as typeof process.report & { excludeNetwork?: boolean };
  const before = report.excludeNetwork;
  // Looking up the names of network interfaces takes long; older Nodes do not know the switch.
  report.excludeNetwork = true;
  const { header } = report.getReport() as unknown as { header: Record<string, unknown> };
  report.excludeNetwork = before ?? false;
  return header.glibcVersionRuntime === undefined;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "";
}

function explain(platform: string, failures: string[]): string {
  const start = `codexkit found no native module for ${platform}:\n  - ${failures.join("\n  - ")}\n`;
  if (!PLATFORMS.includes(platform)) {
    return `${start}There is no package for this platform, only for ${PLATFORMS.join(", ")}. In a clone, \`cargo xtask setup\` builds the module.`;
  }
  return (
    `${start}npm install codexkit-${platform} brings it; npm does so by itself unless optional dependencies are ` +
    "left out or the lock file was made on another platform. A bundle needs the package in a node_modules " +
    "folder above it, or the .node file beside it. In a clone, `cargo xtask setup` builds the module."
  );
}
