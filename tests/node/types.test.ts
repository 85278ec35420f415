// What the types promise. The assertions are the compiler's: see tsconfig.check.json.
import {
  type ClientMethod,
  type Codex,
  type Event,
  isKnownEvent,
  type KnownEvent,
  type protocol,
  type ServerRequest,
  type ThreadEvent,
  type UnknownEvent,
} from "codexkit";
import { expect, expectTypeOf, test } from "vitest";

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
      expectTypeOf(event).toEqualTypeOf<UnknownEvent>();
      expectTypeOf(event.params).toEqualTypeOf<unknown>();
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
