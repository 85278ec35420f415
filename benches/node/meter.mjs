/**
 * What all Node consumers share: their settings, their clock, and the line they print at the end.
 *
 * A consumer gets its settings as JSON in its one argument and prints one JSON object. Time and CPU
 * are taken at the first and at the last event, so that start-up is in neither.
 */

import { existsSync, readFileSync } from "node:fs";

/** The events whose text every consumer reads; of the others it reads the method alone. */
export const DELTAS = new Set([
  "item/agentMessage/delta",
  "item/commandExecution/outputDelta",
  "item/reasoning/summaryTextDelta",
]);

/** The settings that the benchmark gave. */
export const settings = () => JSON.parse(process.argv[2]);

/** Now, and the CPU time that this process (all of its threads) has used, in seconds. */
export function stamp() {
  const { user, system } = process.cpuUsage();
  return { wall: performance.now() / 1000, cpu: (user + system) / 1e6 };
}

/** Reads every event's method, and the text of deltas. */
export async function read(events) {
  let first;
  let count = 0;
  let chars = 0;
  for await (const event of events) {
    first ??= stamp();
    count += 1;
    if (DELTAS.has(event.method)) chars += event.params.delta.length;
  }
  return { events: count, chars, first, last: stamp() };
}

/** Takes the time at which each delta arrives; `sentAt` gives the time at which it was sent, where there is one. */
export async function readLate(events, sentAt) {
  const first = stamp();
  const late = [];
  for await (const event of events) {
    const sent = sentAt(event);
    if (sent !== undefined) late.push(Number(process.hrtime.bigint() - BigInt(sent)));
  }
  return { events: late.length, chars: 0, first, last: stamp(), late };
}

/** How long events took from the engine's write to the readers, in seconds. */
function latency(readings) {
  const late = readings.flatMap((reading) => reading.late ?? []).sort((a, b) => a - b);
  if (late.length === 0) return {};
  const at = (part) => late[Math.min(Math.floor(late.length * part), late.length - 1)] / 1e9;
  return { late_p50: at(0.5), late_p99: at(0.99), late_max: at(1), late_samples: late.length };
}

/** Notes by how much a timer of one millisecond is late, until it is told to stop. */
export function watchLag() {
  const lags = [];
  let running = true;
  const tick = (start) => {
    lags.push(performance.now() - start - 1);
    if (running) again();
  };
  const again = () => setTimeout(tick, 1, performance.now());
  again();
  return () => {
    running = false;
    lags.sort((a, b) => a - b);
    const at = (part) => lags[Math.floor(lags.length * part)] / 1000;
    return {
      lag_p50: at(0.5),
      lag_p99: at(0.99),
      lag_max: at(0.9999999),
      lag_samples: lags.length,
    };
  };
}

/** Prints what the readers have seen together. */
export function report(readings, more = {}) {
  const firsts = readings.map((reading) => reading.first).sort((a, b) => a.wall - b.wall);
  const lasts = readings.map((reading) => reading.last).sort((a, b) => b.wall - a.wall);
  const sum = (field) => readings.reduce((total, reading) => total + reading[field], 0);
  const out = {
    events: sum("events"),
    least: Math.min(...readings.map((reading) => reading.events)),
    chars: sum("chars"),
    wall: lasts[0].wall - firsts[0].wall,
    cpu: lasts[0].cpu - firsts[0].cpu,
    peak_mb: peakMb(),
    ...latency(readings),
    ...more,
  };
  process.stdout.write(`${JSON.stringify(out)}\n`);
}

/** Prints the medians of turns, each with its start, its first event and its end. */
export function reportTurns(times, more = {}) {
  const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  const out = {
    first: median(times.map(({ start, first }) => first.wall - start.wall)),
    whole: median(times.map(({ start, end }) => end.wall - start.wall)),
    cpu: median(times.map(({ start, end }) => end.cpu - start.cpu)),
    ...more,
  };
  process.stdout.write(`${JSON.stringify(out)}\n`);
}

/** Nanoseconds since 1970, as near as Node tells them. */
export const nowNs = () => (performance.timeOrigin + performance.now()) * 1e6;

/** Works for so long, as a program does that imports its libraries and builds its prompt. */
export function busy(milliseconds) {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

/** Prints how long the steps of a start took, in seconds; `steps` are the ends, undefined where nobody can see them. */
export function reportStart(steps) {
  const began = Number(process.env.CODEXKIT_BENCH_STARTED);
  const out = { whole: (steps.at(-1) - began) / 1e9 };
  let before = began;
  for (const [at, name] of ["process", "import", "client", "thread", "turn", "event"].entries()) {
    if (steps[at] === undefined) continue;
    out[name] = (steps[at] - before) / 1e9;
    before = steps[at];
  }
  process.stdout.write(`${JSON.stringify(out)}\n`);
}

/**
 * The most memory that this process has had, in megabytes. `resourceUsage` counts what the parent had
 * when it started this process, so it comes second.
 */
export function peakMb() {
  const status = "/proc/self/status";
  const told = existsSync(status) ? /VmHWM:\s+(\d+)/.exec(readFileSync(status, "utf8")) : null;
  return (told ? Number(told[1]) : process.resourceUsage().maxRSS) / 1024;
}

/** A tool that answers each key, after `before` was awaited. */
export function lookUpTool(tool, before) {
  return tool({
    name: "look_up",
    description: "Looks a word up.",
    parameters: {
      type: "object",
      properties: { key: { type: "string" } },
      required: ["key"],
      additionalProperties: false,
    },
    execute: async ({ key }) => {
      await before();
      return `${key}: found`;
    },
  });
}
