import { SvelteMap } from "svelte/reactivity";
import type { RoomId, UserId } from "../../../main/matrix/ids.ts";
import type { controlRequests } from "../../../main/protocol/control.ts";
import type { Client } from "../../../main/protocol/rpc.ts";
import { localpartOf } from "../words/names.ts";

/** So many names are asked for at once. */
const MOST_AT_ONCE = 50;

/** What people call themselves in their rooms: asked for once while a page is open, and their Matrix ID's until then. */
export class People {
  readonly #main: Client<typeof controlRequests>;
  readonly #names = new SvelteMap<string, string>();
  readonly #asked = new Set<string>();

  constructor(main: Client<typeof controlRequests>) {
    this.#main = main;
  }

  nameOf(roomId: RoomId, userId: UserId): string {
    return this.#names.get(keyOf(roomId, userId)) ?? localpartOf(userId);
  }

  /** Asks for the names that are not known yet. */
  ask(roomId: RoomId, users: readonly UserId[]): void {
    const open = [...new Set(users)].filter((user) => !this.#asked.has(keyOf(roomId, user)));
    for (const user of open) this.#asked.add(keyOf(roomId, user));
    for (let start = 0; start < open.length; start += MOST_AT_ONCE) {
      void this.#askFor(roomId, open.slice(start, start + MOST_AT_ONCE));
    }
  }

  async #askFor(roomId: RoomId, users: UserId[]): Promise<void> {
    try {
      const found = await this.#main.memberNames({ roomId, users });
      for (const { userId, name } of found) this.#names.set(keyOf(roomId, userId), name);
    } catch {
      // Their Matrix IDs stand for them; the next time they are shown they are asked for again.
      for (const user of users) this.#asked.delete(keyOf(roomId, user));
    }
  }
}

function keyOf(roomId: RoomId, userId: UserId): string {
  return `${roomId} ${userId}`;
}
