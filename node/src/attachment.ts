/** A staged file, and what a turn gets of it. What that is, is the core's to say. */

import { resolve } from "node:path";
import { count } from "./check.js";
import { fromNative, settle } from "./errors.js";
import { type NativeAttachment, native } from "./native.js";

/** The JSON of an attachment, as the core has it. */
interface Fields {
  id: string;
  name: string;
  path: string;
  sha256: string;
  size: number;
  media_type: string;
  persist: boolean;
  created_at: number;
  expires_at: number | null;
}

/**
 * A staged file. It can stand in the input of a turn as it is: as an image, or else as a mention with a text that
 * tells the model its name and path.
 */
export class Attachment {
  /** Names the attachment in its store; made of the content and the name, and so the same each time. */
  readonly id: string;
  /** Its name. */
  readonly name: string;
  /** Where it is. The file is not to be changed: several attachments may share it. */
  readonly path: string;
  /** The SHA-256 of its content, in hexadecimal. */
  readonly sha256: string;
  /** Its size in bytes. */
  readonly size: number;
  /** What kind of file it is: by its content for images that the engine takes, else by its name. */
  readonly mediaType: string;
  /** Whether it stays until it is removed. */
  readonly persist: boolean;
  /** When it was staged first, in seconds since the Unix epoch. */
  readonly createdAt: number;
  /** When its time is over, in the same seconds; null if it is persistent. */
  readonly expiresAt: number | null;

  /** @internal */
  constructor(fields: Fields) {
    this.id = fields.id;
    this.name = fields.name;
    this.path = fields.path;
    this.sha256 = fields.sha256;
    this.size = fields.size;
    this.mediaType = fields.media_type;
    this.persist = fields.persist;
    this.createdAt = fields.created_at;
    this.expiresAt = fields.expires_at;
  }

  /** Whether the engine takes it as an image: PNG, JPEG, GIF or WebP. */
  get isImage(): boolean {
    return this.#native().isImage();
  }

  /**
   * Gives it to a turn as an image, which the engine reads from the disk. An engine on another machine cannot; see
   * {@link Attachment.asInlineImage}.
   *
   * @returns the input: `localImage`
   * @throws {InvalidArgumentError} if it is no image that the engine takes
   */
  asImage(): { type: "localImage"; path: string } {
    return parsed(() => this.#native().asImage());
  }

  /**
   * Gives it to a turn as an image in the message itself.
   *
   * @returns the input: `image` with a `data:` URL, of at most 20 MiB
   * @throws {InvalidArgumentError} if it is no image that the engine takes, is too large or cannot be read
   */
  async asInlineImage(): Promise<{ type: "image"; url: string }> {
    return JSON.parse(await settle(this.#native().asInlineImage()));
  }

  /**
   * Gives it to a turn as a mention. The engine tells the model nothing of a mention, so the prompt has to say what
   * the file is and where. An attachment that stands in the input as it is does so.
   *
   * @returns the input: `mention`
   */
  asMention(): { type: "mention"; name: string; path: string } {
    return parsed(() => this.#native().asMention());
  }

  /**
   * Gives it to a turn as text: the content between two lines that name the file.
   *
   * @param options `maxBytes`: the longest content; 1 MiB by default
   * @returns the input: `text`
   * @throws {InvalidArgumentError} if it is too long, is no UTF-8, or cannot be read
   */
  async asText(options: { maxBytes?: number } = {}): Promise<{ type: "text"; text: string }> {
    const { maxBytes } = options;
    if (maxBytes !== undefined) count(1)(maxBytes, "maxBytes");
    return JSON.parse(await settle(this.#native().asText(maxBytes ?? null)));
  }

  /** @internal What it is as a part of a turn's input. */
  inputs(): Record<string, unknown>[] {
    return parsed(() => this.#native().inputs());
  }

  /** Made when it is asked, so that an attachment is a plain value until then. */
  #native(): NativeAttachment {
    const fields: Fields = {
      id: this.id,
      name: this.name,
      path: resolve(this.path),
      sha256: this.sha256,
      size: this.size,
      media_type: this.mediaType,
      persist: this.persist,
      created_at: this.createdAt,
      expires_at: this.expiresAt,
    };
    return new (native().NativeAttachment)(JSON.stringify(fields));
  }
}

function parsed<T>(call: () => string): T {
  try {
    return JSON.parse(call()) as T;
  } catch (error) {
    throw fromNative(error);
  }
}
