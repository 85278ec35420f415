// turn(): the full stream, and control over a running turn.
import { type Event, isKnownEvent, LaggedError, RpcError } from "codexkit";
import { expect, test } from "vitest";
import { all, command, eventually, faulty, rejection, scripted, until } from "./helper";

const text = (events: Event[]) =>
  events
    .filter((event) => event.method === "item/agentMessage/delta")
    .map((event) => event.params.delta)
    .join("");

test("the stream has every notification of the turn, and ends with it", async () => {
  const { codex } = await scripted({ replies: [{ items: [{ message: "one two three" }] }] });
  const thread = codex.startThread();
  const turn = await thread.turn("go");
  const events = await all(turn);
  expect(events[0]?.method).toBe("turn/started");
  expect(events.at(-1)?.method).toBe("turn/completed");
  expect(text(events)).toBe("one two three");
  for (const event of events) {
    expect(event.turnId).toBe(turn.id);
    expect(event.threadId).toBe(turn.threadId);
    expect(isKnownEvent(event)).toBe(true);
    expect(event).toMatchObject({ merged: 1, recovered: false });
    const line = JSON.parse(event.raw);
    expect(line.method).toBe(event.method);
    expect(line.params).toEqual(event.params);
    expect(JSON.parse(JSON.stringify(event))).toEqual({ method: line.method, params: line.params });
  }
  expect(await all(turn)).toEqual([]);
  const result = await turn.result();
  expect(result).toMatchObject({
    id: turn.id,
    threadId: thread.id,
    status: "completed",
    finalResponse: "one two three",
    recovered: false,
  });
  expect(result.items.map((item) => item.type)).toEqual(["userMessage", "agentMessage"]);
  expect(result.usage?.last.outputTokens).toBe(5);
});

test("deltas are whole with escapes and with all of Unicode", async () => {
  const pieces = [
    "plain ",
    'quoted "x" ',
    "back\\slash\n",
    "Zoë ",
    "🦊🦊 ",
    "\u2028",
    "日本 ",
    "end",
  ];
  const { codex } = await scripted({
    replies: [{ items: [{ message: pieces.join(""), deltas: pieces }] }],
  });
  const turn = await codex.startThread().turn("go");
  const deltas = (await all(turn)).filter((event) => event.method === "item/agentMessage/delta");
  expect(deltas.map((event) => event.delta)).toEqual(pieces);
  expect(deltas.map((event) => event.params.delta)).toEqual(pieces);
  expect(deltas.map((event) => JSON.parse(event.raw).params)).toEqual(
    deltas.map((event) => event.params),
  );
  expect((await turn.result()).finalResponse).toBe(pieces.join(""));
});

test("the result comes without reading the stream, and the stream after the result", async () => {
  const { codex } = await scripted(["answer"]);
  const turn = await codex.startThread().turn("go");
  expect((await turn.result()).finalResponse).toBe("answer");
  expect(text(await all(turn.stream()))).toBe("answer");
});

test("a loop that was left goes on in the next", async () => {
  const { codex } = await scripted({ replies: [{ items: [{ message: "a b c" }] }] });
  const turn = await codex.startThread().turn("go");
  const before = await until(turn, "item/agentMessage/delta");
  const after = await all(turn);
  expect(text([...before, ...after])).toBe("a b c");
});

test("several next() calls at once keep the order", async () => {
  const { codex } = await scripted({ replies: [{ items: [{ message: "a b c d e" }] }] });
  const stream = (await codex.startThread().turn("go")).stream();
  const events: Event[] = [];
  for (;;) {
    const results = await Promise.all([stream.next(), stream.next(), stream.next()]);
    for (const result of results) if (!result.done) events.push(result.value);
    if (results.some((result) => result.done)) break;
  }
  expect(text(events)).toBe("a b c d e");
});

test("many events leave the event loop its turn", async () => {
  const { codex } = await scripted({
    replies: [{ items: [{ repeat_delta: { count: 5000, text: "w{i} " } }] }],
  });
  const turn = await codex.startThread().turn("go");
  await turn.result();
  let ticks = 0;
  const timer = setInterval(() => ticks++, 0);
  let deltas = 0;
  for await (const event of turn) deltas += event.delta === undefined ? 0 : event.merged;
  clearInterval(timer);
  expect(deltas).toBe(5000);
  expect(ticks).toBeGreaterThan(2);
});

test("steer adds input to the running turn", async () => {
  const { codex, model } = await scripted({
    rules: [{ when: { user_contains: "more" }, replies: ["steered"] }],
    replies: [
      {
        items: [
          { message: "x y", deltas: ["x ", "y"], delay_ms: 300 },
          ...command("sleep 2").items,
        ],
      },
      "unsteered",
    ],
  });
  const thread = codex.startThread({ sandboxMode: "danger-full-access" });
  const turn = await thread.turn("go");
  await until(turn, "item/agentMessage/delta");
  expect(await turn.steer("more")).toEqual({ turnId: turn.id });
  const result = await turn.result();
  expect(result).toMatchObject({ status: "completed", finalResponse: "steered" });
  const said = result.items.filter((item) => item.type === "userMessage");
  expect(said).toHaveLength(2);
  expect(JSON.stringify(model.requests.at(-1)?.body.input)).toContain("more");
  expect(await rejection(turn.steer("late"))).toBeInstanceOf(RpcError);
});

test("interrupt ends the turn and its commands; repeating it does no harm", async () => {
  const { codex } = await scripted({ replies: [command("sleep 61"), "next"] });
  const thread = codex.startThread({ sandboxMode: "danger-full-access" });
  const turn = await thread.turn("go");
  for await (const event of turn) {
    if (event.method === "item/started" && event.params.item.type === "commandExecution") break;
  }
  await turn.interrupt();
  await turn.interrupt();
  expect((await turn.result()).status).toBe("interrupted");
  const { threadId } = turn;
  await expect
    .poll(async () => (await codex.request("thread/backgroundTerminals/list", { threadId })).data)
    .toEqual([]);
  expect((await thread.run("next")).finalResponse).toBe("next");
});

test("a turn can be interrupted as soon as it is there", async () => {
  const { codex } = await scripted({ replies: [command("sleep 63")], repeat: "last" });
  const thread = codex.startThread({ sandboxMode: "danger-full-access" });
  for (const pause of [0, 0, 2, 5]) {
    const turn = await thread.turn("go");
    if (pause > 0) await new Promise((resume) => setTimeout(resume, pause));
    await turn.interrupt();
    expect((await turn.result()).status).toBe("interrupted");
  }
});

test("many threads at once, on one engine", async () => {
  const { codex } = await scripted({
    rules: Array.from({ length: 12 }, (_, index) => ({
      when: { prompt_contains: `number ${index}!` },
      replies: [{ items: [{ message: `answer ${index}`, delay_ms: 5 }] }],
    })),
  });
  const answers = await Promise.all(
    Array.from({ length: 12 }, async (_, index) => {
      const turn = await codex.startThread().turn(`number ${index}!`);
      const events = await all(turn);
      expect(events.every((event) => event.turnId === turn.id)).toBe(true);
      return text(events);
    }),
  );
  expect(answers).toEqual(Array.from({ length: 12 }, (_, index) => `answer ${index}`));
  expect(codex.stats()?.openTurns).toBe(0);
});

test("a slow reader gets joined deltas with their whole text", async () => {
  const plan = { turn: { text: Array.from({ length: 400 }, (_, n) => `w${n}`).join(" ") } };
  const codex = faulty(plan, { queue: { softEvents: 20 } });
  const turn = await codex.startThread().turn("go");
  const result = await turn.result();
  const events = await all(turn);
  expect(text(events)).toBe(plan.turn.text);
  expect(result.finalResponse).toBe(plan.turn.text);
  const merged = events.filter((event) => event.merged > 1);
  expect(merged.length).toBeGreaterThan(0);
  for (const event of merged) expect(JSON.parse(event.raw).params).toEqual(event.params);
  expect(codex.stats()?.coalescedDeltas).toBeGreaterThan(100);
});

test("a reader that is too slow is told so, and the result is exact all the same", async () => {
  const items = Array.from({ length: 60 }, (_, n) => ({
    type: "agentMessage",
    id: `m${n}`,
    text: `message ${n}`,
  }));
  const codex = faulty({ turn: { items } }, { queue: { softEvents: 5, hardEvents: 10 } });
  const turn = await codex.startThread().turn("go");
  const result = await turn.result();
  expect(result.items.length).toBeGreaterThan(60);
  const error = await rejection(all(turn));
  expect(error).toBeInstanceOf(LaggedError);
  expect((error as LaggedError).skipped).toBeGreaterThan(50);
  expect(await all(turn)).toEqual([]);
});

test("notifications tell what belongs to no turn, and end with the client", async () => {
  const { codex } = await scripted(["x"]);
  const methods: string[] = [];
  const reading = (async () => {
    for await (const event of codex.notifications()) methods.push(event.method);
  })();
  await codex.startThread().run("go");
  await eventually(() => methods.includes("thread/started"), "thread/started");
  await codex.close();
  await reading;
  expect(methods).toContain("thread/status/changed");
  expect(methods).not.toContain("turn/started");
});
