// A block that has a client and a thread.
import * as codexkit from "codexkit";

const { Codex } = codexkit;
const codex = new Codex();
const thread = codex.startThread();
try {
  // the block
} finally {
  await codex.close();
}
