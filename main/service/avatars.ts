import { transactionIdOf } from "../bridge/origin.ts";
import type { SourceEvent } from "../matrix/event.ts";
import { serverOf, type RoomId, type UserId } from "../matrix/ids.ts";
import type { FileReference, MxcUri } from "../matrix/media.ts";
import type { EngineClient } from "../protocol/engine.ts";

const MOST_KEPT = 1_000;
/** A picture that could not be had is tried again with a copy after this, in milliseconds. */
const RETRY_MS = 10 * 60_000;

interface Carried {
  /** Null where it could not be had. */
  picture: Promise<FileReference | null>;
  failedTs: number | null;
}

export interface AvatarOptions {
  account: () => UserId;
  engine: () => EngineClient;
  now: () => number;
}

/**
 * People's pictures in the rooms that their words are copied to: carried there once a run, drawn anew and small, so that
 * neither the file nor its address says where it comes from. In memory only, for they have keys.
 */
export class Avatars {
  readonly #options: AvatarOptions;
  readonly #carried = new Map<string, Carried>();

  constructor(options: AvatarOptions) {
    this.#options = options;
  }

  /** The sender's picture as a copy can name it; null without one. Fails never: a copy without it says all the same. */
  async of(event: SourceEvent, room: { roomId: RoomId; encrypted: boolean }): Promise<FileReference | null> {
    const { sender, senderAvatar: avatar } = event;
    const account = this.#options.account();
    if (avatar === undefined || sender === account) return null;
    const server = serverOf(account);
    // Everybody there can have it as it is, and nothing hides where it comes from.
    if (!room.encrypted && serverOf(sender) === server && avatar.startsWith(`mxc://${server}/`)) {
      return { url: avatar, encryption: null };
    }
    const key = JSON.stringify([avatar, room.roomId]);
    const known = this.#carried.get(key);
    const carried = known && !this.#isToBeTriedAgain(known) ? known : this.#begin(avatar, room);
    this.#carried.delete(key);
    this.#carried.set(key, carried);
    const oldest = this.#carried.keys().next().value;
    if (this.#carried.size > MOST_KEPT && oldest !== undefined) this.#carried.delete(oldest);
    return carried.picture;
  }

  #isToBeTriedAgain({ failedTs }: Carried): boolean {
    return failedTs !== null && this.#options.now() - failedTs >= RETRY_MS;
  }

  #begin(avatar: MxcUri, room: { roomId: RoomId; encrypted: boolean }): Carried {
    const carried: Carried = {
      // What is wrong with the network or the homeserver shows by what cannot be sent.
      picture: this.#carry(avatar, room).catch(() => null),
      failedTs: null,
    };
    void carried.picture.then((picture) => {
      if (picture === null) carried.failedTs = this.#options.now();
    });
    return carried;
  }

  async #carry(avatar: MxcUri, { roomId, encrypted }: { roomId: RoomId; encrypted: boolean }) {
    const [carried] = await this.#options.engine().carryFiles({
      ...{ roomId, transactionId: transactionIdOf(avatar, roomId, "avatar"), mustEncrypt: encrypted, mostBytes: null },
      files: [{ source: { avatar }, mimetype: "image/png", size: null, name: "avatar.png" }],
    });
    return carried === undefined || "failure" in carried ? null : carried;
  }
}
