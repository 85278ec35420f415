// Parity runner for the Node package: the same steps as sync_steps.py.
//
// It reads one job a line from stdin and writes one transcript a line to stdout. Threads of the Node
// package are lazy, as those of the official TypeScript SDK: a started one is opened here by reading
// it, a resumed one with its first turn.

import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { Codex } from "../../node/dist/index.mjs";
import { errorRecord, raiseFailed, result, view } from "./node_views.mjs";
import { OwnSteps } from "./own.mjs";

const SANDBOX_POLICIES = {
  "full-access": "dangerFullAccess",
  "workspace-write": "workspaceWrite",
  "read-only": "readOnly",
};

/** Answers the engine's requests as the scenario says, and remembers what was asked. */
class Answers {
  asked = [];

  constructor({ approvals = {}, answer_delay_ms = 0 }) {
    this.answers = approvals;
    this.delay = answer_delay_ms;
  }

  async next(method, params) {
    const before = this.asked.filter((call) => call.method === method).length;
    this.asked.push({ method, params });
    await setTimeout(this.delay);
    const answer = this.answers[method];
    if (answer === undefined) throw new Error(`the scenario has no answer for ${method}`);
    return Array.isArray(answer) ? answer[Math.min(before, answer.length - 1)] : answer;
  }
}

/** One scenario on one client. */
class Run extends OwnSteps {
  threads = new Map();
  turns = new Map();
  saved = new Map();

  constructor(job) {
    super(job.scenario);
    this.job = job;
    this.answers = new Answers(job.scenario);
  }

  async all() {
    const { scenario } = this.job;
    this.open();
    try {
      return await this.steps(scenario.steps);
    } finally {
      await this.codex.close();
    }
  }

  open() {
    this.codex = new Codex({
      ...(this.job.remote ? { remote: this.job.remote } : this.starting()),
      clientName: this.job.client_name,
      clientTitle: this.job.client_title,
      clientVersion: this.job.client_version,
      ...(this.job.scenario.no_handler
        ? {}
        : { approvalHandler: (method, params) => this.answers.next(method, params) }),
    });
    this.notifications = this.codex.notifications();
  }

  starting() {
    return {
      codexPathOverride: this.job.codex_bin,
      config: this.job.config,
      cwd: this.job.cwd,
      env: { ...process.env, ...this.job.env },
    };
  }

  async steps(steps) {
    const records = [];
    for (const step of steps) {
      const record = { do: step.do };
      try {
        Object.assign(record, await this[step.do](this.fill(step)));
      } catch (error) {
        const known = errorRecord(error);
        if (known === undefined) throw error;
        record.error = known;
      }
      records.push(record);
    }
    records.push({ do: "server_requests", asked: this.answers.asked });
    if (this.told.length > 0) records.push({ do: "told", told: this.told });
    return records;
  }

  async thread_start(step) {
    const options = step.wire === undefined ? threadOptions(step.options) : { params: step.wire };
    const thread = this.codex.startThread({ ...options, ...this.own(step) });
    await thread.read(false);
    return this.keep(step, thread);
  }

  async thread_resume(step) {
    const options = { ...threadOptions(step.options), ...this.own(step) };
    return this.keep(step, this.codex.resumeThread(step.thread, options));
  }

  async thread_fork(step) {
    const options = { ...threadOptions(step.options), ...this.own(step) };
    return this.keep(step, await this.codex.forkThread(step.thread, options));
  }

  async thread_archive(step) {
    return { answer: await this.codex.resumeThread(step.thread).archive() };
  }

  async thread_unarchive(step) {
    const thread = this.codex.resumeThread(step.thread);
    await thread.unarchive();
    return this.keep(step, thread);
  }

  async thread_list(step) {
    return { answer: await this.codex.listThreads(camelKeys(step.options)) };
  }

  async models(step) {
    return { answer: await this.codex.request("model/list", camelKeys(step.options)) };
  }

  async account() {
    return { answer: await this.codex.request("account/read", { refreshToken: false }) };
  }

  async read(step) {
    return { answer: await this.threads.get(step.thread).read(step.include_turns ?? false) };
  }

  async set_name(step) {
    return { answer: await this.threads.get(step.thread).setName(step.name) };
  }

  async compact(step) {
    return { answer: await this.threads.get(step.thread).compact() };
  }

  async request(step) {
    const answer = await this.codex.request(step.method, step.params ?? {});
    for (const [name, path] of Object.entries(step.save ?? {})) {
      this.saved.set(name, pointer(answer, path));
    }
    return step.quiet ? {} : { answer };
  }

  async turn(step) {
    const turn = await this.startTurn(step);
    this.turns.set(step.as, turn);
    return { turn: turn.id, thread: turn.threadId };
  }

  // Thread.run gives the official TypeScript SDK's simple model; the result in the protocol's own items,
  // which the official Python SDK's run gives, is the turn's.
  async run(step) {
    if (step.output !== undefined) return this.runTyped(step);
    const turn = await this.startTurn(step);
    return { result: raiseFailed(await turn.result()) };
  }

  async turn_run(step) {
    return { result: raiseFailed(await this.turns.get(step.turn).result()) };
  }

  async stream(step) {
    const turn = this.turns.get(step.turn);
    const waiting = (step.actions ?? []).map((action) => ({ action, left: action.after.n ?? 1 }));
    const events = [];
    const actions = [];
    let broken = false;
    for await (const raw of turn.stream()) {
      const event = view(raw);
      events.push(event);
      for (const entry of waiting) {
        if (!matches(event, entry.action.after)) continue;
        entry.left -= 1;
        if (entry.left !== 0) continue;
        if (entry.action.do === "break") broken = true;
        else actions.push({ do: entry.action.do, ...(await this.act(turn, entry.action)) });
      }
      if (broken) break;
    }
    return {
      events,
      ...(actions.length > 0 ? { actions } : {}),
      ...(broken ? {} : { result: result(await turn.result()) }),
    };
  }

  async steer(step) {
    return this.act(this.turns.get(step.turn), step);
  }

  async interrupt(step) {
    return this.act(this.turns.get(step.turn), step);
  }

  /** Read the client's own notifications up to the n-th wanted one; keep the listed kinds. */
  async wait(step) {
    const keep = step.keep ?? ["thread/"];
    const notifications = [];
    let left = step.n ?? 1;
    while (left > 0) {
      const next = await this.notifications.next();
      if (next.done) throw new Error("the notifications ended");
      const event = view(next.value);
      if (keep.some((prefix) => event.method.startsWith(prefix))) notifications.push(event);
      if (matches(event, step.until)) left -= 1;
    }
    return { notifications };
  }

  async act(turn, action) {
    if (action.do === "interrupt") {
      await turn.interrupt();
      return { answer: {} };
    }
    if (action.do === "steer") return { answer: await turn.steer(input(action.input)) };
    return this[action.do](this.fill(action));
  }

  async startTurn(step) {
    const options = step.wire === undefined ? turnOptions(step.options) : { params: step.wire };
    const given = await this.parts(input(step.input));
    return this.threads.get(step.thread).turn(given, { ...options, ...this.own(step) });
  }

  keep(step, thread) {
    this.threads.set(step.as, thread);
    return { thread: thread.id };
  }

  /** Replace `${thread.a}`, `${turn.t}` and `${saved.x}`; a lone one keeps the value's type. */
  fill(value) {
    if (Array.isArray(value)) return value.map((inner) => this.fill(inner));
    if (value !== null && typeof value === "object") {
      const entries = Object.entries(value);
      return Object.fromEntries(entries.map(([key, inner]) => [this.fill(key), this.fill(inner)]));
    }
    if (typeof value !== "string") return value;
    const whole = /^\$\{(thread|turn|saved)\.(\w+)\}$/.exec(value);
    if (whole) return this.lookup(whole[1], whole[2]);
    return value.replace(/\$\{(thread|turn|saved)\.(\w+)\}/g, (_, kind, name) =>
      this.lookup(kind, name),
    );
  }

  lookup(kind, name) {
    if (kind === "saved") return this.saved.get(name);
    return (kind === "thread" ? this.threads : this.turns).get(name).id;
  }
}

function camel(name) {
  return name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
}

function camelKeys(options = {}) {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [camel(name), value]));
}

/** A scenario's options, named as the official Python SDK names them, as this package names them. */
function threadOptions(options = {}) {
  const out = { params: {} };
  for (const [name, value] of Object.entries(options)) {
    if (name === "approval_mode") approval(out, value);
    else if (name === "sandbox") {
      out.sandboxMode = value === "full-access" ? "danger-full-access" : value;
    } else if (name === "cwd") out.workingDirectory = value;
    else if (name === "include_turns") out.params.excludeTurns = !value;
    else if (name === "service_name") out.params.serviceName = value;
    else out[camel(name)] = value;
  }
  return out;
}

function turnOptions(options = {}) {
  const out = { params: {} };
  for (const [name, value] of Object.entries(options)) {
    if (name === "approval_mode") approval(out, value);
    else if (name === "sandbox") out.sandboxPolicy = { type: SANDBOX_POLICIES[value] };
    else if (name === "cwd") out.workingDirectory = value;
    else if (name === "effort") out.modelReasoningEffort = value;
    else out[camel(name)] = value;
  }
  return out;
}

function approval(out, mode) {
  out.approvalPolicy = mode === "auto_review" ? "on-request" : "never";
  if (mode === "auto_review") out.params.approvalsReviewer = "auto_review";
}

/** A scenario's input as the package takes it. */
function input(value) {
  if (typeof value === "string" || Array.isArray(value)) return value;
  if (value.type !== "external") return [value];
  const { tool_name: toolName, namespace, content } = value;
  return { type: "external_message", toolName, namespace, content };
}

function matches(event, wanted) {
  const is = (want, got) => want === undefined || want === got;
  return (
    event.method === wanted.method &&
    is(wanted.item, event.params?.item?.type) &&
    is(wanted.status, event.params?.status?.type)
  );
}

function pointer(value, path) {
  return path
    .split("/")
    .slice(1)
    .reduce((inner, part) => inner[part], value);
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = { steps: await new Run(JSON.parse(line)).all() };
  } catch (error) {
    answer = { crash: String(error?.stack ?? error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
