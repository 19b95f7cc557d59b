import { destinationsOf, roomsHash, type Direction, type Link } from "../bridge/link.ts";
import type { FailureCode } from "../matrix/errors.ts";
import type { RoomSummary } from "../matrix/event.ts";
import type { UserId } from "../matrix/ids.ts";
import { CONNECTION } from "../matrix/unstable.ts";
import type { engineRequests } from "../protocol/engine.ts";
import type { Client } from "../protocol/rpc.ts";
import type { Store } from "../store/store.ts";

/** Why a link cannot be made, by name and as a sentence. */
export interface Refusal {
  code: FailureCode;
  sentence: string;
}

interface RefusalFacts {
  store: Store;
  engine: () => Client<typeof engineRequests>;
  account: () => UserId;
}

/** Why these rooms cannot be linked; null where they can. */
export async function refusalOf(
  rooms: readonly RoomSummary[],
  direction: Direction,
  facts: RefusalFacts,
): Promise<Refusal | null> {
  return existing(rooms, direction, facts) ?? (await otherFerry(rooms, facts));
}

function existing(rooms: readonly RoomSummary[], direction: Direction, facts: RefusalFacts): Refusal | null {
  const ids = rooms.map((room) => room.roomId);
  const links = facts.store.links.all();
  const covers = (link: Link): boolean =>
    (direction === "one-way" ? ids.slice(0, 1) : ids).every((source) =>
      ids.every((room) => room === source || destinationsOf(link, source).includes(room)),
    );
  const found = links.find(covers);
  if (!found) return null;
  return { code: "link-exists", sentence: `The link “${found.name}” mirrors these rooms already.` };
}

/** Two Ferries between the same rooms would copy everything twice. */
async function otherFerry(rooms: readonly RoomSummary[], facts: RefusalFacts): Promise<Refusal | null> {
  const hash = roomsHash(rooms.map((room) => room.roomId));
  for (const room of rooms) {
    const states = await facts.engine().state({ roomId: room.roomId, type: CONNECTION });
    const other = states.find(
      ({ content, sender }) =>
        content["status"] === "active" && content["rooms_hash"] === hash && sender !== facts.account(),
    );
    if (other) {
      const sentence = `${other.sender} links these rooms with a Ferry of their own already. A second link would copy everything twice.`;
      return { code: "another-ferry", sentence };
    }
  }
  return null;
}
