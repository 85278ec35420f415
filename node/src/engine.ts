/** Finds the engine that came with `@openai/codex`. The core decides whether to use it. */

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** An engine in an npm package, as the core reads it. */
export interface BundledEngine {
  binary: string;
  path_dir: string | undefined;
  package: string;
}

const PACKAGE = "@openai/codex";
const TARGETS: Record<string, string> = {
  "linux-x64": "x86_64-unknown-linux-musl",
  "linux-arm64": "aarch64-unknown-linux-musl",
  "android-x64": "x86_64-unknown-linux-musl",
  "android-arm64": "aarch64-unknown-linux-musl",
  "darwin-x64": "x86_64-apple-darwin",
  "darwin-arm64": "aarch64-apple-darwin",
  "win32-x64": "x86_64-pc-windows-msvc",
  "win32-arm64": "aarch64-pc-windows-msvc",
};

/**
 * The engine of the installed `@openai/codex`, through the package of this platform.
 *
 * @returns undefined if there is none; the core then looks on, and says so if it finds none
 */
export function locateBundledEngine(): BundledEngine | undefined {
  const platform = process.platform === "android" ? "linux" : process.platform;
  const target = TARGETS[`${process.platform}-${process.arch}`];
  if (target === undefined) return undefined;
  let vendor: string;
  try {
    // Not through this file's own name, which a bundle of ES modules does not have.
    const main = require.resolve(`${PACKAGE}/package.json`);
    const own = createRequire(main).resolve(`${PACKAGE}-${platform}-${process.arch}/package.json`);
    vendor = join(dirname(own), "vendor", target);
  } catch {
    return undefined;
  }
  return current(vendor) ?? legacy(vendor);
}

/** The layout that describes itself in codex-package.json. */
function current(vendor: string): BundledEngine | undefined {
  let about: { entrypoint?: string; pathDir?: string };
  try {
    about = JSON.parse(readFileSync(join(vendor, "codex-package.json"), "utf8"));
  } catch {
    return undefined;
  }
  const entry = about.entrypoint ?? join("bin", executable());
  return describe(join(vendor, entry), join(vendor, about.pathDir ?? "codex-path"));
}

/** The layout before that. */
function legacy(vendor: string): BundledEngine | undefined {
  return describe(join(vendor, "codex", executable()), join(vendor, "path"));
}

function executable(): string {
  return process.platform === "win32" ? "codex.exe" : "codex";
}

function describe(binary: string, pathDir: string): BundledEngine | undefined {
  if (!existsSync(binary)) return undefined;
  return { binary, path_dir: existsSync(pathDir) ? pathDir : undefined, package: PACKAGE };
}
