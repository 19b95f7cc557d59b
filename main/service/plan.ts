import { exposureOf, gainsOf } from "../bridge/audience.ts";
import { approversOf, isApprover, needsOf, peersOf, type Need, type Terms } from "../bridge/consent.ts";
import { FerryError } from "../matrix/errors.ts";
import type { RoomSummary } from "../matrix/event.ts";
import type { RoomAlias, RoomId, UserId } from "../matrix/ids.ts";
import type { RoomFacts } from "../matrix/room-facts.ts";
import type { engineRequests } from "../protocol/engine.ts";
import type { Client } from "../protocol/rpc.ts";
import type { Store } from "../store/store.ts";
import { consequencesOf } from "./consequences.ts";
import type { Consents } from "./consents.ts";
import { refusalOf, type Refusal } from "./link-refusal.ts";

export interface LinkTerms {
  rooms: (RoomId | RoomAlias)[];
  name?: string | undefined;
  oneWay: boolean;
}

/** Who can say yes for a room: the user, somebody else, or nobody who is in it. */
export type Giver = "you" | "others" | "nobody";

/** What making a link would mean, before anything is done. */
export interface Plan {
  rooms: RoomSummary[];
  terms: Terms;
  comparison: { roomId: RoomId; name: string; gains: string[] }[];
  consents: { roomId: RoomId; name: string; needs: Need[]; giver: Giver }[];
  exposures: { roomId: RoomId; name: string; sentence: string }[];
  consequences: string[];
  refusal: Refusal | null;
}

interface PlanFacts {
  store: Store;
  consents: Consents;
  engine: () => Client<typeof engineRequests>;
  account: () => UserId;
}

/** What `add` would do. @throws FerryError `unknown-room`, `not-joined`, `link-needs-two-rooms` */
export async function planOf(request: LinkTerms, facts: PlanFacts): Promise<Plan> {
  const rooms: RoomSummary[] = [];
  for (const reference of request.rooms) {
    const room = await facts.engine().room({ room: reference });
    if (!rooms.some((other) => other.roomId === room.roomId)) rooms.push(room);
  }
  if (rooms.length < 2) throw new FerryError("link-needs-two-rooms", "A link joins at least two different rooms.");
  const direction = request.oneWay ? "one-way" : "two-way";
  const terms: Terms = {
    ...{ mode: "copy", direction, carrier: facts.account() },
    rooms: rooms.map((room) => room.roomId),
  };
  const looked = new Map<RoomId, RoomFacts>();
  for (const { roomId, name } of rooms) {
    const room = await facts.consents.look(roomId);
    if (room === null) throw new FerryError("not-joined", `You are not in “${name}” any more.`);
    looked.set(roomId, room);
  }
  const consents = consentsOf(terms, looked, facts.account());
  return {
    rooms,
    terms,
    comparison: comparisonOf(terms, looked),
    consents,
    exposures: exposuresOf(terms, looked),
    consequences: consequencesOf(rooms, direction),
    refusal: lonely(consents) ?? (await refusalOf(rooms, direction, facts)),
  };
}

function comparisonOf(terms: Terms, looked: ReadonlyMap<RoomId, RoomFacts>): Plan["comparison"] {
  return [...looked.values()]
    .filter((room) => peersOf(terms, room.roomId).to.length > 0)
    .map((room) => {
      const destinations = peersOf(terms, room.roomId).to.flatMap((peer) => looked.get(peer) ?? []);
      const gains = destinations.flatMap((peer) => gainsOf(room, peer).map((gain) => gain.sentence));
      return { roomId: room.roomId, name: room.name, gains: [...new Set(gains)] };
    });
}

function consentsOf(terms: Terms, looked: ReadonlyMap<RoomId, RoomFacts>, account: UserId): Plan["consents"] {
  return [...looked.values()].map((room) => {
    const giver: Giver = isApprover(account, room) ? "you" : approversOf(room).length > 0 ? "others" : "nobody";
    return { roomId: room.roomId, name: room.name, needs: needsOf(terms, room, looked, account), giver };
  });
}

function exposuresOf(terms: Terms, looked: ReadonlyMap<RoomId, RoomFacts>): Plan["exposures"] {
  return [...looked.values()].flatMap((room) => {
    const sources = peersOf(terms, room.roomId).from.flatMap((peer) => looked.get(peer) ?? []);
    const sentences = sources.flatMap((source) => exposureOf(source, room) ?? []);
    return sentences.length === 0 ? [] : [{ roomId: room.roomId, name: room.name, sentence: sentences.join(" ") }];
  });
}

function lonely(consents: Plan["consents"]): Refusal | null {
  const room = consents.find(({ needs, giver }) => needs.length > 0 && giver === "nobody");
  if (room === undefined) return null;
  return {
    code: "no-power",
    sentence: `Nobody in “${room.name}” has the power to agree for it, so it cannot be linked.`,
  };
}
