// Worker threads: each with a client of its own, side by side, and gone with it.
import { expect, test } from "vitest";
import { alive, eventually, runProgram as run } from "./helper";

const begin = `
  import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
  import { once } from "node:events";
  import { Codex } from "codexkit";
  import { ScriptedModel } from "codexkit/testing";
  const home = (name) => process.env.HOME + "/" + name;
  const start = (name, replies) => ScriptedModel.start({ replies, repeat: "last" })
    .then((model) => ({ model, codex: new Codex(model.options(home(name))) }));
`;

test("several workers and the main thread work at once, each with a client", async () => {
  const done = run(`${begin}
    const work = async (name) => {
      const { codex, model } = await start(name, ["from " + name]);
      const thread = codex.startThread();
      let text = "";
      for await (const piece of thread.streamText("go")) text += piece;
      const { finalResponse } = await thread.run("again");
      const pid = codex.pid;
      await codex.close();
      await model.close();
      return [text, finalResponse, pid].join(",");
    };
    if (isMainThread) {
      const names = ["a", "b", "c"];
      const workers = names.map((name) => new Worker(new URL(import.meta.url), { workerData: name }));
      const answers = workers.map((worker) => once(worker, "message"));
      console.log(await work("main"));
      for (const answer of answers) console.log(String((await answer)[0]));
    } else parentPort.postMessage(await work(workerData));
  `);
  expect(done.err).toBe("");
  expect(done.code).toBe(0);
  const rows = done.out.map((row) => row.split(","));
  expect(rows.map(([text]) => text)).toEqual(["from main", "from a", "from b", "from c"]);
  for (const [text, again] of rows) expect(again).toBe(text);
  expect(new Set(rows.map(([, , pid]) => pid)).size).toBe(4);
});

test("a worker that is terminated in the middle of a turn leaves no engine, and others go on", async () => {
  const done = run(`${begin}
    const hang = { items: [{ message: "one ", done: false }, { hang: true }] };
    if (isMainThread) {
      const { codex } = await start("main", ["fine"]);
      const thread = codex.startThread();
      await thread.run("go");
      const pids = [];
      for (const name of ["a", "b"]) {
        const worker = new Worker(new URL(import.meta.url), { workerData: name });
        pids.push((await once(worker, "message"))[0]);
        await worker.terminate();
      }
      console.log(pids.join(","));
      console.log((await thread.run("go")).finalResponse);
      const gone = (pid) => { try { process.kill(pid, 0); return false; } catch { return true; } };
      while (!pids.every(gone)) await new Promise((resolve) => setTimeout(resolve, 20));
      console.log("gone");
      await codex.close();
      process.exit(0);
    } else {
      const { codex } = await start(workerData, [hang]);
      for await (const piece of codex.startThread().streamText("go")) parentPort.postMessage(codex.pid);
    }
  `);
  expect(done.err).toBe("");
  expect(done.out.slice(1)).toEqual(["fine", "gone"]);
  for (const pid of (done.out[0] ?? "").split(",")) {
    expect(Number(pid)).toBeGreaterThan(1);
    await eventually(() => !alive(Number(pid)), "the engine to end");
  }
});

test("workers come and go", () => {
  const done = run(`${begin}
    if (isMainThread) {
      for (let times = 0; times < 3; times++) {
        const worker = new Worker(new URL(import.meta.url), { workerData: "w" + times });
        const ended = once(worker, "exit");
        console.log((await once(worker, "message"))[0], (await ended)[0]);
      }
    } else {
      const { codex } = await start(workerData, ["fine"]);
      parentPort.postMessage((await codex.startThread().run("go")).finalResponse);
    }
  `);
  expect(done.err).toBe("");
  expect(done.out).toEqual(Array(3).fill("fine 0"));
});
