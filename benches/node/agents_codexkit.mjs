/** Many turns at once on one client: each calls a tool, asks for an approval and answers. */

import { lookUpTool, peakMb, settings, stamp } from "./meter.mjs";

const given = settings();
const { Codex, tool } = await import(given.package);
const seen = { at_once: 0, completed: 0, tools: 0, approvals: 0, events: 0 };
let started = 0;
let open = 0;
let openGate;
const gate = new Promise((resolve) => {
  openGate = resolve;
});

const lookUp = lookUpTool(tool, async () => {
  // No turn ends before all that are to be open at the same time have started.
  await gate;
  seen.tools += 1;
});
const codex = new Codex({
  codexPathOverride: given.engine,
  tools: [lookUp],
  onApproval: async () => {
    seen.approvals += 1;
    return "accept";
  },
});

// So many requests to start a turn at the same time, and no more.
const lanes = Array.from({ length: given.starting }, () => Promise.resolve());
let lane = 0;
function startTurn(thread) {
  lane = (lane + 1) % lanes.length;
  lanes[lane] = lanes[lane].then(() => thread.turn("go"));
  return lanes[lane];
}

async function work(thread) {
  const turn = await startTurn(thread);
  started += 1;
  open += 1;
  seen.at_once = Math.max(seen.at_once, open);
  if (started >= given.at_once) openGate();
  for await (const _ of turn.stream()) seen.events += 1;
  const { finalResponse } = await turn.result();
  open -= 1;
  if (finalResponse !== `done ${thread.id}`) throw new Error(`the turn ended: ${finalResponse}`);
  seen.completed += 1;
}

async function drain() {
  for await (const _ of codex.notifications());
}

const draining = drain();
const opening = stamp();
const threads = [];
for (let turn = 0; turn < given.turns; turn++) {
  const thread = codex.startThread({
    workingDirectory: given.cwd,
    sandboxMode: "read-only",
    approvalPolicy: "on-request",
    approvalsReviewer: "user",
  });
  await thread.open();
  threads.push(thread);
}
const start = stamp();
const waiting = [...threads];
const worker = async () => {
  for (let next = waiting.shift(); next; next = waiting.shift()) await work(next);
};
await Promise.all(Array.from({ length: given.at_once }, worker));
const end = stamp();
const stats = codex.stats();
const out = {
  opening: start.wall - opening.wall,
  wall: end.wall - start.wall,
  cpu: end.cpu - start.cpu,
  ...seen,
  unread: stats.turnEvents - stats.coalescedDeltas - seen.events,
  lost: stats.laggedEvents + stats.droppedNotifications,
  oddities: stats.diagnostics,
  peak_mb: peakMb(),
};
await codex.close();
await draining.catch(() => {});
process.stdout.write(`${JSON.stringify(out)}\n`);
