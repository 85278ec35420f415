// The steps of the Node runner that the official SDK does not have: tools, who answers, typed answers, files, auto-runs,
// maps, agents as tools, guardrails. The same behaviours as in own_parts.py and xtask/src/parity/rust/.

import { Buffer } from "node:buffer";
import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import { FileStore, Handoff, image, policies, ToolRegistry, tool } from "../../node/dist/index.mjs";
import { errorRecord, view } from "./node_views.mjs";

const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==";

const POLICIES = {
  commands: ({ prefixes = [], deny = false }) => policies.commands({ prefixes, deny }),
  edits_inside: ({ folders }) => policies.editsInside(...folders),
  read_only_commands: () => policies.readOnlyCommands(),
  deny_all: () => policies.denyAll(),
};

/** The scenario's names for an auto-run's options, and the package's. */
const AUTO = { max_turns: "maxTurns", max_tokens: "maxTokens", next_prompt: "nextPrompt" };
const RETRY = { initial_delay_s: "initialDelayMs", max_delay_s: "maxDelayMs" };
const HOOKS = {
  before_turn: "beforeTurn",
  after_turn: "afterTurn",
  before_tool: "beforeTool",
  after_tool: "afterTool",
};

/** What a run has besides the steps of node.mjs. */
export class OwnSteps {
  /** What the application's functions were told, in the order of their calls. */
  told = [];
  threadTools = new Map();
  registries = new Map();
  files = new Map();
  continuations = new Map();

  constructor(scenario) {
    this.declared = scenario.tools ?? {};
  }

  /** What a thread or a turn has of its own, by its step. */
  own(step) {
    const options = this.handlers(step.handlers ?? {});
    if (step.tools !== undefined) {
      options.tools = new ToolRegistry(this.toolsOf(step.tools));
      this.registries.set(step.as, options.tools);
    }
    const guardrails = (rules, seen) => rules.map((rule) => guardrail(rule, seen));
    if (step.input_guardrails) {
      options.inputGuardrails = guardrails(step.input_guardrails, (input) => input);
    }
    if (step.output_guardrails) {
      options.outputGuardrails = guardrails(step.output_guardrails, (end) => end.finalResponse);
    }
    return options;
  }

  toolsOf(keys) {
    return keys.map((key) => this.threadTools.get(key) ?? declare(key, this.declared[key]));
  }

  handlers({ on_approval, on_question, on_elicitation }) {
    const handler = (what, answer) => async (request) => {
      const { params: _, ...shown } = request;
      this.told.push({ what, request: shown });
      return answer;
    };
    const options = {};
    if (on_approval) {
      options.onApproval = on_approval.map((link) =>
        link.policy ? POLICIES[link.policy](link) : handler("on_approval", decision(link)),
      );
    }
    if (on_question) options.onQuestion = handler("on_question", on_question.answers);
    if (on_elicitation) {
      const { accept } = on_elicitation;
      const answer = accept ? { action: "accept", content: accept } : { action: "decline" };
      options.onElicitation = handler("on_elicitation", answer);
    }
    return options;
  }

  /** Register, replace or remove tools of a thread. */
  async tools(step) {
    const registry = this.registries.get(step.thread);
    for (const key of step.remove ?? []) registry.remove(key);
    for (const one of this.toolsOf(step.replace ?? [])) registry.replace(one);
    for (const one of this.toolsOf(step.register ?? [])) registry.register(one);
    return { tools: registry.list().map(({ key }) => key) };
  }

  async as_tool(step) {
    const { as: name, description } = step;
    const made = await this.threads.get(step.thread).asTool({ name, description });
    this.threadTools.set(name, made);
    return { tool: made.key, parameters: made.parameters };
  }

  handoff({ as: name, description, history }) {
    const made = new Handoff({ name, description, history });
    this.threadTools.set(name, made);
    return { tool: made.key, description: made.description, parameters: made.parameters };
  }

  async bind(step) {
    await this.threadTools.get(step.handoff).bind(this.threads.get(step.thread));
    return {};
  }

  async runTyped(step) {
    const { schema, repairs = 0 } = step.output;
    const options = {
      ...this.own(step),
      outputType: { jsonSchema: schema },
      outputRepairs: repairs,
    };
    const end = await this.threads.get(step.thread).run(step.input, options);
    return {
      parsed: end.parsed,
      finalResponse: end.finalResponse,
      attempts: end.attempts.map(({ finalResponse }) => finalResponse),
    };
  }

  async stage(step) {
    const bytes = Buffer.from(step.text ?? PIXEL, step.text === undefined ? "base64" : "utf8");
    const file = await new FileStore({ root: step.root }).stage(bytes, { name: step.name });
    this.files.set(step.as, file);
    const { name, id, sha256, size, mediaType, isImage } = file;
    return { name, id, sha256, size, mediaType, isImage };
  }

  /** An input, with staged files as a turn takes them. */
  async parts(input) {
    if (!Array.isArray(input)) return input;
    const given = input.map(async (part) => {
      if (part.type !== "attachment") return part;
      const file = this.files.get(part.file);
      if (part.as === "image") return file.asImage();
      if (part.as === "inline_image") return file.asInlineImage();
      return part.as === "text" ? file.asText() : file;
    });
    return Promise.all(given);
  }

  /** Answer what was put off. */
  async answer(step) {
    let [waiting] = await this.codex.pendingApprovals();
    // It is told of before anybody is asked, and so before it can be put off.
    while (waiting === undefined) {
      await setTimeout(5);
      [waiting] = await this.codex.pendingApprovals();
    }
    await this.codex.answerApproval(waiting.id, decision(step.answer));
    return {};
  }

  async auto_run(step) {
    const thread = this.threads.get(step.thread);
    return this.follow(step, await thread.autoRunStreamed(step.input, this.autoOptions(step)));
  }

  async auto_resume(step) {
    const token = this.continuations.get(step.run);
    return this.follow(step, await this.codex.autoResumeStreamed(token, this.autoOptions(step)));
  }

  /** The own events of a run, and what it came to. */
  async follow(step, run) {
    const events = [];
    for await (const event of run) {
      if (event.method.startsWith("codexkit/autoRun/")) events.push(view(event));
    }
    const end = await run.result();
    if (step.as && end.continuation !== null) this.continuations.set(step.as, end.continuation);
    const { status, finalResponse } = end.last ?? {};
    return { events, run: { ...end, last: end.last && { status, finalResponse } } };
  }

  autoOptions({ options: given = {}, until, hooks = [] }) {
    const options = {};
    for (const [name, value] of Object.entries(given)) {
      if (name !== "retry") options[AUTO[name]] = value;
      else {
        options.retry = Object.fromEntries(
          Object.entries(value).map(([word, inner]) =>
            word in RETRY ? [RETRY[word], inner * 1000] : [word, inner],
          ),
        );
      }
    }
    if (until === "answer") options.until = until;
    else if (until?.command) options.until = { type: "command", ...until };
    else if (until?.criteria) options.until = { type: "verdict", ...until };
    else if (until) options.until = (end) => this.check(until, end);
    for (const { at } of hooks) {
      options[HOOKS[at]] = (...told) => this.hook(at, hooks, ...told);
    }
    return options;
  }

  async check(until, end) {
    const said = end?.finalResponse ?? null;
    this.told.push({ what: "check", said });
    return (said ?? "").includes(until.says) ? true : (until.else ?? false);
  }

  async hook(at, hooks, told, outcome) {
    const { turn, tokens, prompt, result, tool: name, arguments: given } = told;
    const shown = {
      before_turn: () => ({ turn, tokens, prompt }),
      after_turn: () => ({ turn, tokens, said: result.finalResponse }),
      before_tool: () => ({ tool: name, arguments: given }),
      after_tool: () => ({ tool: name, text: outcome.text, isError: outcome.isError }),
    };
    this.told.push({ what: at, ...shown[at]() });
    return hooks.find((hook) => hook.at === at && (hook.turn ?? turn) === turn)?.answer;
  }

  async map({ items, options: given = {} }) {
    const { concurrency, stop_on_error: stopOnError } = given;
    const run = await this.codex.map(items, { concurrency, stopOnError });
    return { results: (await run.collect()).map(mapResult) };
  }

  /** As a program that is started again: another client and engine, of the same home. */
  async new_client() {
    await this.codex.close();
    this.open();
    return {};
  }
}

function mapResult({ index, id, status, threadId, result, fromJournal, progress, error }) {
  return {
    index,
    id,
    status,
    threadId,
    finalResponse: result?.finalResponse ?? null,
    fromJournal,
    total: progress.total,
    error: error && errorRecord(error),
  };
}

/** What a function says to an approval; nothing is no opinion. */
function decision({ decision: word, reason }) {
  if (word === undefined) return undefined;
  return reason === undefined && word !== "later" ? word : { decision: word, reason };
}

function guardrail(rule, seen) {
  const guard = (given) => {
    if (!seen(given).includes(rule.contains ?? "")) return undefined;
    if (rule.fails !== undefined) throw new Error(rule.fails);
    return rule.replace ?? { reject: rule.reject };
  };
  return Object.defineProperty(guard, "name", { value: rule.name });
}

function declare(key, { name = key, namespace, behaviour, timeout_ms: timeoutMs }) {
  return tool({
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    description: "Tells the weather of a city.",
    parameters: z.object({
      city: z.string().describe("The city's name."),
      days: z.int().default(1).describe("For how many days."),
    }),
    execute: (given, context) => behave(behaviour, given, context),
  });
}

async function behave(behaviour, { city, days }, { callId, tool: name, threadId, turnId, signal }) {
  const said = `Rain in ${city} for ${days} days.`;
  const pixel = image({ bytes: Buffer.from(PIXEL, "base64"), mediaType: "image/png" });
  switch (behaviour) {
    case "text":
      return said;
    case "json":
      return { city, days, degrees: [7, 9.5], rain: true };
    case "image":
      return pixel;
    case "parts":
      return [said, pixel];
    case "nothing":
      return undefined;
    case "context":
      return { call: callId, tool: name, known: threadId !== "" && turnId !== "" };
    case "fails":
      throw new Error(`there is no weather in ${city}`);
    case "slow":
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return "too late";
    default:
      throw new Error(`unknown behaviour ${behaviour}`);
  }
}
