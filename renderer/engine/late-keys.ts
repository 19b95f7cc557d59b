import type { MatrixClient } from "matrix-js-sdk/lib/client.js";
import type { SourceEvent } from "../../main/matrix/event.ts";
import type { EventId, RoomId } from "../../main/matrix/ids.ts";
import { toFailure } from "./failures.ts";
import { fetchEvent } from "./fetch-event.ts";
import {
  cryptoBackend,
  decrypt,
  isEncryptedRoom,
  isUndecrypted,
  onDecrypted,
  toSourceEvent,
  type ReceivedEvent,
} from "./source-event.ts";

const RETRY_MS = 10_000;
/** How often key backup is looked into again for the keys of what waits, and for how long, in milliseconds. */
const BACKUP_MS = 600_000;
const BACKUP_FOR_MS = 86_400_000;

/**
 * Events whose keys have not come. The SDK tries them again when a key arrives, for as long as their objects live;
 * they live here. After a restart main names them again.
 */
export class LateKeys {
  readonly #client: MatrixClient;
  readonly #report: (event: SourceEvent) => Promise<void>;
  readonly #waiting = new Map<EventId, ReceivedEvent>();
  readonly #timer = setInterval(() => void this.#lookIntoBackup(), BACKUP_MS);
  #stopped = false;

  constructor(client: MatrixClient, report: (event: SourceEvent) => Promise<void>) {
    this.#client = client;
    this.#report = report;
  }

  /**
   * The SDK looks into key backup when a decryption fails, and when the backup is connected. A key that another device
   * puts there later it would never find.
   */
  async #lookIntoBackup(): Promise<void> {
    const crypto = cryptoBackend(this.#client);
    if (this.#waiting.size === 0 || (await crypto.getActiveSessionBackupVersion()) === null) return;
    for (const received of this.#waiting.values()) {
      const isRecent = Date.now() - received.receivedTs < BACKUP_FOR_MS;
      // That it fails again is what the event says itself.
      if (isRecent && isUndecrypted(received)) await received.event.attemptDecryption(crypto, { isRetry: true });
    }
  }

  /** Reports the event by `decrypted` once its key has come. */
  await(roomId: RoomId, eventId: EventId, received: ReceivedEvent): void {
    if (this.#waiting.has(eventId)) return;
    this.#waiting.set(eventId, received);
    const off = onDecrypted(received, () => {
      off();
      void this.#reportUntilStored(roomId, eventId, received);
    });
    // It may have decrypted between the caller's look and the listener.
    if (!isUndecrypted(received)) {
      off();
      void this.#reportUntilStored(roomId, eventId, received);
    }
  }

  /** Fetches the events one after the other, and waits for the keys of those that still do not decrypt. */
  async resume(events: readonly { roomId: RoomId; eventId: EventId }[]): Promise<void> {
    for (const { roomId, eventId } of events) {
      const received = await this.#fetchWhenOnline(roomId, eventId);
      if (received === null) continue;
      await decrypt(this.#client, received);
      if (isUndecrypted(received)) this.await(roomId, eventId, received);
      else await this.#reportUntilStored(roomId, eventId, received);
    }
  }

  /** @returns null for an event that the homeserver does not have any more, and when Ferry ends */
  async #fetchWhenOnline(roomId: RoomId, eventId: EventId): Promise<ReceivedEvent | null> {
    while (!this.#stopped) {
      try {
        return await fetchEvent(this.#client, roomId, eventId);
      } catch (error) {
        if (toFailure(error).code === "event-not-found") return null;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    return null;
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#waiting.clear();
  }

  async #reportUntilStored(roomId: RoomId, eventId: EventId, received: ReceivedEvent): Promise<void> {
    while (!this.#stopped) {
      try {
        const encrypted = await isEncryptedRoom(this.#client, roomId);
        await this.#report(toSourceEvent(this.#client, roomId, received, encrypted));
        this.#waiting.delete(eventId);
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }
}
