// The package as its users' processes see it: ES modules and CommonJS, and what keeps Node alive.
import { spawn, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { version } from "codexkit";
import { expect, test } from "vitest";
import { alive, eventually, folder, root } from "./helper";

/** Runs a program that may import codexkit; gives its standard output, and how it ended. */
function run(code: string, name = "program.mjs", seconds = 30) {
  const file = join(folder("program"), name);
  writeFileSync(file, code);
  const started = Date.now();
  const done = spawnSync(process.execPath, [file], {
    cwd: root,
    encoding: "utf8",
    timeout: seconds * 1000,
    env: { ...process.env, HOME: folder("home") },
  });
  return {
    out: done.stdout.trim().split("\n"),
    err: done.stderr,
    code: done.status,
    ms: Date.now() - started,
  };
}

/** The beginning of a program with a client on a scripted model. */
const begin = (replies: unknown) => `
import { Codex } from "codexkit";
import { ScriptedModel } from "codexkit/testing";
const model = await ScriptedModel.start({ replies: ${JSON.stringify(replies)} });
const codex = new Codex(model.options(process.env.HOME));
const thread = codex.startThread({ sandboxMode: "danger-full-access" });
`;
const sleeping = [{ items: [{ call: { name: "exec_command", arguments: { cmd: "sleep 64" } } }] }];

test("ES modules and CommonJS get the same classes", () => {
  const done = run(`
    import { createRequire } from "node:module";
    import * as esm from "codexkit";
    import * as testing from "codexkit/testing";
    const require = createRequire(import.meta.url);
    const cjs = require("codexkit");
    const names = Object.keys(cjs).sort();
    console.log(names.join(" "));
    console.log(names.every((name) => esm[name] === cjs[name]));
    console.log(testing.ScriptedModel === require("codexkit/testing").ScriptedModel);
    console.log(new esm.ClosedError({ kind: "closed", message: "" }) instanceof cjs.CodexError);
  `);
  expect(done.err).toBe("");
  expect(done.out.slice(1)).toEqual(["true", "true", "true"]);
  const names = done.out[0]?.split(" ");
  expect(names).toEqual(expect.arrayContaining(["Codex", "Thread", "Turn", "CodexError"]));
  const required = run(
    'const { Codex } = require("codexkit"); console.log(typeof new Codex().startThread().run);',
    "program.cjs",
  );
  expect(required.out).toEqual(["function"]);
});

test("a process that awaits nothing more ends by itself, and its engine with it", async () => {
  const done = run(`${begin(["answer", "answer"])}
    console.log((await thread.run("go")).finalResponse);
    for await (const event of await thread.turn("go")) void event;
    (async () => { for await (const event of codex.notifications()) void event; })();
    console.log(codex.pid);
  `);
  expect(done.out[0]).toBe("answer");
  expect(done.code).toBe(0);
  const pid = Number(done.out[1]);
  expect(pid).toBeGreaterThan(1);
  await eventually(() => !alive(pid), "the engine to end");
});

test("a turn that nobody awaits does not keep the process", async () => {
  const done = run(`${begin(sleeping)}
    const turn = await thread.turn("go", { signal: new AbortController().signal });
    console.log(codex.pid);
  `);
  expect(done.code).toBe(0);
  expect(done.ms).toBeLessThan(20_000);
  await eventually(() => !alive(Number(done.out[0])), "the engine to end");
});

test("a process stays while a stream, a result or a run is awaited", () => {
  const slow = { items: [{ message: "a b", deltas: ["a ", "b"], delay_ms: 400 }] };
  const done = run(`${begin([slow, slow, slow])}
    let deltas = 0;
    for await (const event of await thread.turn("go")) if (event.delta !== undefined) deltas++;
    console.log(deltas, (await (await thread.turn("go")).result()).finalResponse);
    for await (const event of (await thread.runStreamed("go")).events) console.log(event.type);
  `);
  expect(done.out[0]).toBe("2 a b");
  expect(done.out.at(-1)).toBe("turn.completed");
  expect(done.code).toBe(0);
});

test("process.exit in the middle of a turn leaves no engine and no command", async () => {
  const done = run(`${begin(sleeping)}
    const turn = await thread.turn("go");
    for await (const event of turn) {
      if (event.method === "item/started" && event.params.item.type === "commandExecution") break;
    }
    console.log(codex.pid);
    process.exit(3);
  `);
  expect(done.code).toBe(3);
  await eventually(() => !alive(Number(done.out[0])), "the engine to end");
});

test("a process that is killed takes its engine with it", async () => {
  const file = join(folder("program"), "program.mjs");
  writeFileSync(
    file,
    `${begin(sleeping)}
    const turn = await thread.turn("go");
    console.log(codex.pid);
    await turn.result();
  `,
  );
  const child = spawn(process.execPath, [file], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, HOME: folder("home") },
  });
  const pid = await new Promise<number>((resume) =>
    child.stdout.once("data", (data) => resume(Number(String(data)))),
  );
  expect(alive(pid)).toBe(true);
  child.kill("SIGKILL");
  await eventually(() => !alive(pid), "the engine to end");
});

test("a client works in a worker thread, and ends with it", async () => {
  const done = run(`
    import { Worker, isMainThread, parentPort } from "node:worker_threads";
    if (isMainThread) {
      const worker = new Worker(new URL(import.meta.url));
      worker.on("message", (message) => console.log(message));
      worker.on("exit", (code) => console.log("exit", code));
    } else {
      const { Codex } = await import("codexkit");
      const { ScriptedModel } = await import("codexkit/testing");
      const model = await ScriptedModel.start({ replies: ["from a worker"] });
      const codex = new Codex(model.options(process.env.HOME));
      const turn = await codex.startThread().turn("go");
      let deltas = "";
      for await (const event of turn) deltas += event.delta ?? "";
      parentPort.postMessage(deltas);
      parentPort.postMessage(String(codex.pid));
    }
  `);
  expect(done.err).toBe("");
  expect(done.out[0]).toBe("from a worker");
  expect(done.out[2]).toBe("exit 0");
  await eventually(() => !alive(Number(done.out[1])), "the engine to end");
});

test("a client that was forgotten ends its engine", () => {
  const done = run(`
    import { setFlagsFromString } from "node:v8";
    import { runInNewContext } from "node:vm";
    import { Codex } from "codexkit";
    import { ScriptedModel } from "codexkit/testing";
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc");
    const model = await ScriptedModel.start({ replies: ["x"] });
    async function use() {
      const codex = new Codex({ ...model.options(process.env.HOME), approvalHandler: () => null });
      await codex.startThread().run("go");
      return codex.pid;
    }
    const pid = await use();
    for (let tries = 0; tries < 200; tries++) {
      collect();
      await new Promise((resume) => setTimeout(resume, 25));
      try { process.kill(pid, 0); } catch { console.log("gone"); break; }
    }
  `);
  expect(done.out).toEqual(["gone"]);
});

test("await using closes the client", async () => {
  const done = run(
    `${begin(["x"])}
    await thread.run("go");
    const pid = codex.pid;
    await codex[Symbol.asyncDispose]();
    await model[Symbol.asyncDispose]();
    try { process.kill(pid, 0); console.log("alive"); } catch { console.log("gone"); }
  `,
  );
  expect(done.out).toEqual(["gone"]);
});

test("the package says its version", () => {
  const { version: packed } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect(version).toBe(packed);
});

test("importing the package loads nothing native and is quick", () => {
  const done = run(`
    const begin = performance.now();
    await import("codexkit");
    console.log(performance.now() - begin);
    console.log(process.report.getReport().sharedObjects.filter((name) => name.includes("codexkit")).length);
  `);
  expect(done.out[1]).toBe("0");
});
