// Worker threads: each has its own copy of the package and of the native module's state.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually, folder, gone, run } from "./program";

function program(code: string) {
  const file = join(folder("program"), "program.mjs");
  writeFileSync(
    file,
    `import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
    import { Codex } from "codexkit";
    import { ScriptedModel } from "codexkit/testing";
    const slow = [{ items: [{ repeat_delta: { count: 1200, text: "w", delay_ms: 25 } }] }];
    const ends = (worker) => new Promise((resume) => worker.once("exit", resume));
    const says = (worker) => new Promise((resume) => worker.once("message", resume));
    ${code}`,
  );
  return run(file, join(file, ".."));
}

test("several workers and the main thread run turns at the same time", () => {
  const done = program(`
    async function turn(number) {
      const model = await ScriptedModel.start({ replies: ["turn " + number, "again " + number] });
      const codex = new Codex(model.options(process.env.HOME + "/" + number));
      const thread = codex.startThread();
      let text = "";
      for await (const event of await thread.turn("go")) text += event.delta ?? "";
      text += ", " + (await thread.run("go")).finalResponse;
      await codex.close();
      await model.close();
      return text;
    }
    if (isMainThread) {
      const workers = [1, 2, 3, 4].map((workerData) => new Worker(new URL(import.meta.url), { workerData }));
      const exits = workers.map(ends);
      console.log((await Promise.all([turn(0), ...workers.map(says)])).join("; "));
      console.log((await Promise.all(exits)).join());
    } else {
      parentPort.postMessage(await turn(workerData));
    }
  `);
  expect(done.err).toBe("");
  expect(done.out).toEqual([
    [0, 1, 2, 3, 4].map((number) => `turn ${number}, again ${number}`).join("; "),
    "0,0,0,0",
  ]);
});

test("a worker that is terminated in a turn takes its engine with it and leaves the others alone", async () => {
  const done = program(`
    if (isMainThread) {
      const model = await ScriptedModel.start({ replies: ["still here"] });
      const codex = new Codex(model.options(process.env.HOME + "/main"));
      await codex.start();
      for (const how of ["terminate", "exit", "throw"]) {
        const worker = new Worker(new URL(import.meta.url), { workerData: how });
        worker.on("error", (error) => console.log(error.message));
        const exit = ends(worker);
        const pid = await says(worker);
        if (how === "terminate") await worker.terminate(); else worker.postMessage("go");
        await exit;
        console.log(pid);
      }
      console.log((await codex.startThread().run("go")).finalResponse);
      await codex.close();
      await model.close();
    } else {
      const model = await ScriptedModel.start({ replies: slow });
      const codex = new Codex(model.options(process.env.HOME + "/" + workerData));
      const turn = await codex.startThread().turn("go");
      let said = false;
      parentPort.once("message", () => {
        if (workerData === "exit") process.exit(0);
        throw new Error("thrown");
      });
      for await (const event of turn) {
        if (event.delta !== undefined && !said) {
          said = true;
          parentPort.postMessage(codex.pid);
        }
      }
    }
  `);
  expect(done.err).toBe("");
  expect(done.code).toBe(0);
  const [terminated, exited, error, threw, last] = done.out;
  expect(error).toBe("thrown");
  expect(last).toBe("still here");
  for (const pid of [terminated, exited, threw]) {
    await eventually(() => gone(Number(pid)), `engine ${pid} to end`);
  }
});

test("workers that come and go leave nothing behind", () => {
  const done = program(`
    if (isMainThread) {
      for (let round = 0; round < 12; round++) {
        const worker = new Worker(new URL(import.meta.url), { workerData: round });
        const exit = ends(worker);
        await exit;
      }
      console.log(process.getActiveResourcesInfo().filter((name) => name.includes("Worker")).length);
    } else {
      // The native module is loaded, and its engine is not awaited.
      const model = await ScriptedModel.start({ replies: [] });
      if (workerData % 4 === 0) new Codex(model.options(process.env.HOME + "/x")).start().catch(() => {});
    }
  `);
  expect(done.err).toBe("");
  expect(done.out).toEqual(["0"]);
});
