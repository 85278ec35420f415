// What can go wrong, and what to do about it.

import { Codex, InvalidArgumentError, RpcError, retryOnOverload, TurnFailedError } from "codexkit";

const codex = new Codex();
const thread = codex.startThread();

// A mistake of the program: refused before anything is sent.
try {
  await thread.run("");
} catch (error) {
  if (!(error instanceof InvalidArgumentError)) throw error;
  console.log("Refused:", error.argument);
}

// A refusal of the engine.
try {
  await codex.resumeThread("no-such-thread").open();
} catch (error) {
  if (!(error instanceof RpcError)) throw error;
  console.log("Engine:", error.code);
}

// A turn that fails keeps what it came to.
try {
  await thread.run("Please fail.");
} catch (error) {
  if (!(error instanceof TurnFailedError)) throw error;
  console.log("Failed:", error.message, "after", error.result.items.length, "items");
}

// A busy engine: tried again with growing pauses, then the error.
const result = await retryOnOverload(() => thread.run("Give me advice on retries."), {
  maxAttempts: 3,
  initialDelayMs: 250,
  maxDelayMs: 2000,
});
console.log("Answer:", result.finalResponse);
await codex.close();
