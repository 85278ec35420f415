// Threads and their life: resume, fork, list, read, name, archive; and options on the wire.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Codex } from "codexkit";
import { expect, test } from "vitest";
import { command, folder, scripted } from "./helper";

test("a thread is resumed by another client with its history", async () => {
  const { codex, model, home } = await scripted(["first", "second"]);
  const thread = codex.startThread();
  await thread.run("remember the fox");
  await codex.close();
  await using other = new Codex(model.options(home));
  const resumed = other.resumeThread(thread.id as string);
  expect(resumed.id).toBe(thread.id);
  expect((await resumed.run("what was it?")).finalResponse).toBe("second");
  expect(JSON.stringify(model.requests.at(-1)?.body.input)).toContain("remember the fox");
});

test("fork, list, read, setName, archive, unarchive", async () => {
  const { codex, model } = await scripted({ replies: ["first", "second"], repeat: "last" });
  const thread = codex.startThread();
  await thread.run("remember the fox");
  const fork = await thread.fork();
  expect(fork.id).not.toBe(thread.id);
  await fork.run("go on");
  expect(JSON.stringify(model.requests.at(-1)?.body.input)).toContain("remember the fox");

  await thread.setName("a named thread");
  const read = await thread.read();
  expect(read.thread).toMatchObject({ id: thread.id, name: "a named thread" });
  expect(read.thread.turns).toHaveLength(1);
  expect((await thread.read(false)).thread.turns).toEqual([]);

  const ids = async (archived: boolean) =>
    (await codex.listThreads({ archived, modelProviders: [] })).data.map((item) => item.id);
  expect(await ids(false)).toEqual(expect.arrayContaining([thread.id, fork.id]));
  await thread.archive();
  expect(await ids(true)).toContain(thread.id);
  expect((await thread.unarchive()).thread.id).toBe(thread.id);
  expect(await ids(false)).toContain(thread.id);
});

test("open starts or resumes a thread without a turn", async () => {
  const { codex, model } = await scripted(["x"]);
  const thread = codex.startThread({ model: "gpt-5.5" });
  const opened = await thread.open();
  expect(opened).toMatchObject({ model: "gpt-5.5", thread: { id: thread.id } });
  await thread.run("go");
  expect(model.requests.filter((request) => request.kind === "turn")).toHaveLength(1);
  const resumed = await codex.resumeThread(thread.id as string).open();
  expect(resumed.thread.turns).toHaveLength(1);
});

test("compact summarises the thread", async () => {
  const { codex, model } = await scripted({ replies: ["first"], repeat: "last" });
  const thread = codex.startThread();
  await thread.run("go");
  await thread.compact();
  await expect
    .poll(() => model.requests.some((request) => request.kind === "compaction"), {
      timeout: 10_000,
    })
    .toBe(true);
});

test("thread options mean on the wire what they mean to the official SDK", async () => {
  const work = folder("work");
  const extra = join(work, "..", "extra");
  mkdirSync(extra);
  const { codex, model } = await scripted(["x"]);
  const thread = codex.startThread({
    model: "gpt-5.5",
    sandboxMode: "workspace-write",
    workingDirectory: work,
    skipGitRepoCheck: true,
    modelReasoningEffort: "high",
    networkAccessEnabled: true,
    webSearchMode: "live",
    webSearchEnabled: false,
    approvalPolicy: "never",
    additionalDirectories: [extra],
    threadSource: "a test",
  });
  await thread.run("go");
  const body = model.requests.at(-1)?.body;
  expect(body.model).toBe("gpt-5.5");
  expect(body.reasoning.effort).toBe("high");
  expect(body.tools).toContainEqual(
    expect.objectContaining({ type: "web_search", external_web_access: true }),
  );
  const said = await codex.request("thread/resume", { threadId: thread.id as string });
  expect(said).toMatchObject({
    cwd: work,
    approvalPolicy: "never",
    sandbox: { type: "workspaceWrite", networkAccess: true, writableRoots: [extra] },
  });
});

test("further parameters of the protocol pass through", async () => {
  const { codex, model } = await scripted({ replies: ["x"], repeat: "last" });
  const thread = codex.startThread({ params: { developerInstructions: "speak like a pirate" } });
  await thread.run("go", { params: { effort: "low" } });
  const body = model.requests.at(-1)?.body;
  expect(JSON.stringify(body.input)).toContain("speak like a pirate");
  expect(body.reasoning.effort).toBe("low");
});

test("config and environment reach the engine", async () => {
  const { codex, home } = await scripted(
    { replies: [command("echo $MARK-$UNSET"), "x"] },
    { config: { model_reasoning_effort: "medium" } },
  );
  await codex.close();
  const { model } = await scripted({ replies: [command("echo $MARK-$UNSET"), "x"] });
  await using other = new Codex({
    ...model.options(home),
    config: { model_reasoning_effort: "medium", shell_environment_policy: { inherit: "all" } },
    env: { PATH: process.env.PATH, HOME: home, CODEX_HOME: home, MARK: "marked", UNSET: undefined },
  });
  const thread = other.startThread({ sandboxMode: "danger-full-access" });
  const { items } = await thread.run("go");
  expect(items[0]).toMatchObject({ aggregated_output: "marked-\n" });
  expect(model.requests[0]?.body.reasoning.effort).toBe("medium");
});

test("declared capabilities reach the engine", async () => {
  const muted = "item/agentMessage/delta";
  const capabilities = { optOutNotificationMethods: [muted] };
  const { codex } = await scripted(["one two"], { capabilities });
  const methods: string[] = [];
  for await (const event of await codex.startThread().turn("go")) methods.push(event.method);
  expect(methods).not.toContain(muted);
  expect(methods).toContain("item/completed");
});
