// Makes a clone of the repository usable as a package: its dependencies, the native module, the
// compiled TypeScript. npm runs it as `prepare`, so that `npm install <folder>` of a clone works;
// in a package from the registry there is nothing left to do. `--force` builds anew.
//
// CODEXKIT_SKIP_BUILD=1 turns it off; CODEXKIT_BUILD_PROFILE=dev builds quickly instead of well.

import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readdirSync, renameSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const force = process.argv.includes("--force");
const windows = process.platform === "win32";

function fail(message) {
  console.error(`codexkit: ${message}`);
  process.exit(1);
}

function run(program, args, hint) {
  console.error(`codexkit: ${program} ${args.join(" ")}`);
  const done = spawnSync(program, args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    shell: windows && program === "npm",
  });
  if (done.error || done.status !== 0) {
    fail(`\`${program} ${args.join(" ")}\` failed${hint ? `. ${hint}` : ""}`);
  }
}

function newest(folder) {
  return readdirSync(folder, { withFileTypes: true }).reduce((time, entry) => {
    const path = join(folder, entry.name);
    return Math.max(time, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
  }, 0);
}

// A linked folder gets no dependencies from npm: it brings its own.
function dependencies() {
  const needed = ["@openai/codex", "typescript"].map((name) => join(root, "node_modules", name));
  if (!needed.every(existsSync)) {
    // Not `ci`: it refuses a lock file that lacks another platform's optional packages.
    const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
    run("npm", ["install", "--no-save", "--ignore-scripts", ...quiet]);
  }
}

function nativeModule() {
  const module = join(root, "node", `codexkit.${process.platform}-${process.arch}.node`);
  if (existsSync(module) && !force) return;
  const dev = process.env.CODEXKIT_BUILD_PROFILE === "dev";
  run(
    "cargo",
    ["build", "-p", "codexkit-node", ...(dev ? [] : ["--release"])],
    "There is no prebuilt native module for this platform here, so Rust is needed: https://rustup.rs/",
  );
  const library = { win32: "codexkit_node.dll", darwin: "libcodexkit_node.dylib" };
  const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
  const built = join(
    target,
    dev ? "debug" : "release",
    library[process.platform] ?? "libcodexkit_node.so",
  );
  // Renamed into place: a process that has the old file loaded keeps it.
  copyFileSync(built, `${module}.new`);
  renameSync(`${module}.new`, module);
}

function typescript() {
  const entry = join(root, "node", "dist", "index.mjs");
  const source = join(root, "node", "src");
  if (existsSync(entry) && !force && statSync(entry).mtimeMs >= newest(source)) return;
  run(process.execPath, [join(root, "node_modules", "typescript", "bin", "tsc"), "-p", "."]);
}

if (process.env.CODEXKIT_SKIP_BUILD !== "1" && existsSync(join(root, "bindings", "node"))) {
  dependencies();
  nativeModule();
  typescript();
}
