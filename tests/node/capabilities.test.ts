// All languages or none: what the Python package offers has its place in this one. A name that is new there fails
// here until the table below says where it is.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as package_ from "codexkit";
import { expect, test } from "vitest";
import { root } from "./helper";

/** A copy, to look names up in. */
const codexkit: Record<string, unknown> & typeof package_ = { ...package_ };

const python = (file: string) => readFileSync(join(root, "python/codexkit", file), "utf8");

/**
 * Where each public name of Python is here. `Class.method` is a method, `CodexOptions.x`, `ThreadOptions.x` and
 * `TurnOptions.x` are options, `type X` is a type, anything else an export. A dash is a reason for its absence.
 */
const PLACES: Record<string, string> = {
  // The names of the module `telemetry`.
  SEMANTIC_CONVENTIONS: "semanticConventions",
  Observation: "- observe() gives the function that stops it",
  Span: "type Span",
  TelemetryEvent: "type TelemetryEvent",
  flush: "flushTelemetry",
  instrument: "instrument",
  observe: "observe",
  uninstrument: "uninstrument",
  // The names of the package.
  Agent: "type Agent",
  ApprovalHandler: "type ApprovalHandler",
  ApprovalMode: "Approvals",
  AutoRun: "AutoRun",
  AutoRunResult: "type AutoRunResult",
  AutoRunStep: "type AutoRunStep",
  AutoRunHandoff: "type AutoRunHandoff",
  AutoRunToolCall: "type AutoRunToolCall",
  AutoRunToolResult: "type AutoRunToolResult",
  AutoRunTurn: "type AutoRunTurn",
  Codex: "Codex",
  CodexConfig: "type CodexOptions",
  CodexError: "CodexError",
  CodexRpcError: "RpcError",
  CodexTimeoutError: "CodexTimeoutError",
  ChatgptLoginHandle: "ChatgptLoginHandle",
  DeviceCodeLoginHandle: "DeviceCodeLoginHandle",
  EngineNotFoundError: "EngineNotFoundError",
  EngineVersionError: "EngineVersionError",
  Event: "type Event",
  ExternalMessage: "type ExternalMessage",
  ForkedError: "- Node processes do not fork",
  GoalCheck: "type GoalCheck",
  GuardrailError: "GuardrailError",
  Handoff: "Handoff",
  ImageInput: "type UserInput",
  Input: "type Input",
  InputItem: "type UserInput",
  InternalRpcError: "InternalRpcError",
  InvalidArgumentError: "InvalidArgumentError",
  InvalidOutputError: "InvalidOutputError",
  InvalidParamsError: "InvalidParamsError",
  InvalidRequestError: "InvalidRequestError",
  JsonRpcError: "RpcError",
  LaggedError: "LaggedError",
  LocalImageInput: "type UserInput",
  MapItem: "type MapItem",
  MapProgress: "type MapProgress",
  MapResult: "type MapResult",
  MapRun: "MapRun",
  MentionInput: "type UserInput",
  MethodNotFoundError: "MethodNotFoundError",
  Notification: "type Event",
  ParseError: "ParseError",
  ProtocolError: "ProtocolError",
  Reconnect: "type ReconnectOptions",
  Restart: "type RestartOptions",
  Rejection: "type Rejection",
  RemoteEngine: "type RemoteEngine",
  RetryLimitExceededError: "RetryLimitExceededError",
  RetryPolicy: "type RetryPolicy",
  RunInput: "type Input",
  Sandbox: "Sandbox",
  ServerBusyError: "ServerBusyError",
  ShellCheck: "type ShellCheck",
  SkillInput: "type UserInput",
  SpawnError: "SpawnError",
  TextInput: "type UserInput",
  Thread: "Thread",
  TokenPrices: "type TokenPrices",
  TransportClosedError: "ClosedError",
  TurnFailedError: "TurnFailedError",
  ApprovalDeniedError: "ApprovalDeniedError",
  AuthenticationError: "AuthenticationError",
  ContextWindowError: "ContextWindowError",
  OverloadedError: "OverloadedError",
  RateLimitedError: "RateLimitedError",
  TurnOverloadedError: "TurnOverloadedError",
  UsageLimitError: "UsageLimitError",
  TurnHandle: "Turn",
  TurnResult: "type TurnResult",
  UnknownNotification: "type UnknownEvent",
  VerdictCheck: "type VerdictCheck",
  __version__: "version",
  is_retryable_error: "isRetryableError",
  reject: "type Rejection",
  retry_on_overload: "retryOnOverload",
  tool: "tool",
  Tool: "Tool",
  ToolContext: "type ToolContext",
  ToolRegistry: "ToolRegistry",

  // The client.
  "Codex.metadata": "Codex.start",
  "Codex.tools": "Codex.tools",
  "Codex.close": "Codex.close",
  "Codex.login_api_key": "Codex.loginApiKey",
  "Codex.login_chatgpt": "Codex.loginChatgpt",
  "Codex.login_chatgpt_device_code": "Codex.loginChatgptDeviceCode",
  "Codex.account": "Codex.account",
  "Codex.pending_approvals": "Codex.pendingApprovals",
  "Codex.answer_approval": "Codex.answerApproval",
  "Codex.logout": "Codex.logout",
  "Codex.models": "Codex.models",
  "Codex.thread_start": "Codex.startThread",
  "Codex.thread_resume": "Codex.resumeThread",
  "Codex.auto_resume": "Codex.autoResume",
  "Codex.auto_resume_streamed": "Codex.autoResumeStreamed",
  "Agents.agents": "Codex.agents",
  "Agents.map": "Codex.map",
  "Codex.thread_fork": "Codex.forkThread",
  "Codex.thread_list": "Codex.listThreads",
  "Codex.thread_archive": "Codex.archiveThread",
  "Codex.thread_unarchive": "Codex.unarchiveThread",
  "Codex.api": "Codex.api",
  "Codex.mcp": "Codex.mcp",
  "Codex.request": "Codex.request",
  "Codex.notify": "Codex.notify",
  "Codex.notifications": "Codex.notifications",
  "Codex.diagnostics": "Codex.diagnostics",
  "Codex.stats": "Codex.stats",
  "Codex.metrics": "Codex.metrics",
  "Codex.on_span": "CodexOptions.onSpan",
  "Codex.on_event": "CodexOptions.onEvent",
  "Codex.stderr_tail": "Codex.stderrTail",
  "Codex.is_closed": "Codex.isClosed",
  "Codex.pid": "Codex.pid",

  // Threads, turns, logins.
  "Thread.id": "Thread.id",
  "Thread.mcp": "Thread.mcp",
  "Thread.start_response": "Thread.open",
  "Thread.run": "Thread.run",
  "Thread.turn": "Thread.turn",
  "Thread.auto_run": "Thread.autoRun",
  "Thread.auto_run_streamed": "Thread.autoRunStreamed",
  "Thread.read": "Thread.read",
  "Thread.set_name": "Thread.setName",
  "Thread.compact": "Thread.compact",
  "Thread.goal": "Thread.goal",
  "Thread.set_goal": "Thread.setGoal",
  "Thread.clear_goal": "Thread.clearGoal",
  "Thread.pursue": "Thread.pursue",
  "Thread.run_streamed": "Thread.runStreamed",
  "Family.as_handoff": "Thread.asHandoff",
  "Family.as_tool": "Thread.asTool",
  "Family.children": "Thread.children",
  "Family.subscribe": "Thread.subscribe",
  "MapRun.collect": "MapRun.collect",
  "_Run.close": "MapRun.interrupt",
  "_Run.progress": "MapRun.progress",
  "TurnHandle.id": "Turn.id",
  "TurnHandle.thread_id": "Turn.threadId",
  "TurnHandle.steer": "Turn.steer",
  "TurnHandle.interrupt": "Turn.interrupt",
  "TurnHandle.stream": "Turn.stream",
  "TurnHandle.run": "Turn.result",
  "TurnHandle.partial_outputs": "Turn.partialOutputs",
  "_SyncHandle.wait": "ChatgptLoginHandle.wait",
  "_SyncHandle.cancel": "DeviceCodeLoginHandle.cancel",

  // MCP.
  HttpServer: "type HttpServer",
  Mcp: "Mcp",
  McpClient: "McpClient",
  McpLoginHandle: "McpLoginHandle",
  StdioServer: "type StdioServer",
  qualify: "qualify",
  tool_names: "toolNames",
  "Mcp.status": "Mcp.status",
  "Mcp.wait_ready": "Mcp.waitReady",
  "Mcp.call_tool": "Mcp.callTool",
  "Mcp.read_resource": "Mcp.readResource",
  "Mcp.reload": "Mcp.reload",
  "Mcp.login": "Mcp.login",
  "McpClient.name": "McpClient.name",
  "McpClient.server_info": "McpClient.serverInfo",
  "McpClient.state": "McpClient.state",
  "McpClient.restarts": "McpClient.restarts",
  "McpClient.pid": "McpClient.pid",
  "McpClient.stderr_tail": "McpClient.stderrTail",
  "McpClient.list_tools": "McpClient.listTools",
  "McpClient.list_resources": "McpClient.listResources",
  "McpClient.list_resource_templates": "McpClient.listResourceTemplates",
  "McpClient.list_prompts": "McpClient.listPrompts",
  "McpClient.call_tool": "McpClient.callTool",
  "McpClient.read_resource": "McpClient.readResource",
  "McpClient.get_prompt": "McpClient.getPrompt",
  "McpClient.ping": "McpClient.ping",
  "McpClient.close": "McpClient.close",

  // The low-level client: one client here, which has all of it.
  "CodexClient.start": "Codex.start",
  "CodexClient.close": "Codex.close",
  "CodexClient.initialize": "Codex.start",
  "CodexClient.request": "Codex.request",
  "CodexClient.notify": "Codex.notify",
  "CodexClient.next_notification": "Codex.notifications",
  "CodexClient.next_login_notification": "ChatgptLoginHandle.wait",
  "CodexClient.next_turn_notification": "Turn.stream",
  "CodexClient.next_goal_notification": "Thread.pursue",
  "CodexClient.account_login_start": "Codex.loginChatgpt",
  "CodexClient.account_login_cancel": "ChatgptLoginHandle.cancel",
  "CodexClient.account_read": "Codex.account",
  "CodexClient.account_logout": "Codex.logout",
  "CodexClient.thread_start": "Codex.startThread",
  "CodexClient.thread_resume": "Codex.resumeThread",
  "CodexClient.thread_list": "Codex.listThreads",
  "CodexClient.thread_read": "Thread.read",
  "CodexClient.thread_fork": "Codex.forkThread",
  "CodexClient.thread_archive": "Thread.archive",
  "CodexClient.thread_unarchive": "Thread.unarchive",
  "CodexClient.thread_set_name": "Thread.setName",
  "CodexClient.thread_compact": "Thread.compact",
  "CodexClient.thread_goal_get": "Thread.goal",
  "CodexClient.thread_goal_clear": "Thread.clearGoal",
  "CodexClient.thread_goal_set": "Thread.setGoal",
  "CodexClient.pause_goal": "Thread.setGoal",
  "CodexClient.start_goal_operation": "Thread.pursue",
  "CodexClient.cancel_goal_operation": "Thread.pursue",
  "CodexClient.turn_start": "Thread.turn",
  "CodexClient.turn_interrupt": "Turn.interrupt",
  "CodexClient.turn_steer": "Turn.steer",
  "CodexClient.model_list": "Codex.models",
  "CodexClient.request_with_retry_on_overload": "retryOnOverload",
  "CodexClient.wait_for_turn_completed": "Turn.result",
  "CodexClient.wait_for_login_completed": "ChatgptLoginHandle.wait",
  "CodexClient.stream_text": "Thread.streamText",

  // Files.
  "Attachment.is_image": "Attachment.isImage",
  "Attachment.as_image": "Attachment.asImage",
  "Attachment.as_inline_image": "Attachment.asInlineImage",
  "Attachment.as_mention": "Attachment.asMention",
  "Attachment.as_text": "Attachment.asText",
  "FileStore.stage": "FileStore.stage",
  "FileStore.stage_url": "FileStore.stageUrl",
  "FileStore.list": "FileStore.list",
  "FileStore.get": "FileStore.get",
  "FileStore.remove": "FileStore.remove",
  "FileStore.cleanup": "FileStore.cleanup",
  "FileStore.reset": "FileStore.reset",
  "_Store.root": "FileStore.root",
  "_Store.metrics": "FileStore.metrics",

  // The arguments of the configuration, of threads and of turns.
  "CodexConfig.codex_bin": "CodexOptions.codexPathOverride",
  "CodexConfig.launch_args_override": "CodexOptions.launchArgsOverride",
  "CodexConfig.config_overrides": "CodexOptions.configOverrides",
  "CodexConfig.cwd": "CodexOptions.cwd",
  "CodexConfig.env": "CodexOptions.env",
  "CodexConfig.client_name": "CodexOptions.clientName",
  "CodexConfig.client_title": "CodexOptions.clientTitle",
  "CodexConfig.client_version": "CodexOptions.clientVersion",
  "CodexConfig.experimental_api": "CodexOptions.experimentalApi",
  "CodexConfig.config": "CodexOptions.config",
  "CodexConfig.capabilities": "CodexOptions.capabilities",
  "CodexConfig.env_inherit": "- env replaces the environment here, as in the official SDK",
  "CodexConfig.initialize_timeout": "CodexOptions.initializeTimeoutMs",
  "CodexConfig.request_timeout": "CodexOptions.requestTimeoutMs",
  "CodexConfig.close_timeout": "CodexOptions.closeTimeoutMs",
  "CodexConfig.approval_timeout": "CodexOptions.approvalTimeoutMs",
  "CodexConfig.max_line_bytes": "CodexOptions.maxLineBytes",
  "CodexConfig.queue_soft_events": "CodexOptions.queue",
  "CodexConfig.queue_soft_bytes": "CodexOptions.queue",
  "CodexConfig.queue_hard_events": "CodexOptions.queue",
  "CodexConfig.queue_hard_bytes": "CodexOptions.queue",
  "CodexConfig.remote": "CodexOptions.remote",
  "CodexConfig.restart": "CodexOptions.restart",
  "CodexConfig.prewarm": "CodexOptions.prewarm",
  "CodexConfig.mcp_servers": "CodexOptions.mcpServers",
  "Codex.approval_handler": "CodexOptions.approvalHandler",
  "Codex.on_approval": "CodexOptions.onApproval",
  "Codex.on_elicitation": "CodexOptions.onElicitation",
  "Codex.on_question": "CodexOptions.onQuestion",
  "thread.approval_mode": "ThreadOptions.approvalPreset",
  "thread.base_instructions": "ThreadOptions.baseInstructions",
  "thread.config": "ThreadOptions.config",
  "thread.cwd": "ThreadOptions.workingDirectory",
  "thread.developer_instructions": "ThreadOptions.developerInstructions",
  "thread.ephemeral": "ThreadOptions.ephemeral",
  "thread.include_turns": "ThreadOptions.includeTurns",
  "thread.mcp_servers": "ThreadOptions.mcpServers",
  "thread.model": "ThreadOptions.model",
  "thread.model_provider": "ThreadOptions.modelProvider",
  "thread.personality": "ThreadOptions.personality",
  "thread.on_approval": "ThreadOptions.onApproval",
  "thread.on_elicitation": "ThreadOptions.onElicitation",
  "thread.on_question": "ThreadOptions.onQuestion",
  "thread.sandbox": "ThreadOptions.sandboxMode",
  "thread.service_name": "ThreadOptions.serviceName",
  "thread.service_tier": "ThreadOptions.serviceTier",
  "thread.session_start_source": "ThreadOptions.sessionStartSource",
  "thread.thread_source": "ThreadOptions.threadSource",
  "thread.extra": "ThreadOptions.params",
  "turn.approval_mode": "TurnOptions.approvalPreset",
  "thread.approval_timeout": "ThreadOptions.approvalTimeoutMs",
  "turn.approval_timeout": "TurnOptions.approvalTimeoutMs",
  "turn.cwd": "TurnOptions.workingDirectory",
  "turn.effort": "TurnOptions.modelReasoningEffort",
  "turn.input_guardrails": "TurnOptions.inputGuardrails",
  "turn.output_guardrails": "TurnOptions.outputGuardrails",
  "turn.model": "TurnOptions.model",
  "turn.output_repairs": "TurnOptions.outputRepairs",
  "turn.output_schema": "TurnOptions.outputSchema",
  "turn.on_approval": "TurnOptions.onApproval",
  "turn.on_elicitation": "TurnOptions.onElicitation",
  "turn.on_question": "TurnOptions.onQuestion",
  "turn.output_type": "TurnOptions.outputType",
  "thread.tools": "ThreadOptions.tools",
  "turn.personality": "TurnOptions.personality",
  "turn.sandbox": "TurnOptions.sandboxMode",
  "turn.service_tier": "TurnOptions.serviceTier",
  "turn.source": "TurnOptions.source",
  "turn.summary": "TurnOptions.summary",
  "turn.trace_context": "TurnOptions.traceContext",
  "turn.turn_service_tier": "TurnOptions.turnServiceTier",
  "turn.extra": "TurnOptions.params",
};

/** The public methods and properties of a Python class. */
function methods(file: string, name: string): string[] {
  const body = new RegExp(`^class ${name}\\b.*?(?=^class |^def |(?![\\s\\S]))`, "ms").exec(
    python(file),
  )?.[0];
  const found = [...(body ?? "").matchAll(/^ {4}def ([a-z]\w*)\(/gm)].map(
    (match) => `${name}.${match[1]}`,
  );
  expect(found.length, name).toBeGreaterThan(1);
  return found;
}

/** The arguments of a Python function, but the positional ones. Its last signature is that of no overload. */
function keywords(file: string, name: string, prefix: string): string[] {
  // Overloads have some of them, the function itself has all.
  const signatures = python(file).matchAll(
    new RegExp(`def ${name}\\(\\s*self,(.*?)\\n {4}\\) ->`, "gs"),
  );
  const found = [...signatures].flatMap((signature) =>
    [...(signature[1] as string).matchAll(/^ {8}(\w+): [^\n]*= /gm)].map(
      (match) => `${prefix}.${match[1]}`,
    ),
  );
  expect(found.length, name).toBeGreaterThan(0);
  return found;
}

function capabilities(): string[] {
  const names = ["__init__.py", "mcp.py", "telemetry.py"].flatMap((file) => {
    const all = /^__all__ = \[(.*?)\]/ms.exec(python(file))?.[1] ?? "";
    return [...all.matchAll(/"(\w+)"/g)].map((match) => match[1] as string);
  });
  const found = [
    // A promise and an object are the two clients in one here.
    ...names.map((name) => name.replace(/^Async(?=[A-Z])/, "")),
    ...methods("_sync.py", "Codex"),
    ...methods("_sync_resume.py", "Resuming").map((name) => name.replace("Resuming", "Codex")),
    ...methods("_sync_thread.py", "Thread"),
    ...methods("_sync_running.py", "Running").map((name) => name.replace("Running", "Thread")),
    ...methods("_sync_thread.py", "TurnHandle"),
    ...methods("_many.py", "Agents"),
    ...methods("_many.py", "Family"),
    ...methods("_map.py", "_Run"),
    "MapRun.collect",
    ...methods("_login.py", "_SyncHandle"),
    ...methods("_mcp_view.py", "Mcp"),
    ...methods("_mcp_client.py", "McpClient"),
    ...methods("client.py", "CodexClient"),
    ...methods("files.py", "Attachment"),
    ...methods("files.py", "FileStore"),
    ...methods("files.py", "_Store"),
    ...keywords("_config.py", "__init__", "CodexConfig"),
    ...keywords("_sync.py", "__init__", "Codex").filter((name) => name !== "Codex.config"),
    ...keywords("_sync.py", "thread_start", "thread"),
    ...keywords("_sync.py", "thread_resume", "thread"),
    ...keywords("_sync.py", "thread_fork", "thread"),
    ...keywords("_sync_thread.py", "run", "turn"),
    ...keywords("_sync_thread.py", "turn", "turn"),
  ];
  return [...new Set(found)];
}

/** Whether there is something at a place, as {@link PLACES} writes it. */
async function exists(place: string): Promise<boolean> {
  if (place.startsWith("-")) return place.length > 10;
  if (place.startsWith("type ")) {
    const declared = readFileSync(join(root, "node/src/index.ts"), "utf8");
    return new RegExp(`\\b${place.slice(5)}\\b`).test(declared);
  }
  const [owner, member] = place.split(".") as [string, string | undefined];
  if (member === undefined) return owner in codexkit;
  const impossible = { [member]: Symbol("impossible") };
  const call: Record<string, () => unknown> = {
    CodexOptions: () => new codexkit.Codex(impossible as never),
    ThreadOptions: () => new codexkit.Codex().resumeThread("t", impossible as never),
    TurnOptions: () => new codexkit.Codex().startThread().turn("go", impossible as never),
  };
  if (call[owner] === undefined) {
    const { prototype } = codexkit[owner as "Codex"] as { prototype: object };
    return member in prototype;
  }
  try {
    await call[owner]();
  } catch (error) {
    return !(error as Error).message.includes("no such option");
  }
  return false;
}

test("every public capability of the Python package has its place here", async () => {
  const wanted = capabilities();
  expect(wanted.length).toBeGreaterThan(140);
  expect(wanted.filter((name) => PLACES[name] === undefined)).toEqual([]);
  expect(Object.keys(PLACES).filter((name) => !wanted.includes(name))).toEqual([]);
  const missing: string[] = [];
  for (const name of wanted) {
    if (!(await exists(PLACES[name] as string))) missing.push(`${name}: ${PLACES[name]}`);
  }
  expect(missing).toEqual([]);
  expect(await exists("Codex.noSuchMethod")).toBe(false);
  expect(await exists("ThreadOptions.noSuchOption")).toBe(false);
});

test("the errors stand in one tree, as in Python", () => {
  const parents = [...python("errors.py").matchAll(/^class (\w+Error)\((\w+)/gm)].map(
    ([, name, parent]) => [name as string, parent as string],
  );
  expect(parents.length).toBeGreaterThan(15);
  for (const [name, parent] of parents) {
    const [place, above] = [PLACES[name as string], PLACES[parent as string] ?? "Error"];
    if (place === undefined || place.startsWith("-")) continue;
    const type = codexkit[place as "CodexError"] as { prototype: object };
    const root =
      above === "Error" ? Error : (codexkit[above as "CodexError"] as { prototype: object });
    if (type !== root)
      expect(root.prototype, name).toSatisfy((it: object) =>
        Object.prototype.isPrototypeOf.call(it, type.prototype),
      );
  }
});
