/**
 * The engine's whole protocol, every method under its own name: `codex.api.thread.goal.set({ ... })`.
 *
 * The objects are made from the table of methods when they are first looked at; their types are generated.
 * What is sent is checked by the core. Nothing here knows a method.
 */

import { checkOptions, milliseconds, object, type Rules } from "./check.js";
import { type CodexError, InvalidArgumentError, settle } from "./errors.js";
import type { Api } from "./generated/api.js";
import { CLIENT_METHODS } from "./generated/methods.js";
import { encode } from "./input.js";
import type { NativeClient } from "./native.js";

/** How a method of {@link Api} is called. */
export interface ApiOptions {
  /** How long the engine may take, in milliseconds; the client's `requestTimeoutMs` without it. */
  timeoutMs?: number;
  /**
   * Fields that are sent beside the parameters and are not checked: what a newer engine knows and this
   * version does not.
   */
  extra?: Record<string, unknown>;
}

/** Whose engine is asked. */
interface Source {
  client(): Promise<NativeClient>;
}

/** Sends one request. */
type Call = (method: string, params: unknown, options: ApiOptions) => Promise<unknown>;

const RULES: Rules<ApiOptions> = { timeoutMs: milliseconds, extra: object };

interface Name {
  method?: string;
  below: Map<string, Name>;
}

let names: Name | undefined;

/** The methods as a tree of their names. */
function tree(): Name {
  if (names !== undefined) return names;
  names = { below: new Map() };
  for (const method of CLIENT_METHODS) {
    let name = names;
    for (const part of method.split("/")) {
      let next = name.below.get(part);
      if (next === undefined) {
        next = { below: new Map() };
        name.below.set(part, next);
      }
      name = next;
    }
    name.method = method;
  }
  return names;
}

/**
 * What others ask any object for: `await` for `then`, JSON for `toJSON`, test frameworks for the rest. An
 * answer, even an error, would mislead them.
 */
const ASKED_OF_ALL = new Set([
  "then",
  "catch",
  "finally",
  "toJSON",
  "inspect",
  "asymmetricMatch",
  "$$typeof",
  "nodeType",
  "tagName",
  "prototype",
  "__esModule",
  "default",
]);

/**
 * Makes the object behind `codex.api`.
 *
 * @param source whose engine is asked
 */
export function makeApi(source: Source): Api {
  const call: Call = async (method, params, options) => {
    checkOptions(options, RULES);
    const { timeoutMs, extra } = options;
    const text = encode("params", params ?? {});
    const more = extra === undefined || extra === null ? null : encode("extra", extra);
    const timeout = timeoutMs === undefined || timeoutMs === null ? null : timeoutMs / 1000;
    const client = await source.client();
    return JSON.parse(await settle(client.api(method, text, more, timeout)));
  };
  return build(tree(), "", call) as Api;
}

function build(name: Name, path: string, call: Call): object {
  const { method, below } = name;
  const target: object =
    method === undefined
      ? {}
      : (params?: unknown, options?: ApiOptions) => call(method, params, options ?? {});
  for (const [part, child] of below) {
    const childPath = path === "" ? part : `${path}/${part}`;
    let made: object | undefined;
    Object.defineProperty(target, part, {
      enumerable: true,
      get: () => {
        made ??= build(child, childPath, call);
        return made;
      },
    });
  }
  return new Proxy(target, {
    get(object, key, receiver) {
      if (typeof key === "symbol" || key in object) return Reflect.get(object, key, receiver);
      if (ASKED_OF_ALL.has(key)) return undefined;
      throw unknownName(path, key, below);
    },
    set: () => false,
  });
}

function unknownName(path: string, key: string, below: Map<string, Name>): CodexError {
  const place = path === "" ? "the protocol" : path;
  const has = below.size === 0 ? "it has none" : `it has ${[...below.keys()].join(", ")}`;
  return new InvalidArgumentError({
    kind: "invalid_argument",
    argument: key,
    message: `${key}: ${place} has no method or group of that name; ${has}. \`request\` sends any method`,
  });
}
