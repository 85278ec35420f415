/** Asks a person on the terminal. One question at a time, however many turns ask. */

import type { Interface } from "node:readline";
import type {
  ApprovalFunction,
  ApprovalRequest,
  Decision,
  ElicitationFunction,
  ElicitationRequest,
  Question,
  QuestionFunction,
} from "./approvals.js";
import { type Check, checkOptions, kindOf, type Rules } from "./check.js";
import { InvalidArgumentError } from "./errors.js";

/** Where a person is asked. */
export interface TerminalOptions {
  /** Where the answers come from; `process.stdin` by default. */
  input?: NodeJS.ReadableStream;
  /** Where the questions go; `process.stderr` by default, so that a program's output stays clean. */
  output?: NodeJS.WritableStream;
}

const stream =
  (method: string): Check =>
  (value, name) => {
    if (typeof (value as Record<string, unknown>)[method] !== "function") {
      throw InvalidArgumentError.of(name, `expected a stream, not ${kindOf(value)}`);
    }
  };

const OPTIONS: Rules<TerminalOptions> = { input: stream("on"), output: stream("write") };

/**
 * Asks a person on the terminal about each approval: it shows what is asked for and takes y (yes), s (yes, for the session),
 * r (yes, by a rule), n (no, with a reason for the agent if one is given) and c (no, and end the turn), as far as the
 * engine offers them.
 *
 * Without a terminal (`process.stdin.isTTY`) it has no opinion, so that the next one is asked, and where there is none
 * it is declined. Streams that are given are used, whatever they are. The end of the input declines.
 *
 * @param options other streams than `process.stdin` and `process.stderr`
 * @returns a function for `onApproval`
 */
export function askTerminal(options: TerminalOptions = {}): ApprovalFunction {
  return asking(options, decide);
}

/**
 * Asks a person the agent's questions on the terminal. Without a terminal it has no opinion; the end of the input
 * declines.
 *
 * @param options other streams than `process.stdin` and `process.stderr`
 * @returns a function for `onQuestion`
 */
export function terminalQuestions(options: TerminalOptions = {}): QuestionFunction {
  return asking(options, async (terminal, { questions }) => {
    const answers: Record<string, string> = {};
    for (const question of questions) {
      const answer = await choose(terminal, question);
      if (answer === undefined) return "decline" as const;
      answers[question.id] = answer;
    }
    return answers;
  });
}

/**
 * Asks a person on the terminal what MCP servers ask: field by field of a form, or whether a page was visited. Without a
 * terminal it has no opinion; the end of the input cancels.
 *
 * @param options other streams than `process.stdin` and `process.stderr`
 * @returns a function for `onElicitation`
 */
export function terminalElicitations(options: TerminalOptions = {}): ElicitationFunction {
  return asking(options, elicit);
}

/** A conversation with the person: what is shown, and lines of answers. */
class Terminal {
  readonly #options: Required<TerminalOptions>;
  readonly #desk: Desk;

  constructor(options: Required<TerminalOptions>, desk: Desk) {
    this.#options = options;
    this.#desk = desk;
  }

  /** Shows a line. */
  show(line: string): void {
    this.#options.output.write(`${line}\n`);
  }

  /** A line that the person gives; undefined at the end of the input. */
  async ask(prompt: string, secret = false): Promise<string | undefined> {
    const { input, output } = this.#options;
    output.write(prompt);
    const line = await this.#desk.line(input, secret);
    if (secret) output.write("\n");
    return line?.trim();
  }

  /** The one of some letters that the person gives. */
  async pick(choices: ReadonlyMap<string, string>): Promise<string | undefined> {
    const menu = [...choices].map(([letter, meaning]) => `[${letter}] ${meaning}`).join("  ");
    this.show(menu);
    for (;;) {
      const answer = (await this.ask("> "))?.toLowerCase();
      if (answer === undefined || choices.has(answer)) return answer;
      this.show(`one of: ${[...choices.keys()].join(", ")}`);
    }
  }
}

/** Of one input: whose turn it is to ask, and lines that nobody has asked for yet. */
class Desk {
  #free: Promise<unknown> = Promise.resolve();
  readonly #lines: string[] = [];

  /** Runs `work` after what others have begun. */
  queue<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#free.then(work);
    this.#free = done.catch(() => {});
    return done;
  }

  /** The next line. The input is read no longer than that, and keeps no process alive: the turn that asks does. */
  async line(input: NodeJS.ReadableStream, secret: boolean): Promise<string | undefined> {
    const early = this.#lines.shift();
    const { readableEnded, destroyed } = input as { readableEnded?: boolean; destroyed?: boolean };
    if (early !== undefined || readableEnded || destroyed) return early;
    const reader = await open(input, secret);
    const handle = input as { ref?: () => void; unref?: () => void };
    handle.unref?.();
    await new Promise<void>((resolve) => {
      reader.on("line", (line) => {
        this.#lines.push(line);
        // What came with it is told before that.
        setImmediate(() => reader.close());
      });
      reader.on("close", resolve);
    });
    handle.ref?.();
    return this.#lines.shift();
  }
}

/** Reads lines. What is secret is not echoed, if it is typed. */
async function open(input: NodeJS.ReadableStream, secret: boolean): Promise<Interface> {
  const { createInterface } = await import("node:readline");
  if (!secret || !(input as { isTTY?: boolean }).isTTY) {
    return createInterface({ input, terminal: false });
  }
  const { Writable } = await import("node:stream");
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input, output: nowhere, terminal: true });
  // The terminal hands Ctrl-C over as a character meanwhile.
  reader.on("SIGINT", () => {
    reader.close();
    process.kill(process.pid, "SIGINT");
  });
  return reader;
}

const desks = new WeakMap<object, Desk>();

/** A function that has `talk` with the person, if there is one. */
function asking<R, T>(
  given: TerminalOptions,
  talk: (terminal: Terminal, request: R) => Promise<T>,
): (request: R) => Promise<T | null> {
  checkOptions(given, OPTIONS);
  return async (request) => {
    const { input = process.stdin, output = process.stderr } = nonNull(given);
    if (input === process.stdin && given.input !== input && !process.stdin.isTTY) return null;
    const desk = desks.get(input) ?? new Desk();
    desks.set(input, desk);
    return desk.queue(() => talk(new Terminal({ input, output }, desk), request));
  };
}

function nonNull({ input, output }: TerminalOptions): TerminalOptions {
  return { ...(input && { input }), ...(output && { output }) };
}

const HEADS: Record<ApprovalRequest["kind"], string> = {
  command: "The agent asks to run a command:",
  file_change: "The agent asks to change files:",
  permissions: "The agent asks for more permissions:",
  mcp_tool: "The agent asks to call a tool:",
};

async function decide(terminal: Terminal, request: ApprovalRequest): Promise<Decision> {
  terminal.show(`\n${HEADS[request.kind] ?? `The agent asks (${visible(request.kind)}):`}`);
  for (const line of described(request)) terminal.show(line);
  const meanings: Record<string, string> = {
    accept: "yes",
    acceptForSession: "yes, for the session",
    acceptWithRule: request.proposedRule
      ? `yes, and whatever begins with ${visible(request.proposedRule.join(" "))}`
      : "yes, from now on",
    decline: "no",
    cancel: "no, and end the turn",
  };
  const offered = request.availableDecisions.map((word) => [LETTERS[word], meanings[word]]);
  const answer = await terminal.pick(new Map(offered as [string, string][]));
  const word = request.availableDecisions.find((word) => LETTERS[word] === answer);
  if (word === undefined) return { decision: "decline", reason: "nobody was there to ask" };
  if (word !== "decline") return word;
  const reason = await terminal.ask("Why not? (for the agent; may be left empty) ");
  return reason ? { decision: "decline", reason } : "decline";
}

const LETTERS: Record<Extract<Decision, string>, string> = {
  accept: "y",
  acceptForSession: "s",
  acceptWithRule: "r",
  decline: "n",
  cancel: "c",
};

/** What an approval is about, whatever its kind. */
function* described(request: ApprovalRequest): Generator<string, undefined, undefined> {
  const json = (value: unknown) => JSON.stringify(value, undefined, 2);
  if (request.command) yield indented(request.script ?? request.command);
  for (const change of request.changes) {
    const target = change.move_path ? ` -> ${change.move_path}` : "";
    yield indented(`${change.kind} ${change.path}${target}`);
    if (change.diff) yield indented(indented(change.diff.replace(/\n$/, "")));
  }
  if (request.server) yield indented(`${request.server}/${request.tool ?? "?"}`);
  if (request.arguments) yield indented(json(request.arguments));
  if (request.permissions) yield indented(json(request.permissions));
  if (request.network) yield indented(`network: ${json(request.network)}`);
  if (request.grantRoot) yield indented(`and to write below ${request.grantRoot} from now on`);
  if (request.cwd) yield `in ${visible(request.cwd)}`;
  if (request.reason) yield `because: ${visible(request.reason)}`;
}

async function choose(terminal: Terminal, question: Question): Promise<string | undefined> {
  const { header, options, isOther, isSecret } = question;
  terminal.show(`\n${header ? `${visible(header)}: ` : ""}${visible(question.question)}`);
  for (const [index, { label, description }] of options.entries()) {
    terminal.show(
      `  ${index + 1}. ${visible(label)}${description && ` (${visible(description)})`}`,
    );
  }
  for (;;) {
    const answer = await terminal.ask("> ", isSecret);
    if (answer === undefined) return undefined;
    const option = optionOf(
      answer,
      options.map(({ label }) => label),
    );
    if (option !== undefined) return option;
    if (answer !== "" && (isOther || options.length === 0)) return answer;
    terminal.show(options.length === 0 ? "an answer is needed" : "the number of an answer");
  }
}

/** The one of some texts that a person means by its number or by itself. */
function optionOf(answer: string, options: readonly string[]): string | undefined {
  const same = options.find((option) => option.toLowerCase() === answer.toLowerCase());
  return same ?? (/^\d+$/.test(answer) ? options[Number(answer) - 1] : undefined);
}

/** A field of a form, as MCP has them. */
interface Field {
  type?: string;
  title?: string;
  description?: string;
  enum?: unknown[];
  default?: unknown;
}

async function elicit(terminal: Terminal, request: ElicitationRequest) {
  terminal.show(`\n${visible(request.server)} asks: ${visible(request.message)}`);
  if (request.url) terminal.show(indented(request.url));
  const form = (request.schema ?? {}) as {
    properties?: Record<string, Field>;
    required?: string[];
  };
  const fields = Object.entries(form.properties ?? {});
  const yes = fields.length > 0 ? "answer" : "yes";
  const choices = { y: yes, n: "no", c: "close the question" };
  const answer = await terminal.pick(new Map(Object.entries(choices)));
  if (answer === "n") return { action: "decline" as const };
  const content: Record<string, unknown> = {};
  for (const [name, field] of answer === "y" ? fields : []) {
    const given = await fill(terminal, name, field, form.required?.includes(name) ?? false);
    if (given === undefined) return { action: "cancel" as const };
    if (given.value !== undefined) content[name] = given.value;
  }
  return answer === "y" ? { action: "accept" as const, content } : { action: "cancel" as const };
}

/** A field's value, undefined if it is left out; undefined at the end of the input. */
async function fill(
  terminal: Terminal,
  name: string,
  field: Field,
  required: boolean,
): Promise<{ value: unknown } | undefined> {
  const about = [field.description, field.enum && `one of: ${field.enum.join(", ")}`];
  const notes = about.filter(Boolean).map((note) => visible(String(note)));
  const hint =
    field.default === undefined ? (required ? "" : " (optional)") : ` [${field.default}]`;
  for (const note of notes) terminal.show(`  ${note}`);
  for (;;) {
    const answer = await terminal.ask(`${visible(field.title ?? name)}${visible(hint)}: `);
    if (answer === undefined) return undefined;
    if (answer === "" && field.default !== undefined) return { value: field.default };
    if (answer === "" && !required) return { value: undefined };
    const value = typed(answer, field);
    if (value !== undefined) return { value };
    terminal.show(`expected ${field.enum ? "one of these" : `a ${field.type ?? "value"}`}`);
  }
}

/** What a person typed as a field wants it; undefined if it is none. */
function typed(answer: string, field: Field): unknown {
  if (field.enum) {
    const option = optionOf(answer, field.enum.map(String));
    return field.enum.find((value) => String(value) === option);
  }
  switch (field.type) {
    case "string":
    case undefined:
      return answer === "" ? undefined : answer;
    case "boolean":
      if (/^(y|yes|true)$/i.test(answer)) return true;
      return /^(n|no|false)$/i.test(answer) ? false : undefined;
    case "integer":
    case "number": {
      const number = answer === "" ? Number.NaN : Number(answer);
      const fits = field.type === "integer" ? Number.isInteger(number) : Number.isFinite(number);
      return fits ? number : undefined;
    }
    default:
      try {
        return JSON.parse(answer);
      } catch {
        return undefined;
      }
  }
}

/** Everything that would move the cursor or change how text is read, so that nothing is shown other than it is. */
const CONTROLS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A text of the agent's without anything that the terminal would obey. */
function escaped(text: string): string {
  return text.replace(CONTROLS, (char) => {
    if (char === "\n" || char === "\t") return char;
    return `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/** The same within a line of ours: none of its lines can be taken for one. */
function visible(text: string): string {
  return escaped(text).replaceAll("\n", "\n    ");
}

function indented(text: string): string {
  return escaped(text).replace(/^/gm, "  ");
}
