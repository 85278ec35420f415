/**
 * Checks of what callers give, before anything is sent: each names the argument and what it accepts.
 *
 * What only the engine or the file system can know is not for here; the core asks them.
 */

import { InvalidArgumentError } from "./errors.js";

/** Throws an {@link InvalidArgumentError} that names `name` if the value is not acceptable. */
export type Check = (value: unknown, name: string) => void;

/** A check for each option of `T`; the compiler demands one for every key. */
export type Rules<T> = { readonly [K in keyof T]-?: Check };

/** What a value is, for a message: `a number`, `null`, `an array`, `a Date`. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value !== "object") return `a ${typeof value}`;
  const name = value.constructor?.name;
  if (name === undefined || name === "Object") return "an object";
  return /^[aeiou]/i.test(name) ? `an ${name}` : `a ${name}`;
}

/** Whether a value is an object literal: no array, no instance of a class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  // By its name too: an object of another realm (a vm context, a test runner) has another prototype.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Refuses a value, saying what was expected. */
function refuse(name: string, expected: string, value: unknown): never {
  throw InvalidArgumentError.of(name, `expected ${expected}, not ${kindOf(value)}`);
}

const ofType =
  (type: string, expected: string): Check =>
  (value, name) => {
    if (typeof value !== type) refuse(name, expected, value);
  };

/** A string. */
export const text: Check = (value, name) => {
  if (typeof value !== "string") refuse(name, "a string", value);
  wellFormed(value, name);
};

/** `true` or `false`. */
export const flag = ofType("boolean", "true or false");

/** A function. */
export const callback = ofType("function", "a function");

/** A whole number of at least `least`. */
export const count =
  (least: number): Check =>
  (value, name) => {
    const fits = typeof value === "number" && Number.isSafeInteger(value) && value >= least;
    if (!fits) {
      const what = typeof value === "number" ? String(value) : kindOf(value);
      throw InvalidArgumentError.of(
        name,
        `expected a whole number of at least ${least}, not ${what}`,
      );
    }
  };

/** A span of time in milliseconds: a positive, finite number. */
export const milliseconds: Check = (value, name) => {
  if (typeof value !== "number" || !Number.isFinite(value) || value <= 0) {
    const what = typeof value === "number" ? String(value) : kindOf(value);
    throw InvalidArgumentError.of(name, `expected a positive number of milliseconds, not ${what}`);
  }
};

/** One of a list of words. */
export const oneOf =
  (values: readonly string[]): Check =>
  (value, name) => {
    if (typeof value === "string" && values.includes(value)) return;
    const what = typeof value === "string" ? JSON.stringify(value) : kindOf(value);
    const hint = typeof value === "string" ? suggestion(value, values) : "";
    throw InvalidArgumentError.of(name, `${what} is not one of ${listed(values)}${hint}`);
  };

/** A list whose members pass `check`. */
export const listOf =
  (check: Check): Check =>
  (value, name) => {
    if (!Array.isArray(value)) refuse(name, "an array", value);
    for (const [index, member] of value.entries()) check(member, `${name}[${index}]`);
  };

/** A plain object, whatever is in it. */
export const object: Check = (value, name) => {
  if (!isPlainObject(value)) refuse(name, "a plain object", value);
};

/** An `AbortSignal`. By its shape, so that one of another realm or a polyfill is one too. */
export const signal: Check = (value, name) => {
  const shape = value as Partial<AbortSignal> | null | undefined;
  const fits = typeof shape?.aborted === "boolean" && typeof shape.addEventListener === "function";
  if (!fits) refuse(name, "an AbortSignal", value);
};

/** An object whose members pass their rules and have no other names. */
export const record =
  <T>(rules: Rules<T>): Check =>
  (value, name) => {
    if (!isPlainObject(value)) refuse(name, "an object", value);
    members(value, rules as Readonly<Record<string, Check>>, `${name}.`);
  };

/** A value of the engine's configuration: what TOML can hold. */
export const config: Check = (value, name) => {
  if (!isPlainObject(value)) refuse(name, "a plain object", value);
  configValue(value, name);
};

function configValue(value: unknown, path: string): void {
  if (typeof value === "boolean") return;
  if (typeof value === "number" && Number.isFinite(value)) return;
  if (typeof value === "string") {
    wellFormed(value, path);
    return;
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) configValue(item, `${path}[${index}]`);
    return;
  }
  if (!isPlainObject(value)) {
    const accepted = "a string, a finite number, a boolean, an array or a plain object";
    throw InvalidArgumentError.of(
      path,
      `${kindOf(value)} is no value of the engine's configuration; give ${accepted}, or leave the key out`,
    );
  }
  for (const [key, child] of Object.entries(value)) {
    if (key === "") throw InvalidArgumentError.of(path, "a key is empty; every key needs a name");
    wellFormed(key, path);
    if (child !== undefined) configValue(child, `${path}.${key}`);
  }
}

/** In a Unicode expression a pair is one character, so that only halves are left. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Refuses half of a surrogate pair: the engine would silently ignore the whole message for it. */
function wellFormed(value: string, name: string): void {
  if (LONE_SURROGATE.test(value)) {
    throw InvalidArgumentError.of(
      name,
      "it holds half of a surrogate pair; make it well-formed with String.prototype.toWellFormed()",
    );
  }
}

/** What users of other SDKs call an option. */
const ALIASES: Record<string, string> = {
  cwd: "workingDirectory",
  effort: "modelReasoningEffort",
  reasoningEffort: "modelReasoningEffort",
  sandbox: "sandboxMode",
  approvalMode: "approvalPolicy",
  codexBin: "codexPathOverride",
  codexPath: "codexPathOverride",
  turnTrigger: "source",
  serviceTierForTurn: "turnServiceTier",
  excludeTurns: "includeTurns",
  abortSignal: "signal",
};

/**
 * Checks a bag of options: each that is given (not undefined, not null) by its rule, and no others.
 *
 * @param options what the caller gave
 * @param rules the rule of each option
 * @param name what the bag is called
 */
export function checkOptions<T>(options: unknown, rules: Rules<T>, name = "options"): void {
  if (typeof options !== "object" || options === null || Array.isArray(options))
    refuse(name, "an object", options);
  members(options as Record<string, unknown>, rules as Readonly<Record<string, Check>>, "");
}

function members(
  values: Record<string, unknown>,
  rules: Readonly<Record<string, Check>>,
  prefix: string,
): void {
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined || value === null) continue;
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (rule === undefined) throw unknownOption(prefix + key, key, Object.keys(rules));
    rule(value, prefix + key);
  }
}

function unknownOption(name: string, key: string, known: string[]): InvalidArgumentError {
  const alias = ALIASES[key];
  const hint =
    alias !== undefined && known.includes(alias)
      ? `; did you mean ${alias}?`
      : suggestion(key, known);
  return InvalidArgumentError.of(
    name,
    `there is no such option${hint || `; there are ${known.join(", ")}`}`,
  );
}

/** `; did you mean X?` for the near one of some words, or nothing. */
function suggestion(word: string, words: readonly string[]): string {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of words) {
    const [given, known] = [word.toLowerCase(), candidate.toLowerCase()];
    const part = given.length > 3 && known.startsWith(given);
    const distance = part ? 1 : edits(given, known);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best === undefined ? "" : `; did you mean ${best}?`;
}

/** How many letters must be changed, added or removed to make one word of the other. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function listed(values: readonly string[]): string {
  return values.map((value) => JSON.stringify(value)).join(", ");
}
