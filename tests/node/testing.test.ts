// codexkit/testing: the fixtures for vitest, and what the model server records.
import { existsSync } from "node:fs";
import { type CodexFixtures, codexFixtures, ScriptedModel } from "codexkit/testing";
import { test as base, expect } from "vitest";
import { rejection } from "./helper";

const it = base.extend<CodexFixtures>(codexFixtures({ replies: ["Hello"], repeat: "last" }));

it("gives a test its client and model", async ({ codex, model }) => {
  expect((await codex.startThread().run("Hi")).finalResponse).toBe("Hello");
  const [request] = await model.waitForRequests(1);
  expect(request).toMatchObject({ prompt: "Hi", kind: "turn", n: expect.any(Number) });
});

base("a server makes homes and removes them", async () => {
  const model = await ScriptedModel.start('{"replies": ["x"]}');
  expect(model.baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
  expect(model.configOverrides.join()).toContain(model.baseUrl);
  const home = model.options().env?.CODEX_HOME as string;
  expect(existsSync(home)).toBe(true);
  const late = await rejection(model.waitForRequests(1, 50));
  expect(late).toMatchObject({ kind: "timeout" });
  await model.close();
  expect(existsSync(home)).toBe(false);
});
