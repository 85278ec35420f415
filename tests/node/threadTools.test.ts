// Threads as tools of other threads, on the real engine.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { InvalidArgumentError, type Thread, type ThreadToolOptions, ToolRegistry } from "codexkit";
import type { ScriptedModel } from "codexkit/testing";
import { expect, test } from "vitest";
import { eventually, folder, rule, ruled } from "./helper";

const asks = (tool: string, ...inputs: string[]) => ({
  items: inputs.map((input) => ({ call: { name: tool, arguments: { input } } })),
});

interface Recorded {
  prompt: string;
  outcome: string;
  body: { input: { type: string; output: string }[] };
}
const requests = (model: ScriptedModel, prompt: string) =>
  (model.requests as unknown as Recorded[]).filter((request) => request.prompt === prompt);

/** What the model read of the calls of a prompt. */
function read(model: ScriptedModel, prompt: string): string[] {
  const items = requests(model, prompt).at(-1)?.body.input ?? [];
  return items.filter(({ type }) => type === "function_call_output").map(({ output }) => output);
}

const expert = (thread: Thread, more: Partial<ThreadToolOptions> = {}) =>
  thread.asTool({ name: "expert", description: "Knows a lot.", ...more });

test("an agent asks another one", async () => {
  const { codex, model } = await ruled(
    rule("question 1", "answer 1"),
    rule("question 2", "answer 2"),
    rule("go", asks("expert", "question 1", "question 2"), "done"),
  );
  const tool = await expert(codex.startThread({ workingDirectory: folder("work") }));
  expect([tool.key, tool.description, tool.timeoutMs]).toEqual(["expert", "Knows a lot.", null]);
  expect(Object.keys(tool.parameters.properties as object)).toEqual(["input"]);
  const thread = codex.startThread({ workingDirectory: folder("work"), tools: [tool] });
  expect((await thread.run("go")).finalResponse).toBe("done");
  expect(read(model, "go")).toEqual(["answer 1", "answer 2"]);
});

test("the thread's own handler decides in its calls", async () => {
  const command = {
    cmd: "touch made.txt",
    sandbox_permissions: "require_escalated",
    justification: "need it",
  };
  const { codex } = await ruled(
    rule("touch", { items: [{ call: { name: "exec_command", arguments: command } }] }, "touched"),
    rule("go", asks("expert", "touch it"), "done"),
  );
  const workingDirectory = folder("work");
  const own = { workingDirectory, approvalPolicy: "on-request" } as const;
  let asked = 0;
  const onApproval = () => {
    asked += 1;
    return "accept" as const;
  };
  const tool = await expert(codex.startThread({ ...own, onApproval }));
  const { finalResponse } = await codex.startThread({ ...own, tools: [tool] }).run("go");
  expect([finalResponse, asked]).toEqual(["done", 1]);
  expect(existsSync(join(workingDirectory, "made.txt"))).toBe(true);
});

test("an agent that is asked by way of itself is refused", async () => {
  const { codex, model } = await ruled(
    rule("to b", asks("ask_a", "back to a"), "b is done"),
    rule("go", asks("ask_b", "to b"), "a is done"),
  );
  const own = () => ({ workingDirectory: folder("work") });
  const asksA = (thread: Thread) => thread.asTool({ name: "ask_a", description: "Asks A." });
  // B knows a tool of A's name before there is A.
  const known = new ToolRegistry([await asksA(codex.startThread(own()))]);
  const b = codex.startThread({ ...own(), tools: known });
  const asksB = await b.asTool({ name: "ask_b", description: "Asks B." });
  const a = codex.startThread({ ...own(), tools: [asksB] });
  known.replace(await asksA(a));
  expect((await a.run("go")).finalResponse).toBe("a is done");
  expect(read(model, "go")).toEqual(["b is done"]);
  expect(read(model, "to b")).toEqual([expect.stringContaining("waits for you")]);
});

test("an interrupted caller interrupts its call", async () => {
  const { codex, model } = await ruled(
    rule("wait", { hang: true }),
    rule("go", asks("expert", "wait")),
  );
  const tool = await expert(codex.startThread({ workingDirectory: folder("work") }));
  const thread = codex.startThread({ workingDirectory: folder("work"), tools: [tool] });
  const turn = await thread.turn("go");
  await eventually(() => requests(model, "wait").length > 0, "the call");
  await turn.interrupt();
  await eventually(
    () => requests(model, "wait").every(({ outcome }) => outcome === "client_gone"),
    "its end",
  );
});

test.each([
  ["name", { name: "no spaces" }],
  ["name", { name: undefined }],
  ["description", { description: " " }],
  ["namespace", { namespace: "mcp__x" }],
  ["timeoutMs", { timeoutMs: 0 }],
  ["maxConcurrency", { maxConcurrency: 0 }],
])("what cannot work is refused at once: %s", async (argument, given) => {
  const { codex } = await ruled(rule("go", "done"));
  const failure = await expert(codex.startThread(), given as never).catch((error) => error);
  expect(failure).toBeInstanceOf(InvalidArgumentError);
  expect(failure.argument).toBe(argument);
});
