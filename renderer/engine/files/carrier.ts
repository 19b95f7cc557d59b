import type { MatrixClient } from "matrix-js-sdk/lib/client.js";
import type { RoomId, TransactionId } from "../../../main/matrix/ids.ts";
import type { FileFailure } from "../../../main/matrix/codes.ts";
import type { FileReference, MxcUri } from "../../../main/matrix/media.ts";
import type { engineNotifications } from "../../../main/protocol/engine.ts";
import type { FileProgress } from "../../../main/protocol/files.ts";
import type { Client } from "../../../main/protocol/rpc.ts";
import type { Avatars } from "../avatar.ts";
import { requireEncryption } from "../encrypt.ts";
import { evenly, Opener, Sealer } from "./cipher.ts";
import { LARGE_BYTES, Progress } from "./progress.ts";
import { FileProblem, Repository } from "./repository.ts";

/** So many transactions' files are remembered that have been uploaded and are not known to have been sent. */
const MOST_REMEMBERED = 100;

type Main = Pick<Client<typeof engineNotifications>, "carrying">;

type Source = FileReference | { text: string } | { avatar: MxcUri };

export interface CarryRequest {
  roomId: RoomId;
  transactionId: TransactionId;
  mustEncrypt: boolean;
  mostBytes: number | null;
  files: { source: Source; mimetype: string | null; size: number | null; name: string }[];
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
  readonly #avatars: Avatars;
  readonly #repository: Repository;
  readonly #main: Main;
  readonly #carried = new Map<string, Promise<Carried>>();
  readonly #large: Line = { last: Promise.resolve() };

  constructor(client: MatrixClient, avatars: Avatars, main: Main, send: typeof fetch) {
    this.#client = client;
    this.#avatars = avatars;
    this.#repository = new Repository(client, send);
    this.#main = main;
  }

  /** See `carryFiles` of the contract. */
  async carry(request: CarryRequest): Promise<Carried[]> {
    const carried: Carried[] = [];
    for (const [index, file] of request.files.entries()) {
      const encrypt = await requireEncryption(this.#client, request.roomId, request.mustEncrypt);
      const most = Math.min(request.mostBytes ?? Infinity, await this.#repository.limit());
      const key = JSON.stringify([request.transactionId, index, encrypt]);
      carried.push(
        await this.#once(key, () => {
          const progress = new Progress((now) => this.#tell(now), request.transactionId, file.size);
          return this.#carryInTurn(file, encrypt, most, progress);
        }),
      );
    }
    return carried;
  }

  /**
   * A request that is made again uploads nothing twice: after a failure of another of its files or of its message, or
   * because it was made ahead of its turn.
   */
  #once(key: string, carry: () => Promise<Carried>): Promise<Carried> {
    const carrying = this.#carried.get(key) ?? carry();
    this.#carried.delete(key);
    this.#carried.set(key, carrying);
    const forget = (): void => {
      if (this.#carried.get(key) === carrying) this.#carried.delete(key);
    };
    carrying.then((carried) => "failure" in carried && forget(), forget);
    const oldest = this.#carried.keys().next().value;
    if (this.#carried.size > MOST_REMEMBERED && oldest !== undefined) this.#carried.delete(oldest);
    return carrying;
  }

  #tell(progress: FileProgress): void {
    // It is only shown; and main is there for as long as this page is.
    this.#main.carrying(progress).catch(() => undefined);
  }

  async #carryInTurn(
    file: CarryRequest["files"][number],
    encrypt: boolean,
    most: number,
    progress: Progress,
  ): Promise<Carried> {
    if ((file.size ?? 0) > most) return { failure: "file-too-large" };
    const turn = new Turn(this.#large);
    try {
      if ((file.size ?? Infinity) > LARGE_BYTES) await turn.take();
      return await this.#carryOne(file, encrypt, most, { turn, progress });
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
    { turn, progress }: { turn: Turn; progress: Progress },
  ): Promise<FileReference> {
    const encryption = "url" in source ? source.encryption : null;
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
      const part = new Blob([sealer === null ? clear : await sealer.take(clear)]);
      // It is the browser's only once it can be read from there.
      await part.slice(0, 1).arrayBuffer();
      parts.push(part);
      progress.fetched(length);
    }
    if (opener?.isGenuine() === false) throw new FileProblem("file-damaged");
    const type = sealer === null ? (mimetype ?? "application/octet-stream") : "application/octet-stream";
    progress.allFetched(length);
    const url = await this.#repository.upload(new Blob(parts, { type }), sealer === null ? name : null);
    return { url, encryption: sealer?.seal() ?? null };
  }

  async *#bytesOf(source: Source, most: number): AsyncGenerator<Uint8Array> {
    if ("text" in source) yield new TextEncoder().encode(source.text);
    else if ("avatar" in source) yield await this.#avatarOf(source.avatar);
    else yield* this.#repository.download(source.url, most);
  }

  async #avatarOf(address: MxcUri): Promise<Uint8Array> {
    const png = await this.#avatars.drawn(address);
    if (png === null) throw new FileProblem("file-missing");
    return png;
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
