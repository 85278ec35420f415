// A block that connects to an engine that listens on the socket engine.sock, and on ENGINE_URL with ENGINE_TOKEN.
import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { Codex } from "codexkit";

process.env.ENGINE_TOKEN = "of-the-documentation";
writeFileSync("token", process.env.ENGINE_TOKEN);
const auth = ["--ws-auth", "capability-token", "--ws-token-file", `${process.cwd()}/token`];
const engine = (/** @type {string} */ url, /** @type {string[]} */ ...more) =>
  spawn("codex", ["app-server", "--listen", url, ...more], { stdio: ["ignore", "ignore", "pipe"] });
const listening = engine("unix://engine.sock");
// One after the other: engines that begin at the same moment in a new CODEX_HOME get in each other's way.
while (!existsSync("engine.sock") && listening.exitCode === null) await setTimeout(20);
const guarded = engine("ws://127.0.0.1:0", ...auth);
for await (const line of createInterface({ input: guarded.stderr })) {
  const found = /listening on: (ws:\/\/\S+)/.exec(line);
  if (found) {
    process.env.ENGINE_URL = found[1];
    break;
  }
}
try {
  // the block
} finally {
  listening.kill();
  guarded.kill();
  listening.stderr.destroy();
  guarded.stderr.destroy();
}
