// An example of a doc comment: the names it uses are there.
import * as codexkit from "codexkit";
import type { Thread } from "codexkit";
import * as testing from "codexkit/testing";
import type { CodexFixtures } from "codexkit/testing";
import { expect, test } from "vitest";

const { Codex, McpClient, retryOnOverload } = codexkit;
const { ScriptedModel, codexFixtures } = testing;

export async function example(codex: codexkit.Codex, thread: Thread) {
  {
    // the block
  }
  return [Codex, McpClient, ScriptedModel, codexFixtures, retryOnOverload, codex, thread, expect, test];
}
export type Fixtures = CodexFixtures;
