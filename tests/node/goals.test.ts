// Goals: the engine goes on by itself until one is reached or given up.
import type { Event } from "codexkit";
import { expect, test } from "vitest";
import { all, command, rejection, scripted } from "./helper";

const done = { items: [{ call: { name: "update_goal", arguments: { status: "complete" } } }] };

test("a goal is set, read, paused and cleared", async () => {
  const { codex } = await scripted({ replies: ["fine"], repeat: "last" });
  const thread = codex.startThread();
  await thread.run("go");
  expect(await thread.goal()).toBeNull();
  const set = await thread.setGoal({ objective: "paint it", status: "paused", tokenBudget: 5000 });
  expect(set).toMatchObject({ objective: "paint it", status: "paused", tokenBudget: 5000 });
  expect(await thread.goal()).toMatchObject({ objective: "paint it", status: "paused" });
  expect(await thread.clearGoal()).toBe(true);
  expect(await thread.clearGoal()).toBe(false);
  expect(await thread.goal()).toBeNull();
});

test("a goal is pursued over turns until it is reached", async () => {
  const { codex } = await scripted(["first", "on it", done, "reached"] as never);
  const thread = codex.startThread();
  await thread.run("go");
  const events: Event[] = await all(thread.pursue("paint it"));
  const methods = events.map((event) => event.method);
  expect(methods.filter((method) => method === "turn/started").length).toBeGreaterThan(1);
  expect(methods.at(-1)).toBe("turn/completed");
  const last = events.filter((event) => event.method === "thread/goal/updated").at(-1);
  expect(last?.params).toMatchObject({ goal: { objective: "paint it", status: "complete" } });
  expect((await thread.goal())?.status).toBe("complete");
});

test("leaving or aborting a goal pauses it and interrupts its turn", async () => {
  const { codex } = await scripted({
    rules: [
      { when: { input_contains: "long thing" }, replies: [command("sleep 59")], repeat: "last" },
    ],
    replies: ["first"],
    repeat: "last",
  });
  const thread = codex.startThread({ sandboxMode: "danger-full-access" });
  await thread.run("go");
  const working = (event: Event) =>
    event.method === "item/started" && event.params.item.type === "commandExecution";
  for await (const event of thread.pursue("a long thing")) if (working(event)) break;
  expect((await thread.goal())?.status).toBe("paused");
  await expect.poll(async () => (await thread.read(false)).thread.status.type).toBe("idle");

  const controller = new AbortController();
  const pursuing = (async () => {
    const { signal } = controller;
    for await (const event of thread.pursue("another long thing", { signal })) {
      if (working(event)) controller.abort("enough");
    }
  })();
  expect(await rejection(pursuing)).toMatchObject({ name: "AbortError", cause: "enough" });
  expect((await thread.goal())?.status).toBe("paused");
  await expect.poll(async () => (await thread.read(false)).thread.status.type).toBe("idle");
});
