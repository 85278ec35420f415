// The Node runner of the fault matrix: one process that plays all cases. `cargo xtask faults` starts it; xtask/src/faults/rust
// is the same in Rust. What a step does and tells is written in fixtures/faults/README.md.
import { readdirSync, readFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
import { Codex, CodexError, TurnFailedError, tool } from "codexkit";
import { host } from "./host.mjs";

export const say = (line) =>
  new Promise((resolve) => process.stdout.write(`${JSON.stringify(line)}\n`, resolve));
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const turn = () => new Promise((resolve) => setImmediate(resolve));
const never = () => new Promise(() => {});

/** The client's options from those of the core's JSON form. */
export function options(fields) {
  const made = {};
  for (const [key, value] of Object.entries(fields)) {
    if (key === "env") made.env = { ...process.env, ...value.set };
    else if (key === "codex_bin") made.codexPathOverride = value;
    else if (key === "queue" || key === "restart") made[key] = limits(value);
    else Object.assign(made, limits({ [key]: value }));
  }
  return made;
}

/** Names in camelCase, seconds in milliseconds. */
function limits(fields) {
  const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
  const one = ([name, value]) =>
    name.endsWith("_s") ? [`${camel(name.slice(0, -2))}Ms`, value * 1000] : [camel(name), value];
  return Object.fromEntries(Object.entries(fields).map(one));
}

/** What of an error is the same in every language. */
export function facts(error) {
  if (error instanceof TurnFailedError) {
    return { status: error.result.status, text: error.result.finalResponse || null };
  }
  if (!(error instanceof CodexError)) return { error: String(error) };
  const told = { error: error.kind };
  if (typeof error.code === "number") told.code = error.code;
  if (error.exitCode !== undefined) told.how = `exit ${error.exitCode}`;
  if (error.signal !== undefined) told.how = `signal ${error.signal}`;
  return told;
}

export const toldResult = (result) => ({
  status: result.status,
  text: result.finalResponse || null,
});

/** What a case has while it is played. */
export class Stage {
  threads = new Map();
  turns = new Map();
  codex = undefined;
  made = [];

  constructor(kase) {
    this.case = kase;
  }

  async start() {
    const codex = new Codex({ ...options(this.case.options), ...callbacks(this) });
    // A start cannot be given up here, but a client can be closed while it starts.
    this.made.push(codex);
    await codex.start();
    this.codex = codex;
    return codex;
  }

  /** The client; steps that are played together share one. */
  async client() {
    if (this.codex) return this.codex;
    this.starting ??= this.start().finally(() => {
      this.starting = undefined;
    });
    return this.starting;
  }

  threadOptions() {
    const { cwd, sandbox, approvalPolicy } = this.case.engine.thread ?? {};
    return {
      ...(cwd && { workingDirectory: cwd }),
      ...(sandbox && { sandboxMode: sandbox }),
      ...(approvalPolicy && { approvalPolicy }),
    };
  }

  async open(name) {
    const codex = await this.client();
    const thread = codex.startThread(this.threadOptions());
    await thread.open();
    this.threads.set(name, thread);
    return thread;
  }

  async thread(name) {
    return this.threads.get(name) ?? this.open(name);
  }

  async close() {
    this.codex = undefined;
    this.threads.clear();
    this.turns.clear();
    await Promise.all(this.made.splice(0).map((codex) => codex.close()));
  }
}

/** Callbacks that behave as the case says. */
function callbacks(stage) {
  const { approval, tool: called } = stage.case.handlers ?? {};
  const found = {};
  if (approval) found.onApproval = behaving(stage, approval, "accept");
  if (called) {
    const run = behaving(stage, called, { did: "it" });
    const parameters = { type: "object", properties: { x: { type: "integer" } } };
    const spec = { name: "my_tool", description: "Does something.", parameters, timeoutMs: 500 };
    found.tools = [tool({ ...spec, execute: () => run() })];
  }
  return found;
}

function behaving(stage, word, answer) {
  return async () => {
    if (word === "raise") throw new Error("a handler that fails on purpose");
    if (word === "hang") await never();
    if (word === "slow") await pause(700);
    if (word === "reenter") {
      await stage.codex.listThreads();
      await stage.codex.models();
    }
    return word === "nonsense" ? Symbol("nonsense") : answer;
  };
}

/** Plays one step; an error is an outcome like any other. */
async function step(stage, what, signal) {
  try {
    return await steps[what.do](stage, what, signal);
  } catch (error) {
    return facts(error);
  }
}

const steps = {
  async start(stage) {
    await stage.start();
    return { ok: "start" };
  },
  async thread(stage, { on = "a" }) {
    await stage.open(on);
    return { ok: "thread" };
  },
  async run(stage, { on = "a" }, signal) {
    const thread = await stage.thread(on);
    return toldResult(await thread.run("go", { signal }));
  },
  async turn(stage, { on = "a", turn: name = "t" }, signal) {
    const thread = await stage.thread(on);
    const controller = new AbortController();
    signal?.addEventListener("abort", () => controller.abort(), { once: true });
    const started = await thread.turn("go", { signal: controller.signal });
    stage.turns.set(name, { turn: started, controller });
    return { ok: "turn" };
  },
  async read(stage, { turn: name = "t", events = Number.POSITIVE_INFINITY, until }, signal) {
    const { turn: running, controller } = stage.turns.get(name);
    signal?.addEventListener("abort", () => controller.abort(), { once: true });
    let [count, last, text] = [0, "", ""];
    if (events > 0) {
      for await (const event of running) {
        count += 1;
        last = event.method;
        if (last === "item/agentMessage/delta") text += event.params.delta;
        if (count >= events || last === until) break;
      }
    }
    return { ok: "read", last, text };
  },
  async result(stage, { turn: name = "t" }, signal) {
    const { turn: running, controller } = stage.turns.get(name);
    signal?.addEventListener("abort", () => controller.abort(), { once: true });
    return toldResult(await running.result());
  },
  wait: (...given) => steps.result(...given),
  async leave(stage, { turn: name = "t" }) {
    stage.turns.delete(name);
    return { ok: "leave" };
  },
  async interrupt(stage, { turn: name = "t" }) {
    await stage.turns.get(name).turn.interrupt();
    return { ok: "interrupt" };
  },
  async steer(stage, { turn: name = "t" }) {
    await stage.turns.get(name).turn.steer("go");
    return { ok: "steer" };
  },
  async request(stage, { method = "model/list", params }) {
    const codex = await stage.client();
    await codex.request(method, params);
    return { ok: "request" };
  },
  async big_request(stage, { bytes }) {
    const codex = await stage.client();
    await codex.request("no/such/method", { x: "y".repeat(bytes) });
    return { ok: "big_request" };
  },
  /** Aborts the step: after some rounds of the loop, or some milliseconds. What takes no signal is walked away from. */
  async cancel(stage, { step: part, polls, ms }) {
    const controller = new AbortController();
    const begun = step(stage, part, controller.signal);
    if (polls === undefined) await pause(ms);
    else for (let round = 0; round < polls; round++) await turn();
    controller.abort();
    if (["run", "turn", "read", "result", "wait"].includes(part.do)) await begun;
    return { ok: "cancel" };
  },
  together: (stage, { steps: parts }) => Promise.all(parts.map((part) => step(stage, part))),
  async many(stage, { turns }) {
    const codex = await stage.client();
    const one = async () => {
      try {
        return (await codex.startThread(stage.threadOptions()).run("go")).status;
      } catch (error) {
        const told = facts(error);
        return told.error ?? told.status;
      }
    };
    const seen = {};
    for (const word of await Promise.all(Array.from({ length: turns }, one))) {
      seen[word] = (seen[word] ?? 0) + 1;
    }
    return { turns: seen };
  },
  async auto(stage, { timeout_s: seconds }) {
    const word = stage.case.handlers?.hook ?? "accept";
    const hook = word === "nonsense" ? async () => 42 : behaving(stage, word, undefined);
    const thread = await stage.thread("a");
    try {
      const limits = { maxTurns: 1, ...(seconds && { timeoutMs: seconds * 1000 }) };
      const { stopReason } = await thread.autoRun("go", { ...limits, beforeTurn: hook });
      return { auto: "ended", why: stopReason };
    } catch {
      return { auto: "error" };
    }
  },
  async close(stage) {
    await (await stage.client()).close();
    return { ok: "close" };
  },
  closed: async (stage) => ({ closed: stage.codex?.isClosed ?? true }),
  async kill(stage, { signal = "KILL" }) {
    const { pid } = await stage.client();
    process.kill(pid, `SIG${signal}`);
    // The threads of a process stop one after the other: until then, it still answers.
    while (signal === "STOP" && !isStopped(pid)) await pause(10);
    return { ok: "kill" };
  },
  async sleep(_, { ms }) {
    await pause(ms);
    return { ok: "sleep" };
  },
  async later(stage, { ms, step: part }) {
    await pause(ms);
    return step(stage, part);
  },
  async quiet(stage) {
    const codex = await stage.client();
    for (;;) {
      const { openTurns, pendingRequests } = codex.stats() ?? {};
      if (codex.isClosed || !(openTurns || pendingRequests)) return { ok: "quiet" };
      await pause(20);
    }
  },
  async restarted(stage, { count }) {
    const codex = await stage.client();
    while (codex.stats().restarts < count) await pause(20);
    return { ok: "restarted", count: codex.stats().restarts };
  },
  async stats(stage) {
    const { coalescedDeltas, laggedEvents } = (await stage.client()).stats();
    const some = (count) => (count > 0 ? "some" : "none");
    return { coalesced: some(coalescedDeltas), lagged: some(laggedEvents) };
  },
  async diagnostics(stage) {
    const seen = (await stage.client()).diagnostics();
    return { kinds: [...new Set(seen.map(({ kind }) => kind))].sort() };
  },
  async tail(stage) {
    const tail = (await stage.client()).stderrTail();
    return { bounded: tail.length < 1 << 20, some: tail !== "" };
  },
  async cycles(stage, { count, at_once: atOnce }) {
    const some = async (first) => {
      for (let number = first; number < count; number += atOnce) {
        const one = new Stage(stage.case);
        await one.start();
        await one.close();
      }
    };
    await Promise.all(Array.from({ length: atOnce }, (_, number) => some(number)));
    return { cycles: count };
  },
  /** Many turns at once: a third is read as it comes, a third only at the end, and a third left. */
  async pressure(stage, { turns: count, flood, text: end, mib }) {
    const codex = await stage.client();
    const before = process.memoryUsage().rss;
    const begin = () => codex.startThread().turn("go");
    const turns = await Promise.all(Array.from({ length: count }, begin));
    const [read, stalled] = [0, 1].map((which) => turns.filter((_, n) => n % 3 === which));
    turns.length = 0;
    const seen = await Promise.all(read.map(drained));
    while (codex.stats().openTurns > 0) await pause(20);
    const grown = (process.memoryUsage().rss - before) / (1 << 20);
    const late = await Promise.all(stalled.map(drained));
    const text = Array.from({ length: flood }, (_, number) => `f${number} `).join("") + end;
    const exact = (all) =>
      all.filter((one) => one.text === text && `${one.methods}` === `${seen[0].methods}`).length;
    const stats = codex.stats();
    return {
      read: exact(seen),
      stalled: exact(late),
      coalesced: stats.coalescedDeltas > 0,
      given_up: stats.laggedEvents,
      memory: grown < mib ? "bounded" : grown,
    };
  },
};

/** The text of a turn, and its methods with runs of deltas as one. */
async function drained(running) {
  const methods = [];
  let text = "";
  for await (const event of running) {
    const { method } = event;
    if (method === "item/agentMessage/delta") text += event.params.delta;
    if (methods.at(-1) !== method || !method.endsWith("/delta")) methods.push(method);
  }
  return { text, methods };
}

/** Plays one case within its deadline, and closes its client. */
async function play(kase) {
  const stage = new Stage(kase);
  const told = [];
  const playing = async () => {
    for (const what of kase.steps) told.push(await step(stage, what));
  };
  const hang = await over(playing(), kase.deadline_s ?? 30);
  const unclosed = await over(stage.close(), 30);
  return { case: kase.name, steps: [...told], hang: hang || unclosed };
}

/** Whether the work did not end in this time. */
async function over(work, seconds) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve(true), seconds * 1000);
  });
  const done = await Promise.race([work.then(() => false), late]);
  clearTimeout(timer);
  return done;
}

/** What this process holds. */
/** Whether all threads of a process are stopped. */
function isStopped(pid) {
  return readdirSync(`/proc/${pid}/task`).every((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).startsWith("T");
  });
}

function measure() {
  const tasks = readdirSync("/proc/self/task").map((name) => `/proc/self/task/${name}/children`);
  const children = tasks.flatMap((file) => readFileSync(file, "utf8").split(" ").filter(Boolean));
  const listeners = process.eventNames().map((name) => process.listenerCount(name));
  return {
    descriptors: readdirSync("/proc/self/fd").length,
    resources: process.getActiveResourcesInfo().filter((name) => name !== "Timeout").length,
    listeners: listeners.reduce((sum, count) => sum + count, 0),
    children: children.length,
  };
}

/** What it holds once that is not more than before, or in vain after a while; at first the least within a second. */
async function settled(before) {
  if (!before) {
    const least = measure();
    for (let round = 0; round < 20; round++) {
      await pause(50);
      for (const [key, count] of Object.entries(measure()))
        least[key] = Math.min(least[key], count);
    }
    return least;
  }
  const end = Date.now() + 8000;
  for (;;) {
    const now = measure();
    if (Object.keys(now).every((key) => now[key] <= before[key]) || Date.now() > end) return now;
    await pause(50);
  }
}

async function groups({ warm_up: warmUp, at_once: atOnce, groups: all }) {
  await say({}); // or standard output, which is made when it is first used, would be a leak
  for (const kase of warmUp) await play(kase);
  const before = await settled();
  await say({ before });
  for (const group of all) {
    const queue = group.filter((kase) => !kase.alone);
    const worker = async () => {
      for (let kase = queue.shift(); kase; kase = queue.shift()) await say(await play(kase));
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    for (const kase of group.filter(({ alone }) => alone)) await say(await play(kase));
    await say({ after: group[0].group, inside: await settled(before) });
  }
}

if (isMainThread && process.argv[2]) {
  const jobs = JSON.parse(readFileSync(process.argv[2], "utf8"));
  if (jobs.host) await host(jobs);
  else {
    await groups(jobs);
    process.exitCode = 0;
  }
}
