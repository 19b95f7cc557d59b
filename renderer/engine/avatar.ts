import type { MatrixClient } from "matrix-js-sdk/lib/client.js";
import type { Room } from "matrix-js-sdk/lib/models/room.js";
import type { RoomId } from "../../main/matrix/ids.ts";
import { cookieless } from "./cookieless.ts";
import { imageKind } from "./image-kind.ts";

/** What main gets is this many pixels wide and high. */
const SIDE = 64;
/** In the profile of a copy. */
const COPIED_SIDE = 96;
/** What is asked of the homeserver: sharp also when it makes it smaller itself. */
const ASKED_SIDE = 96;
const MOST_BYTES = 1_000_000;
/** A small file can hold a picture that fills the memory. */
const MOST_PIXELS = 16_000_000;
const LIMIT_MS = 20_000;
const AT_ONCE = 4;
const MOST_KEPT = 500;

/** The pictures of rooms, drawn anew: nothing that somebody has uploaded goes further than this page. */
export class Avatars {
  readonly #client: MatrixClient;
  readonly #kept = new Map<string, Promise<string | null>>();
  readonly #waiting: (() => void)[] = [];
  #underWay = 0;

  constructor(client: MatrixClient) {
    this.#client = client;
  }

  /** See `avatar` of the contract. Where there is none, or anything is wrong with it, it is null. */
  async of(roomId: RoomId): Promise<{ image: string | null }> {
    const room = this.#client.getRoom(roomId);
    const address = room && avatarOf(room);
    return { image: address === null ? null : await this.#keep(address) };
  }

  /** A picture of the content repository, drawn anew; null where there is none, or anything is wrong with it. */
  async drawn(address: string): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#inTurn(address, COPIED_SIDE);
  }

  #keep(address: string): Promise<string | null> {
    const known = this.#kept.get(address);
    if (known !== undefined) return known;
    const image = this.#inTurn(address, SIDE).then((png) => png && dataAddress(png));
    this.#kept.set(address, image);
    // The next time it may work.
    void image.then((result) => result === null && this.#kept.delete(address));
    const oldest = this.#kept.keys().next().value;
    if (this.#kept.size > MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return image;
  }

  async #inTurn(address: string, side: number): Promise<Uint8Array<ArrayBuffer> | null> {
    if (this.#underWay >= AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#underWay += 1;
    try {
      const bytes = await this.#fetch(address);
      return bytes && (await draw(bytes, side));
    } catch {
      // A list without pictures is no failure.
      return null;
    } finally {
      this.#underWay -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #fetch(address: string): Promise<Uint8Array<ArrayBuffer> | null> {
    const url = this.#client.mxcUrlToHttp(address, ASKED_SIDE, ASKED_SIDE, "crop", false, true, true);
    if (!url) return null;
    const headers = { authorization: `Bearer ${this.#client.getAccessToken() ?? ""}` };
    const response = await cookieless(url, { headers, cache: "no-store", signal: AbortSignal.timeout(LIMIT_MS) });
    return response.ok && response.body ? readAtMost(response.body, MOST_BYTES) : null;
  }
}

/** Where a room's picture is (`mxc:`); in a room of two people without one it is the other one's. */
export function avatarOf(room: Room): string | null {
  const own = room.getMxcAvatarUrl();
  if (own !== null || room.getInvitedAndJoinedMemberCount() !== 2) return own;
  return room.getAvatarFallbackMember()?.getMxcAvatarUrl() ?? null;
}

/** @returns null where there is more, whatever was announced */
export async function readAtMost(
  body: ReadableStream<Uint8Array>,
  most: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body) {
    length += part.length;
    // Leaving the loop cancels what is still to come.
    if (length > most) return null;
    parts.push(part);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A square PNG of its middle; null where it is no picture that can be drawn. */
async function draw(bytes: Uint8Array<ArrayBuffer>, width: number): Promise<Uint8Array<ArrayBuffer> | null> {
  const kind = imageKind(bytes);
  if (kind === null || kind.width * kind.height > MOST_PIXELS) return null;
  const bitmap = await createImageBitmap(new Blob([bytes], { type: kind.type }));
  const canvas = new OffscreenCanvas(width, width);
  const side = Math.min(bitmap.width, bitmap.height);
  const [left, top] = [(bitmap.width - side) / 2, (bitmap.height - side) / 2];
  canvas.getContext("2d")?.drawImage(bitmap, left, top, side, side, 0, 0, width, width);
  bitmap.close();
  return new Uint8Array(await (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer());
}

function dataAddress(png: Uint8Array): string {
  return `data:image/png;base64,${btoa(String.fromCharCode(...png))}`;
}
