// Asking a person on the terminal: what is shown, what is taken, and what happens where nobody is.
import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import {
  type ApprovalRequest,
  type ElicitationRequest,
  policies,
  type Question,
  type QuestionRequest,
  terminalElicitations,
  terminalQuestions,
} from "codexkit";
import { expect, test } from "vitest";
import { eventually, folder, root, scripted } from "./helper";

/** A terminal at which somebody types these lines. */
function terminal(...lines: string[]) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  let shown = "";
  output.on("data", (chunk) => {
    shown += chunk;
  });
  input.write(lines.map((line) => `${line}\n`).join(""));
  return { input, output, shown: () => shown };
}

const COMMAND: ApprovalRequest = {
  id: "a",
  kind: "command",
  method: "item/commandExecution/requestApproval",
  threadId: "t",
  turnId: "u",
  itemId: "i",
  reason: "need it",
  command: "/bin/bash -lc 'touch a.txt'",
  script: "touch a.txt",
  cwd: "/work",
  changes: [],
  grantRoot: null,
  permissions: null,
  network: null,
  server: null,
  tool: null,
  arguments: null,
  proposedRule: ["touch"],
  availableDecisions: ["accept", "acceptForSession", "acceptWithRule", "decline", "cancel"],
  params: {},
};

async function approve(lines: string[], more: Partial<ApprovalRequest> = {}) {
  const { input, output, shown } = terminal(...lines);
  const decision = await policies.askTerminal({ input, output })({ ...COMMAND, ...more });
  return { decision, shown: shown() };
}

test("an approval is shown, and taken by a letter", async () => {
  const { decision, shown } = await approve(["y"]);
  expect(decision).toBe("accept");
  expect(shown).toBe(
    "\nThe agent asks to run a command:\n  touch a.txt\nin /work\nbecause: need it\n" +
      "[y] yes  [s] yes, for the session  [r] yes, and whatever begins with touch  [n] no  " +
      "[c] no, and end the turn\n> ",
  );
  expect((await approve(["S"])).decision).toBe("acceptForSession");
  expect((await approve([" r "])).decision).toBe("acceptWithRule");
  expect((await approve(["c"])).decision).toBe("cancel");
  expect((await approve(["n", ""])).decision).toBe("decline");
  expect((await approve(["n", "use b.txt"])).decision).toEqual({
    decision: "decline",
    reason: "use b.txt",
  });
});

test("only what is offered is taken, and nothing is taken for a yes", async () => {
  const { decision, shown } = await approve(["", "yes", "s", "y"], {
    availableDecisions: ["accept", "decline"],
  });
  expect(decision).toBe("accept");
  expect(shown.match(/one of: y, n/g)).toHaveLength(3);
  expect(shown).not.toContain("[s]");
});

test("other kinds show what they are about", async () => {
  const base = { command: null, script: null, cwd: null, proposedRule: null };
  const changes = [
    { path: "/w/a", kind: "update", move_path: "/w/b", diff: "@@ -1 +1 @@\n-x\n+y\n" },
  ];
  const edit = await approve(["n", ""], { ...base, kind: "file_change", changes, grantRoot: "/w" });
  expect(edit.shown).toContain(
    "to change files:\n  update /w/a -> /w/b\n    @@ -1 +1 @@\n    -x\n    +y\n  and to write below /w",
  );
  const tool = { server: "docs", tool: "search", arguments: { query: "x" } };
  const call = await approve(["n", ""], { ...base, ...tool, kind: "mcp_tool" });
  expect(call.shown).toContain('to call a tool:\n  docs/search\n  {\n    "query": "x"\n  }');
  const permissions = { network: { enabled: true } };
  const more = await approve(["n", ""], { ...base, kind: "permissions", permissions });
  expect(more.shown).toContain('"enabled": true');
});

test("nothing of the agent's is obeyed by the terminal", async () => {
  const { shown } = await approve(["n", ""], {
    script: "rm x\u001b[2K\rls \u202egpj.\u009b1A",
    reason: "a\nbecause: b",
  });
  expect(shown).toContain("  rm x\\u{1b}[2K\\u{d}ls \\u{202e}gpj.\\u{9b}1A\n");
  expect(shown).not.toContain("\u001b");
  expect(shown).toContain("because: a\n    because: b\n");
});

test("questions wait for each other, and the end of the input declines", async () => {
  const { input, output, shown } = terminal();
  const ask = policies.askTerminal({ input, output });
  const again = policies.askTerminal({ input, output });
  const decisions = [ask(COMMAND), again({ ...COMMAND, script: "second" }), ask(COMMAND)];
  await eventually(() => shown().includes("> "), "the first question");
  expect(shown()).not.toContain("second");
  input.write("y\n");
  expect(await decisions[0]).toBe("accept");
  await eventually(() => shown().includes("second"), "the second question");
  input.end();
  expect(await decisions[1]).toMatchObject({ decision: "decline" });
  expect(await decisions[2]).toMatchObject({ decision: "decline" });
});

const question = (more: Partial<Question> = {}): Question => ({
  id: "q1",
  header: "Pick",
  question: "Which one?",
  options: [
    { label: "A", description: "first" },
    { label: "B", description: "" },
  ],
  isOther: false,
  isSecret: false,
  ...more,
});

async function answer(lines: string[], ...questions: Question[]) {
  const { input, output, shown } = terminal(...lines);
  const request = { questions } as QuestionRequest;
  return { answers: await terminalQuestions({ input, output })(request), shown: shown() };
}

test("the agent's questions are answered by number, by name or freely", async () => {
  const { answers, shown } = await answer(
    ["3", "", "2", "a", "something else", "", "free"],
    question(),
    question({ id: "q2" }),
    question({ id: "q3", isOther: true }),
    question({ id: "q4", options: [], isSecret: true }),
  );
  expect(answers).toEqual({ q1: "B", q2: "A", q3: "something else", q4: "free" });
  expect(shown).toContain("\nPick: Which one?\n  1. A (first)\n  2. B\n> ");
  const { input, output } = terminal();
  input.end();
  const request = { questions: [question()] } as QuestionRequest;
  expect(await terminalQuestions({ input, output })(request)).toBe("decline");
});

async function elicit(lines: string[], more: Partial<ElicitationRequest>) {
  const { input, output, shown } = terminal(...lines);
  const request = {
    server: "fake",
    mode: "form",
    message: "Who?",
    schema: null,
    url: null,
    ...more,
  };
  const ask = terminalElicitations({ input, output });
  return { reply: await ask(request as ElicitationRequest), shown: shown() };
}

test("an MCP server's form is filled in, its page shown", async () => {
  const properties = {
    name: { type: "string", title: "Name", description: "In full" },
    age: { type: "integer" },
    size: { enum: ["S", "M"], default: "M" },
    news: { type: "boolean" },
    tags: { type: "array" },
    note: { type: "string" },
  };
  const lines = ["y", "", "Ada", "old", "36", "", "maybe", "no", "x", '["a"]', ""];
  const required = ["name", "age", "news", "tags"];
  const { reply, shown } = await elicit(lines, { schema: { properties, required } });
  expect(reply).toEqual({
    action: "accept",
    content: { name: "Ada", age: 36, size: "M", news: false, tags: ["a"] },
  });
  expect(shown).toContain("\nfake asks: Who?\n[y] answer  [n] no  [c] close the question\n> ");
  expect(shown).toContain("  In full\nName: ");
  expect(shown).toContain("note (optional): ");
  const page = await elicit(["y"], { mode: "url", url: "https://example.org/x" });
  expect(page.reply).toEqual({ action: "accept", content: {} });
  expect(page.shown).toContain("  https://example.org/x\n");
  expect((await elicit(["n"], {})).reply).toEqual({ action: "decline" });
  expect((await elicit(["c"], {})).reply).toEqual({ action: "cancel" });
});

test("without a terminal there is no opinion, and the next one is asked", () => {
  const file = join(folder("program"), "program.mjs");
  const program = `
    import { policies, terminalElicitations, terminalQuestions } from "codexkit";
    const answers = [policies.askTerminal(), terminalQuestions(), terminalElicitations()];
    console.log(JSON.stringify(await Promise.all(answers.map((answer) => answer({})))));
  `;
  writeFileSync(file, program);
  const done = spawnSync(process.execPath, [file], { cwd: root, encoding: "utf8", input: "y\n" });
  expect([done.stdout.trim(), done.stderr]).toEqual(["[null,null,null]", ""]);
});

test("on the real engine, a person decides", async () => {
  const call = {
    name: "exec_command",
    arguments: { cmd: "touch a.txt", sandbox_permissions: "require_escalated", justification: "x" },
  };
  const { codex } = await scripted({ replies: [{ items: [{ call }] }, "Done."] } as never);
  const { input, output, shown } = terminal("y");
  const work = folder("work");
  const thread = codex.startThread({
    workingDirectory: work,
    sandboxMode: "read-only",
    approvalPolicy: "on-request",
    onApproval: policies.askTerminal({ input, output }),
  });
  await thread.run("go");
  expect(existsSync(join(work, "a.txt"))).toBe(true);
  expect(shown()).toContain("  touch a.txt\n");
});
