/**
 * Ready-made answers to approvals, for `onApproval`. A policy either decides or has no opinion; one that accepts does so
 * only where it is certain what would happen. They are evaluated by the core, the same in every language.
 *
 * @packageDocumentation
 */

import { resolve } from "node:path";
import { checkOptions, flag, kindOf, listOf, type Rules, text } from "./check.js";
import { InvalidArgumentError } from "./errors.js";
import { makePolicy, type Policy } from "./policy.js";

export { askTerminal } from "./terminal.js";

/** What {@link commands} looks at. */
export interface CommandRules {
  /**
   * Beginnings of commands, word for word: `"git add"` matches `git add .` and not `git addx`. Every command of a line
   * must begin so, and the line must hold nothing that a shell would interpret.
   */
  prefixes?: readonly string[];
  /**
   * Regular expressions that have to match the whole line, as it is: one that lets `;` or `$` through lets everything
   * through. They are read as Rust's (without lookaround and backreferences); of a `RegExp` the flags i, m and s are kept.
   */
  patterns?: readonly (string | RegExp)[];
  /** Whether to decline what matches instead; then any part of a line that matches will do. */
  deny?: boolean;
}

/** What {@link mcpTools} looks at. */
export interface ToolRules {
  /** Servers (`"docs"`), and single tools (`"docs/search"`). */
  names: readonly string[];
  /** Whether to decline what matches instead. */
  deny?: boolean;
}

/**
 * Declines everything, which is also what happens where nobody decides.
 *
 * @param reason what the agent is told
 * @returns the policy
 */
export function denyAll(reason?: string): Policy {
  if (reason !== undefined) text(reason, "reason");
  return makePolicy({ type: "deny_all", reason });
}

/**
 * Accepts commands that are known to read and nothing else (`ls`, `cat`, `grep`, `git status`, ...), alone or joined by
 * pipes, `&&`, `||` and `;`. A line with anything that a shell would expand, substitute or redirect is none. They run
 * outside the sandbox, so that they can read whatever the user can.
 *
 * @returns the policy
 */
export function readOnlyCommands(): Policy {
  return makePolicy({ type: "read_only_commands" });
}

const COMMANDS: Rules<CommandRules> = {
  prefixes: listOf(text),
  patterns: listOf((value, name) => {
    if (!isRegExp(value)) text(value, name);
  }),
  deny: flag,
};

/**
 * Accepts commands by their beginning or by a regular expression, or declines them.
 *
 * @param rules what matches, and whether to decline it
 * @returns the policy
 * @throws {InvalidArgumentError} if there is nothing to match, a prefix is no plain words, or an expression is none
 */
export function commands(rules: CommandRules): Policy {
  checkOptions(rules, COMMANDS, "rules");
  const patterns = (rules.patterns ?? []).map(source);
  return makePolicy({
    type: "commands",
    prefixes: rules.prefixes ?? [],
    patterns,
    deny: rules.deny ?? false,
  });
}

/**
 * Accepts changes of files all of which are inside one of the folders, symbolic links followed.
 *
 * @param folders existing folders; relative ones are resolved against `process.cwd()`
 * @returns the policy
 * @throws {InvalidArgumentError} if there is no folder, or one does not exist
 */
export function editsInside(...folders: string[]): Policy {
  for (const [index, folder] of folders.entries()) {
    text(folder, `folders[${index}]`);
    if (folder === "") throw InvalidArgumentError.of(`folders[${index}]`, "it is empty");
  }
  return makePolicy({ type: "edits_inside", folders: folders.map((folder) => resolve(folder)) });
}

const TOOLS: Rules<ToolRules> = { names: listOf(text), deny: flag };

/**
 * Accepts calls of MCP tools, or declines them.
 *
 * @param names servers (`"docs"`, all of its tools) and single tools (`"docs/search"`)
 * @returns the policy
 * @throws {InvalidArgumentError} if there is no name, or one is empty
 */
export function mcpTools(...names: string[]): Policy;
/**
 * The same with a choice.
 *
 * @param rules `names`, and `deny`: whether to decline what matches instead
 * @returns the policy
 */
export function mcpTools(rules: ToolRules): Policy;
export function mcpTools(...given: [ToolRules] | string[]): Policy {
  const [first] = given;
  const alone = given.length === 1 && typeof first === "object" && first !== null;
  const rules: ToolRules = alone ? first : { names: given as string[] };
  checkOptions(rules, TOOLS, "rules");
  return makePolicy({ type: "mcp_tools", names: rules.names ?? [], deny: rules.deny ?? false });
}

/**
 * Accepts everything that the agent asks for, outside the sandbox and without anybody looking.
 *
 * @returns the policy
 */
export function dangerouslyAcceptAll(): Policy {
  return makePolicy({ type: "accept_all" });
}

function isRegExp(value: unknown): value is RegExp {
  return Object.prototype.toString.call(value) === "[object RegExp]";
}

/** An expression as the core reads it. */
function source(pattern: string | RegExp, index: number): string {
  if (typeof pattern === "string") return pattern;
  const { flags } = pattern;
  const others = flags.replace(/[imsu]/g, "");
  if (others !== "") {
    throw InvalidArgumentError.of(
      `patterns[${index}]`,
      `the flag ${others[0]} of ${kindOf(pattern)} means nothing here; leave it out`,
    );
  }
  const kept = flags.replace("u", "");
  return kept === "" ? pattern.source : `(?${kept})${pattern.source}`;
}
