/** Files for turns: staged in a private folder, by their content. */

import { fileURLToPath } from "node:url";
import { Attachment } from "./attachment.js";
import {
  type Check,
  checkOptions,
  count,
  flag,
  kindOf,
  milliseconds,
  type Rules,
  text,
} from "./check.js";
import { fromNative, InvalidArgumentError, settle } from "./errors.js";
import { encode } from "./input.js";
import { type NativeFileStore, type NativeUpload, native } from "./native.js";

/** How a {@link FileStore} works. */
export interface FileStoreOptions {
  /** The folder. By default `codexkit/files` in the user's cache folder; several programs can share it. */
  root?: string | URL;
  /** How long attachments stay unless they are persistent, in milliseconds; a day by default. */
  ttlMs?: number;
  /** The largest file in bytes; 8 GiB by default. */
  maxBytes?: number;
}

/** How a file is staged. */
export interface StageOptions {
  /** The attachment's name; an unsafe one is refused. By default the source's, made safe. */
  name?: string;
  /** Keep it until it is removed. */
  persist?: boolean;
  /** How long it stays in milliseconds, instead of the store's `ttlMs`. */
  ttlMs?: number;
  /** The largest size in bytes, instead of the store's. */
  maxBytes?: number;
  /** What kind of file it is; by default that is found out from the content and the name. */
  mediaType?: string;
}

/**
 * What is staged: a path or a URL (`file:`, `data:`, `https:`), bytes, a `Blob` or `File`, or a stream of bytes: a `Readable`, a
 * `ReadableStream` (as the `body` of what `fetch` answers), anything that can be iterated.
 */
export type FileSource =
  | string
  | URL
  | ArrayBuffer
  | ArrayBufferView
  | Blob
  | Iterable<Uint8Array>
  | AsyncIterable<Uint8Array>
  | ReadableStream<Uint8Array>;

/** What {@link FileStore.cleanup} removed. */
export interface FileCleanup {
  /** Attachments whose time was over. */
  expired: number;
  /** Half-written files and files without a record, as crashes leave them. */
  leftovers: number;
  /** Bytes that were freed. */
  bytes: number;
}

/** What a store has done since it was opened or reset; other processes' work is not counted. */
export interface FileMetrics {
  /** Files that were staged, those that were there already included. */
  staged: number;
  /** Of these, those whose content was there already. */
  deduplicated: number;
  /** Bytes that were staged. */
  bytes: number;
  /** Attachments that were removed because their time was over. */
  expired: number;
  /** Half-written files, and files without a record, that crashes had left and that were removed. */
  leftovers: number;
  /** Attachments that were removed by hand. */
  removed: number;
  /** Stagings that failed. */
  failures: number;
}

const folder: Check = (value, name) => {
  if (!(value instanceof URL)) text(value, name);
};

const STORE: Rules<FileStoreOptions> = { root: folder, ttlMs: milliseconds, maxBytes: count(1) };

const STAGE: Rules<StageOptions> = {
  name: text,
  persist: flag,
  ttlMs: milliseconds,
  maxBytes: count(1),
  mediaType: text,
};

/** Small chunks are joined to this size: each one that is written costs a way to another thread. */
const CHUNK = 256 * 1024;

/** A staging folder for files. Several stores, in several processes, can share a folder. */
export class FileStore {
  readonly #native: NativeFileStore;

  /**
   * Opens a staging folder, which is made if it is not there.
   *
   * @param options where it is, and how long and how large files may be
   * @throws {InvalidArgumentError} for options that make no sense, and for a folder that cannot be used
   */
  constructor(options: FileStoreOptions = {}) {
    checkOptions(options, STORE);
    const { root, ttlMs, maxBytes } = options;
    const fields = {
      root: root instanceof URL ? filePath(root, "root") : (root ?? undefined),
      ttl_s: seconds(ttlMs),
      max_bytes: maxBytes ?? undefined,
    };
    this.#native = direct(() => new (native().NativeFileStore)(encode("options", fields)));
  }

  /** The staging folder. */
  get root(): string {
    return this.#native.root();
  }

  /**
   * Stages a file: copies it into the folder and hashes it on the way, in constant memory. A stream is read no
   * faster than it is written.
   *
   * The same content is kept once; the same content under the same name is the same attachment, which then lasts
   * as long as the longer-lived staging asks for. It also removes, at most once an hour, what has expired.
   *
   * @param source a path, bytes or a stream
   * @param options its name, how long it stays and how large it may be
   * @returns the attachment
   * @throws {InvalidArgumentError} for a file that is missing, unreadable, no file or too large, for an unsafe name
   *   and for options that make no sense
   * @throws {CodexError} of the kind `io` when the disk refuses
   */
  async stage(source: FileSource, options: StageOptions = {}): Promise<Attachment> {
    checkOptions(options, STAGE);
    if (source instanceof URL && source.protocol !== "file:") {
      return this.stageUrl(source.href, options);
    }
    const wire = wireOptions(options, suggestedName(source));
    if (typeof source === "string" || source instanceof URL) {
      text(source instanceof URL ? source.href : source, "source");
      const path = source instanceof URL ? filePath(source, "source") : source;
      return made(settle(this.#native.stagePath(path, wire)));
    }
    const bytes = asBytes(source);
    if (bytes !== undefined) return made(settle(this.#native.stageBytes(bytes, wire)));
    const chunks = stream(source);
    const upload = await settle(this.#native.begin(wire));
    try {
      await pour(chunks, upload);
      return await made(settle(upload.finish()));
    } catch (error) {
      await upload.abort();
      throw error;
    }
  }

  /**
   * Stages what is in a `data:` URL, or fetches what is behind an `http:` or `https:` one: the engine fetches
   * nothing from the web itself. Whatever this machine can reach is fetched, through redirects, too; a URL that
   * somebody else gave has to be looked at first.
   *
   * @param url the URL
   * @param options as for {@link FileStore.stage}
   * @returns the attachment
   * @throws {InvalidArgumentError} for another URL and for one that is malformed; else as {@link FileStore.stage}
   * @throws {CodexError} of the kind `io` when it cannot be fetched
   */
  async stageUrl(url: string, options: StageOptions = {}): Promise<Attachment> {
    text(url, "url");
    checkOptions(options, STAGE);
    return made(settle(this.#native.stageUrl(url, wireOptions(options))));
  }

  /** The attachments whose time is not over, the oldest first. */
  async list(): Promise<Attachment[]> {
    const found = JSON.parse(await settle(this.#native.list()));
    return found.map((fields: never) => new Attachment(fields));
  }

  /**
   * An attachment by its id.
   *
   * @param id the id
   * @returns the attachment; null when there is none or its time is over
   */
  async get(id: string): Promise<Attachment | null> {
    text(id, "id");
    const fields = JSON.parse(await settle(this.#native.get(id)));
    return fields === null ? null : new Attachment(fields);
  }

  /**
   * Removes an attachment, persistent or not. Content that another attachment has, too, stays.
   *
   * @param id the attachment's id
   * @returns whether it was there
   */
  async remove(id: string): Promise<boolean> {
    text(id, "id");
    return settle(this.#native.remove(id));
  }

  /**
   * Removes what has expired and what crashes have left. Uploads that are under way, here or in other processes,
   * stay.
   *
   * @returns what was removed
   */
  async cleanup(): Promise<FileCleanup> {
    return JSON.parse(await settle(this.#native.cleanup()));
  }

  /**
   * Removes every attachment, persistent ones included, and sets the metrics to zero.
   *
   * @returns how many there were
   */
  async reset(): Promise<number> {
    return JSON.parse(await settle(this.#native.reset()));
  }

  /** Counts of what this store has done. */
  metrics(): FileMetrics {
    return JSON.parse(direct(() => this.#native.metrics()));
  }
}

function direct<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw fromNative(error);
  }
}

async function made(json: Promise<string>): Promise<Attachment> {
  return new Attachment(JSON.parse(await json));
}

function seconds(milliseconds: number | null | undefined): number | undefined {
  return milliseconds === null || milliseconds === undefined ? undefined : milliseconds / 1000;
}

function wireOptions(options: StageOptions, suggestedName?: string): string {
  const { name, persist, ttlMs, maxBytes, mediaType } = options;
  return encode("options", {
    name: name ?? undefined,
    suggested_name: suggestedName,
    persist: persist ?? undefined,
    ttl_s: seconds(ttlMs),
    max_bytes: maxBytes ?? undefined,
    media_type: mediaType ?? undefined,
  });
}

function filePath(url: URL, name: string): string {
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw InvalidArgumentError.of(name, error instanceof Error ? error.message : String(error));
  }
}

/** What a `File` is called, or the path of a stream that reads a file. */
function suggestedName(source: unknown): string | undefined {
  const { name, path } = Object(source) as { name?: unknown; path?: unknown };
  if (source instanceof Blob) return typeof name === "string" ? name : undefined;
  return typeof path === "string" ? path : undefined;
}

function asBytes(source: unknown): Uint8Array | undefined {
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (!ArrayBuffer.isView(source)) return undefined;
  return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
}

type Chunks = Iterable<unknown> | AsyncIterable<unknown>;

function stream(source: unknown): Chunks {
  if (source instanceof Blob) return source.stream() as unknown as Chunks;
  const { [Symbol.asyncIterator]: later, [Symbol.iterator]: now } = Object(source) as Partial<
    Iterable<unknown> & AsyncIterable<unknown>
  >;
  if (typeof later === "function" || typeof now === "function") return source as Chunks;
  const expected = "a path, a URL, bytes, a Blob or a stream of bytes";
  throw InvalidArgumentError.of("source", `expected ${expected}, not ${kindOf(source)}`);
}

/** Writes a stream to an upload, each chunk when the one before it is on the disk. */
async function pour(chunks: Chunks, upload: NativeUpload): Promise<void> {
  let waiting: Uint8Array[] = [];
  let size = 0;
  const flush = async () => {
    const joined = waiting.length === 1 ? (waiting[0] as Uint8Array) : Buffer.concat(waiting);
    [waiting, size] = [[], 0];
    await settle(upload.write(joined));
  };
  for await (const chunk of chunks) {
    const bytes = asBytes(chunk);
    if (bytes === undefined) {
      const hint = typeof chunk === "string" ? "; leave the stream without an encoding" : "";
      throw InvalidArgumentError.of(
        "source",
        `expected bytes in the stream, not ${kindOf(chunk)}${hint}`,
      );
    }
    waiting.push(bytes);
    size += bytes.byteLength;
    if (size >= CHUNK) await flush();
  }
  await flush();
}
