// Plays one measured weakness of the official TypeScript SDK on the real engine and says what came of it:
// `node official.mjs NAME`. `cargo xtask faults --official` starts it, each in a process of its own, and reads from its
// standard output, or from what it says when it crashes, whether it fails as fixtures/faults/official-typescript.txt says.
import { spawn } from "node:child_process";
import { getEventListeners, once } from "node:events";
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Codex } from "@openai/codex-sdk";

const cwd = process.env.CODEXKIT_CWD;
const engine = process.env.CODEX_BINARY;
const thread = (options = {}, codex = new Codex({ codexPathOverride: engine })) =>
  codex.startThread({ workingDirectory: cwd, skipGitRepoCheck: true, ...options });
const full = { sandboxMode: "danger-full-access" };
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const events = async (given, prompt, options) => (await given.runStreamed(prompt, options)).events;

async function all(stream) {
  const seen = [];
  for await (const event of stream) seen.push(event);
  return seen;
}

/** The processes whose command line has this in it, but for this one. */
function processes(mark) {
  const others = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && +name !== process.pid);
  return others.map(Number).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").includes(mark);
    } catch {
      return false;
    }
  });
}

/** The children of a process. */
const children = (pid) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);

async function until(what, condition) {
  for (let tries = 0; !condition(); tries++) {
    if (tries > 300) throw new Error(`in vain: ${what}`);
    await pause(100);
  }
}

const demonstrations = {
  /** A loop is left and the signal is aborted at once. */
  async break_then_abort() {
    const controller = new AbortController();
    for await (const _ of await events(thread(), "slow", { signal: controller.signal })) break;
    controller.abort();
    await pause(2000);
    return "no crash";
  },
  /** Five megabytes for an engine that refuses its settings. */
  async big_prompt() {
    const codex = new Codex({ codexPathOverride: engine, config: { model_provider: "nobody" } });
    try {
      await thread({}, codex).run("x".repeat(5_000_000));
    } catch (error) {
      await pause(1000);
      return `caught ${error.message}`;
    }
  },
  /** One signal for many turns that are left. */
  async listeners() {
    const { signal } = new AbortController();
    for (let turns = 0; turns < 4; turns++)
      for await (const _ of await events(thread(), "hello", { signal })) break;
    return `${getEventListeners(signal, "abort").length} listeners`;
  },
  /** A command prints the environment that it was given. */
  async key() {
    const codex = new Codex({ codexPathOverride: engine, apiKey: "sk-for-nobody-else" });
    const seen = await all(await events(thread(full, codex), "print the key"));
    return JSON.stringify(seen.map(({ item }) => item?.aggregated_output));
  },
  /** A policy that asks, of which nothing is heard: the command is refused without a question. */
  async policy() {
    try {
      await thread({ approvalPolicy: "untrusted" }).run("hello");
    } catch (error) {
      return error.message;
    }
  },
  /** A turn is aborted while a command with children runs. */
  async leftovers() {
    const controller = new AbortController();
    const running = thread(full).run("leave 7351", { signal: controller.signal });
    await until("the command", () => processes("sleep 7351").length >= 2);
    controller.abort();
    await running.catch(() => {});
    await pause(3000);
    const left = processes("sleep 7351");
    for (const pid of left) process.kill(pid, "SIGKILL");
    return left.length ? "processes are left" : "nothing is left";
  },
  /** The program is killed in the middle of a turn. */
  async host_killed() {
    const program = spawn(process.execPath, [process.argv[1], "endless"], { stdio: "pipe" });
    await once(program.stdout, "data");
    const [pid] = children(program.pid);
    program.kill("SIGKILL");
    await pause(1500);
    const goes =
      existsSync(`/proc/${pid}`) && !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z");
    if (goes) process.kill(pid, "SIGKILL");
    return goes ? "the engine goes on" : "the engine has ended";
  },
  /** What host_killed kills. */
  async endless() {
    for await (const event of await events(thread(), "slow"))
      if (event.type === "turn.started") console.log("running");
  },
  /** The usage of two turns alike. */
  async usage() {
    const one = thread();
    const first = (await one.run("hello")).usage;
    const second = (await one.run("hello")).usage;
    const doubled = second.output_tokens >= 2 * first.output_tokens;
    return doubled ? "usage is of the thread" : "usage is of the turn";
  },
  /** The engines of two turns. */
  async process_a_turn() {
    const [one, pids] = [thread(), new Set()];
    for (let turns = 0; turns < 2; turns++)
      for await (const _ of await events(one, "hello"))
        for (const pid of children(process.pid)) pids.add(pid);
    return `${pids.size} engines`;
  },
  /** What is heard of an answer while it is spoken. */
  async deltas() {
    const seen = await all(await events(thread(), "in pieces"));
    const texts = seen.filter(({ item }) => item?.type === "agent_message");
    return `${texts.length} events of the answer`;
  },
  /** How often an MCP server is started in two turns. */
  async mcp() {
    const starts = join(cwd, "starts");
    const args = ["-c", `echo start >> '${starts}'; exec sleep 2`];
    const config = { mcp_servers: { fake: { command: "/bin/sh", args, startup_timeout_sec: 1 } } };
    const one = thread({}, new Codex({ codexPathOverride: engine, config }));
    for (let turns = 0; turns < 2; turns++) await one.run("hello");
    return `${readFileSync(starts, "utf8").trim().split("\n").length} starts`;
  },
  /** The package in CommonJS. */
  async require() {
    try {
      createRequire(import.meta.url)("@openai/codex-sdk");
    } catch (error) {
      return error.code;
    }
  },
  /** An engine that says much on its standard error before it fails. No healthy one does. */
  async stderr() {
    const noisy = join(cwd, "noisy.sh");
    writeFileSync(noisy, "#!/bin/sh\nhead -c 50000000 /dev/zero >&2\nexit 1\n");
    chmodSync(noisy, 0o755);
    try {
      await thread({}, new Codex({ codexPathOverride: noisy })).run("hello");
    } catch (error) {
      return error.message.length > 50_000_000 ? "all of it is kept" : "some of it is kept";
    }
  },
};

const saw = await demonstrations[process.argv[2]]();
console.log(JSON.stringify({ saw: saw ?? "nothing" }));
process.exit(0);
