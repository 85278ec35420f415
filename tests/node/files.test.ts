// Files: staged from everything that gives bytes, and given to turns of the real engine.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  createReadStream,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import {
  type Attachment,
  type FileSource,
  FileStore,
  InvalidArgumentError,
  type StageOptions,
} from "codexkit";
import { expect, onTestFinished, test } from "vitest";
import { folder, rejection, root, scripted } from "./helper";

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

const uploads = (store: FileStore) => readdirSync(join(store.root, ".codexkit/uploads"));

test("every source gives the same", async () => {
  const content = Buffer.alloc(1_000_000, "codexkit");
  const file = join(folder(), "data.bin");
  writeFileSync(file, content);
  const store = new FileStore({ root: join(folder(), "staged") });
  function* pieces() {
    for (let at = 0; at < content.length; at += 999) yield content.subarray(at, at + 999);
  }
  const own = new Uint8Array(content);
  const sources: FileSource[] = [
    content,
    own,
    own.buffer,
    new DataView(own.buffer),
    file,
    pathToFileURL(file),
    createReadStream(file),
    Readable.from(pieces()),
    pieces(),
    new Blob([own]),
    new File([own], "other.txt"),
    new Blob([own]).stream(),
  ];
  const options = { name: "d.bin", persist: true };
  const staged: Attachment[] = [];
  for (const source of sources) staged.push(await store.stage(source, options));
  for (const other of staged) expect(other).toEqual(staged[0]);
  const first = staged[0] as Attachment;
  expect(first.sha256).toBe(createHash("sha256").update(content).digest("hex"));
  expect(first.path).toBe(join(store.root, first.sha256, "d.bin"));
  expect(readFileSync(first.path).equals(content)).toBe(true);
  const { staged: count, deduplicated, bytes } = store.metrics();
  expect([count, deduplicated, bytes]).toEqual([12, 11, 12_000_000]);
  expect(uploads(store)).toEqual([]);
  expect(statSync(store.root).mode & 0o777).toBe(0o700);
  expect(await store.list()).toEqual([first]);
  expect(await store.get(first.id)).toEqual(first);
  expect(await store.get("no such")).toBeNull();
  expect(await store.remove(first.id)).toBe(true);
  expect(await store.remove(first.id)).toBe(false);
});

test("a stream is read no faster than it is written, and leaves nothing when it breaks", async () => {
  const store = new FileStore({ root: folder() });
  let given = 0;
  let destroyed = false;
  async function* broken() {
    try {
      for (; given < 20; given++) yield Buffer.alloc(300_000, given);
      throw new Error("the cable");
    } finally {
      destroyed = true;
    }
  }
  expect((await rejection(store.stage(broken()))).message).toBe("the cable");
  expect([given, destroyed, uploads(store), await store.list()]).toEqual([20, true, [], []]);
  given = 0;
  const stream = Readable.from(broken());
  const error = await rejection(store.stage(stream, { maxBytes: 1_000_000 }));
  expect(error).toBeInstanceOf(InvalidArgumentError);
  expect(error.message).toContain("more than 1000000 bytes");
  // The stream's own buffer may be ahead; what was not asked for was not made.
  expect(given).toBeLessThan(20);
  expect([stream.destroyed, uploads(store)]).toEqual([true, []]);
});

test("names come from the source", async () => {
  const store = new FileStore({ root: folder() });
  const file = join(folder(), "what is it?.md");
  writeFileSync(file, "x");
  expect((await store.stage(createReadStream(file))).name).toBe("what is it_.md");
  expect((await store.stage(file)).mediaType).toBe("text/markdown");
  expect((await store.stage(new File(["x"], "a/b.txt"))).name).toBe("b.txt");
  expect((await store.stage(PNG)).name).toBe("image.png");
  const url = `data:image/png;base64,${PNG.toString("base64")}`;
  const options = { mediaType: "image/x-mine", name: "own", persist: true };
  const own = await store.stageUrl(url, options);
  expect([own.name, own.mediaType, own.persist, own.expiresAt]).toEqual([
    "own",
    "image/x-mine",
    true,
    null,
  ]);
  expect((await store.stage(new URL(url))).size).toBe(PNG.length);
});

test("files of the web are fetched", async () => {
  const server = createServer((request, response) => {
    if (request.url !== "/a/pic?token=secret") response.writeHead(404);
    response.end(PNG);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const base = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  const store = new FileStore({ root: folder() });
  const image = await store.stage(new URL(`${base}/a/pic?token=secret`));
  expect([image.name, image.mediaType]).toEqual(["pic", "image/png"]);
  const body = (await fetch(`${base}/a/pic?token=secret`)).body;
  expect((await store.stage(body as FileSource, { name: "pic" })).id).toBe(image.id);
  const error = await rejection(store.stageUrl(`${base}/no?token=secret`));
  expect(error).toMatchObject({ kind: "io" });
  expect(error.message).toBe(
    `${base}/no cannot be fetched: the server answered 404; check the address`,
  );
});

test("an attachment becomes an image, a mention or a text", async () => {
  const store = new FileStore({ root: folder() });
  const image = await store.stage(PNG);
  expect(image.isImage).toBe(true);
  expect(image.asImage()).toEqual({ type: "localImage", path: image.path });
  const { type, url } = await image.asInlineImage();
  expect([type, url]).toEqual(["image", `data:image/png;base64,${PNG.toString("base64")}`]);
  const notes = await store.stage(Buffer.from("grüße"), { name: "notes.txt" });
  const { name, path } = notes;
  expect(notes.asMention()).toEqual({ type: "mention", name, path });
  expect((await notes.asText()).text).toBe(
    '<attached_file name="notes.txt">\ngrüße\n</attached_file>',
  );
  expect(() => notes.asImage()).toThrow(InvalidArgumentError);
  const calls = [
    () => image.asText(),
    () => notes.asInlineImage(),
    () => notes.asText({ maxBytes: 1 }),
  ];
  for (const call of calls) {
    expect(await rejection(call())).toMatchObject({ argument: "attachment" });
  }
});

test("bad arguments fail at the call", async () => {
  const store = new FileStore({ root: folder() });
  const cases: [unknown, StageOptions | Record<string, unknown>, string, string][] = [
    ["/no/such/file", {}, "source", "cannot be read"],
    ["/", {}, "source", "is not a file"],
    [Buffer.from("12345"), { maxBytes: 4 }, "source", "more than 4 bytes"],
    [__filename, { maxBytes: 4 }, "source", "more than the limit of 4"],
    [["text"], {}, "source", "not a string"],
    [4711, {}, "source", "not a number"],
    [new URL("ftp://example.com/a.png"), {}, "url", "no data URL"],
    [PNG, { name: "../x" }, "name", "no safe name"],
    [PNG, { ttlMs: 0 }, "ttlMs", "positive"],
    [PNG, { ttlMs: 1, persist: true }, "ttlMs", "persistent"],
    [PNG, { maxBytes: 0 }, "maxBytes", "at least 1"],
    [PNG, { mediaType: "png" }, "mediaType", "no media type"],
    [PNG, { colour: "red" }, "colour", "no such option"],
  ];
  for (const [source, options, argument, says] of cases) {
    const error = await rejection(store.stage(source as FileSource, options));
    expect(error).toBeInstanceOf(InvalidArgumentError);
    expect(error).toMatchObject({ argument });
    expect(error.message).toContain(says);
  }
  expect(uploads(store)).toEqual([]);
  expect(() => new FileStore({ root: __filename })).toThrow(/root: .*cannot be used/);
  expect(() => new FileStore({ ttlMs: -1 })).toThrow(/ttlMs/);
  expect(await rejection(store.stageUrl("data:image/png;base64,@"))).toMatchObject({
    argument: "url",
  });
});

test("time runs out", async () => {
  const store = new FileStore({ root: folder(), ttlMs: 1000 });
  const brief = await store.stage(Buffer.from("brief"));
  const kept = await store.stage(Buffer.from("kept"), { ttlMs: 3_600_000 });
  let cleaned = await store.cleanup();
  while (cleaned.expired === 0) cleaned = await store.cleanup();
  expect(cleaned).toEqual({ expired: 1, leftovers: 0, bytes: 5 });
  expect([existsSync(brief.path), await store.list()]).toEqual([false, [kept]]);
  expect(await store.reset()).toBe(1);
  expect(store.metrics().staged).toBe(0);
});

const HALF_WAY = `
  const { FileStore } = require("codexkit");
  const store = new FileStore({ root: process.argv[1] });
  async function* half() {
    yield Buffer.alloc(1_000_000, "x");
    yield Buffer.alloc(0);
    console.log("half-way");
    process.stdin.resume();
    await new Promise(() => {});
  }
  store.stage(Buffer.from("finished"), { name: "finished" }).then(() => store.stage(half()));
`;

test("a killed upload is cleaned up", async () => {
  const path = folder();
  const child = spawn(process.execPath, ["-e", HALF_WAY, path], {
    cwd: root,
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  const store = new FileStore({ root: path });
  expect((await store.cleanup()).leftovers).toBe(0);
  expect(uploads(store).length).toBe(1);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(await store.cleanup()).toMatchObject({ leftovers: 1, bytes: 1_000_000 });
  expect(uploads(store)).toEqual([]);
  const [finished] = await store.list();
  expect(readFileSync((finished as Attachment).path, "utf8")).toBe("finished");
});

test("attachments reach the model", async () => {
  const { model, codex } = await scripted({ replies: ["seen"], repeat: "last" });
  const store = new FileStore({ root: folder() });
  const image = await store.stage(PNG);
  const notes = await store.stage(Buffer.from("buy milk"), { name: "notes.txt" });
  const thread = codex.startThread({ workingDirectory: folder(), skipGitRepoCheck: true });
  const text = await notes.asText();
  await thread.run(["look", image, text, notes]);
  type Part = { type: string; text?: string; image_url?: string };
  const last = () => {
    const content: Part[] | undefined = model.requests.at(-1)?.body.input.at(-1).content;
    return content ?? [];
  };
  const { url } = await image.asInlineImage();
  const content = last();
  expect(
    content.filter((part) => part.type === "input_image").map((part) => part.image_url),
  ).toEqual([url]);
  const texts = content.map((part) => part.text);
  expect(texts).toContain(text.text);
  expect(texts).toContain(`Attached file notes.txt (text/plain, 8 bytes): ${notes.path}`);
  await thread.run(["again", { type: "image", url }]);
  expect(last().at(-1)?.image_url).toBe(url);
  await store.reset();
  expect((await rejection(thread.run(["gone", image]))).message).toContain("cannot be read");
  for (const bad of ["data:image/png;base64,@", "nonsense", "data:image/png,x"]) {
    const error = await rejection(thread.run([{ type: "image", url: bad }]));
    expect(error).toMatchObject({ kind: "invalid_argument", argument: "input[0]" });
  }
});
