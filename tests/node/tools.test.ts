// Tools of the application on the real engine, and their declarations.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  Codex,
  type CodexOptions,
  InvalidArgumentError,
  image,
  Tool,
  type ToolContext,
  type ToolOptions,
  ToolRegistry,
  tool,
} from "codexkit";
import type { ScriptedModel } from "codexkit/testing";
import { expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { eventually, folder, root, runProgram, scripted } from "./helper";

const call = (name: string, args: object = {}, namespace?: string) => ({
  items: [{ call: { name, arguments: args, ...(namespace ? { namespace } : {}) } }],
});

const add = () =>
  tool({
    name: "add",
    description: "Adds two numbers.",
    parameters: z.object({ a: z.int(), b: z.int().default(2) }),
    execute: ({ a, b }) => ({ sum: a + b }),
  });

/** A tool without arguments. */
const plain = (name: string, execute: ToolOptions["execute"], more: Partial<ToolOptions> = {}) =>
  tool({ name, description: "Does something.", execute, ...more } as ToolOptions & {
    parameters?: undefined;
  });

/** What the model reads of the calls, as it was told in its last request. */
function outputs(model: ScriptedModel): string[] {
  const { input } = (model.requests.at(-1) as { body: unknown }).body as {
    input: { type: string; output: string | { text?: string }[] }[];
  };
  const given = input.filter(({ type }) => type === "function_call_output");
  return given.map(({ output }) =>
    // An MCP tool's: the engine says first how long it took.
    typeof output === "string" ? output : (output.at(-1)?.text ?? JSON.stringify(output)),
  );
}

/** A client whose model makes these calls one after the other, and then is done. */
async function bench(calls: unknown[], client: CodexOptions = {}) {
  const made = await scripted({ replies: [...calls, "done"] } as never, client);
  return { ...made, work: { workingDirectory: folder("work") } };
}

test("the model calls a tool and reads its result", async () => {
  const { codex, model, work } = await bench([call("add", { a: 1 })]);
  const tools = new ToolRegistry([add()]);
  const { finalResponse } = await codex.startThread({ ...work, tools }).run("go");
  expect(finalResponse).toBe("done");
  expect(outputs(model)).toEqual(['{"sum":3}']);
  expect(tools.metrics().add).toMatchObject({
    calls: 1,
    successes: 1,
    running: 0,
    lastError: null,
  });
});

test("a tool knows where it is called from", async () => {
  const { codex, model, work } = await bench([call("where", {}, "desk")]);
  let seen: ToolContext | undefined;
  const look: ToolOptions["execute"] = (_, context) => {
    seen = context;
  };
  const where = plain("where", look, { namespace: "desk" });
  const tools = new ToolRegistry([where]);
  tools.describe("desk", "What is on the desk.");
  const thread = codex.startThread({ ...work, tools });
  const { turnId } = (await thread.run("go")) as { turnId?: string };
  expect(seen).toMatchObject({ threadId: thread.id, turnId, tool: "where", namespace: "desk" });
  expect(seen?.callId).not.toBe("");
  expect(seen?.signal.aborted).toBe(false);
  expect(outputs(model)).toEqual([""]);
  expect(JSON.stringify(model.requests[0])).toContain("What is on the desk.");
});

test("results are texts, JSON, images and lists of them", async () => {
  const pixel = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  );
  const results: Record<string, unknown> = {
    text: "a text",
    nothing: undefined,
    number: 3,
    null: null,
    list: ["a", 1],
    look: ["before", image({ bytes: pixel, mediaType: "image/png" }), { after: true }],
    promise: Promise.resolve("later"),
  };
  const names = Object.keys(results);
  const { codex, model, work } = await bench(names.map((name) => call(name)));
  const tools = names.map((name) => plain(name, () => results[name]));
  await codex.startThread({ ...work, tools }).run("go");
  const read = outputs(model);
  expect(read.filter((_, at) => at !== 5)).toEqual(["a text", "", "3", "null", '["a",1]', "later"]);
  const input = JSON.stringify(model.requests.at(-1));
  expect(input).toContain(`data:image/png;base64,${pixel.toString("base64")}`);
  expect(input).toContain("before");
  expect(input).toContain('{\\"after\\":true}');
});

test("what goes wrong is a result that the model reads", async () => {
  const { codex, model, work } = await bench([
    call("add", { a: "one", c: 3 }),
    call("fails"),
    call("odd"),
    call("round"),
    call("function"),
    call("slow"),
    call("even", { n: 3 }),
  ]);
  const round: Record<string, unknown> = {};
  round.self = round;
  const tools = new ToolRegistry([
    add(),
    plain("fails", async () => {
      throw new Error("no paper; the key is sk-abcdefghijklmnopqrstuvwxyz123456");
    }),
    plain("odd", () => {
      throw "a string";
    }),
    plain("round", () => round),
    plain("function", () => () => {}),
    plain("slow", () => new Promise(() => {}), { timeoutMs: 50 }),
    tool({
      name: "even",
      description: "Takes even numbers.",
      parameters: z.object({ n: z.int().refine((n) => n % 2 === 0, "it is odd") }),
      execute: ({ n }) => n,
    }),
  ]);
  const { finalResponse } = await codex.startThread({ ...work, tools }).run("go");
  expect(finalResponse).toBe("done");
  const read = outputs(model);
  expect(read[0]).toContain("at $.a");
  expect(read[1]).toMatch(/^no paper/);
  expect(read[1]).not.toContain("sk-abc");
  expect(read[2]).toBe("a string");
  expect(read[3]).toContain("cannot be written as JSON");
  expect(read[4]).toBe("the tool gave a function, which is no JSON");
  expect(read[5]).toBe("the tool gave no result within 0.05 s");
  expect(read[6]).toMatch(/the arguments are refused.*at \$\.n: it is odd/);
  const metrics = tools.metrics();
  expect(metrics.add).toMatchObject({ invalid: 1, failures: 1 });
  expect(metrics.fails?.lastError).toBe(read[1]);
  expect(metrics.slow).toMatchObject({ timeouts: 1 });
});

test("an interrupt, the end of the time and a closed client abort the signal", async () => {
  const signals: AbortSignal[] = [];
  const waits = (name: string, timeoutMs: number | null) =>
    plain(
      name,
      (_, { signal }) => {
        signals.push(signal);
        return new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
        });
      },
      { timeoutMs },
    );
  const tools = new ToolRegistry([waits("short", 0.05), waits("long", null)]);
  const calls = [call("short"), call("long"), call("long")];
  const { codex, work } = await bench(calls);
  const thread = codex.startThread({ ...work, tools });
  const turn = await thread.turn("go");
  await eventually(() => signals.length === 2, "the second call");
  expect(signals[0]?.aborted).toBe(true);
  expect(signals[0]?.reason.name).toBe("AbortError");
  expect(tools.metrics().long?.running).toBe(1);
  await turn.interrupt();
  expect((await turn.result()).status).toBe("interrupted");
  await eventually(() => signals[1]?.aborted === true, "the interrupt");
  await eventually(() => tools.metrics().long?.cancelled === 1, "the count");
  void thread.run("go").catch(() => {});
  await eventually(() => signals.length === 3, "the third call");
  await codex.close();
  await eventually(() => signals[2]?.aborted === true, "the end");
});

test("so many calls run at a time", async () => {
  const items = Array.from({ length: 4 }, () => call("busy").items[0]);
  const { codex, work } = await bench([{ items }]);
  let [now, most] = [0, 0];
  const busy = async () => {
    now += 1;
    most = Math.max(most, now);
    await new Promise((resolve) => setTimeout(resolve, 50));
    now -= 1;
  };
  const tools = new ToolRegistry([plain("busy", busy, { maxConcurrency: 2 })]);
  await codex.startThread({ ...work, tools }).run("go");
  expect(tools.metrics().busy?.successes).toBe(4);
  expect(most).toBeLessThanOrEqual(2);
});

test.each(["resume", "fork"])(
  "a thread that was there has its tools and new ones: %s",
  async (how) => {
    const items = [
      call("add", { a: 1 }).items[0],
      call("desk__late", {}, "mcp__codexkit_tools").items[0],
    ];
    const { codex, model } = await scripted({
      rules: [
        { when: { prompt_contains: "first" }, replies: [call("add", { a: 1 }), "done"] },
        { when: { prompt_contains: "go" }, replies: [{ items }, "done"] },
      ],
    } as never);
    const first = codex.startThread({ workingDirectory: folder("work"), tools: [add()] });
    await first.run("first");
    const late = plain("late", (_, { threadId, turnId }) => `${threadId} ${turnId !== ""}`, {
      namespace: "desk",
    });
    const tools = new ToolRegistry([add(), late]);
    const resumed = how === "resume" && codex.resumeThread(first.id as string, { tools });
    const thread = resumed || (await first.fork({ tools }));
    const { finalResponse } = await thread.run("go");
    expect(finalResponse).toBe("done");
    expect(outputs(model)).toContain(`${thread.id} true`);
    expect(tools.metrics().add?.successes).toBe(1);
    expect(tools.metrics()["desk.late"]?.successes).toBe(1);
  },
);

test("a client's tools are its threads', and the registry changes under them", async () => {
  const replies = [call("now"), "done", call("now"), "done", call("now")];
  const { codex, model, work } = await bench(replies, { tools: [plain("now", () => "one")] });
  const thread = codex.startThread(work);
  await thread.run("go");
  expect(outputs(model).at(-1)).toBe("one");
  const two = plain("now", () => "two");
  expect(codex.tools.replace(two)).toBeInstanceOf(Tool);
  await thread.run("go");
  expect(outputs(model).at(-1)).toBe("two");
  expect(codex.tools.metrics().now?.calls).toBe(2);
  expect(codex.tools.get("now")).toBe(two);
  expect(codex.tools.remove("now")).toBe(two);
  expect(codex.tools.remove("now")).toBeUndefined();
  codex.tools.register(add());
  expect(codex.tools.list().map(({ key }) => key)).toEqual(["add"]);
  await thread.run("go");
  expect(outputs(model).at(-1)).toBe('there is no tool "now" any more; there are: add');
});

test("an engine without dynamic tools reaches them all the same", async () => {
  const tools = new ToolRegistry([add()]);
  const calls = [call("add", { a: 4 }, "mcp__codexkit_tools")];
  const { codex, model, work } = await bench(calls, { tools, experimentalApi: false });
  expect(codex.tools).toBe(tools);
  await codex.startThread(work).run("go");
  expect(outputs(model)[0]).toContain('{"sum":6}');
});

/** The error of an act that must throw one. */
function refused(act: () => unknown): InvalidArgumentError {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidArgumentError);
    return error as InvalidArgumentError;
  }
  throw new Error("it did not throw");
}

test("declarations that cannot be are refused, and the argument named", () => {
  const right = { name: "x", description: "d", execute: () => 1 };
  const wrong: [object, string][] = [
    [{ name: undefined }, "name"],
    [{ name: "" }, "name"],
    [{ name: "a b" }, "name"],
    [{ name: "x".repeat(65) }, "name"],
    [{ name: "mcp__x" }, "name"],
    [{ description: undefined }, "description"],
    [{ description: " " }, "description"],
    [{ execute: undefined }, "execute"],
    [{ execute: "x" }, "execute"],
    [{ namespace: "a.b" }, "namespace"],
    [{ parameters: 3 }, "parameters"],
    [{ parameters: { type: "string" } }, "parameters"],
    [{ parameters: { typ: "object" } }, "parameters"],
    [{ parameters: { type: "object", properties: 3 } }, "parameters"],
    [{ parameters: { jsonSchema: 3 } }, "parameters.jsonSchema"],
    [{ parameters: { jsonSchema: {}, schema: 3 } }, "parameters.schema"],
    [{ parameters: z.string() }, "parameters"],
    [{ parameters: z.object({ at: z.date() }) }, "parameters"],
    [{ timeoutMs: 0 }, "timeoutMs"],
    [{ timeoutMs: "1" }, "timeoutMs"],
    [{ maxConcurrency: 0 }, "maxConcurrency"],
    [{ excute: 1 }, "excute"],
  ];
  for (const [change, argument] of wrong) {
    const error = refused(() => tool({ ...right, ...change } as never));
    expect([change, error.argument]).toEqual([change, argument]);
  }
  expect(refused(() => tool(undefined as never)).argument).toBe("tool");
  expect(tool({ ...right, timeoutMs: null }).timeoutMs).toBeNull();
  expect(tool(right)).toMatchObject({ timeoutMs: 600_000, maxConcurrency: null, namespace: null });
});

test("what are no tools are refused where they are given", () => {
  const codex = new Codex();
  expect(refused(() => new ToolRegistry([add(), add()])).argument).toBe("name");
  expect(refused(() => new ToolRegistry([{}] as never)).argument).toBe("tools[0]");
  expect(refused(() => new ToolRegistry().register({} as never)).argument).toBe("tool");
  expect(refused(() => new ToolRegistry().describe("x", "")).argument).toBe("description");
  expect(refused(() => codex.startThread({ tools: [add(), add()] })).argument).toBe("name");
  expect(refused(() => codex.startThread({ tools: add() as never })).argument).toBe("tools");
  expect(refused(() => new Codex({ tools: [3 as never] })).argument).toBe("tools[0]");
  expect(refused(() => new Codex({ tools: [add(), add()] })).argument).toBe("name");
  expect(refused(() => new Codex({ transport: "exec" }).tools).argument).toBe("transport");
  expect(refused(() => image({ url: "file:///x.png" })).argument).toBe("url");
  expect(refused(() => image({ bytes: [] as never, mediaType: "image/png" })).argument).toBe(
    "bytes",
  );
  const bytes = new Uint8Array();
  expect(refused(() => image({ bytes, mediaType: "text" })).argument).toBe("mediaType");
});

test("arguments are typed by their schema", () => {
  tool({
    name: "typed",
    description: "d",
    parameters: z.object({ a: z.string().transform(Number), b: z.boolean().optional() }),
    execute: (args, context) => {
      expectTypeOf(args).toEqualTypeOf<{ a: number; b?: boolean | undefined }>();
      expectTypeOf(context).toEqualTypeOf<ToolContext>();
    },
  });
  tool({
    name: "beside",
    description: "d",
    parameters: { schema: z.object({ a: z.string() }), jsonSchema: { type: "object" } },
    execute: ({ a }) => expectTypeOf(a).toEqualTypeOf<string>(),
  });
  tool({
    name: "plain",
    description: "d",
    parameters: { type: "object", properties: { a: { type: "string" } } },
    execute: (args) => expectTypeOf(args).toEqualTypeOf<Record<string, unknown>>(),
  });
  const told = tool({
    name: "told",
    description: "d",
    parameters: { jsonSchema: { type: "object", properties: { a: { type: "number" } } } },
    execute: ({ a }: { a: number }) => a + 1,
  });
  expect(told.parameters).toEqual({ type: "object", properties: { a: { type: "number" } } });
  const wrong = () =>
    tool({
      name: "wrong",
      description: "d",
      // @ts-expect-error: the function says that it is a number
      parameters: z.object({ a: z.string() }),
      execute: ({ a }: { a: number }) => a,
    });
  expect(wrong).not.toThrow();
});

test("a registry keeps no process alive, and a tool lives as long as its turn", () => {
  const done = runProgram(
    `
    import { Codex, ToolRegistry, tool } from "codexkit";
    import { ScriptedModel } from "codexkit/testing";
    const replies = [{ items: [{ call: { name: "look", arguments: {} } }] }, "done"];
    const model = await ScriptedModel.start({ replies });
    const codex = new Codex(model.options(process.env.HOME));
    const begin = () => codex.startThread({ workingDirectory: process.env.HOME, tools: new ToolRegistry([
      tool({ name: "look", description: "Looks.", execute: () => { console.log("looked"); } }),
    ]) }).turn("go");
    const turn = await begin();
    for (let times = 0; times < 10; times++) {
      gc();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    console.log((await turn.result()).status);
    await codex.close();
    await model.close();
    codex.toString();
    new ToolRegistry();
  `,
    ["--expose-gc"],
  );
  expect(done.err).toBe("");
  expect([done.out, done.code]).toEqual([["looked", "completed"], 0]);
});

test("tools of a worker stay in it, and a worker that ends in a call leaves nothing behind", () => {
  const done = runProgram(`
    import { once } from "node:events";
    import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
    import { Codex, tool } from "codexkit";
    import { ScriptedModel } from "codexkit/testing";
    const use = async (name, execute) => {
      const replies = [{ items: [{ call: { name: "look", arguments: {} } }] }, "done"];
      const model = await ScriptedModel.start({ replies });
      const look = tool({ name: "look", description: "Looks.", execute });
      const codex = new Codex({ ...model.options(process.env.HOME + "/" + name), tools: [look] });
      const thread = codex.startThread({ workingDirectory: process.env.HOME });
      const { finalResponse } = await thread.run("go");
      await codex.close();
      await model.close();
      return finalResponse;
    };
    if (isMainThread) {
      for (const name of ["a", "stuck"]) {
        const worker = new Worker(new URL(import.meta.url), { workerData: name });
        console.log((await once(worker, "message"))[0]);
        await worker.terminate();
      }
      console.log(await use("main", () => console.log("main")));
    } else if (workerData === "stuck") {
      await use("stuck", () => {
        parentPort.postMessage("stuck");
        return new Promise(() => {});
      });
    } else {
      let seen;
      await use(workerData, () => { seen = workerData; });
      parentPort.postMessage(seen);
    }
  `);
  expect(done.err).toBe("");
  expect([done.out, done.code]).toEqual([["a", "stuck", "main", "done"], 0]);
});

test("a call that never ends keeps no process alive", () => {
  const done = runProgram(`
    import { Codex, tool } from "codexkit";
    import { ScriptedModel } from "codexkit/testing";
    const replies = [{ items: [{ call: { name: "look", arguments: {} } }] }, "done"];
    const model = await ScriptedModel.start({ replies });
    const codex = new Codex(model.options(process.env.HOME));
    const alive = setInterval(() => {}, 1000);
    await new Promise((resolve) => {
      const look = tool({ name: "look", description: "Looks.", execute: () => {
        clearInterval(alive);
        resolve();
        return new Promise(() => {});
      } });
      codex.startThread({ workingDirectory: process.env.HOME, tools: [look] }).turn("go");
    });
    console.log("called");
  `);
  expect(done.err).toBe("");
  expect([done.out, done.code]).toEqual([["called"], 0]);
});

test("the same declaration gives the same schema as in the other languages", () => {
  const place = z.object({
    street: z.string().describe("with the number"),
    zip: z.string().nullish(),
  });
  const declared: Record<string, z.ZodType> = {
    primitives: z.object({
      query: z.string().describe("what to look for"),
      count: z.int(),
      ratio: z.number(),
      exact: z.boolean(),
    }),
    choices: z.object({
      unit: z.enum(["celsius", "fahrenheit"]).describe("the unit of the answer"),
      scale: z.enum(["small", "large"]).default("small"),
      sort: z.enum(["up", "down"]).nullish(),
    }),
    optional: z.object({
      title: z.string(),
      note: z.string().nullish().describe("a remark"),
      rank: z.int().nullish(),
      limit: z.int().default(10),
      factor: z.number().default(1),
      verbose: z.boolean().default(false),
      mode: z.string().default("fast"),
    }),
    lists: z.object({
      words: z.array(z.string()).describe("the words"),
      rows: z.array(z.array(z.number())),
      counts: z.record(z.string(), z.int()),
      extra: z.array(z.string()).nullish(),
    }),
    nested: z.object({
      to: place.describe("where to"),
      stops: z.array(place),
      back: place.nullish(),
    }),
    limits: z.object({
      count: z.int().min(1).max(100),
      share: z.number().min(0).max(1),
      code: z.string().min(2).max(5),
      id: z.string().regex(/^[a-z]+$/),
      picks: z.array(z.string()).min(1).max(3),
      page: z.int().min(1).default(1),
    }),
    nothing: z.object({}),
  };
  const fixtures = join(root, "fixtures/tools");
  expect(readdirSync(fixtures).sort()).toEqual(
    Object.keys(declared)
      .map((name) => `${name}.json`)
      .sort(),
  );
  for (const [name, parameters] of Object.entries(declared)) {
    const made = tool({ name, description: "d", parameters: parameters as never, execute() {} });
    const fixture = JSON.parse(readFileSync(join(fixtures, `${name}.json`), "utf8"));
    expect([name, made.parameters]).toEqual([name, fixture.parameters]);
  }
});
