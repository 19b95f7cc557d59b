import type { SourceEvent } from "../matrix/event.ts";
import type { EventId, RoomId } from "../matrix/ids.ts";

const MAX_CHARACTERS = 8_000_000;

/**
 * Decrypted events that are on their way, in memory only. What is not here any more is asked of the engine again.
 */
export class Contents {
  readonly #fetch: (roomId: RoomId, eventId: EventId) => Promise<SourceEvent>;
  readonly #events = new Map<EventId, { event: SourceEvent; size: number }>();
  #size = 0;

  constructor(fetch: (roomId: RoomId, eventId: EventId) => Promise<SourceEvent>) {
    this.#fetch = fetch;
  }

  put(event: SourceEvent): void {
    this.drop(event.eventId);
    const size = JSON.stringify(event.content).length;
    this.#events.set(event.eventId, { event, size });
    this.#size += size;
    // The newest go first: the oldest are the next to be sent.
    for (const [eventId] of [...this.#events].reverse()) {
      if (this.#size <= MAX_CHARACTERS) break;
      this.drop(eventId);
    }
  }

  /** @throws FerryError as the engine's `fetch` */
  async get(roomId: RoomId, eventId: EventId): Promise<SourceEvent> {
    return this.#events.get(eventId)?.event ?? (await this.#fetch(roomId, eventId));
  }

  drop(eventId: EventId): void {
    const entry = this.#events.get(eventId);
    if (!entry) return;
    this.#events.delete(eventId);
    this.#size -= entry.size;
  }
}
