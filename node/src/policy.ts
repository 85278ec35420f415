/** Policies as data. What they mean is the core's (core/src/approvals/policy.rs). */

import { fromNative, InvalidArgumentError } from "./errors.js";
import { encode } from "./input.js";
import { native } from "./native.js";

declare const brand: unique symbol;

/** A ready-made answer to approvals, made by one of the functions of {@link policies}. It is plain data and never changes. */
export interface Policy {
  /** What it does. */
  readonly type: string;
  /** @internal */
  readonly [brand]: true;
}

/** A policy of these fields, if the core takes it. */
export function makePolicy(fields: { type: string } & Record<string, unknown>): Policy {
  const policy = Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      Array.isArray(value) ? Object.freeze([...value]) : value,
    ]),
  );
  checkPolicy(policy);
  return Object.freeze(policy) as unknown as Policy;
}

/** Throws if an object is no policy. */
export function checkPolicy(policy: object, name?: string): void {
  try {
    native().checkResponders(encode(name ?? "policy", { links: [policy] }));
  } catch (thrown) {
    const error = fromNative(thrown);
    if (name !== undefined && error instanceof InvalidArgumentError) {
      throw InvalidArgumentError.of(name, error.message.replace(/^onApproval: /, ""));
    }
    throw error;
  }
}
