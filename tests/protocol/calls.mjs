// The calls of calls.py through the Node package's `codex.api`: reads a job from stdin, writes what came of it.

import { readFileSync } from "node:fs";
import { Codex, CodexError, RpcError } from "../../node/dist/index.mjs";

const DEADLINE = 20_000;

/** A value with its `${names}` replaced. */
function filled(value, values) {
  if (Array.isArray(value)) return value.map((item) => filled(item, values));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, filled(item, values)]),
    );
  }
  if (typeof value !== "string") return value;
  return Object.entries(values).reduce(
    (text, [name, found]) => text.replaceAll(`\${${name}}`, found),
    value,
  );
}

/** The part of an answer at a JSON pointer. */
function pick(answer, pointer) {
  return pointer
    .split("/")
    .slice(1)
    .reduce((found, part) => found[part], answer);
}

class Run {
  buffer = [];
  later = [];

  constructor(codex, values) {
    this.codex = codex;
    this.values = values;
    this.events = codex.notifications({ keepAlive: true })[Symbol.asyncIterator]();
  }

  call(method, params) {
    const found = method.split("/").reduce((group, part) => group[part], this.codex.api);
    return found(params, { timeoutMs: DEADLINE });
  }

  async outcome(call) {
    const params = filled(call.params ?? {}, this.values);
    try {
      const answer = this.call(call.method, params);
      if (call.background) {
        this.later.push(answer);
      } else {
        for (const [name, pointer] of Object.entries(call.keep ?? {}))
          this.values[name] = pick(await answer, pointer);
        await answer;
      }
    } catch (error) {
      if (error instanceof RpcError)
        return { outcome: "rpc", code: error.code, message: error.rpcMessage ?? "" };
      if (error instanceof CodexError) return { outcome: error.kind, message: error.message };
      throw error;
    }
    for (const method of call.wait ?? []) await this.wait(method, params.threadId);
    return { outcome: "ok" };
  }

  async wait(method, threadId) {
    const fits = (event) =>
      event.method === method &&
      (threadId === undefined || [null, undefined, threadId].includes(event.threadId));
    while (!this.buffer.some(fits)) {
      const { value, done } = await this.events.next();
      if (done) throw new Error(`in vain waited for ${method}`);
      this.buffer.push(value);
    }
    this.buffer.splice(this.buffer.findIndex(fits), 1);
  }
}

const job = JSON.parse(readFileSync(0, "utf8"));
const codex = new Codex({
  codexPathOverride: job.codex_bin,
  config: job.config,
  cwd: job.cwd,
  env: { ...process.env, ...job.env },
});
await codex.start();
const run = new Run(codex, job.values);
const calls = [];
for (const call of job.calls) calls.push({ method: call.method, ...(await run.outcome(call)) });
await Promise.all(run.later);
await codex.close();
process.stdout.write(JSON.stringify({ calls }));
