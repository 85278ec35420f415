// Plays cases with `runStreamed` of the Node package, over either transport. A job a line on stdin, a transcript a
// line on stdout; see xtask/src/parity/exec.
import { createInterface } from "node:readline";
import { Codex, TurnFailedError } from "../../node/dist/index.mjs";

function threadOptions(job, { options, effort }) {
  return {
    model: options.model,
    sandboxMode: options.sandbox === "full-access" ? "danger-full-access" : options.sandbox,
    approvalPolicy: "never",
    ephemeral: options.ephemeral,
    workingDirectory: job.cwd,
    skipGitRepoCheck: true,
    modelReasoningEffort: effort ?? undefined,
  };
}

/** The events of a turn, and how it ended. */
async function play(thread, turn) {
  const events = [];
  let ended = "completed";
  try {
    const options = turn.output_schema === null ? {} : { outputSchema: turn.output_schema };
    const streamed = await thread.runStreamed(turn.input, options);
    for await (const event of streamed.events) events.push(event);
  } catch (error) {
    if (!(error instanceof TurnFailedError)) throw error;
    ended = error.result.status;
  }
  return { do: "turn", ended, events };
}

async function all(job) {
  const { OPENAI_API_KEY: _, CODEX_API_KEY: __, ...env } = { ...process.env, ...job.env };
  const codex = new Codex({
    transport: job.transport,
    codexPathOverride: job.codex_bin,
    config: job.config,
    cwd: job.cwd,
    env,
  });
  const steps = [];
  let thread;
  try {
    for (const turn of job.turns) {
      if (turn.thread === "new") thread = codex.startThread(threadOptions(job, turn));
      else if (turn.thread === "resume") {
        const { ephemeral: _, ...options } = threadOptions(job, turn);
        thread = codex.resumeThread(thread.id, options);
      }
      steps.push(await play(thread, turn));
    }
  } finally {
    await codex.close();
  }
  return steps;
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = { steps: await all(JSON.parse(line)) };
  } catch (error) {
    answer = { crash: String(error?.stack ?? error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
