// What the official SDK has, codexkit has: every name, every option, and each option's effect on the real engine.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as official from "@openai/codex-sdk";
import * as codexkit from "codexkit";
import { MethodNotFoundError, type ThreadOptions } from "codexkit";
import { expect, test } from "vitest";
import { command, rejection, root, scripted } from "./helper";

const declarations = readFileSync(
  join(root, "node_modules/@openai/codex-sdk/dist/index.d.ts"),
  "utf8",
);

/** The options of one of the official option types. */
function officialOptions(type: string): string[] {
  const body = new RegExp(`^type ${type} = \\{\\n(.*?)^\\};`, "ms").exec(declarations)?.[1] ?? "";
  const found = [...body.matchAll(/^ {4}(\w+)\?:/gm)].map((match) => match[1] as string);
  expect(found.length).toBeGreaterThan(2);
  return found;
}

test("every export of the official package, with every method of its classes", () => {
  const methods = (type: { prototype: object }) => Object.getOwnPropertyNames(type.prototype);
  expect(Object.keys(official).sort()).toEqual(["Codex", "Thread"]);
  for (const name of ["Codex", "Thread"] as const) {
    // What is private there by name only.
    const theirs = methods({ ...official }[name]).filter(
      (method) => method !== "runStreamedInternal",
    );
    expect(methods({ ...codexkit }[name])).toEqual(expect.arrayContaining(theirs));
  }
});

/** What the model is told of the sandbox. */
const permissions = (body: unknown) =>
  JSON.stringify(body)
    .match(/<permissions.*?<\/permissions/gs)
    ?.at(-1);

type Look = (seen: {
  // biome-ignore lint/suspicious/noExplicitAny: it is the Responses API's request.
  body: any;
  // biome-ignore lint/suspicious/noExplicitAny: the answers to thread/start and its kin differ a little.
  open: any;
}) => void;

/** Each thread option with what it must do; one thread is started for each. */
const THREAD_EFFECTS: Record<string, [ThreadOptions, Look]> = {
  model: [{ model: "gpt-5.4" }, ({ body }) => expect(body.model).toBe("gpt-5.4")],
  threadSource: [
    { threadSource: "a-test" },
    ({ open }) => expect(open.thread.threadSource).toBe("a-test"),
  ],
  sandboxMode: [
    { sandboxMode: "workspace-write" },
    ({ body, open }) => {
      expect(permissions(body)).toContain("`sandbox_mode` is `workspace-write`");
      expect(open.sandbox.type).toBe("workspaceWrite");
    },
  ],
  workingDirectory: [
    { workingDirectory: "../.." },
    ({ open, body }) => {
      expect(open.cwd).toBe(join(process.cwd(), "../.."));
      expect(JSON.stringify(body.input)).toContain(`<cwd>${join(process.cwd(), "../..")}</cwd>`);
    },
  ],
  skipGitRepoCheck: [
    { skipGitRepoCheck: false, workingDirectory: "/" },
    ({ open }) => expect(open.cwd).toBe("/"),
  ],
  modelReasoningEffort: [
    { modelReasoningEffort: "high" },
    ({ body }) => expect(body.reasoning.effort).toBe("high"),
  ],
  networkAccessEnabled: [
    { sandboxMode: "workspace-write", networkAccessEnabled: true },
    ({ open, body }) => {
      expect(open.sandbox.networkAccess).toBe(true);
      expect(permissions(body)).toContain("Network access is enabled");
    },
  ],
  webSearchMode: [
    { webSearchMode: "live", webSearchEnabled: false },
    ({ body }) => expect(webSearch(body)).toMatchObject({ external_web_access: true }),
  ],
  webSearchEnabled: [
    { webSearchEnabled: false },
    ({ body }) => expect(webSearch(body)).toBeUndefined(),
  ],
  approvalPolicy: [
    { approvalPolicy: "never" },
    ({ open, body }) => {
      expect(open.approvalPolicy).toBe("never");
      expect(permissions(body)).toContain("Approval policy is currently never");
    },
  ],
  additionalDirectories: [
    { sandboxMode: "workspace-write", additionalDirectories: ["fixtures"] },
    ({ open }) => expect(open.sandbox.writableRoots).toContain(join(process.cwd(), "fixtures")),
  ],
};

function webSearch(body: { tools: { type: string }[] }) {
  return body.tools.find((tool) => tool.type === "web_search");
}

test("every thread option of the official SDK has its effect, on new threads and on resumed ones", async () => {
  expect(Object.keys(THREAD_EFFECTS)).toEqual(officialOptions("ThreadOptions"));
  const { codex, model } = await scripted({ replies: ["fine"], repeat: "last" });
  const look = async (name: string, thread: codexkit.Thread, check: Look) => {
    const open = await thread.open();
    expect((await thread.run("go")).finalResponse, name).toBe("fine");
    check({ open, body: model.requests.at(-1)?.body });
  };
  const plain = codex.startThread();
  await plain.run("go");
  for (const [name, [options, check]] of Object.entries(THREAD_EFFECTS)) {
    await look(name, codex.startThread(options), check);
    // For a thread that this very engine has loaded, with other settings.
    if (name === "threadSource") continue; // is the first's for good
    await look(`${name}, resumed`, codex.resumeThread(plain.id as string, options), check);
  }
});

test("every turn option of the official SDK has its effect", async () => {
  const covered = { cyberAccessProgram: 1, outputSchema: 1, signal: "abort.test.ts" };
  expect(Object.keys(covered)).toEqual(officialOptions("TurnOptions"));
  const { codex, model } = await scripted({ replies: ['{"answer":1}'], repeat: "last" });
  const thread = codex.startThread();
  const schema = { type: "object", properties: { answer: { type: "number" } } };
  await thread.run("go", { outputSchema: schema });
  expect(model.requests.at(-1)?.body.text.format).toMatchObject({ type: "json_schema", schema });
  await thread.run("go");
  expect(model.requests.at(-1)?.body.text?.format).toBeUndefined();
  for (const cyberAccessProgram of ["standard", "daybreak_blue", "daybreak_red"] as const) {
    await thread.run("go", { cyberAccessProgram });
  }
  // The engine reads the value: the official SDK's spelling is not the protocol's.
  const params = { cyberAccessProgram: "daybreak_blue" as never };
  expect((await rejection(thread.run("go", { params }))).message).toContain("daybreakBlue");
});

test("every client option of the official SDK has its effect", async () => {
  const covered = "codexPathOverride baseUrl apiKey config configOverrides env".split(" ");
  expect(covered).toEqual(officialOptions("CodexOptions"));
  const { codex, model, home } = await scripted(
    { replies: [command("env"), "fine"], repeat: "cycle" },
    {
      config: { model_reasoning_effort: "low", mcp_servers: { "a.b": { command: "none" } } },
      configOverrides: ['developer_instructions="OVERRIDE"'],
    },
  );
  const thread = codex.startThread({ sandboxMode: "danger-full-access" });
  const { items } = await thread.run("go");
  expect(model.requests[0]?.body.reasoning.effort).toBe("low");
  expect(JSON.stringify(model.requests[0]?.body.input)).toContain("OVERRIDE");
  const servers = await codex.request("mcpServerStatus/list", {});
  expect(servers.data.map((server) => server.name)).toContain("a.b");
  const { engine } = await codex.start();
  expect(engine.source).toMatch(process.env.CODEXKIT_TEST_ENGINE ? "codex_bin" : "@openai/codex");

  expect(JSON.stringify(items)).toContain("CODEX_HOME");

  const options = { ...model.options(home), codexPathOverride: engine.path };
  await using other = new codexkit.Codex({ ...options, env: { ...options.env, HOME: home } });
  expect((await other.start()).engine).toMatchObject({ source: "codex_bin", path: engine.path });
  expect((await other.startThread().run("go")).finalResponse).toBe("fine");
});

test("env replaces the environment wholly, and the key is in nobody's", async () => {
  const { model, home } = await scripted({
    replies: [command("env; cat /proc/*/environ; cat $CODEX_HOME/auth.json"), "fine"],
  });
  const env = { HOME: home, CODEX_HOME: home, MARK: "here", GONE: undefined };
  await using codex = new codexkit.Codex({
    apiKey: "sk-test-seen-by-nobody",
    env,
    configOverrides: model.configOverrides,
  });
  const thread = codex.startThread({ sandboxMode: "danger-full-access" });
  const { items } = await thread.run("go");
  const ran = items.find((item) => item.type === "command_execution");
  const output = ran?.aggregated_output ?? "";
  expect(output).toContain("MARK=here\n");
  expect(output).not.toMatch(/^GONE=/m);
  expect(output).toContain("auth.json: No such file");
  expect(output).not.toContain("seen-by-nobody");
  // What this process has and the engine was not given: the output begins with the command's own.
  const own = output.slice(0, output.indexOf("\0"));
  for (const name of ["VITEST", "NODE_ENV"]) {
    expect(process.env[name]).toBeDefined();
    expect(own).not.toMatch(new RegExp(`^${name}=`, "m"));
  }

  // The engine's own environment: what was given, our mark, and the folder of the package's tools.
  if (process.platform === "linux" && !process.env.CODEXKIT_TEST_ENGINE) {
    const own = readFileSync(`/proc/${codex.pid}/environ`, "utf8").split("\0").filter(Boolean);
    const names = own.map((entry) => entry.slice(0, entry.indexOf("=")));
    expect(names.sort()).toEqual(["CODEXKIT_ENGINE_ID", "CODEX_HOME", "HOME", "MARK", "PATH"]);
    expect(own.find((entry) => entry.startsWith("PATH="))).toMatch(/^PATH=[^:]*codex-path$/);
  }
});

test("baseUrl is the API's address for the built-in provider", async () => {
  const { model, home } = await scripted({ replies: ["x"], repeat: "last" });
  await using codex = new codexkit.Codex({
    baseUrl: model.baseUrl,
    apiKey: "sk-test",
    env: { HOME: home, CODEX_HOME: home },
  });
  const turn = await codex.startThread({ model: "gpt-5.5" }).turn("go");
  expect((await model.waitForRequests(1))[0]?.path).toBe("/v1/responses");
  expect((await codex.account()).account).toEqual({ type: "apiKey" });
  await turn.interrupt();
});

test("the engine says who asks: the package, or what the application says", async () => {
  const { codex, model } = await scripted(["x"]);
  await codex.startThread().run("go");
  expect(model.requests[0]?.headers.originator).toBe("codexkit_node");
  const named = await scripted(["x"], { clientName: "my_app" });
  await named.codex.startThread().run("go");
  expect(named.model.requests[0]?.headers.originator).toBe("my_app");
  // The variable that the official SDK sets.
  const { model: third, home } = await scripted(["x"]);
  const options = third.options(home);
  options.env = { ...options.env, CODEX_INTERNAL_ORIGINATOR_OVERRIDE: "codex_sdk_ts" };
  await using codex3 = new codexkit.Codex(options);
  await codex3.startThread().run("go");
  expect(third.requests[0]?.headers.originator).toBe("codex_sdk_ts");
});

test("nothing is started before the first event is asked for, and events are given once", async () => {
  const { codex } = await scripted(["x"]);
  const thread = codex.startThread();
  const { events } = await thread.runStreamed("go");
  expect(codex.pid).toBeNull();
  expect(thread.id).toBeNull();
  const types: string[] = [];
  for await (const event of events) {
    types.push(event.type);
    expect(thread.id).not.toBeNull();
  }
  expect(types.at(-1)).toBe("turn.completed");
  for await (const event of events) throw new Error(`another event: ${event.type}`);
});

test("configuration is flattened as in the official SDK, and keys are quoted", async () => {
  const { codex } = await scripted([], {
    config: {
      "features.shell_snapshot": false, // a path, as there
      model_providers: {
        "with.dot": { name: 'a "quoted" name\u007f', base_url: "http://x", wire_api: "responses" },
      },
      project_doc_fallback_filenames: ["A.md", "B.md"],
      shell_environment_policy: { set: { "KEY-1": "v", EMPTY: "" }, exclude: [] },
      tool_output_token_limit: 1000,
      history: { persistence: "none", max_bytes: undefined as never },
    },
  });
  const { config } = (await codex.request("config/read", { includeLayers: false })) as {
    // biome-ignore lint/suspicious/noExplicitAny: config.toml has no type here.
    config: any;
  };
  expect(config.features?.shell_snapshot).toBe(false);
  expect(config.model_providers["with.dot"].name).toBe('a "quoted" name\u007f');
  expect(config.project_doc_fallback_filenames).toEqual(["A.md", "B.md"]);
  expect(config.shell_environment_policy.set).toEqual({ "KEY-1": "v", EMPTY: "" });
  expect(config.tool_output_token_limit).toBe(1000);
  expect(config.history.persistence).toBe("none");
});

test("unknown methods are errors of their own", async () => {
  const { codex } = await scripted([]);
  const error = await rejection(codex.request("no/such/method", {}));
  expect(error).toBeInstanceOf(codexkit.InvalidRequestError);
  expect(error).not.toBeInstanceOf(MethodNotFoundError);
});
