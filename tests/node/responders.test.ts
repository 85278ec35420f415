// Typed approvals, questions and elicitations: who is asked, in which order, and what becomes of the answer.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type ApprovalDecidedEvent,
  type ApprovalRequest,
  type Approver,
  Codex,
  type CodexOptions,
  type ElicitationRequest,
  InvalidArgumentError,
  type PendingRequest,
  policies,
  type QuestionRequest,
  type Thread,
  type ThreadOptions,
  type Turn,
  type TurnOptions,
} from "codexkit";
import { expect, onTestFinished, test } from "vitest";
import { folder, rejection, root, scripted } from "./helper";

/** A command that the agent wants to run outside the sandbox. */
const escalated = (cmd: string) => ({
  items: [
    {
      call: {
        name: "exec_command",
        arguments: { cmd, sandbox_permissions: "require_escalated", justification: "need it" },
      },
    },
  ],
});

const patch = (file: string) => ({
  items: [
    {
      custom_call: {
        name: "apply_patch",
        input: `*** Begin Patch\n*** Add File: ${file}\n+hello\n*** End Patch\n`,
      },
    },
  ],
});

const asking = (work: string, options: ThreadOptions = {}): ThreadOptions => ({
  workingDirectory: work,
  sandboxMode: "read-only",
  approvalPolicy: "on-request",
  approvalsReviewer: "user",
  ...options,
});

type Decided = [decision: string, by: string];

/** What was decided in a turn, and by whom. */
async function decisions(turn: Turn): Promise<Decided[]> {
  const found: Decided[] = [];
  for await (const event of turn) {
    if (event.method === "codexkit/approval/decided") {
      found.push([event.params.decision, event.params.by]);
    }
  }
  return found;
}

const decided = async (thread: Thread, options: TurnOptions = {}) =>
  decisions(await thread.turn("go", options));

/** A client whose model asks for these things, one in each turn; and a thread of its. */
async function bench(asks: unknown[], options: ThreadOptions = {}, client: CodexOptions = {}) {
  const replies = asks.flatMap((ask) => [ask, "Done."]);
  const { codex, model } = await scripted({ replies } as never, client);
  const work = folder("work");
  return { codex, model, work, thread: codex.startThread(asking(work, options)) };
}

const said = (codex: Codex) => JSON.stringify(codex.diagnostics());

test("a function sees the whole request, and its decision is carried out and told", async () => {
  const seen: ApprovalRequest[] = [];
  const { thread, work } = await bench([escalated("touch yes.txt")], {
    onApproval: (request) => {
      seen.push(request);
      return "accept";
    },
  });
  const turn = await thread.turn("go");
  const own = [];
  for await (const event of turn) if (event.method.startsWith("codexkit/")) own.push(event);
  expect(existsSync(join(work, "yes.txt"))).toBe(true);
  expect(seen).toHaveLength(1);
  const request = seen[0] as ApprovalRequest;
  expect(request).toMatchObject({
    kind: "command",
    method: "item/commandExecution/requestApproval",
    script: "touch yes.txt",
    reason: "need it",
    cwd: work,
    threadId: thread.id,
    turnId: turn.id,
    changes: [],
    server: null,
  });
  expect(request.command).toMatch(/'touch yes.txt'$/);
  expect(request.params.itemId).toBe(request.itemId);
  expect(request.availableDecisions[0]).toBe("accept");
  expect(request.availableDecisions.slice(-2)).toEqual(["decline", "cancel"]);
  const about = {
    threadId: thread.id,
    turnId: turn.id,
    itemId: request.itemId,
    approvalId: request.id,
    kind: "command",
  };
  expect(own.map(({ method, params }) => ({ method, params }))).toEqual([
    { method: "codexkit/approval/requested", params: about },
    {
      method: "codexkit/approval/decided",
      params: { ...about, decision: "accept", by: "handler", reason: null },
    },
  ]);
  const last = own[1] as ApprovalDecidedEvent;
  expect([last.threadId, last.turnId, last.itemId]).toEqual([thread.id, turn.id, request.itemId]);
});

test("run, runStreamed and streamText ask the turn's handlers, too", async () => {
  const { thread } = await bench([1, 2, 3].map((n) => escalated(`touch ${n}.txt`)));
  let asked = 0;
  const onApproval = async () => {
    asked += 1;
    return "accept" as const;
  };
  const { items } = await thread.run("go", { onApproval });
  expect(items[0]).toMatchObject({ type: "command_execution", status: "completed" });
  const { events } = await thread.runStreamed("go", { onApproval });
  for await (const event of events) expect(event.type).not.toBe("error");
  for await (const piece of thread.streamText("go", { onApproval })) expect(piece).toBe("Done.");
  expect(asked).toBe(3);
});

test("a decline has a reason for the agent, and a cancel ends the turn", async () => {
  const { thread, model, work } = await bench([
    escalated("touch no.txt"),
    escalated("touch no.txt"),
  ]);
  const onApproval = () => ({ decision: "decline" as const, reason: "use the other folder" });
  expect(await decided(thread, { onApproval })).toEqual([["decline", "handler"]]);
  expect(model.requests).toHaveLength(2);
  expect(JSON.stringify(model.requests[1])).toContain("use the other folder");
  const turn = await thread.turn("go", { onApproval: () => "cancel" });
  expect((await turn.result()).status).toBe("interrupted");
  expect(existsSync(join(work, "no.txt"))).toBe(false);
});

test("what was accepted for the session or by a rule is not asked again", async () => {
  const asked: string[] = [];
  const { thread } = await bench(
    [
      escalated("touch a.txt"),
      escalated("touch a.txt"),
      escalated("mkdir b"),
      escalated("mkdir c"),
    ],
    {
      onApproval: ({ script }) => {
        asked.push(script ?? "");
        return script === "touch a.txt"
          ? "acceptForSession"
          : { decision: "acceptWithRule", rule: ["mkdir"] };
      },
    },
  );
  expect(await decided(thread)).toEqual([["acceptForSession", "handler"]]);
  expect(await decided(thread)).toEqual([]);
  expect(await decided(thread)).toEqual([["acceptWithRule", "handler"]]);
  expect(await decided(thread)).toEqual([]);
  expect(asked).toEqual(["touch a.txt", "mkdir b"]);
});

test("the turn is asked first, then the thread, the client, and the handler of everything", async () => {
  const asked: string[] = [];
  const level = (name: string, decision: "accept" | "decline" | null) => () => {
    asked.push(name);
    return decision;
  };
  const { thread, codex, work } = await bench(
    [1, 2, 3, 4].map((n) => escalated(`touch ${n}.txt`)),
    { onApproval: level("thread", null) },
    {
      onApproval: [level("first", null), level("second", null)],
      approvalHandler: () => {
        asked.push("all");
        return { decision: "accept" };
      },
    },
  );
  const none = { onApproval: level("turn", null) };
  expect(await decided(thread, none)).toEqual([["accept", "approval_handler"]]);
  expect(asked.splice(0)).toEqual(["turn", "thread", "first", "second", "all"]);
  expect(await decided(thread, { onApproval: level("turn", "decline") })).toEqual([
    ["decline", "handler"],
  ]);
  expect(asked.splice(0)).toEqual(["turn"]);
  const fork = await codex.forkThread(
    thread.id as string,
    asking(work, { onApproval: level("fork", "accept") }),
  );
  expect(await decided(fork)).toEqual([["accept", "handler"]]);
  expect(asked.splice(0)).toEqual(["fork"]);
  const resumed = codex.resumeThread(
    thread.id as string,
    asking(work, { onApproval: level("resumed", "accept") }),
  );
  expect(await decided(resumed)).toEqual([["accept", "handler"]]);
  expect(asked.splice(0)).toEqual(["resumed"]);
});

test("policies and functions stand in one list, and the first opinion counts", async () => {
  const asked: string[] = [];
  const onApproval: Approver[] = [
    policies.commands({ prefixes: ["touch secret"], deny: true }),
    ({ script }) => {
      asked.push(script ?? "");
      return undefined;
    },
    policies.readOnlyCommands(),
    policies.commands({ prefixes: ["mkdir"], patterns: [/TOUCH [a-z]+\.txt/i, "true"] }),
  ];
  const commands = [
    "touch secret.txt x",
    "touch secret",
    "cat a.txt",
    "mkdir b",
    "touch c.txt",
    "rm c",
  ];
  const { thread, work } = await bench(commands.map(escalated), { onApproval });
  writeFileSync(join(work, "a.txt"), "a");
  const found: Decided[] = [];
  for (const _ of commands) found.push(...(await decided(thread)));
  expect(found).toEqual([
    ["decline", "default"],
    ["decline", "policy commands"],
    ["accept", "policy read_only_commands"],
    ["accept", "policy commands"],
    ["accept", "policy commands"],
    ["decline", "default"],
  ]);
  expect(asked).toEqual(commands.filter((command) => command !== "touch secret"));
  expect(existsSync(join(work, "c.txt"))).toBe(true);
});

test("edits are accepted inside a folder alone, and shown with their diff", async () => {
  const outside = join(folder("outside"), "no.txt");
  const seen: ApprovalRequest[] = [];
  const { thread, work } = await bench([patch("yes.txt"), patch(outside)]);
  const onApproval = [
    (request: ApprovalRequest) => {
      seen.push(request);
      return null;
    },
    policies.editsInside(work),
    policies.denyAll("not there"),
  ];
  expect(await decided(thread, { onApproval })).toEqual([["accept", "policy edits_inside"]]);
  expect(await decided(thread, { onApproval })).toEqual([["decline", "policy deny_all"]]);
  expect([existsSync(join(work, "yes.txt")), existsSync(outside)]).toEqual([true, false]);
  expect(seen[0]).toMatchObject({
    kind: "file_change",
    changes: [{ path: join(work, "yes.txt"), kind: "add", move_path: null, diff: "hello\n" }],
  });
});

test("whatever goes wrong declines, and the diagnostics say why", async () => {
  const wrong: [Approver, string][] = [
    [
      () => {
        throw new Error("broken handler");
      },
      "the handler threw: broken handler",
    ],
    [async () => Promise.reject(new Error("rejected")), "the handler threw: rejected"],
    [() => true as never, "it names no decision"],
    [() => "approve" as never, '\\"approve\\" is no decision; these are: accept'],
    [() => ({ decision: "accept", reason: "x" }) as never, "it goes with the decision decline"],
    [() => ({ decision: "acceptWithRule", rule: [] }), "rule: it is empty"],
    [() => ({ decision: "later", timeoutMs: -5 }), "timeoutMs"],
    [() => (() => 1) as never, "a function cannot be written as JSON"],
    [() => ({ decision: "decline", why: "x" }) as never, "unknown field `why`"],
  ];
  const { thread, codex, work } = await bench(
    [...wrong, 1].map(() => escalated("touch no.txt")),
    {},
    { approvalTimeoutMs: 30_000 },
  );
  for (const [approver, why] of wrong) {
    // What went wrong is not passed on to the next one.
    const onApproval = [approver, policies.dangerouslyAcceptAll()];
    expect(await decided(thread, { onApproval }), why).toEqual([["decline", "default"]]);
    expect(said(codex)).toContain(why);
  }
  expect(await decided(thread)).toEqual([["decline", "default"]]);
  expect(said(codex)).toContain("there is no handler");
  expect(existsSync(join(work, "no.txt"))).toBe(false);
});

test("a handler that never answers is declined after its time", async () => {
  const { thread, codex } = await bench(
    [escalated("touch no.txt")],
    { onApproval: () => new Promise(() => {}) },
    { approvalTimeoutMs: 200 },
  );
  expect(await decided(thread)).toEqual([["decline", "default"]]);
  expect(said(codex)).toContain("no answer within 0.2 s");
});

test("a slow handler delays no other turn", async () => {
  const { codex } = await scripted({
    rules: [
      { when: { prompt_contains: "slow" }, replies: [escalated("touch slow.txt"), "Done."] },
      { when: { prompt_contains: "fast" }, replies: ["Fast."] },
    ],
  } as never);
  const work = folder("work");
  let release = (_: "accept") => {};
  let slow: Promise<unknown> | undefined;
  await new Promise<void>((resolve) => {
    const onApproval = () => {
      resolve();
      return new Promise<"accept">((accept) => {
        release = accept;
      });
    };
    slow = codex.startThread(asking(work, { onApproval })).run("slow");
  });
  expect((await codex.startThread(asking(work)).run("fast")).finalResponse).toBe("Fast.");
  expect(existsSync(join(work, "slow.txt"))).toBe(false);
  release("accept");
  await slow;
  expect(existsSync(join(work, "slow.txt"))).toBe(true);
});

/** Waits for so many requests that were put off. */
async function waiting(codex: Codex, count: number): Promise<PendingRequest[]> {
  await expect.poll(async () => (await codex.pendingApprovals()).length).toBe(count);
  return codex.pendingApprovals();
}

test("an answer that was put off is given by its id", async () => {
  let times = 0;
  const { codex, thread, work } = await bench(
    [1, 2, 3].map(() => escalated("touch later.txt")),
    {
      onApproval: () => {
        times += 1;
        return times === 2 ? { decision: "later", timeoutMs: 200 } : { decision: "later" };
      },
    },
  );
  expect(await codex.pendingApprovals()).toEqual([]);
  const early = await rejection(codex.answerApproval("no such", "accept"));
  expect(early).toMatchObject({ kind: "invalid_argument", argument: "approvalId" });
  const turn = await thread.turn("go");
  const [pending] = (await waiting(codex, 1)) as [PendingRequest];
  expect(pending).toMatchObject({ subject: "approval", script: "touch later.txt" });
  const unknown = await rejection(codex.answerApproval("no such", "accept"));
  expect(unknown).toBeInstanceOf(InvalidArgumentError);
  expect(unknown).toMatchObject({ argument: "approvalId" });
  for (const reply of [{ answers: {} }, null, { decision: "later" }, "nonsense", 5]) {
    const unfit = await rejection(codex.answerApproval(pending.id, reply as never));
    expect(unfit, JSON.stringify(reply)).toMatchObject({ kind: "invalid_argument" });
  }
  await codex.answerApproval(pending.id, "accept");
  expect(await decisions(turn)).toEqual([["accept", "later"]]);
  expect(existsSync(join(work, "later.txt"))).toBe(true);
  // The second one is put off for a while only, and nobody answers.
  expect(await decided(thread)).toEqual([["decline", "default"]]);
  // The third one goes with its turn.
  const third = await thread.turn("go");
  await waiting(codex, 1);
  await third.interrupt();
  await waiting(codex, 0);
  expect((await third.result()).status).toBe("interrupted");
  await codex.close();
  expect(await rejection(codex.pendingApprovals())).toMatchObject({ kind: "closed" });
  expect(await rejection(codex.answerApproval("x", "accept"))).toMatchObject({ kind: "closed" });
});

const question = (id: string) => ({
  items: [
    {
      call: {
        name: "request_user_input",
        arguments: {
          questions: [
            {
              id,
              header: "Pick",
              question: "Which one?",
              options: [
                { label: "A", description: "first" },
                { label: "B", description: "second" },
              ],
            },
          ],
        },
      },
    },
  ],
});

test("the agent's questions are answered", async () => {
  const seen: QuestionRequest[] = [];
  const { codex, thread, model } = await bench(
    ["q1", "q1", "q1", "q1", "decision"].map(question),
    {},
    { config: { features: { default_mode_request_user_input: true } } },
  );
  const onQuestion = (request: QuestionRequest) => {
    seen.push(request);
    return { q1: "B" };
  };
  // An approver is not asked for answers.
  const onApproval = policies.dangerouslyAcceptAll();
  expect(await decided(thread, { onApproval, onQuestion })).toEqual([["answered", "handler"]]);
  expect(seen[0]).toMatchObject({
    threadId: thread.id,
    questions: [
      {
        id: "q1",
        header: "Pick",
        question: "Which one?",
        options: [{ label: "A" }, { label: "B" }],
        isSecret: false,
      },
    ],
  });
  const { input = [] } = (model.requests.at(-1)?.body ?? {}) as { input?: { output?: string }[] };
  expect(input.at(-1)?.output).toBe('{"answers":{"q1":{"answers":["B"]}}}');
  expect(await decided(thread, { onQuestion: async () => ({ q2: ["B"] }) })).toEqual([
    ["decline", "default"],
  ]);
  expect(said(codex)).toContain("q2");
  expect(await decided(thread, { onQuestion: () => "decline" })).toEqual([["decline", "handler"]]);
  const turn = await thread.turn("go", { onQuestion: () => ({ decision: "later" }) });
  const [pending] = (await waiting(codex, 1)) as [PendingRequest];
  expect(pending.subject).toBe("question");
  await codex.answerApproval(pending.id, { q1: "A" });
  expect(await decisions(turn)).toEqual([["answered", "later"]]);
  // A question that is called as a decision is.
  expect(await decided(thread, { onQuestion: () => ({ decision: "A" }) })).toEqual([
    ["answered", "handler"],
  ]);
});

test("MCP servers are answered, and their tools approved", async () => {
  const call = (name: string, given: object) => ({
    items: [{ call: { name, namespace: "mcp__fake", arguments: given } }],
  });
  const server = join(root, "tests/parity/mcp_server.py");
  const seen: ElicitationRequest[] = [];
  const { codex, thread, model } = await bench(
    [...[1, 2, 3].map(() => call("ask", {})), ...[4, 5].map(() => call("destroy", { text: "it" }))],
    {
      onApproval: policies.mcpTools("fake/destroy"),
      onElicitation: (request) => {
        seen.push(request);
        return { action: "accept", content: { name: "Ada" } };
      },
    },
    { config: { mcp_servers: { fake: { command: "python3", args: [server] } } } },
  );
  expect(await decided(thread)).toEqual([["accept", "handler"]]);
  expect(seen[0]).toMatchObject({
    server: "fake",
    mode: "form",
    message: "Who are you?",
    schema: { required: ["name"] },
    url: null,
  });
  expect(JSON.stringify(model.requests.at(-1))).toContain("Ada");
  const wrong = () => ({ action: "accept" as const, content: { name: 5 } });
  expect(await decided(thread, { onElicitation: wrong })).toEqual([["decline", "default"]]);
  expect(said(codex)).toContain("content: ");
  const no = () => ({ action: "decline" as const });
  expect(await decided(thread, { onElicitation: no })).toEqual([["decline", "handler"]]);
  expect(await decided(thread)).toEqual([["accept", "policy mcp_tools"]]);
  const onApproval = policies.mcpTools({ names: ["fake"], deny: true });
  expect(await decided(thread, { onApproval })).toEqual([["decline", "policy mcp_tools"]]);
});

test("nobody is asked after the client was closed", async () => {
  const asked: string[] = [];
  const { codex, thread } = await bench([escalated("touch no.txt")], {
    onApproval: ({ script }) => {
      asked.push(script ?? "");
      void codex.close();
      return "accept";
    },
  });
  expect(await rejection(thread.run("go"))).toMatchObject({ kind: "closed" });
  expect(asked).toEqual(["touch no.txt"]);
});

test("a thread is used where it is loaded, if the same functions and policies answer there", async () => {
  const { codex, model, home } = await scripted({ replies: ["Done."], repeat: "last" });
  const thread = codex.startThread();
  await thread.run("go");
  const onApproval = () => null;
  const options = (...more: Approver[]) => ({
    ...model.options(home),
    onApproval: [onApproval, ...more],
  });
  const clients = [options(), options(), options(policies.denyAll()), options(() => null)].map(
    (given) => new Codex(given),
  );
  onTestFinished(async () => {
    for (const client of clients) await client.close();
  });
  const [first, second, ...others] = clients as [Codex, Codex, ...Codex[]];
  const mine = first.startThread();
  await mine.run("go");
  await second.resumeThread(mine.id as string).run("go");
  expect([typeof first.pid, second.pid]).toEqual(["number", null]);
  for (const other of others) {
    // Another engine, which may not have a thread that is loaded elsewhere.
    await other
      .resumeThread(mine.id as string)
      .run("go")
      .catch(() => {});
    expect(typeof other.pid).toBe("number");
  }
});

test("what was put off is answered by the client that uses the thread, wherever that is loaded", async () => {
  const replies = ["Done.", escalated("touch a.txt"), "Done."];
  const { model, home } = await scripted({ replies } as never);
  const given: CodexOptions = model.options(home);
  given.env = { ...given.env, HOME: home };
  const [first, second] = [new Codex(given), new Codex(given)];
  onTestFinished(async () => {
    await first.close();
    await second.close();
  });
  const work = folder("work");
  const thread = first.startThread(asking(work));
  await thread.run("go");
  const again = second.resumeThread(thread.id as string);
  const turn = await again.turn("go", { onApproval: () => ({ decision: "later" }) });
  const [pending] = (await waiting(second, 1)) as [PendingRequest];
  expect([typeof first.pid, second.pid]).toEqual(["number", null]);
  expect(await first.pendingApprovals()).toEqual([pending]);
  await second.answerApproval(pending.id, "accept");
  expect(await decisions(turn)).toEqual([["accept", "later"]]);
});

test("what cannot be is refused at the call", async () => {
  const here = process.cwd();
  const cases: [() => unknown, argument: string, says: string][] = [
    [() => policies.commands({}), "prefixes", "match nothing"],
    [() => policies.commands({ prefixes: ["git $(x)"] }), "prefixes", "git $(x)"],
    [() => policies.commands({ prefixes: "git" as never }), "prefixes", "an array"],
    [() => policies.commands({ patterns: ["("] }), "patterns", '"("'],
    [() => policies.commands({ patterns: [/a(?=b)/] }), "patterns", "regular expression"],
    [() => policies.commands({ patterns: [/a/g] }), "patterns[0]", "the flag g"],
    [() => policies.commands({ patterns: [5 as never] }), "patterns[0]", "a string"],
    [() => policies.commands({ prefix: ["git"] } as never), "prefix", "did you mean prefixes?"],
    [() => policies.editsInside(), "folders", "there is none"],
    [() => policies.editsInside(here, "no such folder"), "folders", join(here, "no such folder")],
    [() => policies.editsInside(5 as never), "folders[0]", "a string"],
    [() => policies.editsInside(""), "folders[0]", "empty"],
    [() => policies.mcpTools(), "names", "at least one"],
    [() => policies.mcpTools("a", "/"), "names", "at least one"],
    [() => policies.mcpTools({ names: [""] }), "names", "at least one"],
    [() => policies.denyAll(5 as never), "reason", "a string"],
    [() => policies.askTerminal({ input: "x" as never }), "input", "a stream"],
    [() => policies.askTerminal({ inputs: 5 } as never), "inputs", "did you mean input?"],
    [() => new Codex({ onApproval: "yes" as never }), "onApproval", "a policy or a function"],
    [() => new Codex({ onApproval: [null as never] }), "onApproval[0]", "not null"],
    [() => new Codex({ onApproval: {} as never }), "onApproval", "`type`"],
    [() => new Codex({ onApproval: { type: "x" } as never }), "onApproval", "unknown variant"],
    [
      () => new Codex({ onApproval: { type: "callback", on: "approval", index: 0 } as never }),
      "onApproval",
      "no handler",
    ],
    [
      () => new Codex({ onApproval: policies.readOnlyCommands as never }),
      "onApproval",
      "policies.readOnlyCommands(...)",
    ],
    [() => new Codex().answerApproval(5 as never, "accept"), "approvalId", "a string"],
    [() => new Codex().answerApproval("x", "accept"), "approvalId", "nothing waits"],
    [() => new Codex({ onQuestion: {} as never }), "onQuestion", "a function"],
    [() => new Codex().startThread({ onElicitation: 5 as never }), "onElicitation", "a function"],
    [
      () => new Codex({ transport: "exec", onApproval: policies.denyAll() }),
      "transport",
      "onApproval",
    ],
  ];
  for (const [call, argument, says] of cases) {
    const error = await rejection((async () => call())());
    expect(error, says).toBeInstanceOf(InvalidArgumentError);
    expect(error).toMatchObject({ kind: "invalid_argument", argument });
    expect(error.message).toContain(says);
  }
  const thread = new Codex().startThread();
  const refused = await rejection(thread.run("go", { onApproval: [() => null, 5 as never] }));
  expect(refused).toMatchObject({ argument: "onApproval[1]" });
  expect(thread.id).toBeNull();
});

test("policies are plain data that does not change", () => {
  const policy = policies.commands({ prefixes: ["git add"], patterns: [/true/] });
  expect(policy).toEqual({
    type: "commands",
    prefixes: ["git add"],
    patterns: ["true"],
    deny: false,
  });
  expect(structuredClone(policy)).toEqual(policy);
  expect(() => {
    (policy as { type: string }).type = "accept_all";
  }).toThrow(TypeError);
  expect(() => (policy as unknown as { prefixes: string[] }).prefixes.push("rm")).toThrow(
    TypeError,
  );
  new Codex({ onApproval: structuredClone(policy) });
});
