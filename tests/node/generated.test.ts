// The generated types: they compile under the strictest settings a user may have, and narrow.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = resolve(__dirname, "../..");
const generated = join(root, "node/src/generated");
let folder: string;

const STRICT = {
  module: "nodenext",
  target: "es2022",
  strict: true,
  skipLibCheck: false,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  isolatedModules: true,
  types: [],
  noEmit: true,
  allowImportingTsExtensions: true,
  rootDir: root,
};

/** What tsc says of a file that uses the generated types; empty if all is well. */
function compile(source: string): string {
  writeFileSync(join(folder, "use.ts"), source);
  const config = { compilerOptions: STRICT, files: ["use.ts", join(generated, "methods.ts")] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  try {
    return execFileSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

beforeAll(() => {
  const work = join(root, ".cache/work");
  mkdirSync(work, { recursive: true });
  folder = mkdtempSync(join(work, "generated-"));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("payloads narrow by method, items by type", { timeout: 60_000 }, () => {
  const report = compile(`
    import type { ClientRequestMap, KnownNotification, ServerRequestMap } from "${generated}/protocol.ts";
    export function text(event: KnownNotification): string {
      switch (event.method) {
        case "item/agentMessage/delta":
          return event.params.delta;
        case "turn/completed":
          return event.params.turn.status;
        case "item/completed": {
          const item = event.params.item;
          return item.type === "agentMessage" ? item.text : item.id;
        }
        default:
          return event.method;
      }
    }
    export const read: ClientRequestMap["thread/read"]["params"] = { threadId: "t", includeTurns: true };
    export const logout: ClientRequestMap["account/logout"]["params"] = undefined;
    export type Call = ServerRequestMap["item/tool/call"]["params"]["tool"];
  `);
  expect(report).toBe("");
});

test("wrong names are compile errors", { timeout: 60_000 }, () => {
  const report = compile(`
    import type { NotificationMap } from "${generated}/protocol.ts";
    export const method: keyof NotificationMap = "item/agentMessage/delt";
  `);
  expect(report).toContain("TS2");
});
