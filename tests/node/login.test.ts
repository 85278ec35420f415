// Logins, the account, and what waits for a person.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import {
  AbortError,
  ChatgptLoginHandle,
  ClosedError,
  Codex,
  DeviceCodeLoginHandle,
} from "codexkit";
import { expect, onTestFinished, test } from "vitest";
import { faulty, rejection, scripted } from "./helper";

test("a key is logged in with, read and forgotten", async () => {
  const { codex, home } = await scripted([]);
  expect(await codex.account()).toMatchObject({ account: null });
  await codex.loginApiKey("sk-test-login");
  expect(readFileSync(join(home, "auth.json"), "utf8")).toContain("sk-test-login");
  await codex.logout();
  expect(() => readFileSync(join(home, "auth.json"), "utf8")).toThrow();
  expect((await rejection(codex.loginApiKey(7 as never))).message).toContain("apiKey");
});

test("a login through the browser is waited for and given up", async () => {
  const { codex } = await scripted([]);
  const login = await codex.loginChatgpt();
  expect(login).toBeInstanceOf(ChatgptLoginHandle);
  expect(login.loginId).not.toBe("");
  expect(login.authUrl).toMatch(/^https:\/\/.*oauth/);
  const waiting = login.wait();
  // The other readers of notifications lose nothing to the handle.
  const notified = (async () => {
    for await (const event of codex.notifications({ keepAlive: true })) {
      if (event.method === "account/login/completed") return event.params;
    }
    return undefined;
  })();
  const impatient = new AbortController();
  const given = rejection(login.wait({ signal: impatient.signal }));
  impatient.abort("no time");
  expect(await given).toMatchObject({ name: "AbortError", cause: "no time" });
  expect(await login.cancel()).toEqual({ status: "canceled" });
  const end = await waiting;
  expect(end).toMatchObject({ loginId: login.loginId, success: false });
  expect(await login.wait()).toEqual(end);
  expect(await notified).toEqual(end);
  expect(await rejection(login.wait({ signal: AbortSignal.abort() }))).toBeInstanceOf(AbortError);
});

test("a login by a code shows what to enter where, waits and is given up", async () => {
  // What the login asks: a code, and whether the person has entered it (403: not yet).
  const asked: string[] = [];
  const issuer = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.statusCode = request.url?.endsWith("/usercode") ? 200 : 403;
    response.setHeader("content-type", "application/json");
    response.end(
      JSON.stringify({
        device_auth_id: "d",
        user_code: "ABCD-1234",
        interval: "1",
      }),
    );
  });
  await new Promise<void>((resolve) => issuer.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void issuer.close());
  const { port } = issuer.address() as AddressInfo;

  const { model, home } = await scripted([]);
  const options = model.options(home);
  const CODEX_APP_SERVER_LOGIN_ISSUER = `http://127.0.0.1:${port}`;
  await using codex = new Codex({
    ...options,
    env: { ...options.env, CODEX_APP_SERVER_LOGIN_ISSUER },
  });
  const login = await codex.loginChatgptDeviceCode();
  expect(login).toBeInstanceOf(DeviceCodeLoginHandle);
  expect(login.userCode).toBe("ABCD-1234");
  expect(login.verificationUrl).toContain(CODEX_APP_SERVER_LOGIN_ISSUER);
  const waiting = login.wait();
  await expect.poll(() => asked.length).toBeGreaterThan(1);
  expect(await login.cancel()).toEqual({ status: "canceled" });
  expect(await waiting).toMatchObject({ loginId: login.loginId, success: false });
});

test("a login ends with its engine", async () => {
  const codex = faulty({
    faults: [
      {
        on: "account/login/start",
        answer: { result: { type: "chatgpt", loginId: "l1", authUrl: "https://x" } },
        // biome-ignore lint/suspicious/noThenProperty: it is the plan's word.
        then: [{ sleep_ms: 100 }, "die"],
      },
    ],
  });
  const login = await codex.loginChatgpt();
  expect(await rejection(login.wait())).toBeInstanceOf(ClosedError);
});

test("an end that comes before the answer is not missed, and an odd answer is an error", async () => {
  const done = { loginId: "l1", success: true, error: null, onboardingEntrypoint: null };
  const notify = { notify: { method: "account/login/completed", params: done } };
  const codex = faulty({
    faults: [
      {
        on: "account/login/start",
        nth: 1,
        do: [notify],
        answer: {
          result: {
            type: "chatgptDeviceCode",
            loginId: "l1",
            verificationUrl: "https://x",
            userCode: "U",
          },
        },
      },
      { on: "account/login/start", answer: { result: { type: "chatgpt", loginId: "l2" } } },
    ],
  });
  const login = await codex.loginChatgptDeviceCode();
  expect([login.verificationUrl, login.userCode]).toEqual(["https://x", "U"]);
  expect(await login.wait()).toEqual(done);
  expect(await rejection(codex.loginChatgpt())).toMatchObject({ kind: "protocol" });
});
