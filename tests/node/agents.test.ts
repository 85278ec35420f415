// Guardrails, and the sub-agents that the engine spawns, on the real engine.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type ApprovalRequest, GuardrailError } from "codexkit";
import { expect, test } from "vitest";
import { command, folder, rejection, scripted } from "./helper";

const call = (name: string, args: object, more: object = {}) => ({
  items: [{ call: { name, namespace: "multi_agent_v1", arguments: args } }],
  ...more,
});

const SPAWN = {
  model: "gpt-5",
  rules: [
    {
      when: { prompt_contains: "child task" },
      replies: [
        command("touch made", {
          sandbox_permissions: "require_escalated",
          justification: "need it",
        }),
        "child answer",
      ],
    },
    {
      when: { user_contains: "parent" },
      replies: [
        call("spawn_agent", { message: "child task please" }),
        call(
          "wait_agent",
          // biome-ignore lint/suspicious/noTemplateCurlyInString: the script fills it in
          { targets: ["${aid}"], timeout_ms: 60_000 },
          { capture: { aid: 'agent_id\\\\*":\\s*\\\\*"([^"\\\\]+)' } },
        ),
        "spawned",
      ],
    },
  ],
};

test("a sub-agent is a thread with a parent", async () => {
  const { codex } = await scripted(SPAWN as never);
  const asked: ApprovalRequest[] = [];
  const workingDirectory = folder("work");
  const thread = codex.startThread({
    model: "gpt-5",
    workingDirectory,
    sandboxMode: "workspace-write",
    approvalPolicy: "on-request",
    approvalsReviewer: "user",
    onApproval: (request) => {
      asked.push(request);
      return "accept";
    },
  });
  expect(await thread.children()).toEqual([]);
  const events = await thread.subscribe();
  expect((await thread.run("I am the parent")).finalResponse).toBe("spawned");
  const [child] = await thread.children();
  expect(child).toMatchObject({
    parentThreadId: thread.id,
    rootThreadId: thread.id,
    depth: 1,
    status: "completed",
    prompt: "child task please",
  });
  expect(await codex.agents()).toHaveLength(1);
  expect(asked.map((request) => request.threadId)).toEqual([child?.threadId]);
  expect(existsSync(join(workingDirectory, "made"))).toBe(true);
  for await (const event of events) {
    if (event.threadId === child?.threadId && event.method === "turn/completed") break;
  }
  const read = await codex.resumeThread(child?.threadId as string).read();
  expect(JSON.stringify(read)).toContain("child answer");
});

test("input is replaced or rejected", async () => {
  const { codex, model } = await scripted({ replies: ["fine"], repeat: "last" });
  const thread = codex.startThread();
  const tidy = { inputGuardrails: [(given: unknown) => `tidied ${given}`, async () => undefined] };
  await thread.run("raw", tidy);
  expect(await (await thread.turn("raw", tidy)).result()).toMatchObject({ finalResponse: "fine" });
  const prompts = model.requests.map((request) => request.prompt);
  expect(prompts).toEqual(["tidied raw", "tidied raw"]);
  const cases: [() => unknown, string][] = [
    [() => ({ reject: "not that" }), "not that"],
    [
      () => {
        throw new TypeError("a secret");
      },
      "it threw TypeError",
    ],
    [async () => 3, "it returned a number"],
    [() => ({ reject: "" }), "it returned"],
  ];
  for (const [guardrail, reason] of cases) {
    for (const start of ["run", "turn"] as const) {
      const error = await rejection(
        thread[start]("raw", { inputGuardrails: [guardrail as never] }),
      );
      expect(error, reason).toBeInstanceOf(GuardrailError);
      expect(error).toMatchObject({ stage: "input", result: null, kind: "guardrail" });
      expect((error as GuardrailError).reason).toContain(reason);
      expect(String(error)).not.toContain("a secret");
    }
  }
  expect(model.requests).toHaveLength(2);
  for (const bad of [3, [3], () => undefined]) {
    const error = await rejection(thread.run("raw", { inputGuardrails: bad as never }));
    expect(String(error)).toContain("inputGuardrails");
    expect(error).not.toBeInstanceOf(GuardrailError);
  }
});

test("output is replaced or rejected", async () => {
  const { codex } = await scripted({ replies: ['{"n": 1}'], repeat: "last" });
  const thread = codex.startThread();
  const asked: (string | null)[] = [];
  const mask = (result: { finalResponse: string | null }) =>
    result.finalResponse?.replace("1", "*");
  const no = async (result: { finalResponse: string | null }) => {
    asked.push(result.finalResponse);
    return { reject: "no" };
  };
  const masked = await thread.run("go", { outputGuardrails: [mask] });
  expect(masked.finalResponse).toBe('{"n": *}');
  const turn = await thread.turn("go", { outputGuardrails: [mask, no] });
  for (let time = 0; time < 2; time++) {
    const error = await rejection(turn.result());
    expect(error).toMatchObject({ stage: "output", guardrail: "no", reason: "no" });
    expect((error as GuardrailError).result?.finalResponse).toBe('{"n": *}');
  }
  expect(asked).toEqual(['{"n": *}']);
  const jsonSchema = {
    type: "object",
    properties: { n: { type: "integer" } },
    required: ["n"],
    additionalProperties: false,
  } as const;
  const outputType = { jsonSchema };
  const fine = await thread.run("go", { outputType, outputGuardrails: [() => undefined] });
  expect(fine.parsed).toEqual({ n: 1 });
  const typed = await rejection(thread.run("go", { outputType, outputGuardrails: [mask] }));
  expect(String(typed)).toContain("nothing or { reject }");
});

test("nobody is left without the guardrails that were given", async () => {
  const { codex } = await scripted({ replies: ["fine"], repeat: "last" });
  const thread = codex.startThread();
  const options = { outputGuardrails: [(_: unknown) => undefined] };
  const error = await rejection((async () => thread.streamText("go", options))());
  expect((error as { argument?: string }).argument).toBe("outputGuardrails");
});
