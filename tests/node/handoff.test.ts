// Agents that hand their conversation over to each other, on the real engine.
import { Handoff, type HandoffOptions, InvalidArgumentError, type Thread } from "codexkit";
import type { ScriptedModel } from "codexkit/testing";
import { expect, test } from "vitest";
import { folder, rule, ruled } from "./helper";

const transfer = (name: string, message: string) => ({
  items: [{ call: { name: `transfer_to_${name}`, arguments: { message } } }],
});

interface Recorded {
  prompt: string;
  body: { input: { role?: string; content: { text: string }[] }[] };
}

/** What users and agents have said, as the model read it last with this in its prompt. */
function said(model: ScriptedModel, prompt: string): string[] {
  const requests = model.requests as unknown as Recorded[];
  const last = requests.filter((request) => request.prompt.includes(prompt)).at(-1);
  const spoken = last?.body.input.filter(({ role }) => role === "user" || role === "assistant");
  const texts = spoken?.map(({ content }) => content[0]?.text ?? "") ?? [];
  return texts.filter((text) => !text.startsWith("<"));
}

const rules = [
  rule("invoice", transfer("billing", "Invoice 7."), "Bye."),
  rule("Invoice 7.", transfer("triage", "All paid."), ""),
  rule("All paid.", "It is paid."),
  rule("plain", transfer("billing", "Invoice 8."), "I did it."),
];

test("a conversation goes to another agent and back, and the stream tells of it", async () => {
  const { codex, model } = await ruled(...rules);
  const workingDirectory = folder("work");
  const back = new Handoff({ name: "triage", description: "Everything else." });
  expect([back.name, back.threadId]).toEqual(["transfer_to_triage", null]);
  const billing = codex.startThread({ workingDirectory, tools: [back] });
  const toBilling = await billing.asHandoff({ name: "billing", description: "Knows invoices." });
  const triage = codex.startThread({ workingDirectory, tools: [toBilling] });
  await back.bind(triage);
  expect(back.threadId).toBe(triage.id);
  const run = await triage.autoRunStreamed("Look at my invoice.", { until: "answer" });
  const told: unknown[] = [];
  for await (const event of run) {
    if (event.method !== "codexkit/autoRun/handedOver") continue;
    told.push([event.params.threadId, event.params.toThreadId]);
  }
  const result = await run.result();
  const path = [triage.id, billing.id, triage.id];
  expect(told).toEqual([path.slice(0, 2), path.slice(1)]);
  expect([result.last?.finalResponse, result.stopReason]).toEqual(["It is paid.", "done"]);
  expect(result.history.map(({ threadId }) => threadId)).toEqual(path);
  expect(result.handoffs[0]).toEqual({
    turn: 1,
    fromThreadId: triage.id,
    toThreadId: billing.id,
    name: "billing",
    message: "Invoice 7.",
  });
  const heard = said(model, "Invoice 7.");
  expect(heard.slice(0, 2)).toEqual(["Look at my invoice.", "Bye."]);
  expect(heard[2]).toContain("handed over to you");
  // Nobody follows it in a turn of its own.
  expect((await triage.run("plain")).finalResponse).toBe("I did it.");
});

test("a handoff without history gives the message alone", async () => {
  const { codex, model } = await ruled(
    rule("invoice", transfer("billing", "Invoice 7."), "Bye."),
    rule("Invoice 7.", "It is paid."),
  );
  const workingDirectory = folder("work");
  const billing = codex.startThread({ workingDirectory });
  const options = { name: "billing", description: "Knows invoices.", history: 0 };
  const tools = [await billing.asHandoff(options)];
  const triage = codex.startThread({ workingDirectory, tools });
  const result = await triage.autoRun("Look at my invoice.", { until: "answer" });
  expect([result.last?.finalResponse, result.threadId]).toEqual(["It is paid.", billing.id]);
  expect(said(model, "Invoice 7.")).toHaveLength(1);
});

test("what cannot be a handoff is refused", async () => {
  const good = { name: "b", description: "Is B." };
  for (const [change, argument] of [
    [{ name: "has space" }, "name"],
    [{ description: " " }, "description"],
    [{ description: 3 }, "description"],
    [{ history: -1 }, "history"],
    [{ histories: 1 }, "histories"],
  ] as const) {
    const make = () => new Handoff({ ...good, ...change } as HandoffOptions);
    expect(make, argument).toThrow(InvalidArgumentError);
    expect(make, argument).toThrow(argument);
  }
  await expect(new Handoff(good).bind({} as Thread)).rejects.toThrow(InvalidArgumentError);
  const { codex } = await ruled(...rules);
  const wrong = codex.startThread().autoRun("hello", { until: "answered" as "answer" });
  await expect(wrong).rejects.toThrow('"answer"');
});
