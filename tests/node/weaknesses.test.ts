// What breaks the official SDK, and must not break this one: the list of measured weaknesses, one by one.
import { spawn, spawnSync } from "node:child_process";
import { getEventListeners } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ClosedError, Codex, SpawnError, TurnFailedError } from "codexkit";
import { expect, test } from "vitest";
import {
  alive,
  all,
  command,
  eventually,
  faulty,
  folder,
  rejection,
  root,
  scripted,
} from "./helper";

const full = { sandboxMode: "danger-full-access" } as const;

/** The processes whose command line holds `mark`. */
function processes(mark: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
        // Not the mark alone: anybody's process may have such digits in a name.
        return line.includes(`sleep ${mark}`) && alive(pid);
      } catch {
        return false;
      }
    });
}

/** A command with a child and a grandchild that outlive their parents if they are let. */
const tree = (mark: string) => command(`bash -c 'sleep ${mark} & sleep ${mark} & wait'`);

test("aborting at once after a loop was left, or after a failed run, crashes nothing", () => {
  const file = join(folder("program"), "program.mjs");
  writeFileSync(
    file,
    `
    import { Codex } from "codexkit";
    import { ScriptedModel } from "codexkit/testing";
    const model = await ScriptedModel.start({
      rules: [{ when: { prompt_contains: "fail" }, replies: [{ status: 400 }], repeat: "last" }],
      replies: ["fine"], repeat: "last",
    });
    const codex = new Codex(model.options(process.env.HOME));
    const thread = codex.startThread();
    for (let times = 0; times < 3; times++) {
      const left = new AbortController();
      for await (const event of (await thread.runStreamed("go", { signal: left.signal })).events) {
        if (event.type === "turn.started") break;
      }
      left.abort();
      const failed = new AbortController();
      await thread.run("fail", { signal: failed.signal }).catch((error) => console.log(error.name));
      failed.abort();
    }
    console.log((await thread.run("go")).finalResponse);
    await codex.close();
    await model.close();
  `,
  );
  const done = spawnSync(process.execPath, [file], {
    cwd: root,
    encoding: "utf8",
    timeout: 60_000,
    env: { ...process.env, HOME: folder("home") },
  });
  expect(done.stderr).toBe("");
  expect(done.stdout.trim().split("\n")).toEqual([...Array(3).fill("TurnFailedError"), "fine"]);
  expect(done.status).toBe(0);
});

test("a big prompt for an engine that ends early is an error and no crash", async () => {
  const prompt = "x".repeat(5 << 20);
  const { codex } = await scripted([], { configOverrides: ["model_providers=7"] });
  expect(await rejection(codex.startThread().run(prompt))).toBeInstanceOf(SpawnError);
  const dies = faulty({
    faults: [{ on: "thread/start", do: ["stop_reading", { sleep_ms: 50 }, "die"] }],
  });
  expect(await rejection(dies.startThread().run(prompt))).toBeInstanceOf(ClosedError);
  const deaf = faulty({ faults: [{ on: "turn/start", do: ["die"] }] });
  expect(await rejection(deaf.startThread().run(prompt))).toBeInstanceOf(ClosedError);
});

test("line separators of Unicode in an item are letters like any other", async () => {
  const text = "one\u2028two\u2029three\u0085four\ufeff";
  const { codex } = await scripted([text]);
  const { items, finalResponse } = await codex.startThread().run(text);
  expect(finalResponse).toBe(text);
  expect(items.at(-1)).toMatchObject({ type: "agent_message", text });
});

test("a signal that serves many turns gets no listener that stays", async () => {
  const { codex } = await scripted({
    rules: [{ when: { prompt_contains: "fail" }, replies: [{ status: 400 }], repeat: "last" }],
    replies: ["fine"],
    repeat: "last",
  });
  const { signal } = new AbortController();
  const thread = codex.startThread();
  for (let times = 0; times < 13; times++) {
    for await (const event of (await thread.runStreamed("go", { signal })).events) {
      if (event.type === "turn.started") break;
    }
    for await (const _ of thread.streamText("go", { signal })) break;
    await rejection(thread.run("fail", { signal }));
    expect(getEventListeners(signal, "abort").length).toBeLessThan(5);
  }
  await expect.poll(() => getEventListeners(signal, "abort").length).toBe(0);
});

test.runIf(process.platform === "linux")(
  "an aborted turn, a left loop and a closed client leave no process of a command",
  async () => {
    const marks = ["8641", "8642", "8643"];
    const { codex } = await scripted({
      rules: marks.map((mark) => ({
        when: { prompt_contains: mark },
        replies: [tree(mark)],
        repeat: "last",
      })),
    });
    const running = async (mark: string) => {
      await eventually(() => processes(mark).length >= 2, `the tree ${mark}`);
    };
    const controller = new AbortController();
    const aborted = rejection(codex.startThread(full).run("8641", { signal: controller.signal }));
    await running("8641");
    controller.abort();
    await aborted;
    await eventually(() => processes("8641").length === 0, "the aborted turn's processes to end");

    for await (const event of (await codex.startThread(full).runStreamed("8642")).events) {
      if (event.type === "item.started") {
        await running("8642");
        break;
      }
    }
    await eventually(() => processes("8642").length === 0, "the left turn's processes to end");

    const closed = rejection(codex.startThread(full).run("8643"));
    await running("8643");
    await codex.close();
    expect(await closed).toBeInstanceOf(ClosedError);
    await eventually(() => processes("8643").length === 0, "the closed client's processes to end");
  },
);

test.runIf(process.platform === "linux")(
  "a program that is ended by a signal takes its engine and its commands with it",
  async () => {
    const signals = ["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"] as const;
    const end = async (signal: NodeJS.Signals, mark: string) => {
      const file = join(folder("program"), "program.mjs");
      writeFileSync(
        file,
        `
        import { Codex } from "codexkit";
        import { ScriptedModel } from "codexkit/testing";
        const model = await ScriptedModel.start({ replies: [${JSON.stringify(tree(mark))}] });
        const codex = new Codex(model.options(process.env.HOME));
        await codex.start();
        console.log(codex.pid);
        await codex.startThread({ sandboxMode: "danger-full-access" }).run("go");
      `,
      );
      const env = { ...process.env, HOME: folder("home") };
      const child = spawn(process.execPath, [file], {
        cwd: root,
        env,
        stdio: ["ignore", "pipe", "inherit"],
      });
      const engine = await new Promise<number>((resolve) =>
        child.stdout.once("data", (data) => resolve(Number(String(data)))),
      );
      await eventually(() => processes(mark).length >= 2, `the tree ${mark}`);
      child.kill(signal);
      await eventually(() => !alive(engine), `${signal}: the engine to end`);
      await eventually(() => processes(mark).length === 0, `${signal}: the commands to end`);
    };
    await Promise.all(signals.map((signal, index) => end(signal, `865${index}`)));
  },
);

test("one engine and one start of an MCP server serve all turns", async () => {
  const starts = join(folder("starts"), "starts");
  const server = join(__dirname, "mcpServer.mjs");
  const script = `echo start >> '${starts}'; exec '${process.execPath}' '${server}'`;
  const { codex } = await scripted(
    { replies: ["fine"], repeat: "last" },
    { config: { mcp_servers: { fake: { command: "/bin/sh", args: ["-c", script] } } } },
  );
  const thread = codex.startThread();
  const pids = new Set<number | null>();
  for (let turns = 0; turns < 3; turns++) {
    await thread.run("go");
    pids.add(codex.pid);
  }
  await eventually(() => existsSync(starts), "the server to be started");
  expect(pids.size).toBe(1);
  expect(readFileSync(starts, "utf8")).toBe("start\n");
});

test("text comes while the model speaks", async () => {
  const { codex } = await scripted([
    { items: [{ message: "one two three", deltas: ["one ", "two ", "three"] }] } as never,
    {
      items: [{ message: "a" }],
      end: { failed: { code: "invalid_prompt", message: "no" } },
    } as never,
  ]);
  const thread = codex.startThread();
  expect(await all(thread.streamText("go"))).toEqual(["one ", "two ", "three"]);
  const pieces: string[] = [];
  const failing = (async () => {
    for await (const piece of thread.streamText("go")) pieces.push(piece);
  })();
  expect(await rejection(failing)).toBeInstanceOf(TurnFailedError);
  expect(pieces.join("")).toBe("a");
  const { codex: other } = await scripted([
    { items: [{ message: "one" }, { hang: true }] } as never,
  ]);
  for await (const piece of other.startThread().streamText("go")) {
    expect(piece).toBe("one"); // long before the answer is complete
    break;
  }
  await expect.poll(() => other.stats()?.openTurns).toBe(0);
});

test("an engine that floods its standard error is read on, and little of it is kept", async () => {
  const codex = faulty({ faults: [{ on: "turn/start", do: [{ stderr: { bytes: 80_000_000 } }] }] });
  const before = process.memoryUsage().rss;
  await codex.startThread().run("go");
  expect(codex.stderrTail().length).toBeLessThan(1 << 20);
  expect(process.memoryUsage().rss - before).toBeLessThan(40_000_000);
});

test.runIf(process.platform === "linux")(
  "a child that holds the engine's stdout does not hold the stream",
  async () => {
    const codex = faulty({
      faults: [
        {
          on: "turn/started",
          do: [{ spawn: { seconds: 600, inherit_stdio: true } }, { die: { exit: 3 } }],
        },
      ],
    });
    const turn = await codex.startThread().turn("go");
    expect(await rejection(all(turn))).toMatchObject({ kind: "closed", exitCode: 3 });
  },
);

test("usage is told of a turn that failed, too", async () => {
  const { codex } = await scripted({
    replies: [
      { ...command("true"), usage: { input_tokens: 7, output_tokens: 3 } },
      { status: 400 },
    ],
  });
  const error = (await rejection(codex.startThread(full).run("go"))) as TurnFailedError;
  expect(error).toBeInstanceOf(TurnFailedError);
  expect(error.result.tokenUsage?.last.inputTokens).toBe(7);
  expect(error.result.items.map((item) => item.type)).toContain("command_execution");
});

test("a client is made although there is no engine; its use says where one was looked for", async () => {
  const codex = new Codex({ codexPathOverride: "/no/such/engine" });
  const error = await rejection(codex.startThread().run("go"));
  expect(error).toMatchObject({ kind: "engine_not_found" });
  expect(error.message).toContain("/no/such/engine");
});
