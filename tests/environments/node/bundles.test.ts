// Bundles by esbuild, as docs/installing.md has them: run from another folder than the one they were made in.
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { expect, onTestFinished, test } from "vitest";
import { folder, root, run } from "./program";

const PROGRAM = `
import { Codex } from "codexkit";
import { ScriptedModel } from "codexkit/testing";

async function main(): Promise<void> {
  const model = await ScriptedModel.start({ replies: ["from a bundle"] });
  const codex = new Codex(model.options(process.env.HOME));
  const { finalResponse } = await codex.startThread({ skipGitRepoCheck: true }).run("Hi.");
  console.log(finalResponse, (await codex.start()).engine.source);
  await codex.close();
  await model.close();
}
main().catch((error) => {
  console.log(error.name, error.message);
  process.exitCode = 3;
});
`;

/** What a bundle of ES modules needs: codexkit is CommonJS inside, and requires what Node itself has. */
const BANNER =
  'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';

const FORMATS: Record<string, BuildOptions> = {
  cjs: { format: "cjs", outfile: "app.cjs" },
  esm: { format: "esm", outfile: "app.mjs", banner: { js: BANNER } },
};

/** Bundles the program into a folder outside of every node_modules that has codexkit; gives the file. */
async function bundle(format: string, options: BuildOptions = {}): Promise<string> {
  const source = join(folder("source"), "app.ts");
  writeFileSync(source, PROGRAM);
  // Outside of the repository: nothing must be found by walking up to its node_modules.
  const target = join(away(), FORMATS[format]?.outfile ?? "");
  const result = await build({
    entryPoints: [source],
    bundle: true,
    platform: "node",
    target: "node20",
    logLevel: "silent",
    ...FORMATS[format],
    outfile: target,
    ...options,
  });
  expect(result.warnings).toEqual([]);
  return target;
}

function away(): string {
  const path = mkdtempSync(join(tmpdir(), "codexkit-bundle-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** The native module that this clone has, and its name in the packages. */
function native() {
  const own = readdirSync(join(root, "node")).find((name) => name.endsWith(".node")) ?? "";
  const musl = process.report.getReport() as unknown as { header: Record<string, unknown> };
  const abi: Partial<Record<NodeJS.Platform, string>> = {
    linux: musl.header.glibcVersionRuntime === undefined ? "-musl" : "-gnu",
    win32: "-msvc",
  };
  const platform = `${process.platform}-${process.arch}${abi[process.platform] ?? ""}`;
  return { file: join(root, "node", own), platform };
}

for (const format of ["cjs", "esm"]) {
  test(`${format}: the packages in a node_modules above the bundle are found from anywhere`, async () => {
    const file = await bundle(format, { minify: format === "esm" });
    const modules = join(file, "..", "node_modules");
    const { file: from, platform } = native();
    const own = join(modules, `codexkit-${platform}`);
    mkdirSync(own, { recursive: true });
    copyFileSync(from, join(own, `codexkit.${platform}.node`));
    writeFileSync(
      join(own, "package.json"),
      JSON.stringify({ name: `codexkit-${platform}`, main: `codexkit.${platform}.node` }),
    );
    symlinkSync(join(root, "node_modules/@openai"), join(modules, "@openai"));
    expect(run(file, folder("elsewhere"))).toEqual({
      out: ["from a bundle package @openai/codex"],
      err: "",
      code: 0,
    });
  });

  test(`${format}: without a native module the error says what to do`, async () => {
    const file = await bundle(format);
    const done = run(file, folder("elsewhere"));
    expect(done.code).toBe(3);
    expect(done.out[0]).toMatch(/^NativeModuleError codexkit found no native module for /);
    expect(done.out.join("\n")).toContain(`npm install codexkit-${native().platform}`);
  });
}

test("cjs: the native module may lie beside the bundle, and the engine be named", async () => {
  const file = await bundle("cjs");
  const { file: from, platform } = native();
  copyFileSync(from, join(file, "..", `codexkit.${platform}.node`));
  const engine = join(root, "node_modules/@openai/codex/bin/codex.js");
  expect(run(file, folder("elsewhere"), { CODEX_BINARY: engine })).toEqual({
    out: ["from a bundle CODEX_BINARY"],
    err: "",
    code: 0,
  });
});

test("esm: CODEXKIT_NATIVE_PATH names the native module, and is never passed over", async () => {
  const file = await bundle("esm");
  const engine = join(root, "node_modules/@openai/codex/bin/codex.js");
  const named = { CODEX_BINARY: engine, CODEXKIT_NATIVE_PATH: native().file };
  expect(run(file, folder("elsewhere"), named).out).toEqual(["from a bundle CODEX_BINARY"]);
  const wrong = run(file, folder("elsewhere"), { ...named, CODEXKIT_NATIVE_PATH: "/no/such.node" });
  expect(wrong.code).toBe(3);
  expect(wrong.out.join("\n")).toContain("/no/such.node: Cannot find module");
});

test("a bundle that leaves codexkit out finds it as any package", async () => {
  const file = await bundle("esm", { external: ["codexkit"], banner: {} });
  const modules = join(file, "..", "node_modules");
  mkdirSync(modules);
  symlinkSync(root, join(modules, "codexkit"));
  expect(run(file, folder("elsewhere")).out).toEqual(["from a bundle package @openai/codex"]);
});

const strips = (process.features as { typescript?: unknown }).typescript === "strip";

test.runIf(strips)("a TypeScript program runs without being compiled", () => {
  const file = join(folder("program"), "app.mts");
  writeFileSync(file, PROGRAM);
  expect(run(file, folder("elsewhere")).out).toEqual(["from a bundle package @openai/codex"]);
});
