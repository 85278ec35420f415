// The hooks of an auto-run around approvals and calls of tools, on the real engine.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { AutoRunOptions } from "codexkit";
import { InvalidArgumentError, ToolRegistry, tool } from "codexkit";
import { expect, test } from "vitest";
import { folder, scripted } from "./helper";

const asks = (cmd: string) => [
  {
    items: [
      {
        call: {
          name: "exec_command",
          arguments: { cmd, sandbox_permissions: "require_escalated", justification: "need it" },
        },
      },
    ],
  },
  "done",
];

async function start(...commands: string[]) {
  const { codex } = await scripted({ replies: commands.flatMap(asks) });
  const work = folder("work");
  const thread = codex.startThread({
    workingDirectory: work,
    sandboxMode: "read-only",
    approvalPolicy: "on-request",
    onApproval: () => "accept" as const,
  });
  return { codex, thread, made: (name: string) => existsSync(join(work, name)) };
}

test("a hook looks, declines and changes", async () => {
  const { codex, thread, made } = await start("touch 1.txt", "touch 2.txt", "touch 3.txt");
  const seen: unknown[] = [];
  const first = await thread.autoRun("go", {
    maxTurns: 1,
    beforeApproval: ({ script }) => {
      seen.push(script);
    },
    afterApproval: async (_, decision) => {
      seen.push(decision);
      return undefined;
    },
  });
  expect(first.stopReason).toBe("max_turns");
  expect(made("1.txt")).toBe(true);
  const hooks: AutoRunOptions = {
    maxTurns: 2,
    beforeApproval: () => ({ decision: "decline", reason: "not here" }),
    afterApproval: (_, decision) => {
      seen.push(decision);
    },
  };
  const second = await codex.autoResume(first.continuation as string, { thread, ...hooks });
  expect(made("2.txt")).toBe(false);
  const run = await codex.autoResumeStreamed(second.continuation as string, {
    thread,
    maxTurns: 3,
    afterApproval: () => "decline",
  });
  for await (const event of run) expect(event.method).not.toBe("codexkit/autoRun/asked");
  expect((await run.result()).turns).toBe(3);
  expect(made("3.txt")).toBe(false);
  expect(seen).toEqual([
    "touch 1.txt",
    { decision: "accept" },
    { decision: "decline", reason: "not here" },
  ]);
});

test("a hook stops the run", async () => {
  const { thread, made } = await start("touch no.txt");
  const { stopReason, detail, continuation } = await thread.autoRun("go", {
    maxTurns: 1,
    afterApproval: () => ({ stop: "too far" }),
  });
  expect([stopReason, detail]).toEqual(["stopped_by_hook", "too far"]);
  expect(continuation).not.toBe(null);
  expect(made("no.txt")).toBe(false);
});

test("nonsense and what is thrown end the run", async () => {
  const { thread, made } = await start("touch no.txt");
  const nonsense = thread.autoRun("go", {
    maxTurns: 1,
    beforeApproval: () => "perhaps" as "accept",
  });
  const error = await nonsense.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(InvalidArgumentError);
  expect(String(error)).toContain("perhaps");
  const other = await start("touch no.txt");
  const thrown = other.thread.autoRun("go", {
    maxTurns: 1,
    beforeApproval: async () => {
      throw new Error("broken hook");
    },
  });
  await expect(thrown).rejects.toThrow("broken hook");
  await other.codex.close();
  expect([made("no.txt"), other.made("no.txt")]).toEqual([false, false]);
  await expect(thread.autoRun("go", { afterTool: "x" as never })).rejects.toThrow("afterTool");
});

/** One turn that calls `shout("hello")`: what the run came to, what the model read, and how often the tool was called. */
async function shouted(hooks: AutoRunOptions) {
  const call = { name: "shout", arguments: { text: "hello" } };
  const { codex, model } = await scripted({ replies: [{ items: [{ call }] }, "done"] });
  const shout = tool({
    name: "shout",
    description: "Says it louder.",
    parameters: {
      type: "object",
      properties: { text: { type: "string" } },
      required: ["text"],
    },
    execute: ({ text }) => String(text).toUpperCase(),
  });
  const tools = new ToolRegistry([shout]);
  const thread = codex.startThread({ workingDirectory: folder("work"), tools });
  const result = await thread.autoRun("go", { maxTurns: 1, ...hooks });
  const items = model.requests.at(-1)?.body.input as { type: string; output?: unknown }[];
  const read = items.filter(({ type }) => type === "function_call_output").at(-1)?.output;
  return { result, read, calls: tools.metrics().shout?.calls };
}

test("hooks of tools look, change and replace", async () => {
  const seen: unknown[] = [];
  const { result, read, calls } = await shouted({
    beforeTool: (call) => {
      seen.push([call.tool, call.namespace, call.arguments]);
      return { arguments: { text: "changed" } };
    },
    afterTool: async (call, said) => {
      seen.push([call.arguments, said.text, said.isError]);
      return { result: "other" };
    },
  });
  expect([result.stopReason, read, calls]).toEqual(["max_turns", "other", 1]);
  expect(seen).toEqual([
    ["shout", null, { text: "hello" }],
    [{ text: "changed" }, "CHANGED", false],
  ]);
});

test("a hook answers in place of a tool, or stops the run", async () => {
  const skipped = await shouted({ beforeTool: () => ({ result: "skipped" }) });
  expect([skipped.read, skipped.calls]).toEqual(["skipped", 0]);
  const { result, calls } = await shouted({ beforeTool: async () => ({ stop: "loud enough" }) });
  expect([result.stopReason, result.detail, calls]).toEqual(["stopped_by_hook", "loud enough", 0]);
});
