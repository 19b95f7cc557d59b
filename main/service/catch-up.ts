import type { Link } from "../bridge/link.ts";
import type { Logger } from "../log.ts";
import { asFerryError } from "../matrix/errors.ts";
import type { RoomId } from "../matrix/ids.ts";
import type { EngineClient } from "../protocol/engine.ts";
import type { Store } from "../store/store.ts";
import { waitAfter } from "./retry.ts";

export interface CatchUpOptions {
  store: Store;
  engine: () => EngineClient;
  logger: Logger;
  /** Looks into the answers that have come. Resolves when that is done, or has to be tried again. */
  answers: () => Promise<void>;
  /** More may be sent. */
  onChange: () => void;
}

/** One time that a room is read up to the present. */
interface Round {
  isDone: boolean;
}

/**
 * Which rooms have been read up to the present. After Ferry was away, what was missed is sent only when all rooms of
 * its link have been: one of the last messages may say that nothing is to be copied any more.
 */
export class CatchUp {
  readonly #options: CatchUpOptions;
  readonly #rounds = new Map<RoomId, Round>();

  constructor(options: CatchUpOptions) {
    this.#options = options;
  }

  /** The network or the engine is gone: something may be missed from here on. */
  interrupt(): void {
    this.#rounds.clear();
  }

  /** Whether what a link copies may be sent. */
  isDone(link: Link): boolean {
    return link.rooms.every(({ roomId }) => this.#rounds.get(roomId)?.isDone);
  }

  /** These rooms are followed: notes when they have been read up to now, and what was answered in them looked into. */
  follow(rooms: readonly RoomId[]): void {
    for (const roomId of rooms) {
      // One that is not done may be about to fail, because it came before the room was followed.
      if (this.#rounds.get(roomId)?.isDone === true) continue;
      const round = { isDone: false };
      this.#rounds.set(roomId, round);
      this.#settle(roomId, round).catch((error: unknown) => {
        // The engine has gone, or does not follow the room yet: when it does, this is asked for again.
        if (this.#rounds.get(roomId) === round) this.#rounds.delete(roomId);
        this.#options.logger.debug("not-caught-up", { room: roomId, code: asFerryError(error).code });
      });
    }
  }

  /** What has been read by now is not enough: they are to be read up to the present once more. */
  renew(rooms: readonly RoomId[]): void {
    for (const roomId of rooms) this.#rounds.delete(roomId);
    this.follow(rooms);
  }

  async #settle(roomId: RoomId, round: Round): Promise<void> {
    const { store, engine, answers, onChange } = this.#options;
    const isOn = (): boolean => this.#rounds.get(roomId) === round;
    await engine().settle({ roomId });
    for (let attempt = 1; isOn(); attempt++) {
      await answers();
      if (!store.answers.all().some((answer) => answer.roomId === roomId)) break;
      await new Promise((resolve) => setTimeout(resolve, waitAfter(attempt)).unref());
    }
    if (!isOn()) return;
    round.isDone = true;
    onChange();
  }
}

/** The rooms that any link copies from or to. */
export function roomsOf(links: readonly Link[]): RoomId[] {
  const linked = links.flatMap((link) => link.rooms.map((room) => room.roomId));
  return [...new Set(linked)];
}
