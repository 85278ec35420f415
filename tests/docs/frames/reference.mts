// An example of a doc comment: the names it uses are there.
import * as codexkit from "codexkit";
import * as testing from "codexkit/testing";
import type { Thread } from "codexkit";

const { Codex, retryOnOverload } = codexkit;
const { ScriptedModel } = testing;

export async function example(codex: codexkit.Codex, thread: Thread) {
  {
    // the block
  }
  return [Codex, ScriptedModel, retryOnOverload, codex, thread];
}
