// run() and runStreamed(): the official SDK's model.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ThreadEvent, TurnFailedError } from "codexkit";
import { expect, test } from "vitest";
import { all, command, folder, rejection, scripted } from "./helper";

test("run gives the items, the answer and the usage of the turn", async () => {
  const { codex, model } = await scripted({
    replies: [
      { items: [{ reasoning: { summary: ["think"] } }, ...command("echo out; exit 3").items] },
      { items: [{ message: "first answer" }] },
      "second answer",
    ],
  });
  const thread = codex.startThread({ sandboxMode: "danger-full-access" });
  expect(thread.id).toBeNull();
  const result = await thread.run("go");
  expect(thread.id).toBe(result.threadId);
  expect(result.finalResponse).toBe("first answer");
  expect(result.items).toEqual([
    { id: "item_0", type: "reasoning", text: "think" },
    {
      id: "item_1",
      type: "command_execution",
      command: expect.stringContaining("echo out; exit 3"),
      aggregated_output: "out\n",
      exit_code: 3,
      status: "failed",
    },
    { id: "item_2", type: "agent_message", text: "first answer" },
  ]);
  const twice = { input_tokens: 20, cached_input_tokens: 4, output_tokens: 10 };
  expect(result.usage).toMatchObject({ ...twice, cache_write_input_tokens: 0 });
  expect(result).toMatchObject({ status: "completed", error: null, turnId: expect.any(String) });

  const second = await thread.run("again");
  expect(second.finalResponse).toBe("second answer");
  expect(second.usage).toMatchObject({ input_tokens: 10, output_tokens: 5 });
  expect(second.tokenUsage?.total.inputTokens).toBe(30);
  expect(model.requests.filter((request) => request.kind === "turn")).toHaveLength(3);
});

test("runStreamed tells the official events, and starts when it is read", async () => {
  const { codex, model } = await scripted({
    replies: [command("echo streamed"), { items: [{ message: "done" }] }],
  });
  const thread = codex.startThread({ sandboxMode: "danger-full-access" });
  const { events } = await thread.runStreamed("go");
  expect(codex.pid).toBeNull();
  const got: ThreadEvent[] = await all(events);
  expect(got.map((event) => event.type)).toEqual([
    "thread.started",
    "turn.started",
    "item.started",
    "item.completed",
    "item.completed",
    "turn.completed",
  ]);
  expect(got[0]).toEqual({ type: "thread.started", thread_id: thread.id });
  expect(await all(events)).toEqual([]);
  expect(model.requests.length).toBeGreaterThanOrEqual(2);
});

test("leaving runStreamed early interrupts the turn, and the thread goes on", async () => {
  const { codex } = await scripted({ replies: [command("sleep 60"), "after"] });
  const thread = codex.startThread({ sandboxMode: "danger-full-access" });
  for await (const event of (await thread.runStreamed("go")).events) {
    if (event.type === "item.started") break;
  }
  await expect.poll(() => codex.stats()?.openTurns, { timeout: 10_000 }).toBe(0);
  expect((await thread.run("next")).finalResponse).toBe("after");
});

test("a failed turn throws with what it came to", async () => {
  const { codex } = await scripted({
    replies: [
      { status: 400, body: { error: { message: "no such model" } } },
      { status: 400, body: { error: { message: "no such model" } } },
      "well again",
    ],
  });
  const thread = codex.startThread();
  const error = (await rejection(thread.run("go"))) as TurnFailedError;
  expect(error).toBeInstanceOf(TurnFailedError);
  expect(error.name).toBe("TurnFailedError");
  expect(error.kind).toBe("turn_failed");
  expect(error.message).toContain("no such model");
  expect(error.result).toMatchObject({ status: "failed", usage: null, threadId: thread.id });

  const seen: string[] = [];
  const streamed = (async () => {
    for await (const event of (await thread.runStreamed("go")).events) seen.push(event.type);
  })();
  expect(await rejection(streamed)).toBeInstanceOf(TurnFailedError);
  expect(seen.slice(-2)).toEqual(["error", "turn.failed"]);
  expect((await thread.run("go")).finalResponse).toBe("well again");
});

test("an output schema reaches the model", async () => {
  const { codex, model } = await scripted(['{"answer": 1}']);
  const outputSchema = {
    type: "object",
    properties: { answer: { type: "number" } },
    required: ["answer"],
    additionalProperties: false,
  };
  const result = await codex.startThread().run("go", { outputSchema });
  expect(JSON.parse(result.finalResponse)).toEqual({ answer: 1 });
  expect(model.requests.at(-1)?.body.text.format.schema).toEqual(outputSchema);
});

test("input parts and images reach the model", async () => {
  const { codex, model } = await scripted(["seen"]);
  const png =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  const image = join(folder(), "dot.png");
  writeFileSync(image, Buffer.from(png, "base64"));
  await codex.startThread().run([
    { type: "text", text: "what is" },
    { type: "local_image", path: image },
    { type: "text", text: "this, Zoë 🦊\u2028?" },
  ]);
  const content = model.requests.at(-1)?.body.input.at(-1).content;
  const texts = content.map((part: { text?: string }) => part.text);
  expect(texts[0]).toBe("what is");
  expect(texts.at(-1)).toBe("this, Zoë 🦊\u2028?");
  expect(JSON.stringify(content)).toContain("data:image/png;base64,");
});

test("a file change is told with its files", async () => {
  const work = folder("work");
  const { codex } = await scripted({
    replies: [
      {
        items: [
          {
            custom_call: {
              name: "apply_patch",
              input: "*** Begin Patch\n*** Add File: new.txt\n+hello\n*** End Patch\n",
            },
          },
        ],
      },
      "patched",
    ],
  });
  const thread = codex.startThread({
    sandboxMode: "danger-full-access",
    workingDirectory: work,
  });
  const { items } = await thread.run("go");
  expect(items[0]).toEqual({
    id: "item_0",
    type: "file_change",
    changes: [{ path: join(work, "new.txt"), kind: "add" }],
    status: "completed",
  });
  expect(existsSync(join(work, "new.txt"))).toBe(true);
  expect(readFileSync(join(work, "new.txt"), "utf8")).toBe("hello\n");
});
