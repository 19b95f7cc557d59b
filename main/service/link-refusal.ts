import type { Terms } from "../bridge/consent.ts";
import { successorOf } from "../bridge/change.ts";
import { gapOf } from "../bridge/gap.ts";
import { destinationsOf, roomsHash, termsHash, type Link } from "../bridge/link.ts";
import type { FailureCode } from "../matrix/errors.ts";
import type { RoomSummary } from "../matrix/event.ts";
import type { UserId } from "../matrix/ids.ts";
import { CONNECTION } from "../matrix/unstable.ts";
import type { EngineClient } from "../protocol/engine.ts";
import type { Store } from "../store/store.ts";
import type { Consents } from "./consents.ts";

/** Why a link cannot be made, by name and as a sentence. */
export interface Refusal {
  code: FailureCode;
  sentence: string;
}

interface RefusalFacts {
  store: Store;
  consents: Consents;
  engine: () => EngineClient;
  account: () => UserId;
}

/** Why these rooms cannot be linked, or a link not be changed to that; null where they can. */
export async function refusalOf(
  rooms: readonly RoomSummary[],
  terms: Terms,
  replaced: Link | null,
  facts: RefusalFacts,
): Promise<Refusal | null> {
  const changed = replaced === null ? null : unchangeable(replaced, terms, facts);
  return changed ?? closed(terms, facts) ?? existing(terms, replaced, facts) ?? (await otherFerry(rooms, facts));
}

/** Why a link cannot be changed to these terms; null where it can. */
export function unchangeable(
  link: Link,
  terms: Terms,
  { store, consents }: Pick<RefusalFacts, "store" | "consents">,
): Refusal | null {
  if (termsHash(terms) === link.termsHash) {
    return { code: "link-exists", sentence: `That is what the link “${link.name}” does already.` };
  }
  if (link.state === "starting") {
    const sentence = `The link “${link.name}” has not begun yet. Take it back, and make it as you want it.`;
    return { code: "link-starting", sentence };
  }
  if (store.links.all().some(({ replaces }) => replaces === link.id)) {
    const sentence = `A change of the link “${link.name}” is waiting for its rooms already.`;
    return { code: "change-waiting", sentence };
  }
  // A refusal is not got round by a change, nor by going on in the room that has taken the refusing one's place.
  for (const [roomId, gap] of consents.refusals(link)) {
    const successor = successorOf(consents.rooms.get(roomId));
    const stays = terms.rooms.some((room) => room === roomId || room === successor);
    if (stays) return { code: "link-needs-consent", sentence: gap.sentence };
  }
  return null;
}

/** Nobody writes in a room that has been closed, and nothing would ever begin there. */
function closed({ rooms }: Terms, { consents }: RefusalFacts): Refusal | null {
  const room = rooms.map((roomId) => consents.rooms.get(roomId)).find((facts) => facts?.tombstone);
  if (room === undefined) return null;
  return { code: "room-closed", sentence: gapOf("room-upgraded", room).sentence };
}

function existing({ direction, rooms: ids }: Terms, replaced: Link | null, facts: RefusalFacts): Refusal | null {
  const links = facts.store.links.all().filter(({ id }) => id !== replaced?.id);
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
