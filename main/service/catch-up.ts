import type { Link } from "../bridge/link.ts";
import type { Logger } from "../log.ts";
import { asFerryError } from "../matrix/errors.ts";
import type { RoomId } from "../matrix/ids.ts";
import type { engineRequests } from "../protocol/engine.ts";
import type { Client } from "../protocol/rpc.ts";
import type { Store } from "../store/store.ts";
import { waitAfter } from "./retry.ts";

export interface CatchUpOptions {
  store: Store;
  engine: () => Client<typeof engineRequests>;
  logger: Logger;
  /** Looks into the answers that have come. Resolves when that is done, or has to be tried again. */
  answers: () => Promise<void>;
  /** More may be sent. */
  onChange: () => void;
}

/**
 * Which rooms have been read up to the present. After Ferry was away, what was missed is sent only when all rooms of
 * its link have been: one of the last messages may say that nothing is to be copied any more.
 */
export class CatchUp {
  readonly #options: CatchUpOptions;
  readonly #done = new Set<RoomId>();
  #run = 0;

  constructor(options: CatchUpOptions) {
    this.#options = options;
  }

  /** The network or the engine is gone: something may be missed from here on. */
  interrupt(): void {
    this.#run += 1;
    this.#done.clear();
  }

  /** Whether what a link copies may be sent. */
  isDone(link: Link): boolean {
    return link.rooms.every(({ roomId }) => this.#done.has(roomId));
  }

  /** These rooms are followed: notes when they have been read up to now, and what was answered in them looked into. */
  follow(rooms: readonly RoomId[]): void {
    for (const roomId of rooms) {
      if (this.#done.has(roomId)) continue;
      this.#settle(roomId, this.#run).catch((error: unknown) => {
        // The engine has gone; with the next one the rooms are followed again.
        this.#options.logger.debug("not-caught-up", { room: roomId, code: asFerryError(error).code });
      });
    }
  }

  async #settle(roomId: RoomId, run: number): Promise<void> {
    const { store, engine, answers, onChange } = this.#options;
    await engine().settle({ roomId });
    for (let attempt = 1; run === this.#run; attempt++) {
      await answers();
      if (!store.answers.all().some((answer) => answer.roomId === roomId)) break;
      await new Promise((resolve) => setTimeout(resolve, waitAfter(attempt)).unref());
    }
    if (run !== this.#run) return;
    this.#done.add(roomId);
    onChange();
  }
}

/** The rooms that any link copies from or to. */
export function roomsOf(links: readonly Link[]): RoomId[] {
  const linked = links.flatMap((link) => link.rooms.map((room) => room.roomId));
  return [...new Set(linked)];
}
