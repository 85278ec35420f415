// A block that has a client and a thread.
import { Codex } from "codexkit";

const codex = new Codex();
// biome-ignore lint/correctness/noUnusedVariables: blocks use it.
const thread = codex.startThread();
try {
  // the block
} finally {
  await codex.close();
}
