// Small programs for the official SDK, run with it and with codexkit: only the import differs.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as official from "@openai/codex-sdk";
import * as codexkit from "codexkit";
import { type ModelScript, ScriptedModel } from "codexkit/testing";
import { expect, test } from "vitest";
import { command, folder } from "./helper";

/** The official package; codexkit has to do in its place. */
type Sdk = typeof official;

interface Place {
  options: official.CodexOptions;
  work: string;
  model: ScriptedModel;
}

interface Program {
  name: string;
  script: ModelScript;
  /** What a user wrote; gives what it would print. */
  run: (sdk: Sdk, place: Place) => Promise<unknown>;
}

const full = (work: string) =>
  ({ sandboxMode: "danger-full-access", workingDirectory: work, skipGitRepoCheck: true }) as const;

const programs: Program[] = [
  {
    name: "streaming",
    script: { replies: [command("echo hello"), "It says hello."] },
    run: async ({ Codex }, { options, work }) => {
      const printed: string[] = [];
      const thread = new Codex(options).startThread(full(work));
      const { events } = await thread.runStreamed("what does it say?");
      for await (const event of events) {
        switch (event.type) {
          case "thread.started":
            printed.push(`thread ${event.thread_id === thread.id}`);
            break;
          case "item.started":
          case "item.completed":
            if (event.item.type === "command_execution") {
              printed.push(`${event.type} ${event.item.command} ${event.item.exit_code}`);
              printed.push(event.item.aggregated_output);
            } else if (event.item.type === "agent_message") printed.push(event.item.text);
            break;
          case "turn.completed":
            printed.push(JSON.stringify(event.usage));
            break;
          default:
            printed.push(event.type);
        }
      }
      return printed;
    },
  },
  {
    name: "structured output",
    script: { replies: ['{"files": 3}'] },
    run: async ({ Codex }, { options, work, model }) => {
      const schema = {
        type: "object",
        properties: { files: { type: "integer" } },
        required: ["files"],
        additionalProperties: false,
      } as const;
      const thread = new Codex(options).startThread(full(work));
      const turn = await thread.run("how many files?", { outputSchema: schema });
      const { files } = JSON.parse(turn.finalResponse);
      return [files, turn.items, model.requests[0]?.body.text.format];
    },
  },
  {
    name: "images",
    script: { replies: ["a dot"] },
    run: async ({ Codex }, { options, work, model }) => {
      const image = join(work, "dot.png");
      writeFileSync(image, Buffer.from(PNG, "base64"));
      const thread = new Codex(options).startThread(full(work));
      const turn = await thread.run([
        { type: "text", text: "what is on this?" },
        { type: "local_image", path: image },
      ]);
      const parts = model.requests[0]?.body.input.at(-1).content as { type: string }[];
      const sent = parts.filter((part) => part.type === "input_image");
      return [turn.finalResponse, sent];
    },
  },
  {
    name: "resume",
    script: { replies: ["first", "second", "third"] },
    run: async ({ Codex }, { options, work, model }) => {
      const thread = new Codex(options).startThread(full(work));
      const printed = [thread.id, (await thread.run("one")).finalResponse];
      printed.push((await thread.run("two")).finalResponse);
      const again = new Codex(options).resumeThread(thread.id as string, full(work));
      printed.push((await again.run("three")).finalResponse);
      printed.push(String(again.id === thread.id));
      const prompts = (sentLast(model) as { role?: string; content: unknown }[])
        .filter((item) => item.role === "user")
        .map((item) => JSON.stringify(item.content))
        .filter((content) => !content.includes("<environment_context>"));
      return [...printed, ...prompts];
    },
  },
  {
    name: "abort",
    script: {
      rules: [
        { when: { prompt_contains: "sleep" }, replies: [command("sleep 61")], repeat: "last" },
      ],
      replies: ["awake"],
    },
    run: async ({ Codex }, { options, work }) => {
      const printed: string[] = [];
      const thread = new Codex(options).startThread(full(work));
      const controller = new AbortController();
      const { events } = await thread.runStreamed("sleep", { signal: controller.signal });
      try {
        for await (const event of events) {
          printed.push(event.type);
          if (event.type === "item.started") controller.abort(new Error("enough"));
        }
      } catch (error) {
        const { name, code, cause } = error as Error & { code: string };
        printed.push(name, code, String(cause));
      }
      printed.push((await thread.run("wake up")).finalResponse);
      try {
        await thread.run("never", { signal: AbortSignal.abort() });
      } catch (error) {
        printed.push((error as Error).name, (error as Error).message);
      }
      return printed;
    },
  },
  {
    name: "errors",
    script: {
      rules: [
        {
          when: { prompt_contains: "refuse" },
          replies: [{ status: 400, body: { error: { message: "not this" } } }],
          repeat: "last",
        },
      ],
      replies: ["fine"],
      repeat: "last",
    },
    run: async ({ Codex }, { options, work }) => {
      const printed: unknown[] = [];
      const thread = new Codex(options).startThread(full(work));
      const attempt = async (work: Promise<unknown>) => {
        try {
          printed.push(await work);
        } catch (error) {
          // What is said of an option begins with its name.
          const { message } = error as Error;
          printed.push(
            error instanceof Error,
            message.replace(/^outputSchema: it (.*),.*/, "outputSchema $1"),
          );
        }
      };
      await attempt(thread.run("refuse"));
      await attempt(thread.run("go", { outputSchema: ["no"] }).then(({ items }) => items));
      const types: string[] = [];
      try {
        const { events } = await thread.runStreamed("refuse");
        for await (const event of events) types.push(event.type);
      } catch {
        types.push("thrown"); // with another message
      }
      printed.push(types);
      await attempt(thread.run("go").then(({ finalResponse }) => finalResponse));
      return printed;
    },
  },
  {
    name: "several threads at once",
    script: {
      rules: ["a", "b", "c"].map((letter) => ({
        when: { prompt_contains: `say ${letter}` },
        replies: [letter],
      })),
    },
    run: async ({ Codex }, { options, work }) => {
      const codex = new Codex(options);
      const say = async (letter: string) =>
        (await codex.startThread(full(work)).run(`say ${letter}`)).finalResponse;
      return Promise.all(["a", "b", "c"].map(say));
    },
  },
  {
    name: "leaving a loop",
    script: {
      rules: [
        { when: { prompt_contains: "sleep" }, replies: [command("sleep 60")], repeat: "last" },
      ],
      replies: ["next"],
    },
    run: async ({ Codex }, { options, work }) => {
      const thread = new Codex(options).startThread(full(work));
      const printed: string[] = [];
      for await (const event of (await thread.runStreamed("sleep")).events) {
        printed.push(event.type);
        if (event.type === "item.started") break;
      }
      return [...printed, (await thread.run("go")).finalResponse];
    },
  },
];

/** The input of the last request that the model got. */
function sentLast(model: ScriptedModel): unknown[] {
  const request = model.requests.at(-1);
  if (request === undefined) throw new Error("the model got no request");
  return request.body.input;
}

const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

async function printed(program: Program, sdk: Sdk): Promise<unknown> {
  await using model = await ScriptedModel.start(program.script);
  const home = folder("home");
  const work = folder("work");
  const env = Object.entries({ ...model.options(home).env, HOME: home });
  const options: official.CodexOptions = {
    configOverrides: model.configOverrides,
    env: Object.fromEntries(
      env.filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
  };
  const clients: codexkit.Codex[] = [];
  // The programs close nothing, as the official SDK has nothing to close.
  const Codex = class extends (sdk.Codex as unknown as typeof codexkit.Codex) {
    constructor(given: codexkit.CodexOptions) {
      super(given);
      clients.push(this);
    }
  };
  try {
    const result = await program.run({ ...sdk, Codex: Codex as never }, { options, work, model });
    return JSON.parse(JSON.stringify(result).replaceAll(work, "WORK"));
  } finally {
    for (const client of clients) await client.close?.();
  }
}

test.each(programs)("the same output: $name", async (program) => {
  const theirs = await printed(program, official);
  const ours = await printed(program, codexkit as unknown as Sdk);
  expect(JSON.stringify(ours).length).toBeGreaterThan(10);
  expect(ours).toEqual(theirs);
});

test("a turn that was left or aborted is no other turn's", async () => {
  const program: Program = {
    name: "left",
    script: {
      rules: [
        { when: { prompt_contains: "sleep" }, replies: [command("sleep 58")], repeat: "last" },
      ],
      replies: ["awake"],
      repeat: "last",
    },
    run: async ({ Codex }, { options, work }) => {
      const thread = new Codex(options).startThread(full(work));
      const printed: string[] = [];
      for (let times = 0; times < 4; times++) {
        const controller = new AbortController();
        const { events } = await thread.runStreamed("sleep", { signal: controller.signal });
        try {
          for await (const event of events) {
            if (event.type !== "item.started") continue;
            if (times % 2 === 0) break;
            controller.abort();
          }
        } catch (error) {
          printed.push((error as Error).name);
        }
        printed.push((await thread.run("wake up")).finalResponse);
      }
      return printed;
    },
  };
  const wanted = ["awake", "AbortError", "awake", "awake", "AbortError", "awake"];
  expect(await printed(program, codexkit as unknown as Sdk)).toEqual(wanted);
});

test("usage is a turn's own; the thread's total, which the official SDK gives, is beside it", async () => {
  const usages = async (sdk: Sdk) =>
    (await printed(
      {
        name: "usage",
        script: { replies: ["x"], repeat: "last" },
        run: async ({ Codex }, { options, work }) => {
          const thread = new Codex(options).startThread(full(work));
          const all: unknown[] = [];
          for (const prompt of ["one", "two"]) {
            for await (const event of (await thread.runStreamed(prompt)).events) {
              if (event.type === "turn.completed") all.push(event);
            }
          }
          return all;
        },
      },
      sdk,
    )) as codexkit.TurnCompletedEvent[];
  const theirs = await usages(official);
  const ours = await usages(codexkit as unknown as Sdk);
  expect(ours.map((event) => event.thread_usage)).toEqual(theirs.map((event) => event.usage));
  expect(ours[1]?.usage).toEqual(ours[0]?.usage);
  expect(theirs[1]?.usage).not.toEqual(theirs[0]?.usage);
});
