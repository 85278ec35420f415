// How long handlers of approvals live: with their client, thread or turn, in their worker, and no longer.
import { expect, test } from "vitest";
import { runProgram } from "./helper";

const run = (code: string) => runProgram(code, ["--expose-gc"]);

const begin = `
  import { once } from "node:events";
  import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
  import { Codex } from "codexkit";
  import { ScriptedModel } from "codexkit/testing";
  const escalated = (cmd) => ({ items: [{ call: { name: "exec_command", arguments: {
    cmd, sandbox_permissions: "require_escalated", justification: "need it" } } }] });
  const asking = (more) => ({
    workingDirectory: process.env.HOME, sandboxMode: "read-only", approvalPolicy: "on-request", ...more });
  const start = async (name, count, options = {}) => {
    const replies = Array.from({ length: count }, (_, n) => [escalated("touch " + name + n), "Done."]).flat();
    const model = await ScriptedModel.start({ replies });
    return { model, codex: new Codex({ ...model.options(process.env.HOME + "/" + name), ...options }) };
  };
  const collect = async () => {
    for (let times = 0; times < 10; times++) {
      gc();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
`;

test("handlers of a worker stay in the worker", () => {
  const done = run(`${begin}
    const work = async (name) => {
      const asked = [];
      const { codex, model } = await start(name, 2, { onApproval: ({ script }) => { asked.push(script); } });
      const thread = codex.startThread(asking({ onApproval: ({ script }) => { asked.push("+" + script); return "accept"; } }));
      await thread.run("go");
      await thread.run("go", { onApproval: ({ script }) => { asked.push("*" + script); return "decline"; } });
      await codex.close();
      await model.close();
      return asked.join(",");
    };
    if (isMainThread) {
      const workers = ["a", "b"].map((name) => new Worker(new URL(import.meta.url), { workerData: name }));
      const answers = workers.map((worker) => once(worker, "message"));
      console.log(await work("main"));
      for (const answer of answers) console.log((await answer)[0]);
    } else parentPort.postMessage(await work(workerData));
  `);
  expect(done.err).toBe("");
  expect(done.out).toEqual(["main", "a", "b"].map((name) => `+touch ${name}0,*touch ${name}1`));
});

test("a worker that ends while its handler is asked leaves nothing behind", () => {
  const done = run(`${begin}
    if (isMainThread) {
      const worker = new Worker(new URL(import.meta.url), { workerData: "w" });
      console.log((await once(worker, "message"))[0]);
      await worker.terminate();
      const { codex, model } = await start("main", 1, { onApproval: () => "accept" });
      console.log((await codex.startThread(asking()).run("go")).items[0].status);
      await codex.close();
      await model.close();
    } else {
      const onApproval = ({ script }) => { parentPort.postMessage(script); return new Promise(() => {}); };
      const { codex } = await start("w", 1);
      await codex.startThread(asking()).run("go", { onApproval });
    }
  `);
  expect(done.err).toBe("");
  expect(done.out).toEqual(["touch w0", "completed"]);
  expect(done.code).toBe(0);
});

test("a thread that nobody holds is asked for the turn that runs", () => {
  const done = run(`${begin}
    const { codex, model } = await start("main", 1);
    let asked;
    const go = () => {
      const onApproval = ({ script }) => { asked = script; return "accept"; };
      return codex.startThread(asking({ onApproval })).turn("go");
    };
    const turn = await go();
    await collect();
    const { status } = await turn.result();
    console.log(asked, status);
    await codex.close();
    await model.close();
  `);
  expect(done.err).toBe("");
  expect(done.out).toEqual(["touch main0 completed"]);
});

test("handlers that know their thread or client are collected with it", () => {
  const done = run(`${begin}
    const made = [];
    const use = async (name) => {
      const holder = {};
      const { codex, model } = await start(name, 2, { onApproval: () => { holder.codex; } });
      holder.codex = codex;
      const thread = codex.startThread(asking({ onApproval: () => { holder.thread; } }));
      holder.thread = thread;
      await thread.run("go", { onApproval: () => holder.thread && "accept" });
      await thread.run("go");
      made.push(new WeakRef(holder));
      await model.close();
      return codex;
    };
    // One that was closed, and one that was not.
    await (await use("a")).close();
    await use("b");
    const gone = () => made.every((one) => one.deref() === undefined);
    for (let times = 0; times < 200 && !gone(); times++) await collect();
    console.log(gone());
  `);
  expect(done.err).toBe("");
  expect(done.out).toEqual(["true"]);
});

test("a handler that never answers does not keep the process alive", () => {
  const done = run(`${begin}
    const { codex } = await start("main", 1);
    const alive = setInterval(() => {}, 1000);
    await new Promise((resolve) => {
      const onApproval = () => { clearInterval(alive); resolve(); return new Promise(() => {}); };
      codex.startThread(asking({ onApproval })).turn("go");
    });
    console.log("asked");
  `);
  expect(done.err).toBe("");
  expect([done.out, done.code]).toEqual([["asked"], 0]);
});
