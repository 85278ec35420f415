// Typed answers on the real engine: `outputType`, repairs and growing answers.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type ApprovalRequest,
  InvalidArgumentError,
  InvalidOutputError,
  type StandardSchema,
} from "codexkit";
import { expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { all, rejection, root, scripted } from "./helper";

const Report = z.object({
  title: z.string().describe("what it is about"),
  status: z.enum(["fine", "needs work"]),
  score: z.number(),
  tags: z.array(z.string()),
  author: z.object({ name: z.string(), email: z.string().nullish() }),
  note: z.string().nullish(),
});
const ANSWER = {
  title: "t",
  status: "fine" as const,
  score: 1,
  tags: ["a"],
  author: { name: "n", email: null },
  note: null,
};
const Even = z.object({ number: z.number().refine((n) => n % 2 === 0, "it is odd") });
const replies = (...answers: unknown[]) => ({
  replies: answers.map((answer) => ({
    items: [{ message: typeof answer === "string" ? answer : JSON.stringify(answer) }],
  })),
  repeat: "last" as const,
});

type Sent = { text?: { format?: { strict: boolean; schema: Json } }; input: unknown };
type Json = Record<string, unknown>;

function bodies(model: { requests: { body: unknown }[] }): Sent[] {
  return model.requests.map((request) => request.body as Sent);
}

/** Titles left out, choices of plain types as lists of types. */
function normal(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(normal);
  if (typeof schema !== "object" || schema === null) return schema;
  const { anyOf } = schema as { anyOf?: Json[] };
  if (anyOf?.every((branch) => Object.keys(branch).join() === "type")) {
    return { type: anyOf.map((branch) => branch.type) };
  }
  const kept = Object.entries(schema).filter(
    ([key, v]) => key !== "title" || typeof v !== "string",
  );
  return Object.fromEntries(kept.map(([key, value]) => [key, normal(value)]));
}

test("a zod schema is asked for in strict form and gives a typed value", async () => {
  const { model, codex } = await scripted(replies(ANSWER));
  const result = await codex.startThread().run("Report.", { outputType: Report });
  expectTypeOf(result.parsed).toEqualTypeOf<z.infer<typeof Report>>();
  expect(result.parsed).toEqual(ANSWER);
  expect(result.attempts).toEqual([]);
  expect(result.finalResponse).toBe(JSON.stringify(ANSWER));
  const format = bodies(model)[0]?.text?.format;
  expect(format?.strict).toBe(true);
  const fixture = JSON.parse(readFileSync(join(root, "fixtures/schemas/report.json"), "utf8"));
  expect(normal(format?.schema)).toEqual(fixture);
  expect(Object.keys(format?.schema.properties as Json)).toEqual(Object.keys(fixture.properties));
});

test("other types of answers", async () => {
  const { codex } = await scripted(
    replies({ value: ["x"] }, { value: null }, "```json\n3\n```", { a: 1 }),
  );
  const thread = codex.startThread();
  const list = await thread.run("Say.", { outputType: z.array(z.string()) });
  expect(list.parsed).toEqual(["x"]);
  const nothing = await thread.run("Say.", { outputType: z.string().nullable() });
  expect(nothing.parsed).toBe(null);
  const changed = await thread.run("Say.", {
    outputType: { jsonSchema: { type: "number" }, schema: z.number().transform(String) },
  });
  expectTypeOf(changed.parsed).toEqualTypeOf<string>();
  expect(changed.parsed).toBe("3");
  const open = { type: "object", additionalProperties: { type: "integer" } };
  const plain = await thread.run("Say.", { outputType: { jsonSchema: open } });
  expectTypeOf(plain.parsed).toEqualTypeOf<unknown>();
  expect(plain.parsed).toEqual({ a: 1 });
});

test("an outputSchema keeps its meaning", async () => {
  const { model, codex } = await scripted(replies("no JSON"));
  const schema = { type: "object", properties: { b: { type: "string" }, a: { type: "string" } } };
  const result = await codex.startThread().run("Say.", { outputSchema: schema });
  expect(result.finalResponse).toBe("no JSON");
  expect(result).not.toHaveProperty("parsed");
  const sent = bodies(model)[0]?.text?.format?.schema;
  expect(JSON.stringify(sent)).toBe(JSON.stringify(schema));
});

test("an invalid answer says what is wrong", async () => {
  const bad = { ...ANSWER, author: { name: 3, email: null } };
  const { codex } = await scripted(replies(bad));
  const running = codex.startThread().run("Report.", { outputType: Report });
  const error = (await rejection(running)) as InvalidOutputError;
  expect(error).toBeInstanceOf(InvalidOutputError);
  expect(error).toMatchObject({ kind: "invalid_output", path: "$.author.name", rule: "type" });
  expect(error.schemaPath).toMatch(/properties\/name\/type$/);
  expect(JSON.parse(error.rawText)).toEqual(bad);
  expect(error.attempts).toBe(1);
  expect(error.result?.finalResponse).toBe(error.rawText);
});

test("an invalid answer is repaired, whoever finds it invalid", async () => {
  const { model, codex } = await scripted(replies({ number: "x" }, { number: 3 }, { number: 4 }));
  const options = { outputType: Even, outputRepairs: 2 };
  const result = await codex.startThread().run("Even.", options);
  expect(result.parsed).toEqual({ number: 4 });
  expect(result.attempts.map((turn) => turn.finalResponse)).toEqual([
    '{"number":"x"}',
    '{"number":3}',
  ]);
  expect(result.attempts.every((turn) => turn.usage !== null)).toBe(true);
  expect(JSON.stringify(bodies(model)[1]?.input)).toContain("at $.number");
  expect(JSON.stringify(bodies(model)[2]?.input)).toContain("it is odd");
});

test("what is never valid is an error", async () => {
  const { model, codex } = await scripted(replies({ number: 3 }));
  const options = { outputType: Even, outputRepairs: 2 };
  const error = (await rejection(codex.startThread().run("Even.", options))) as InvalidOutputError;
  expect(error).toMatchObject({ attempts: 3, path: "$.number", rule: "zod:custom" });
  expect(error.results).toHaveLength(3);
  expect(model.requests).toHaveLength(3);
  const refused = await scripted(replies("I cannot help with that."));
  const refusal = await rejection(refused.codex.startThread().run("x", { outputType: Report }));
  expect(refusal).toMatchObject({ path: "$", rule: "json" });
});

test("an answer grows, and commentary is none", async () => {
  const deltas = ['{"title": "a', ' b", "tags": ["x', '", "y"], "score": 1', "2, "];
  deltas.push('"status": "fine", "author": {"name": "n", "email": null}, "note": null}');
  const { codex } = await scripted({
    replies: [
      {
        items: [
          { message: '{"title": "not yet"}', phase: "commentary" },
          { message: deltas.join(""), phase: "final_answer", deltas },
        ],
      },
    ],
  });
  const turn = await codex.startThread().turn("Report.", { outputType: Report });
  const seen = await all(turn.partialOutputs());
  expect(seen.slice(0, 4)).toEqual([
    { title: "a" },
    { title: "a b", tags: ["x"] },
    { title: "a b", tags: ["x", "y"] },
    { title: "a b", tags: ["x", "y"], score: 12 },
  ]);
  const result = await turn.result();
  expectTypeOf(result.parsed).toEqualTypeOf<z.infer<typeof Report>>();
  expect(result.parsed).toEqual(seen.at(-1));
  expect(result.status).toBe("completed");
});

test("a turn's result is checked, too", async () => {
  const { codex } = await scripted(replies({ number: 3 }));
  const turn = await codex.startThread().turn("Even.", { outputType: Even });
  expect(await rejection(turn.result())).toBeInstanceOf(InvalidOutputError);
});

test("aborting ends a growing answer", async () => {
  const { codex } = await scripted({
    replies: [{ items: [{ message: '{"number": 2', deltas: false, done: false }], delay_ms: 0 }],
  });
  const abort = new AbortController();
  const options = { outputType: Even, signal: abort.signal };
  const turn = await codex.startThread().turn("Even.", options);
  const partials = turn.partialOutputs();
  abort.abort();
  expect(await rejection(all(partials))).toMatchObject({ code: "ABORT_ERR" });
});

const old = {
  "~standard": { version: 1, vendor: "old", validate: (value: unknown) => ({ value }) },
};
const refused: [object, string, string][] = [
  [{ outputType: 3 }, "outputType", "zod schema"],
  [{ outputType: { type: "object" } }, "outputType", "{ jsonSchema: ... }"],
  [{ outputType: { jsonSchema: [] } }, "outputType.jsonSchema", "plain JSON object"],
  [{ outputType: { jsonSchema: {}, schema: 3 } }, "outputType.schema", "Standard Schema"],
  [{ outputType: { jsonSchema: { type: "text" } } }, "outputType", "no JSON Schema"],
  [{ outputType: { jsonSchema: { $ref: "https://example.com/s" } } }, "outputType", "JSON Schema"],
  [{ outputType: old as StandardSchema }, "outputType", "{ schema, jsonSchema }"],
  [{ outputType: z.date() }, "outputType", "no JSON Schema: "],
  [{ outputType: Even, outputSchema: {} }, "outputType", "outputSchema"],
  [{ outputType: Even, outputRepairs: -1 }, "outputRepairs", "0"],
  [{ outputRepairs: 1 }, "outputRepairs", "there is none"],
];

test("what is no type of an answer is refused at the call", async () => {
  const { model, codex } = await scripted(replies("x"));
  const thread = codex.startThread();
  for (const [options, argument, said] of refused) {
    const error = (await rejection(thread.run("Say.", options))) as InvalidArgumentError;
    expect(error, JSON.stringify(argument)).toBeInstanceOf(InvalidArgumentError);
    expect(error.argument).toBe(argument);
    expect(error.message).toContain(said);
  }
  const typed = { outputType: Even };
  expect(await rejection(thread.runStreamed("Say.", typed))).toBeInstanceOf(InvalidArgumentError);
  expect(() => thread.streamText("Say.", typed)).toThrow(InvalidArgumentError);
  const repairs = thread.turn("Say.", { ...typed, outputRepairs: 1 });
  expect(await rejection(repairs)).toMatchObject({ argument: "outputRepairs" });
  expect(model.requests).toHaveLength(0);
  const turn = await thread.turn("Say.");
  expect(() => turn.partialOutputs()).toThrow(InvalidArgumentError);
  await turn.result();
});

test("who answers for a typed question answers in each of its turns", async () => {
  const asks = (cmd: string) => ({
    items: [
      {
        call: {
          name: "exec_command",
          arguments: { cmd, sandbox_permissions: "require_escalated", justification: "need it" },
        },
      },
    ],
  });
  const good = replies({ value: 2 }).replies;
  const { codex } = await scripted({
    replies: [
      asks("echo 1"),
      ...replies("none").replies,
      asks("echo 2"),
      ...good,
      asks("echo 3"),
      ...good,
    ],
  });
  const thread = codex.startThread({ sandboxMode: "read-only", approvalPolicy: "on-request" });
  const seen: unknown[] = [];
  const options = {
    outputType: z.number(),
    onApproval: ({ script }: ApprovalRequest) => {
      seen.push(script);
      return "accept" as const;
    },
  };
  const result = await thread.run("Count.", { ...options, outputRepairs: 1 });
  expect([result.parsed, result.attempts.length]).toEqual([2, 1]);
  const turn = await thread.turn("Count.", options);
  expect((await turn.result()).parsed).toBe(2);
  expect(seen).toEqual(["echo 1", "echo 2", "echo 3"]);
});
