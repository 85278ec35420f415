// The options beyond the official SDK's, each with its effect on the real engine.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Approvals, Sandbox, type ThreadOptions, type TurnOptions, type UserInput } from "codexkit";
import { expect, test } from "vitest";
import { folder, scripted } from "./helper";

type Look = (seen: {
  /** The request that the model got, as JSON text. */
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: it is the Responses API's request.
  body: any;
  // biome-ignore lint/suspicious/noExplicitAny: the answers to thread/start and its kin differ a little.
  open: any;
  /** What the engine tells the provider of the turn. */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  turn: any;
}) => void;

const work = () => folder("work");

const THREAD: [ThreadOptions, Look][] = [
  [
    { baseInstructions: "BASE" },
    ({ text }) => {
      expect(text).toContain("BASE");
      expect(text).not.toContain("You are Codex");
    },
  ],
  [{ developerInstructions: "DEVEL" }, ({ text }) => expect(text).toContain("DEVEL")],
  [{ modelProvider: "scripted" }, ({ open }) => expect(open.modelProvider).toBe("scripted")],
  [{ serviceTier: "flex" }, ({ open }) => expect(open.serviceTier).toBe("flex")],
  [{ ephemeral: true }, ({ open }) => expect(open.thread.ephemeral).toBe(true)],
  [{ serviceName: "a-service" }, ({ open }) => expect(open.thread.id).toBeTruthy()],
  [
    { sessionStartSource: "clear" },
    ({ turn }) => expect(turn.history_initialization).toBe("cleared"),
  ],
  [{ personality: "pragmatic" }, ({ open }) => expect(open.thread.id).toBeTruthy()],
  [{ sandboxMode: Sandbox.readOnly }, ({ open }) => expect(open.sandbox.type).toBe("readOnly")],
  [{ approvalPreset: Approvals.denyAll }, ({ open }) => expect(open.approvalPolicy).toBe("never")],
  [
    { approvalPreset: "auto_review" },
    ({ open }) =>
      expect([open.approvalPolicy, open.approvalsReviewer]).toEqual(["on-request", "auto_review"]),
  ],
  [{ approvalsReviewer: "user" }, ({ open }) => expect(open.approvalsReviewer).toBe("user")],
  [
    { config: { model_reasoning_effort: "low", "tools.update_plan.enabled": true } },
    ({ body }) => {
      expect(body.reasoning.effort).toBe("low");
      expect(body.tools.map((tool: { name: string }) => tool.name)).toContain("update_plan");
    },
  ],
  [
    { params: { developerInstructions: "FURTHER" } },
    ({ text }) => expect(text).toContain("FURTHER"),
  ],
];

const TURN: [TurnOptions, Look][] = [
  [{ modelReasoningEffort: "high" }, ({ body }) => expect(body.reasoning.effort).toBe("high")],
  [{ summary: "detailed" }, ({ body }) => expect(body.reasoning.summary).toBe("detailed")],
  [{ sandboxMode: "read-only" }, ({ turn }) => expect(turn.sandbox_mode).toBe("read-only")],
  [
    { sandboxPolicy: { type: "dangerFullAccess" } },
    ({ turn }) => expect(turn.sandbox_mode).toBe("danger-full-access"),
  ],
  [{ workingDirectory: "/usr" }, ({ text }) => expect(text).toContain("<cwd>/usr</cwd>")],
  [{ approvalPolicy: "never" }, ({ text }) => expect(text).toContain("policy is currently never")],
  [{ approvalPreset: "auto_review" }, ({ turn }) => expect(turn.auto_review_enabled).toBe(true)],
  [{ approvalsReviewer: "user" }, ({ turn }) => expect(turn.auto_review_enabled).toBe(false)],
  [{ source: "a-button" }, ({ turn }) => expect(JSON.stringify(turn)).toContain("a-button")],
  [{ serviceTier: "flex" }, ({ body }) => expect(body.service_tier).toBe("flex")],
  [{ turnServiceTier: "priority" }, ({ body }) => expect(body.service_tier).toBe("priority")],
  [{ personality: "none" }, ({ body }) => expect(body.service_tier).toBe("flex")],
  [
    { params: { responsesapiClientMetadata: { mine: "M" } } },
    ({ turn }) => expect(turn.mine).toBe("M"),
  ],
  // From that turn on: the tiers of the last model are others.
  [{ model: "gpt-5.4" }, ({ body }) => expect(body.model).toBe("gpt-5.4")],
];

test("every further option of threads and turns has its effect", async () => {
  const { codex, model } = await scripted({ replies: ["fine"], repeat: "last" });
  const seen = (open: unknown) => {
    const request = model.requests.at(-1);
    const turn = JSON.parse(request?.headers["x-codex-turn-metadata"] ?? "{}");
    return { open, turn, body: request?.body, text: JSON.stringify(request?.body) };
  };
  for (const [options, look] of THREAD) {
    const thread = codex.startThread({ workingDirectory: work(), ...options });
    const open = await thread.open();
    expect((await thread.run("go")).finalResponse, JSON.stringify(options)).toBe("fine");
    look(seen(open));
  }
  const thread = codex.startThread({ workingDirectory: work() });
  const open = await thread.open();
  for (const [options, look] of TURN) {
    expect((await thread.run("go", options)).finalResponse, JSON.stringify(options)).toBe("fine");
    look(seen(open));
  }
});

test("the history comes with a resumed or forked thread, if it is asked for", async () => {
  const { codex } = await scripted({ replies: ["fine"], repeat: "last" });
  const thread = codex.startThread();
  await thread.run("go");
  const id = thread.id as string;
  const turns = async (includeTurns: boolean) =>
    (await codex.resumeThread(id, { includeTurns }).open()).thread.turns.length;
  expect(await turns(true)).toBe(1);
  expect(await turns(false)).toBe(0);
  expect(
    (await (await codex.forkThread(id, { includeTurns: true })).open()).thread.turns,
  ).toHaveLength(1);
  expect(
    (await (await codex.forkThread(id, { includeTurns: false })).open()).thread.turns,
  ).toHaveLength(0);
});

test("every kind of input reaches the model", async () => {
  const { codex, model, home } = await scripted({ replies: ["fine"], repeat: "last" });
  const thread = codex.startThread({ workingDirectory: work() });
  mkdirSync(join(home, "skills/painter"), { recursive: true });
  const skill = join(home, "skills/painter/SKILL.md");
  writeFileSync(skill, "---\nname: painter\ndescription: paints\n---\nUse oil.\n");
  const dot = Buffer.from(PNG, "base64");
  const file = join(home, "dot.png");
  writeFileSync(file, dot);
  const parts: (UserInput | string)[] = [
    "a string",
    { type: "text", text: "a text" },
    { type: "image", url: `data:image/png;base64,${PNG}` },
    { type: "local_image", path: file },
    { type: "localImage", path: file },
    { type: "skill", name: "painter", path: skill },
    { type: "mention", name: "notes", path: file },
  ];
  await thread.run(parts);
  const input = JSON.stringify(model.requests.at(-1)?.body.input);
  for (const text of ["a string", "a text", "Use oil."]) expect(input).toContain(text);
  expect(input.match(/"type":"input_image"/g)).toHaveLength(3);
  await thread.run({ type: "text", text: "a part alone" });
  expect(JSON.stringify(model.requests.at(-1)?.body.input)).toContain("a part alone");
});

test("an external message has a tool's authority", async () => {
  const { codex, model } = await scripted({ replies: ["fine"], repeat: "last" });
  const thread = codex.startThread();
  await thread.run("go");
  await thread.run({
    type: "external_message",
    toolName: "pager",
    content: "the disk is full",
    namespace: "ops",
  });
  const input = model.requests.at(-1)?.body.input as { type: string }[];
  const told = input.find((item) => JSON.stringify(item).includes("the disk is full"));
  expect(told?.type).toBe("function_call_output");
  expect(JSON.stringify(input)).toContain("pager");

  // The same in the protocol's own words.
  const toolOutput = { name: "pager", namespace: null, output: "the disk is empty" };
  await thread.run([], { params: { toolOutput } });
  expect(JSON.stringify(model.requests.at(-1)?.body.input)).toContain("the disk is empty");
});

test("a notification of the protocol is sent, and models are listed by pages", async () => {
  const { codex } = await scripted([]);
  await codex.notify("initialized");
  const first = await codex.models({ limit: 1 });
  expect(first.data).toHaveLength(1);
  const second = await codex.models({
    limit: 1,
    cursor: first.nextCursor ?? "",
    includeHidden: true,
  });
  expect(second.data[0]?.id).not.toBe(first.data[0]?.id);
  expect(codex.isClosed).toBe(false);
  await codex.close();
  expect(codex.isClosed).toBe(true);
});

const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
