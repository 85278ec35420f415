// Cases about the process that runs the client: a signal, its end, a child, a worker thread. See runner.mjs.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { Codex } from "codexkit";
import { options, pause, Stage, say, toldResult } from "./runner.mjs";

/** A client with a turn that has begun to speak. */
async function begin(job, signal) {
  const codex = new Codex(options(job.options));
  await codex.start();
  const turn = await codex.startThread().turn("go", { signal });
  for await (const event of turn) if (event.method === "item/agentMessage/delta") break;
  return { codex, turn };
}

export async function host(job) {
  const minute = () => pause(60_000);
  switch (job.host) {
    case "sigint": {
      // Whoever runs it decides what a signal means; here, as Python has it: the run ends and its turn is interrupted.
      const controller = new AbortController();
      const { codex, turn } = await begin(job, controller.signal);
      process.once("SIGINT", () => controller.abort());
      await say({ ready: codex.pid });
      try {
        await say(toldResult(await turn.result()));
      } catch {
        const { thread } = await codex.request("thread/read", {
          threadId: turn.threadId,
          includeTurns: true,
        });
        let { status } = thread.turns[0];
        for (let tries = 0; tries < 200 && status === "inProgress"; tries++) {
          await pause(20);
          const again = { threadId: turn.threadId, includeTurns: true };
          status = (await codex.request("thread/read", again)).thread.turns[0].status;
        }
        await codex.close();
        await say({ ended: "interrupt", status, usable: true });
      }
      break;
    }
    case "sigkill":
    case "sigterm": {
      const { codex } = await begin(job);
      await say({ ready: codex.pid });
      await minute();
      break;
    }
    case "exit":
    case "exit_code": {
      const { codex } = await begin(job);
      await say({ ready: codex.pid });
      // A turn that is read keeps a process alive; its end is therefore said.
      process.exit(job.host === "exit" ? 0 : 7);
      break;
    }
    case "child": {
      // Node cannot fork itself: a child that outlives it comes nearest.
      const { codex } = await begin(job);
      const child = spawn("sleep", ["60"], { stdio: ["ignore", "inherit", "inherit"] });
      await say({ ready: codex.pid, child: child.pid });
      await minute();
      break;
    }
    case "loop": {
      const worker = new Worker(new URL(import.meta.url), { workerData: job });
      const [pid] = await once(worker, "message");
      await say({ ready: pid });
      await worker.terminate();
      const second = new Stage(job);
      const thread = await second.open("a");
      const told = toldResult(await thread.run("go"));
      await second.close();
      await say(told);
      break;
    }
    default:
      await say({ error: `no host case is called ${job.host}` });
  }
}

if (!isMainThread && workerData?.host) {
  const { codex, turn } = await begin(workerData);
  parentPort.postMessage(codex.pid);
  await turn.result();
}
