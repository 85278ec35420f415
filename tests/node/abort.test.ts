// AbortSignal: at once, with the reason, and without leaving listeners or turns behind.
import { AbortError } from "codexkit";
import { expect, test } from "vitest";
import { all, command, rejection, scripted } from "./helper";

const listeners = (signal: AbortSignal) => {
  const { getEventListeners } = require("node:events") as typeof import("node:events");
  return getEventListeners(signal, "abort").length;
};

function check(error: Error, reason: unknown) {
  expect(error).toBeInstanceOf(AbortError);
  expect(error).toMatchObject({ name: "AbortError", code: "ABORT_ERR", cause: reason });
}

test("an aborted signal rejects before anything is started", async () => {
  const { codex } = await scripted([]);
  const signal = AbortSignal.abort("no");
  const thread = codex.startThread();
  check(await rejection(thread.run("go", { signal })), "no");
  check(await rejection(thread.turn("go", { signal })), "no");
  const { events } = await thread.runStreamed("go", { signal });
  check(await rejection(all(events)), "no");
  expect(codex.pid).toBeNull();
  expect(thread.id).toBeNull();
});

test("aborting run, runStreamed and turn interrupts the turn", async () => {
  const { codex } = await scripted({
    rules: [{ when: { prompt_contains: "slow" }, replies: [command("sleep 62")], repeat: "last" }],
    replies: ["after"],
    repeat: "last",
  });
  const idle = () => expect.poll(() => codex.stats()?.openTurns, { timeout: 10_000 }).toBe(0);
  const options = { sandboxMode: "danger-full-access" } as const;

  const first = codex.startThread(options);
  const one = new AbortController();
  const running = first.run("slow", { signal: one.signal });
  setTimeout(() => one.abort("enough"), 700);
  check(await rejection(running), "enough");
  expect(listeners(one.signal)).toBe(0);
  await idle();
  expect((await first.run("go")).finalResponse).toBe("after");

  const two = new AbortController();
  const { events } = await codex.startThread(options).runStreamed("slow", { signal: two.signal });
  const types: string[] = [];
  const reading = (async () => {
    for await (const event of events) {
      types.push(event.type);
      if (event.type === "item.started") setTimeout(() => two.abort(), 50);
    }
  })();
  check(await rejection(reading), two.signal.reason);
  expect(types).toContain("item.started");
  expect(listeners(two.signal)).toBe(0);
  await idle();

  const three = new AbortController();
  const turn = await codex.startThread(options).turn("slow", { signal: three.signal });
  const result = rejection(turn.result());
  const stream = rejection(
    (async () => {
      for await (const event of turn) {
        if (event.method === "item/started" && event.params.item.type === "commandExecution") {
          setTimeout(() => three.abort("stop"), 50);
        }
      }
    })(),
  );
  check(await result, "stop");
  check(await stream, "stop");
  expect(listeners(three.signal)).toBe(0);
  await idle();
});

test("a turn that is aborted while it is being started is no other turn's", async () => {
  const { codex } = await scripted({
    rules: [{ when: { prompt_contains: "slow" }, replies: [command("sleep 57")], repeat: "last" }],
    replies: ["after"],
    repeat: "last",
  });
  const thread = codex.startThread({ sandboxMode: "danger-full-access" });
  for (let times = 0; times < 4; times++) {
    const controller = new AbortController();
    const started = thread.turn("slow", { signal: controller.signal });
    controller.abort("at once");
    check(await rejection(started), "at once");
    expect((await thread.run("go")).finalResponse).toBe("after");
  }
});

test("a signal may serve many turns", async () => {
  const { codex } = await scripted({ replies: ["x"], repeat: "last" });
  const { signal } = new AbortController();
  const thread = codex.startThread();
  for (let turns = 0; turns < 15; turns++) {
    if (turns % 3 === 0) await thread.run("go", { signal });
    else if (turns % 3 === 1) await all((await thread.runStreamed("go", { signal })).events);
    else await all(await thread.turn("go", { signal }));
  }
  await expect.poll(() => listeners(signal)).toBe(0);
});
