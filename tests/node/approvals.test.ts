// The engine's requests: answered by the handler, declined without one.
import type { CodexOptions, ServerRequest } from "codexkit";
import { expect, test } from "vitest";
import { scripted } from "./helper";

const script = {
  replies: [
    {
      items: [
        {
          call: {
            name: "exec_command",
            arguments: {
              cmd: "echo escalated",
              sandbox_permissions: "require_escalated",
              justification: "need it",
            },
          },
        },
      ],
    },
    "done",
  ],
};

async function status(approvalHandler: CodexOptions["approvalHandler"]) {
  const { codex } = await scripted(script, { approvalHandler });
  const thread = codex.startThread({
    sandboxMode: "workspace-write",
    approvalPolicy: "on-request",
  });
  const { items } = await thread.run("go");
  const item = items.find((item) => item.type === "command_execution");
  return { status: item?.type === "command_execution" && item.status, codex };
}

test("a handler accepts, synchronously or later", async () => {
  const seen: ServerRequest[] = [];
  const accepted = await status((method, params, request) => {
    seen.push(request);
    expect(request.method).toBe(method);
    expect(request.params).toBe(params);
    return { decision: "accept" };
  });
  expect(accepted.status).toBe("completed");
  expect(seen).toHaveLength(1);
  const request = seen[0] as ServerRequest;
  if (request.method !== "item/commandExecution/requestApproval") throw new Error(request.method);
  expect(request.params.command).toContain("echo escalated");
  expect(request).toMatchObject({ threadId: expect.any(String), turnId: expect.any(String) });

  const later = await status(async () => {
    await new Promise((resume) => setTimeout(resume, 50));
    return { decision: "accept" };
  });
  expect(later.status).toBe("completed");
});

test("without a handler, without an answer, and on a throw it is declined", async () => {
  expect((await status(undefined)).status).toBe("declined");
  expect((await status(() => undefined)).status).toBe("declined");
  const thrown = await status(() => {
    throw new Error("broken handler");
  });
  expect(thrown.status).toBe("declined");
  expect(JSON.stringify(thrown.codex.diagnostics())).toContain("broken handler");
});

test("a handler that never answers is declined after its time", async () => {
  const { codex } = await scripted(script, {
    approvalHandler: () => new Promise(() => {}),
    approvalTimeoutMs: 200,
  });
  const thread = codex.startThread({
    sandboxMode: "workspace-write",
    approvalPolicy: "on-request",
  });
  const { items } = await thread.run("go");
  expect(items[0]).toMatchObject({ status: "declined" });
});
