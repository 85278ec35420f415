// Maps: many prompts, each on a thread of its own, on the real engine.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  AbortError,
  ClosedError,
  CodexTimeoutError,
  InvalidArgumentError,
  type MapInput,
  type MapOptions,
  type MapResult,
  TurnFailedError,
} from "codexkit";
import type { ModelScript } from "codexkit/testing";
import { expect, test } from "vitest";
import { command, folder, rejection, scripted } from "./helper";

const ECHO = {
  rules: [
    {
      when: { prompt_contains: "fail" },
      repeat: "last",
      replies: [{ status: 400, body: { error: { message: "no" } } }],
    },
    { when: { prompt_contains: "hang" }, repeat: "last", replies: [{ hang: true }] },
    { when: { prompt_contains: "list" }, replies: [command("ls"), "listed"] },
  ],
  replies: ["done"],
  repeat: "last",
} as unknown as ModelScript;

const statuses = (results: MapResult[]) => results.map(({ index, status }) => [index, status]);

test("results come as they complete", async () => {
  const { codex } = await scripted(ECHO);
  const map = await codex.map(["one", { prompt: "please fail", id: "b" }, "three"], {
    concurrency: 2,
  });
  const given: MapResult[] = [];
  for await (const result of map) given.push(result);
  expect(map.progress).toEqual({ done: 2, failed: 1, running: 0, total: 3 });
  given.sort((one, other) => one.index - other.index);
  expect(statuses(given)).toEqual([
    [0, "ok"],
    [1, "failed"],
    [2, "ok"],
  ]);
  expect(given[0]).toMatchObject({ error: null, fromJournal: false, id: null });
  expect(given[0]?.result?.finalResponse).toBe("done");
  expect(new Set(given.map((result) => result.threadId)).size).toBe(3);
  expect(given[1]?.id).toBe("b");
  expect(given[1]?.error).toBeInstanceOf(TurnFailedError);
  expect(await (await codex.map([])).collect()).toEqual([]);
});

test("items are folders and errors are theirs", async () => {
  const { codex } = await scripted(ECHO);
  const workingDirectory = folder("work");
  writeFileSync(join(workingDirectory, "only-here.txt"), "x");
  const nowhere = join(workingDirectory, "nowhere");
  const items = [
    { prompt: "list it", workingDirectory },
    { prompt: ["list", " it"], workingDirectory: nowhere },
  ];
  const map = await codex.map(items, { thread: { sandboxMode: "danger-full-access" } });
  const results = await map.collect();
  expect(statuses(results)).toEqual([
    [0, "ok"],
    [1, "failed"],
  ]);
  expect(JSON.stringify(results[0]?.result)).toContain("only-here.txt");
  expect(results[1]?.error).toBeInstanceOf(InvalidArgumentError);
  expect(results[1]?.result).toBeNull();
});

test("items are taken when there is room, and leaving interrupts what runs", async () => {
  const { codex, model } = await scripted(ECHO);
  let taken = 0;
  let ended = false;
  async function* many() {
    try {
      for (let number = 0; number < 100_000; number++) {
        taken += 1;
        yield number === 3 ? "hang" : `number ${number}`;
      }
    } finally {
      ended = true;
    }
  }
  let seen = 0;
  for await (const { progress } of await codex.map(many(), { concurrency: 2 })) {
    expect(progress.total).toBeNull();
    if (++seen === 5) break;
  }
  expect(taken).toBeLessThanOrEqual(5 + 2 + 2);
  expect(ended).toBe(true);
  await expect.poll(() => codex.stats()?.openTurns, { timeout: 10_000 }).toBe(0);
  expect(model.requests.length).toBeLessThanOrEqual(5 + 2 + 2);
});

test("the first error, a time and a signal may end it", async () => {
  const { codex } = await scripted(ECHO);
  const strict = await codex.map(["hang", "fail", "more"], { stopOnError: true, concurrency: 2 });
  expect(statuses(await strict.collect())).toEqual([[1, "failed"]]);

  const timed = await codex.map(["hang", "fine"], { itemTimeoutMs: 1500 });
  const [first, second] = await timed.collect();
  expect(first?.error).toBeInstanceOf(CodexTimeoutError);
  expect(second?.status).toBe("ok");

  const controller = new AbortController();
  const map = await codex.map(["one", "hang"], { signal: controller.signal });
  expect((await map.next()).value?.index).toBe(0);
  controller.abort();
  expect(await rejection(map.next())).toBeInstanceOf(AbortError);
  expect((await map.next()).done).toBe(true);
  expect(await rejection(codex.map(["one"], { signal: controller.signal }))).toBeInstanceOf(
    AbortError,
  );
});

test("a journal has what succeeded", async () => {
  const { codex } = await scripted(ECHO);
  const journal = join(folder("journal"), "journal.jsonl");
  const first = await codex.map(["one", "fail", "three"], { journal });
  await first.next();
  const inUse = await rejection(codex.map(["one"], { journal }));
  expect(inUse).toMatchObject({ argument: "journal" });
  expect(String(inUse)).toContain("in use by another map");
  await first.collect();
  const lines = readFileSync(journal, "utf8").trim().split("\n");
  expect(lines.map((line) => JSON.parse(line).status).filter((it) => it === "ok")).toHaveLength(2);
  await first[Symbol.asyncDispose]();
  const again = await other(["one", "fail", "three", "four"], journal);
  expect(again.map(({ status, fromJournal }) => [status, fromJournal])).toEqual([
    ["ok", true],
    ["failed", false],
    ["ok", true],
    ["ok", false],
  ]);
  expect(again[0]?.result?.items.length).toBeGreaterThan(0);
  for (const items of [["one", "other"], ["one"]]) {
    const refused = await rejection(codex.map(items.values(), { journal }));
    expect(String(refused)).toContain("other items");
  }
  const turn = { modelReasoningEffort: "high" } as const;
  expect(String(await rejection(codex.map(["one"], { journal, turn })))).toContain("other options");

  async function other(items: string[], path: string) {
    return (await codex.map(items, { journal: path })).collect();
  }
});

test("who answers is given once", async () => {
  const escalated = command("touch x", {
    sandbox_permissions: "require_escalated",
    justification: "x",
  });
  const { codex } = await scripted({ replies: [escalated, "done"], repeat: "last" } as never);
  const asked: (string | null)[] = [];
  const map = await codex.map(["a", "b"], {
    thread: { workingDirectory: folder("work"), approvalPolicy: "on-request" },
    onApproval: (request) => {
      asked.push(request.threadId ?? null);
      return "decline";
    },
  });
  const results = await map.collect();
  expect(results.map((result) => result.status)).toEqual(["ok", "ok"]);
  expect(new Set(asked)).toEqual(new Set(results.map((result) => result.threadId)));
});

test("what cannot be is refused at the call", async () => {
  const { codex } = await scripted(ECHO);
  const cases: [unknown, unknown, string][] = [
    [["a"], { concurrency: 0 }, "concurrency"],
    [["a"], { itemTimeoutMs: 0 }, "itemTimeoutMs"],
    [["a"], { journal: 3 }, "journal"],
    [["a"], { thread: { cwd: "x" } }, "cwd"],
    [["a"], { thread: { onApproval: () => "accept" } }, "thread.onApproval"],
    [["a"], { turn: { inputGuardrails: () => undefined } }, "inputGuardrails"],
    [["a"], { turn: { outputRepairs: 1 } }, "turn.outputRepairs"],
    [["a"], { turn: { approvalTimeoutMs: 1 } }, "turn.approvalTimeoutMs"],
    [["a"], { parallel: 3 }, "parallel"],
    ["a", {}, "items"],
    [3, {}, "items"],
    [["a", 3], {}, "items[1]"],
    [[{ prompt: "a", id: 3 }], {}, "id"],
  ];
  for (const [items, options, argument] of cases) {
    const error = await rejection(codex.map(items as MapInput[], options as MapOptions));
    expect(error, argument).toBeInstanceOf(InvalidArgumentError);
    expect((error as InvalidArgumentError).argument).toBe(argument);
  }
});

test("an engine that goes ends the map", async () => {
  const { codex } = await scripted(ECHO);
  const map = await codex.map(["one", "hang"]);
  await map.next();
  await codex.close();
  expect(await rejection(map.next())).toBeInstanceOf(ClosedError);
  expect((await map.next()).done).toBe(true);
});
