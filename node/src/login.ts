/** Logins that a person completes somewhere else, and the handles that wait for it. */

import { abortable } from "./abort.js";
import { checkOptions, signal as signalRule } from "./check.js";
import { ClosedError, ProtocolError, settle } from "./errors.js";
import type {
  AccountLoginCompletedNotification,
  CancelLoginAccountResponse,
  LoginAccountParams,
} from "./generated/protocol.js";
import { hold, hub, release } from "./hub.js";
import { encode } from "./input.js";
import type { NativeClient } from "./native.js";
import { EventStream } from "./stream.js";

const START = "account/login/start";

/** What a login needs of the client: the engine that runs now. */
interface Engines {
  client(): Promise<NativeClient>;
}

/** A login that has begun: its engine, the stream that its end will be found in, and the engine's answer. */
interface Begun {
  client: NativeClient;
  events: EventStream;
  answer: Record<string, string>;
}

async function begin(
  engines: Engines,
  params: LoginAccountParams,
  ...fields: string[]
): Promise<Begun> {
  const client = await engines.client();
  const events = new EventStream((id) => client.subscribe(hub(), id), false);
  // Before the request: the login may be over when its answer is read.
  await events.begin();
  const text = await settle(client.request(START, encode("params", params), null));
  const answer = JSON.parse(text) as Record<string, string>;
  const missing = fields.find((field) => typeof answer[field] !== "string");
  if (missing !== undefined) {
    const message = `the answer to ${START} has no ${missing}`;
    throw new ProtocolError({ kind: "protocol", message, method: START });
  }
  return { client, events, answer };
}

/** What all logins have that a person completes. */
abstract class LoginHandle {
  /** The login's id. */
  readonly loginId: string;
  readonly #client: NativeClient;
  readonly #events: EventStream;
  #completion: Promise<AccountLoginCompletedNotification> | undefined;

  /** @internal */
  protected constructor({ client, events, answer }: Begun) {
    this.#client = client;
    this.#events = events;
    this.loginId = answer.loginId ?? "";
  }

  /**
   * Waits until the login has succeeded or failed (`account/login/completed`). Repeated calls give the same.
   *
   * @param options `signal`: ends the wait when aborted. The login stays open; {@link LoginHandle.cancel} gives it up.
   * @returns the notification: look at `success` and `error`
   * @throws {ClosedError} when the engine or client is gone first
   * @throws {AbortError} when the signal was aborted
   */
  async wait(options: { signal?: AbortSignal } = {}): Promise<AccountLoginCompletedNotification> {
    checkOptions(options, { signal: signalRule });
    this.#completion ??= this.#completed();
    hold();
    try {
      return await abortable(options.signal ?? undefined, this.#completion, () => {});
    } finally {
      release();
    }
  }

  /**
   * Gives the login up (`account/login/cancel`); {@link LoginHandle.wait} then says that it failed.
   *
   * @returns the engine's answer
   */
  async cancel(): Promise<CancelLoginAccountResponse> {
    const params = encode("params", { loginId: this.loginId });
    return JSON.parse(await settle(this.#client.request("account/login/cancel", params, null)));
  }

  async #completed(): Promise<AccountLoginCompletedNotification> {
    for await (const event of this.#events) {
      if (event.method !== "account/login/completed") continue;
      if (event.params.loginId === null || event.params.loginId === this.loginId) {
        return event.params;
      }
    }
    const message = "the client was closed before the login was completed";
    throw new ClosedError({ kind: "closed", message });
  }
}

/** A login through the browser: open {@link ChatgptLoginHandle.authUrl}, then wait. Made by `Codex.loginChatgpt()`. */
export class ChatgptLoginHandle extends LoginHandle {
  /** The URL to open. */
  readonly authUrl: string;

  private constructor(begun: Begun) {
    super(begun);
    this.authUrl = begun.answer.authUrl ?? "";
  }

  /** @internal */
  static async start(engines: Engines): Promise<ChatgptLoginHandle> {
    return new ChatgptLoginHandle(await begin(engines, { type: "chatgpt" }, "loginId", "authUrl"));
  }
}

/**
 * A login by a code: enter {@link DeviceCodeLoginHandle.userCode} at {@link DeviceCodeLoginHandle.verificationUrl},
 * then wait. Made by `Codex.loginChatgptDeviceCode()`.
 */
export class DeviceCodeLoginHandle extends LoginHandle {
  /** Where the code is to be entered. */
  readonly verificationUrl: string;
  /** The code. */
  readonly userCode: string;

  private constructor(begun: Begun) {
    super(begun);
    this.verificationUrl = begun.answer.verificationUrl ?? "";
    this.userCode = begun.answer.userCode ?? "";
  }

  /** @internal */
  static async start(engines: Engines): Promise<DeviceCodeLoginHandle> {
    const fields = ["loginId", "verificationUrl", "userCode"];
    return new DeviceCodeLoginHandle(
      await begin(engines, { type: "chatgptDeviceCode" }, ...fields),
    );
  }
}
