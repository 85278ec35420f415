// transport: "exec": the real `codex exec` with a scripted model, and small programs in its place for what it
// never does. Each weakness of a bare child process that the official SDK shows has its test here.
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AbortError,
  ClosedError,
  Codex,
  type CodexError,
  type CodexOptions,
  InvalidArgumentError,
  SpawnError,
  type ThreadEvent,
  type ThreadOptions,
  TurnFailedError,
} from "codexkit";
import { type ModelScript, ScriptedModel } from "codexkit/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { all, command, eventually, folder, rejection } from "./helper";

/** A client with the real engine, whose model answers as `script` says. */
async function scripted(script: ModelScript | string[], options: CodexOptions = {}) {
  const home = folder("home");
  const model = await ScriptedModel.start(Array.isArray(script) ? { replies: script } : script);
  const base: CodexOptions = { ...model.options(home) };
  base.env = { ...base.env, HOME: home };
  for (const name of ["OPENAI_API_KEY", "CODEX_API_KEY"]) delete base.env[name];
  if (process.env.CODEXKIT_TEST_ENGINE) base.codexPathOverride = process.env.CODEXKIT_TEST_ENGINE;
  const codex = new Codex({ transport: "exec", ...base, ...options });
  onTestFinished(async () => {
    await codex.close();
    await model.close();
  });
  const thread: ThreadOptions = {
    sandboxMode: "danger-full-access",
    workingDirectory: folder("work"),
    skipGitRepoCheck: true,
  };
  return { model, codex, home, thread };
}

/** A client of a program that stands in for the engine: a shell script. */
function fake(lines: string[], options: CodexOptions = {}) {
  const program = join(folder("fake"), "codex");
  writeFileSync(program, `#!/bin/bash\n${lines.join("\n")}\n`);
  chmodSync(program, 0o755);
  const codex = new Codex({ transport: "exec", codexPathOverride: program, ...options });
  onTestFinished(() => codex.close());
  return { codex, program };
}

const STARTED = `echo '{"type":"thread.started","thread_id":"t"}'; echo '{"type":"turn.started"}'`;
const COMPLETED = `echo '{"type":"turn.completed","usage":{"input_tokens":1}}'`;

/** The processes whose command line is `line`. */
function processes(line: string): number[] {
  const found: number[] = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, "utf8").split("\0").join(" ").trim();
      if (words === line) found.push(Number(name));
    } catch {
      // it has just ended
    }
  }
  return found;
}

describe("as the official SDK", () => {
  test("a turn, and the next on the same thread", async () => {
    const { codex, thread, model } = await scripted({
      replies: [command("echo out"), "first answer", "second answer"],
    });
    const own = codex.startThread(thread);
    expect(own.id).toBeNull();
    const first = await own.run("first prompt");
    expect(first.finalResponse).toBe("first answer");
    expect(first.items.map((item) => item.type)).toEqual(["command_execution", "agent_message"]);
    expect(first.usage).toEqual({
      input_tokens: 20,
      cached_input_tokens: 4,
      cache_write_input_tokens: 0,
      output_tokens: 10,
      reasoning_output_tokens: 2,
    });
    expect(first.status).toBe("completed");
    expect(own.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(first.threadId).toBe(own.id);

    const resumed = codex.resumeThread(own.id as string, thread);
    expect(resumed.id).toBe(own.id);
    const second = await resumed.run("second prompt");
    expect(second.finalResponse).toBe("second answer");
    // The thread's total, as `codex exec` tells it.
    expect(second.usage?.input_tokens).toBe(30);
    const last = model.requests.at(-1);
    expect(JSON.stringify(last?.body)).toContain("first prompt");
  });

  test("nothing happens until the events are asked for, and they can be asked for once", async () => {
    const { codex, program } = fake(['touch "$0.ran"', STARTED, COMPLETED]);
    const thread = codex.startThread();
    const { events } = await thread.runStreamed("go");
    await new Promise((resume) => setImmediate(resume));
    expect(existsSync(`${program}.ran`)).toBe(false);
    expect(thread.id).toBeNull();
    const first = await events.next();
    expect(first.value).toEqual({ type: "thread.started", thread_id: "t" });
    expect(thread.id).toBe("t");
    expect((await all(events)).map((event) => event.type)).toEqual([
      "turn.started",
      "turn.completed",
    ]);
    expect(await all(events)).toEqual([]);
  });

  test("the command line has the official order, and the prompt is not on it", async () => {
    const { codex, program } = fake(
      ['printf "%s\\n" "$@" > "$0.args"; cat > "$0.in"; env > "$0.env"', STARTED, COMPLETED],
      {
        config: { a: { "b.c": 1 }, list: [1, "x", { k: true }], "dotted.key": "v" },
        configOverrides: ["x=1"],
        baseUrl: "http://127.0.0.1:1/v1",
        env: { PATH: process.env.PATH, ONLY: "this" },
      },
    );
    const thread = codex.startThread({
      model: "m",
      threadSource: "cli",
      sandboxMode: "read-only",
      workingDirectory: "w",
      additionalDirectories: ["d1", "d2"],
      skipGitRepoCheck: true,
      modelReasoningEffort: "high",
      networkAccessEnabled: true,
      webSearchMode: "cached",
      webSearchEnabled: true,
      approvalPolicy: "on-request",
    });
    const image = join(folder("image"), "i.png");
    writeFileSync(image, "x");
    const input = [
      { type: "text", text: "one" } as const,
      { type: "local_image", path: image } as const,
      { type: "text", text: "two" } as const,
    ];
    await thread.run(input, { cyberAccessProgram: "standard", outputSchema: { type: "object" } });
    const args = readFileSync(`${program}.args`, "utf8").trimEnd().split("\n");
    const schema = args[args.indexOf("--output-schema") + 1] as string;
    expect(schema.startsWith(tmpdir())).toBe(true);
    expect(existsSync(schema)).toBe(false);
    expect(args.join(" ").replace(schema, "FILE").replace(image, "IMAGE")).toBe(
      "exec --experimental-json " +
        '--config a={ "b.c" = 1 } --config list=[1, "x", { k = true }] --config dotted.key="v" --config x=1 ' +
        '--config openai_base_url="http://127.0.0.1:1/v1" ' +
        "--model m --thread-source cli --sandbox read-only --cd w --add-dir d1 --add-dir d2 " +
        "--skip-git-repo-check --output-schema FILE --cyber-access-program standard " +
        '--config model_reasoning_effort="high" --config sandbox_workspace_write.network_access=true ' +
        '--config web_search="cached" --config approval_policy="on-request" --image IMAGE',
    );
    expect(readFileSync(`${program}.in`, "utf8")).toBe("one\n\ntwo");
    const env = readFileSync(`${program}.env`, "utf8");
    expect(env).toContain("ONLY=this\n");
    expect(env).not.toContain("HOME=");
    expect(env).toContain("CODEX_INTERNAL_ORIGINATOR_OVERRIDE=");
  });

  test("a failed turn rejects with the engine's message; the events come first", async () => {
    const { codex, thread } = await scripted({
      replies: [command("echo out"), { status: 400, body: { error: { message: "refused" } } }],
    });
    const seen: ThreadEvent[] = [];
    const error = (await rejection(
      (async () => {
        const { events } = await codex.startThread(thread).runStreamed("go");
        for await (const event of events) seen.push(event);
      })(),
    )) as TurnFailedError;
    expect(error).toBeInstanceOf(TurnFailedError);
    expect(error.message).toContain("refused");
    expect(seen.at(-1)?.type).toBe("turn.failed");
    expect(error.result.items.map((item) => item.type)).toEqual(["command_execution"]);
  });

  test("a process that fails is an error with its exit code and what it said", async () => {
    const { codex } = fake(["echo 'it went wrong, sk-abcdefghijklmnop' >&2; exit 3"]);
    const error = (await rejection(codex.startThread().run("go"))) as SpawnError;
    expect(error).toBeInstanceOf(SpawnError);
    expect(error.exitCode).toBe(3);
    expect(error.message).toContain("exited with code 3");
    expect(error.stderrTail).toContain("it went wrong");
    expect(error.message).not.toContain("sk-abc");
    const killed = fake([STARTED, "kill -KILL $$"]).codex;
    const gone = (await rejection(killed.startThread().run("go"))) as ClosedError;
    expect(gone).toBeInstanceOf(ClosedError);
    expect(gone.signal).toBe(9);
  });

  test("an unknown thread", async () => {
    const { codex, thread } = await scripted(["never"]);
    const id = "00000000-0000-7000-8000-000000000000";
    const error = await rejection(codex.resumeThread(id, thread).run("go"));
    expect(error).toBeInstanceOf(SpawnError);
    expect(error.message).toContain(id);
  });
});

describe("what it cannot do", () => {
  test("names the transport that can", async () => {
    const { codex } = fake(["exit 9"]);
    const thread = codex.startThread();
    const calls: (() => Promise<unknown>)[] = [
      () => thread.turn("go"),
      () => thread.open(),
      () => thread.read(),
      () => codex.start(),
      () => codex.listThreads(),
      () => codex.request("model/list"),
      () => codex.api.model.list({}),
      () => codex.resumeThread("t").fork(),
      () => codex.notifications().next(),
      () => all(thread.streamText("go")),
      () => thread.run("go", { model: "m" }),
      () => thread.run([{ type: "skill", name: "s", path: "/p" }]),
      () => codex.startThread({ developerInstructions: "x" }).run("go"),
    ];
    for (const call of calls) {
      const error = (await rejection(call())) as CodexError;
      expect(error).toBeInstanceOf(InvalidArgumentError);
      expect(error.argument).toBe("transport");
      expect(error.message).toContain('transport: "app-server"');
    }
    const make = () => new Codex({ transport: "exec", approvalHandler: () => null });
    expect(make).toThrow(/approvalHandler.*transport: "app-server"/);
    expect(() => new Codex({ transport: "http" as "exec" })).toThrow(
      /transport.*"app-server", "exec"/,
    );
  });

  test("refuses bad input at the call", async () => {
    const { codex, program } = fake(['touch "$0.ran"']);
    const bad: [Promise<unknown>, string][] = [
      [codex.startThread().run(""), "input"],
      [codex.startThread().run([]), "input"],
      [codex.startThread().run([{ type: "local_image", path: "/no/such.png" }]), "input"],
      [codex.startThread().run("go", { outputSchema: [] }), "outputSchema"],
      [codex.resumeThread("--last").run("go"), "id"],
      [codex.startThread({ model: "--yolo" }).run("go"), "model"],
    ];
    for (const [promise, argument] of bad) {
      const error = (await rejection(promise)) as CodexError;
      expect(error).toBeInstanceOf(InvalidArgumentError);
      expect(error.argument).toBe(argument);
    }
    expect(existsSync(`${program}.ran`)).toBe(false);
  });
});

describe("where a bare child process is weak", () => {
  test("leaving early and aborting right after harms nobody", async () => {
    const { codex } = fake([STARTED, "exec sleep 4771"]);
    for (let round = 0; round < 5; round++) {
      const controller = new AbortController();
      const { events } = await codex.startThread().runStreamed("go", { signal: controller.signal });
      for await (const _ of events) break;
      controller.abort();
    }
    expect(processes("sleep 4771")).toEqual([]);
    await new Promise((resume) => setTimeout(resume, 50)); // an uncaught error would show by now
  });

  test("a signal aborts at once, also before, and keeps the thread's id", async () => {
    const { codex, program } = fake(['touch "$0.ran"', STARTED, "exec sleep 4772"]);
    const reason = new Error("enough");
    const before = await rejection(
      codex.startThread().run("go", { signal: AbortSignal.abort(reason) }),
    );
    expect(before).toBeInstanceOf(AbortError);
    expect((before as AbortError).code).toBe("ABORT_ERR");
    expect(before.cause).toBe(reason);
    expect(existsSync(`${program}.ran`)).toBe(false);
    const controller = new AbortController();
    const thread = codex.startThread();
    const { events } = await thread.runStreamed("go", { signal: controller.signal });
    await events.next();
    await events.next();
    const waiting = rejection(events.next());
    controller.abort(reason);
    expect(await waiting).toBeInstanceOf(AbortError);
    expect(thread.id).toBe("t");
    await eventually(() => processes("sleep 4772").length === 0, "the process's end");
  });

  test("a reused signal collects no listeners", async () => {
    const { codex } = fake([STARTED, COMPLETED]);
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };
    for (let round = 0; round < 13; round++) {
      const { events } = await codex.startThread().runStreamed("go", { signal });
      for await (const _ of events) if (round % 2) break;
    }
    expect(listeners).toBe(0);
  });

  test("a long prompt that the process never reads", async () => {
    const { codex } = fake(["echo 'bad config' >&2; exit 1"]);
    const error = await rejection(codex.startThread().run("x".repeat(5 << 20)));
    expect(error.message).toContain("bad config");
  });

  test("line separators, blank lines, unknown events, keys that stand there twice", async () => {
    const { codex } = fake([
      "printf '\\xef\\xbb\\xbf'",
      STARTED,
      'echo; echo \'no json\'; echo \'{"type":"error","message":"Reconnecting... 1/2"}\'',
      `echo '{"type":"item.completed","item":{"id":"item_0","type":"web_search","id":"ws_46","query":"q"}}'`,
      `echo '{"type":"of.tomorrow","x":1}'`,
      `printf '{"type":"item.completed","item":{"id":"i","type":"agent_message","text":"a\\xe2\\x80\\xa8b\\xe2\\x80\\xa9c"}}\\n'`,
      `printf '{"type":"turn.completed","usage":{"input_tokens":1}}'`,
    ]);
    const { events } = await codex.startThread().runStreamed("go");
    const seen = (await all(events)) as { type: string; item?: { id: string; text?: string } }[];
    expect(seen.map((event) => event.type)).toEqual([
      "thread.started",
      "turn.started",
      "error",
      "item.completed",
      "of.tomorrow",
      "item.completed",
      "turn.completed",
    ]);
    expect(seen[3]?.item?.id).toBe("ws_46");
    expect(seen[5]?.item?.text).toBe("a\u2028b\u2029c");
  });

  test("the separators and a search with the real engine", async () => {
    const { codex, thread } = await scripted({
      replies: [{ items: [{ web_search: { query: "w" } }, { message: "a\u2028b\u2029c" }] }],
    });
    const { items, finalResponse } = await codex.startThread(thread).run("go");
    expect(finalResponse).toBe("a\u2028b\u2029c");
    expect(items[0]).toMatchObject({ type: "web_search", query: "w" });
    expect(items[0]?.id).toMatch(/^ws_/);
  });

  test.each(["abort", "break", "close"])("%s ends the commands of the agent, too", async (way) => {
    const sleep = { abort: "sleep 4781", break: "sleep 4782", close: "sleep 4783" }[way] as string;
    const { codex, thread } = await scripted({ replies: [command(`bash -c '${sleep} & wait'`)] });
    const controller = new AbortController();
    const { events } = await codex
      .startThread(thread)
      .runStreamed("go", { signal: controller.signal });
    const reading = (async () => {
      for await (const event of events) {
        if (event.type !== "item.started") continue;
        await eventually(() => processes(sleep).length === 1, "the command");
        if (way === "break") break;
        if (way === "abort") controller.abort();
        else void codex.close();
      }
    })();
    if (way === "break") await reading;
    else
      expect(await rejection(reading)).toBeInstanceOf(way === "abort" ? AbortError : ClosedError);
    await eventually(() => processes(sleep).length === 0, "the end of the agent's command");
  });

  test("something left behind that keeps the output open", async () => {
    const { codex } = fake([`sleep 4791 & ${STARTED}`, COMPLETED]);
    const { events } = await codex.startThread().runStreamed("go");
    expect((await all(events)).at(-1)?.type).toBe("turn.completed");
    expect(processes("sleep 4791")).toEqual([]);
  });

  test("the key is not in the environment of commands, nor where they can find it", async () => {
    const snoop =
      'echo "own=[$CODEX_API_KEY]"; tr "\\0" "\\n" < /proc/$PPID/environ | grep -c "sk-tell-nobody"; ' +
      'grep -rl "sk-tell-nobody-[0-9]" "$CODEX_HOME" | grep -v /sessions/; echo end';
    const { codex, thread } = await scripted(
      { replies: [command(snoop), "done"] },
      { apiKey: "sk-tell-nobody-1234" },
    );
    const { items } = await codex.startThread(thread).run("go");
    const output = items[0]?.type === "command_execution" ? items[0].aggregated_output : "";
    expect(output).toBe("own=[]\n0\nend\n");
  });
});
