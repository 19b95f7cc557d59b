import type { MatrixClient } from "matrix-js-sdk/lib/client.js";
import type { RoomId, TransactionId } from "../../../main/matrix/ids.ts";
import type { FileFailure } from "../../../main/matrix/codes.ts";
import type { FileReference } from "../../../main/matrix/media.ts";
import { requireEncryption } from "../encrypt.ts";
import { evenly, Opener, Sealer } from "./cipher.ts";
import { FileProblem, Repository } from "./repository.ts";

/** Files above this size are carried one at a time, in bytes. */
const LARGE_BYTES = 8_000_000;
/** So many transactions' files are remembered that have been uploaded and are not known to have been sent. */
const MOST_REMEMBERED = 100;

export interface CarryRequest {
  roomId: RoomId;
  transactionId: TransactionId;
  mustEncrypt: boolean;
  mostBytes: number | null;
  files: { source: FileReference | { text: string }; mimetype: string | null; size: number | null; name: string }[];
}

type Carried = FileReference | { failure: FileFailure };

/**
 * Carries files from one room to another: each is downloaded, checked, decrypted, encrypted under a key of its own, and
 * uploaded. Of what passes through only ciphertext is held as a whole, unless the destination is not encrypted.
 *
 * Dies the page in between, nothing is remembered, and it is done once more: what was uploaded stays on the homeserver,
 * named by nobody.
 */
export class FileCarrier {
  readonly #client: MatrixClient;
  readonly #repository: Repository;
  readonly #carried = new Map<string, FileReference>();
  readonly #large: Line = { last: Promise.resolve() };

  constructor(client: MatrixClient, send: typeof fetch) {
    this.#client = client;
    this.#repository = new Repository(client, send);
  }

  /** See `carryFiles` of the contract. */
  async carry(request: CarryRequest): Promise<Carried[]> {
    const carried: Carried[] = [];
    for (const [index, file] of request.files.entries()) {
      const encrypt = await requireEncryption(this.#client, request.roomId, request.mustEncrypt);
      const most = Math.min(request.mostBytes ?? Infinity, await this.#repository.limit());
      const key = JSON.stringify([request.transactionId, index, encrypt]);
      const reference = this.#carried.get(key) ?? (await this.#carryInTurn(file, encrypt, most));
      if (!("failure" in reference)) this.#remember(key, reference);
      carried.push(reference);
    }
    return carried;
  }

  /** A request that is made again, after a failure of another of its files or of its message, uploads nothing twice. */
  #remember(key: string, reference: FileReference): void {
    this.#carried.delete(key);
    this.#carried.set(key, reference);
    const oldest = this.#carried.keys().next().value;
    if (this.#carried.size > MOST_REMEMBERED && oldest !== undefined) this.#carried.delete(oldest);
  }

  async #carryInTurn(file: CarryRequest["files"][number], encrypt: boolean, most: number): Promise<Carried> {
    if ((file.size ?? 0) > most) return { failure: "file-too-large" };
    const turn = new Turn(this.#large);
    try {
      if ((file.size ?? Infinity) > LARGE_BYTES) await turn.take();
      return await this.#carryOne(file, encrypt, most, turn);
    } catch (error) {
      if (error instanceof FileProblem) return { failure: error.failure };
      throw error;
    } finally {
      turn.end();
    }
  }

  async #carryOne(
    { source, mimetype, name }: CarryRequest["files"][number],
    encrypt: boolean,
    most: number,
    turn: Turn,
  ): Promise<FileReference> {
    const encryption = "text" in source ? null : source.encryption;
    const opener = encryption === null ? null : await Opener.of(encryption);
    const sealer = encrypt ? await Sealer.create() : null;
    // What a blob has taken over is held by the browser, once, and not by this page.
    const parts: Blob[] = [];
    let length = 0;
    for await (const piece of evenly(this.#bytesOf(source, most))) {
      length += piece.length;
      // It may be larger than it was said to be.
      if (length > LARGE_BYTES) await turn.take();
      const clear = opener === null ? piece : await opener.take(piece);
      parts.push(new Blob([sealer === null ? clear : await sealer.take(clear)]));
    }
    if (opener?.isGenuine() === false) throw new FileProblem("file-damaged");
    const type = sealer === null ? (mimetype ?? "application/octet-stream") : "application/octet-stream";
    const url = await this.#repository.upload(new Blob(parts, { type }), sealer === null ? name : null);
    return { url, encryption: sealer?.seal() ?? null };
  }

  async *#bytesOf(source: FileReference | { text: string }, most: number): AsyncGenerator<Uint8Array> {
    if ("text" in source) yield new TextEncoder().encode(source.text);
    else yield* this.#repository.download(source.url, most);
  }
}

/** Those who wait for each other; `last` resolves when the last of them is done. */
interface Line {
  last: Promise<unknown>;
}

/** A place in a line, taken at most once. */
class Turn {
  readonly #line: Line;
  #leave: (() => void) | null = null;

  constructor(line: Line) {
    this.#line = line;
  }

  async take(): Promise<void> {
    if (this.#leave !== null) return;
    const before = this.#line.last;
    this.#line.last = new Promise<void>((resolve) => (this.#leave = resolve));
    await before;
  }

  end(): void {
    this.#leave?.();
  }
}
