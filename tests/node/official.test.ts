// The simple events against the official SDK's own, on the same engine and the same script.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Codex, type ThreadEvent, type ThreadOptions } from "codexkit";
import { type ModelScript, ScriptedModel } from "codexkit/testing";
import { expect, test } from "vitest";
import { command, folder } from "./helper";

interface Scenario {
  name: string;
  script: ModelScript;
  overrides?: string[];
}

const patch = (text: string) => ({
  items: [{ custom_call: { name: "apply_patch", input: text } }],
});
const mcp = (name: string, args: Record<string, unknown>) => ({
  items: [{ call: { name, namespace: "mcp__fake", arguments: args } }],
});
const plan = (first: string, second: string) => ({
  items: [
    {
      call: {
        name: "update_plan",
        arguments: {
          plan: [
            { step: "one", status: first },
            { step: "two", status: second },
          ],
        },
      },
    },
  ],
});

const scenarios: Scenario[] = [
  { name: "text", script: { replies: [{ items: [{ message: "one two" }] }] } },
  {
    name: "reasoning and commands",
    script: {
      replies: [
        {
          items: [
            { reasoning: { summary: ["**Plan** it", "then do"], content: ["raw"] } },
            ...command("echo out; echo more").items,
          ],
        },
        command("exit 3"),
        "done",
      ],
    },
  },
  {
    name: "file changes",
    script: {
      replies: [
        patch("*** Begin Patch\n*** Add File: new.txt\n+hello\n*** End Patch\n"),
        patch("*** Begin Patch\n*** Update File: old.txt\n@@\n-before\n+after\n*** End Patch\n"),
        patch("*** Begin Patch\n*** Update File: none.txt\n@@\n-x\n+y\n*** End Patch\n"),
        "done",
      ],
    },
  },
  {
    name: "to-do list",
    script: {
      replies: [plan("in_progress", "pending"), plan("completed", "in_progress"), "done"],
    },
    overrides: ["tools.update_plan.enabled=true"],
  },
  {
    name: "web search",
    script: { replies: [{ items: [{ web_search: { query: "weather" } }, { message: "sunny" }] }] },
  },
  {
    name: "MCP tools",
    script: {
      replies: [mcp("echo", { text: "hello" }), mcp("fail", { text: "x" }), "done"],
    },
    overrides: [
      `mcp_servers.fake={command=${JSON.stringify(process.execPath)},args=[${JSON.stringify(join(__dirname, "mcpServer.mjs"))}]}`,
    ],
  },
  {
    name: "commentary",
    script: {
      replies: [
        {
          items: [
            { message: "thinking", phase: "commentary" },
            { message: "answer", phase: "final_answer" },
          ],
        },
      ],
    },
  },
  {
    name: "failure",
    script: { replies: [{ status: 400, body: { error: { message: "refused" } } }] },
  },
];

/** What one SDK tells of a scenario. */
async function record(
  scenario: Scenario,
  start: (
    options: object,
    thread: ThreadOptions,
  ) => { runStreamed: Codex["startThread"] } | unknown,
): Promise<ThreadEvent[]> {
  await using model = await ScriptedModel.start(scenario.script);
  const home = folder("home");
  const work = folder("work");
  writeFileSync(join(work, "old.txt"), "before\n");
  const options = model.options(home);
  options.env = { ...options.env, HOME: home };
  for (const name of ["OPENAI_API_KEY", "CODEX_API_KEY"]) delete options.env[name];
  options.configOverrides = [...(options.configOverrides ?? []), ...(scenario.overrides ?? [])];
  const thread = start(options, {
    model: "gpt-5.5",
    sandboxMode: "danger-full-access",
    workingDirectory: work,
    skipGitRepoCheck: true,
  }) as ReturnType<Codex["startThread"]>;
  const events: ThreadEvent[] = [];
  try {
    for await (const event of (await thread.runStreamed("go")).events) events.push(event);
  } catch {
    // a failed turn, in both
  }
  return JSON.parse(JSON.stringify(events).replaceAll(work, "WORK"));
}

/** What codexkit's events have and the official ones have not: see threadEvents.ts. */
const ADDED = new Set(["turn_id", "thread_usage", "will_retry", "codex_error_info"]);

/** Without ids that differ by run, and without what is meant to differ. */
function comparable(events: ThreadEvent[]): unknown[] {
  return JSON.parse(JSON.stringify(events), (key, value) => {
    if (key === "thread_id") return "";
    return ADDED.has(key) ? undefined : value;
  });
}

test.each(scenarios)("the official events: $name", async (scenario) => {
  const { Codex: OfficialCodex } = await import("@openai/codex-sdk");
  const theirs = await record(scenario, (options, thread) =>
    // biome-ignore lint/suspicious/noExplicitAny: the two packages' option types differ in what is optional.
    new OfficialCodex(options as any).startThread(thread as any),
  );
  const clients: Codex[] = [];
  const ours = await record(scenario, (options, thread) => {
    const codex = new Codex(options);
    clients.push(codex);
    return codex.startThread(thread);
  });
  for (const codex of clients) await codex.close();
  expect(ours.length).toBeGreaterThan(2);
  expect(comparable(ours)).toEqual(comparable(theirs));
});
