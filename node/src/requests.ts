/** Hands the engine's requests to the application's handler, and its answers back. Fails closed. */

import { type ArrivedRequest, hub } from "./hub.js";
import { encode } from "./input.js";
import type { ApprovalHandler, ServerRequest } from "./options.js";

/** What the hub calls for each request of a client. */
export function requestAnswerer(handler: ApprovalHandler): (arrived: ArrivedRequest) => void {
  return (arrived) => {
    void answer(handler, arrived);
  };
}

async function answer(handler: ApprovalHandler, arrived: ArrivedRequest): Promise<void> {
  try {
    const request = {
      method: arrived.method,
      params: JSON.parse(arrived.params),
      threadId: arrived.threadId ?? undefined,
      turnId: arrived.turnId ?? undefined,
      itemId: arrived.itemId ?? undefined,
    } as ServerRequest;
    const result = await handler(request.method, request.params, request);
    if (result === undefined || result === null) {
      hub().decline(arrived.id, "the handler gave no answer");
    } else {
      hub().respond(arrived.id, encode("answer", result));
    }
  } catch (error) {
    hub().decline(
      arrived.id,
      `the handler threw: ${error instanceof Error ? error.message : error}`,
    );
  }
}
