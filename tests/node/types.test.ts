// What the types promise. The assertions are the compiler's: see tsconfig.check.json.

import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type * as official from "@openai/codex-sdk";
import type * as ours from "codexkit";
import {
  type ApprovalDecidedEvent,
  type ApprovalRequest,
  type ApprovalRequestedEvent,
  type ClientMethod,
  Codex,
  type Event,
  isKnownEvent,
  type KnownEvent,
  type MapResult,
  type PendingRequest,
  type Policy,
  policies,
  type protocol,
  type ReconnectedEvent,
  type RestartedEvent,
  type ServerRequest,
  type StandardSchema,
  type ThreadEvent,
  type UnknownEvent,
} from "codexkit";
import { expect, expectTypeOf, test } from "vitest";
import { folder, root } from "./helper";

test("events narrow on method, with an arm for what is not known", () => {
  const look = (event: Event) => {
    if (event.method === "item/agentMessage/delta") {
      expectTypeOf(event.params).toEqualTypeOf<protocol.AgentMessageDeltaNotification>();
      expectTypeOf(event.params.delta).toEqualTypeOf<string>();
    }
    switch (event.method) {
      case "item/completed":
        expectTypeOf(event).toEqualTypeOf<KnownEvent<"item/completed">>();
        if (event.params.item.type === "commandExecution") {
          expectTypeOf(event.params.item.exitCode).toEqualTypeOf<number | null>();
        }
        break;
      case "turn/completed":
        expectTypeOf(event.params.turn.status).toEqualTypeOf<protocol.TurnStatus>();
        break;
    }
    if (isKnownEvent(event)) {
      expectTypeOf(event).toEqualTypeOf<KnownEvent>();
    } else {
      expectTypeOf(event).toEqualTypeOf<
        | ReconnectedEvent
        | RestartedEvent
        | ApprovalRequestedEvent
        | ApprovalDecidedEvent
        | UnknownEvent
      >();
      if (event.method === "codexkit/approval/decided") {
        expectTypeOf(event).toEqualTypeOf<ApprovalDecidedEvent>();
        expectTypeOf(event.params.reason).toEqualTypeOf<string | null>();
      } else if (
        event.method !== "codexkit/reconnected" &&
        event.method !== "codexkit/restarted" &&
        event.method !== "codexkit/approval/requested"
      ) {
        expectTypeOf(event).toEqualTypeOf<UnknownEvent>();
        expectTypeOf(event.params).toEqualTypeOf<unknown>();
      }
      const method: string = event.method;
      return method;
    }
    // @ts-expect-error: no notification has this name
    if (event.method === "item/agentMessage/dleta") return "misspelt";
    return event.method;
  };
  expect(typeof look).toBe("function");
});

test("requests are typed by method, and any other may be sent", () => {
  const send = (codex: Codex) => {
    expectTypeOf(codex.request("thread/read", { threadId: "", includeTurns: true })).toEqualTypeOf<
      Promise<protocol.ThreadReadResponse>
    >();
    expectTypeOf(codex.request("model/newest" as string, {})).toEqualTypeOf<Promise<unknown>>();
    expectTypeOf<"thread/list">().toExtend<ClientMethod>();
  };
  expect(typeof send).toBe("function");
});

test("simple events and the engine's requests narrow too", () => {
  const look = (event: ThreadEvent, request: ServerRequest) => {
    if (event.type === "item.completed" && event.item.type === "command_execution") {
      expectTypeOf(event.item.exit_code).toEqualTypeOf<number | null>();
    }
    if (request.method === "item/tool/call") {
      expectTypeOf(request.params).toEqualTypeOf<protocol.DynamicToolCallParams>();
    }
  };
  expect(typeof look).toBe("function");
});

test("who answers is typed, and only the functions of `policies` make policies", () => {
  const look = async (codex: Codex, pending: PendingRequest) => {
    codex.startThread({
      onApproval: [
        policies.readOnlyCommands(),
        (request) => {
          expectTypeOf(request).toEqualTypeOf<ApprovalRequest>();
          return request.kind === "command" ? "accept" : undefined;
        },
        async () => ({ decision: "decline", reason: "no" }),
        () => ({ decision: "acceptWithRule", rule: ["git", "add"] }),
        () => ({ decision: "later", timeoutMs: 5 }),
      ],
      onQuestion: async ({ questions }) =>
        Object.fromEntries(questions.map(({ id }) => [id, [id]])),
      onElicitation: ({ mode }) => (mode === "form" ? { action: "accept", content: {} } : null),
    });
    expectTypeOf(policies.commands({ prefixes: ["git"] })).toEqualTypeOf<Policy>();
    if (pending.subject === "question") {
      expectTypeOf(pending.questions[0]?.id).toEqualTypeOf<string | undefined>();
      await codex.answerApproval(pending.id, { q1: "yes" });
    }
    if (pending.subject === "approval") await codex.answerApproval(pending.id, "accept");
    // @ts-expect-error: there is no such decision
    codex.startThread({ onApproval: () => "approve" });
    // @ts-expect-error: a policy is made by its function
    codex.startThread({ onApproval: { type: "accept_all" } });
    // @ts-expect-error: a reason goes with a decline
    new Codex({ onApproval: () => ({ decision: "accept", reason: "x" }) });
  };
  expect(typeof look).toBe("function");
});

test("guardrails, and the answers of a map, are typed", () => {
  const look = async (codex: Codex, answer: StandardSchema<{ n: number }>) => {
    const schema = { jsonSchema: {}, schema: answer };
    for await (const { result } of await codex.map(["a"], { turn: { outputType: schema } })) {
      expectTypeOf(result?.parsed).toEqualTypeOf<{ n: number } | undefined>();
    }
    for await (const item of await codex.map(["a"], { turn: { outputGuardrails: [() => "b"] } })) {
      expectTypeOf(item).toEqualTypeOf<MapResult>();
    }
    const thread = codex.startThread({ approvalTimeoutMs: 5 });
    await thread.autoRun("a", { turn: { inputGuardrails: [async () => ({ reject: "no" })] } });
    // @ts-expect-error: a guardrail returns an input, a rejection or nothing
    await thread.autoRun("a", { turn: { inputGuardrails: [() => 3] } });
    // @ts-expect-error: a run has no typed answer
    await thread.autoRun("a", { turn: { outputType: schema } });
    // @ts-expect-error: an item of a map is one turn
    await codex.map(["a"], { turn: { outputType: schema, outputRepairs: 1 } });
  };
  expect(typeof look).toBe("function");
});

test("programs for the official SDK compile", () => {
  const official = async (codex: Codex) => {
    const thread = codex.startThread({
      model: "m",
      sandboxMode: "read-only",
      workingDirectory: ".",
      skipGitRepoCheck: true,
      modelReasoningEffort: "minimal",
      networkAccessEnabled: false,
      webSearchMode: "cached",
      approvalPolicy: "never",
      additionalDirectories: [],
    });
    const { events } = await thread.runStreamed([{ type: "local_image", path: "x.png" }]);
    for await (const event of events) {
      if (event.type === "turn.completed") {
        expectTypeOf(event.usage.cached_input_tokens).toEqualTypeOf<number>();
      }
    }
    const turn = await thread.run("x", { outputSchema: {}, signal: AbortSignal.timeout(1) });
    expectTypeOf(turn.finalResponse).toEqualTypeOf<string>();
  };
  expect(typeof official).toBe("function");
});

// The official package's types and ours of the same names. Each pair stands in one of three lists; together they
// are all of its exports.

/** What an application gives: whatever the official type takes, ours takes. */
interface Given {
  ApprovalMode: [official.ApprovalMode, ours.ApprovalMode];
  CodexOptions: [official.CodexOptions, ours.CodexOptions];
  CyberAccessProgram: [official.CyberAccessProgram, ours.CyberAccessProgram];
  Input: [official.Input, ours.Input];
  ModelReasoningEffort: [official.ModelReasoningEffort, ours.ModelReasoningEffort];
  SandboxMode: [official.SandboxMode, ours.SandboxMode];
  ThreadOptions: [official.ThreadOptions, ours.ThreadOptions];
  TurnOptions: [official.TurnOptions, ours.TurnOptions];
  UserInput: [official.UserInput, ours.UserInput];
  WebSearchMode: [official.WebSearchMode, ours.WebSearchMode];
}

/** What an application gets: ours can be used wherever the official type is expected. */
interface Got {
  AgentMessageItem: [ours.AgentMessageItem, official.AgentMessageItem];
  ErrorItem: [ours.ErrorItem, official.ErrorItem];
  ReasoningItem: [ours.ReasoningItem, official.ReasoningItem];
  ThreadError: [ours.ThreadError, official.ThreadError];
  ThreadErrorEvent: [ours.ThreadErrorEvent, official.ThreadErrorEvent];
  ThreadStartedEvent: [ours.ThreadStartedEvent, official.ThreadStartedEvent];
  TodoListItem: [ours.TodoListItem, official.TodoListItem];
  TurnCompletedEvent: [ours.TurnCompletedEvent, official.TurnCompletedEvent];
  TurnFailedEvent: [ours.TurnFailedEvent, official.TurnFailedEvent];
  TurnStartedEvent: [ours.TurnStartedEvent, official.TurnStartedEvent];
  Usage: [ours.Usage, official.Usage];
  WebSearchItem: [ours.WebSearchItem, official.WebSearchItem];
}

/** What the official types say wrongly of the engine, and ours rightly; the other way round they fit. */
interface Corrected {
  /** `exit_code` is null, and not missing, while the command runs; a command can be `declined`. */
  CommandExecutionItem: [
    Omit<official.CommandExecutionItem, "exit_code">,
    ours.CommandExecutionItem,
  ];
  /** A change is started, too: `in_progress`; it can be `declined`. */
  FileChangeItem: [official.FileChangeItem, ours.FileChangeItem];
  /** `result` and `error` are null, and not missing. Their content is JSON: its types' package is none of theirs. */
  McpToolCallItem: [Omit<official.McpToolCallItem, "result" | "error">, ours.McpToolCallItem];
}

/** Unions of the above, and classes: they are compared by the programs that use them (programs.test.ts). */
type Composed = {
  Codex: [official.Codex, ours.Codex];
  ItemCompletedEvent: [official.ItemCompletedEvent, ours.ItemCompletedEvent];
  ItemStartedEvent: [official.ItemStartedEvent, ours.ItemStartedEvent];
  ItemUpdatedEvent: [official.ItemUpdatedEvent, ours.ItemUpdatedEvent];
  RunResult: [official.RunResult, ours.RunResult];
  RunStreamedResult: [official.RunStreamedResult, ours.RunStreamedResult];
  Thread: [official.Thread, ours.Thread];
  ThreadEvent: [official.ThreadEvent, ours.ThreadEvent];
  ThreadItem: [official.ThreadItem, ours.ThreadItem];
};

/** The names whose first type cannot be used where the second is expected. */
type Misfits<Pairs> = {
  [Name in keyof Pairs]: Pairs[Name] extends [infer From, infer To]
    ? From extends To
      ? never
      : Name
    : never;
}[keyof Pairs];

/** The fields of the first that the second has not, or with another type. */
type Fields<From, To> = {
  [Field in keyof From]: Field extends keyof To
    ? From[Field] extends To[Field]
      ? never
      : Field
    : Field;
}[keyof From];

test("every type of the official package fits, but for what it says wrongly", () => {
  expectTypeOf<Misfits<Given>>().toEqualTypeOf<never>();
  expectTypeOf<Misfits<Got>>().toEqualTypeOf<never>();
  expectTypeOf<
    Fields<Corrected["CommandExecutionItem"][0], Corrected["CommandExecutionItem"][1]>
  >().toEqualTypeOf<never>();
  expectTypeOf<Fields<official.FileChangeItem, ours.FileChangeItem>>().toEqualTypeOf<never>();
  expectTypeOf<
    Fields<Corrected["McpToolCallItem"][0], Corrected["McpToolCallItem"][1]>
  >().toEqualTypeOf<never>();
  expectTypeOf<ours.CommandExecutionItem["exit_code"]>().toEqualTypeOf<number | null>();

  // The kinds of items and events: all of theirs, and one more that their stream has and their types have not.
  expectTypeOf<
    Exclude<official.ThreadItem["type"], ours.ThreadItem["type"]>
  >().toEqualTypeOf<never>();
  expectTypeOf<
    Exclude<ours.ThreadItem["type"], official.ThreadItem["type"]>
  >().toEqualTypeOf<"collab_tool_call">();
  expectTypeOf<ours.ThreadEvent["type"]>().toEqualTypeOf<official.ThreadEvent["type"]>();
  expectTypeOf<keyof official.RunResult>().toExtend<keyof ours.RunResult>();
  expectTypeOf<ours.RunResult["usage"]>().toExtend<official.RunResult["usage"]>();

  // The classes' methods take what the official ones take.
  expectTypeOf<keyof Composed>().not.toBeNever();
  expectTypeOf<Parameters<official.Codex["startThread"]>>().toExtend<
    Parameters<ours.Codex["startThread"]>
  >();
  expectTypeOf<Parameters<official.Codex["resumeThread"]>>().toExtend<
    Parameters<ours.Codex["resumeThread"]>
  >();
  expectTypeOf<Parameters<official.Thread["run"]>>().toExtend<Parameters<ours.Thread["run"]>>();
  expectTypeOf<Parameters<official.Thread["runStreamed"]>>().toExtend<
    Parameters<ours.Thread["runStreamed"]>
  >();
  expectTypeOf<ours.Thread["id"]>().toEqualTypeOf<official.Thread["id"]>();
});

test("the types compile for a strict user: nodenext, libraries checked, both kinds of modules", () => {
  const place = folder("consumer");
  mkdirSync(join(place, "node_modules"));
  symlinkSync(root, join(place, "node_modules/codexkit"));
  symlinkSync(join(root, "node_modules/@types"), join(place, "node_modules/@types"));
  const program = `
    await_(async () => {
      await using codex = new Codex({ approvalHandler: async () => null });
      const thread: Thread = codex.startThread({ sandboxMode: Sandbox.readOnly });
      for await (const event of await thread.turn("go")) {
        if (event.method === "turn/completed") console.log(event.params.turn.status);
      }
      const models: protocol.ModelListResponse = await codex.models();
      const script: ModelScript = { replies: ["x"] };
      console.log(models.data.length, await ScriptedModel.start(script));
      // @ts-expect-error: an option that is not there
      codex.startThread({ modle: "x" });
    });
    function await_(main: () => Promise<void>) { void main(); }
  `;
  const imports = `
    import { Codex, Sandbox, type Thread, type protocol } from "codexkit";
    import { type ModelScript, ScriptedModel } from "codexkit/testing";
  `;
  writeFileSync(join(place, "module.mts"), imports + program);
  writeFileSync(join(place, "common.cts"), imports + program);
  const options = {
    target: "es2022",
    lib: ["es2022", "esnext.disposable"],
    module: "nodenext",
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    types: ["node"],
  };
  writeFileSync(join(place, "tsconfig.json"), JSON.stringify({ compilerOptions: options }));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const done = spawnSync(process.execPath, [tsc, "-p", place], { encoding: "utf8" });
  expect(done.stdout).toBe("");
  expect(done.status).toBe(0);
});

test("the lists above name every export of the official package", () => {
  const types = join(root, "node_modules/@openai/codex-sdk/dist/index.d.ts");
  const exported = /export \{ ([^}]*) \};\s*$/.exec(readFileSync(types, "utf8"))?.[1] ?? "";
  const theirs = exported.split(", ").map((name) => name.replace("type ", ""));
  const listed = readFileSync(__filename, "utf8").matchAll(/^ {2}(\w+): \[/gm);
  expect(theirs.length).toBeGreaterThan(30);
  expect([...listed].map(([, name]) => name).sort()).toEqual(theirs.sort());
});
