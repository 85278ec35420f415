// Engines that end by themselves and are started again.
import { ClosedError, Codex, type CodexOptions, InvalidArgumentError } from "codexkit";
import { expect, test } from "vitest";
import { command, faulty, folder, rejection, rule, scripted } from "./helper";

const quick = { initialDelayMs: 20, maxDelayMs: 40 };

function kill(codex: Codex): void {
  if (codex.pid === null || codex.pid === undefined) throw new Error("no engine");
  process.kill(codex.pid, "SIGKILL");
}

test("a killed engine comes back, and its turns are told", async () => {
  const wait = command("touch began; sleep 300", { yield_time_ms: 30_000 });
  const { codex } = await scripted(
    { rules: [rule("wait", wait)], replies: ["at once"], repeat: "last" } as never,
    { restart: quick },
  );
  const thread = codex.startThread({
    workingDirectory: folder("work"),
    sandboxMode: "danger-full-access",
  });
  expect((await thread.run("hello")).finalResponse).toBe("at once");
  const turn = await thread.turn("wait");
  const methods: string[] = [];
  for await (const event of turn) {
    methods.push(event.method);
    if (event.method === "item/started" && event.params.item.type === "commandExecution") {
      kill(codex);
    }
    if (event.method === "codexkit/restarted") {
      expect(event.params).toMatchObject({
        turnId: turn.id,
        attempt: 1,
        signal: 9,
        exitCode: null,
      });
      expect(event.params.lastItemId).toBeTruthy();
    }
  }
  expect(methods).toContain("codexkit/restarted");
  expect(methods.at(-1)).toBe("turn/completed");
  expect(codex.stats()?.restarts).toBe(1);
  expect((await thread.run("hello again")).finalResponse).toBe("at once");
});

test("who waits is told, and the client goes on", async () => {
  const plan = { faults: [{ on: "model/list", do: [{ die: { exit: 4 } }] }] };
  const codex = faulty(plan, { restart: quick });
  await codex.start();
  const error = await rejection(codex.request("model/list", {}));
  expect(error).toBeInstanceOf(ClosedError);
  expect((error as ClosedError).exitCode).toBe(4);
  expect(String(error)).toContain("restarted");
  expect((await codex.startThread().run("go")).finalResponse).toBeTruthy();
});

test.each([
  ["yes", "restart"],
  [{ maxAttempts: 0 }, "restart.maxAttempts"],
  [{ initialDelayMs: 0 }, "restart.initialDelayMs"],
  [{ soon: true }, "restart.soon"],
])("what makes no sense is refused: %j", (restart, argument) => {
  const make = () => new Codex({ restart } as CodexOptions);
  expect(make).toThrow(InvalidArgumentError);
  expect(make).toThrow(expect.objectContaining({ argument }));
});
