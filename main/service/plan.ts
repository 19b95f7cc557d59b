import { exposureOf, gainsOf } from "../bridge/audience.ts";
import { carryOver, isSuccessor, successorOf } from "../bridge/change.ts";
import {
  approversOf,
  gapsOf,
  isApprover,
  needsOf,
  peersOf,
  type Consent,
  type Need,
  type Terms,
} from "../bridge/consent.ts";
import type { Link } from "../bridge/link.ts";
import type { GainCode } from "../matrix/codes.ts";
import { FerryError } from "../matrix/errors.ts";
import type { RoomSummary } from "../matrix/event.ts";
import type { LinkId, RoomAlias, RoomId, UserId } from "../matrix/ids.ts";
import type { RoomFacts } from "../matrix/room-facts.ts";
import { toldChanges, type ToldChange } from "../matrix/told-changes.ts";
import type { EngineClient } from "../protocol/engine.ts";
import type { StoredConsent } from "../store/consents.ts";
import type { Store } from "../store/store.ts";
import { consequencesOf } from "./consequences.ts";
import type { Consents } from "./consents.ts";
import { refusalOf, type Refusal } from "./link-refusal.ts";

export interface LinkTerms {
  rooms: (RoomId | RoomAlias)[];
  name?: string | undefined;
  oneWay: boolean;
  /** What is told besides messages; not given, nothing, or what the link tells that this one is to take the place of. */
  tells?: readonly ToldChange[] | undefined;
  /** The link that this one is to take the place of. */
  replaces?: LinkId | undefined;
}

/** Who can say yes for a room: the user, somebody else, or nobody who is in it. */
export type Giver = "you" | "others" | "nobody";

/** Who can read copies of one room's messages, next to who can read the room. */
interface Comparison {
  roomId: RoomId;
  name: string;
  gains: string[];
  /** What kind of gain each sentence is, in the same order. */
  kinds: GainCode[];
  /** People who are in it, in any room that copies go to, in both, and in those rooms only. */
  people: { here: number; there: number; both: number; gaining: number };
}

/** So many people who could agree are named. */
const MOST_APPROVERS = 10;

/** What making a link would mean, before anything is done. */
export interface Plan {
  rooms: RoomSummary[];
  terms: Terms;
  /** The link that is changed; null where a new one is made. */
  replaced: Link | null;
  comparison: Comparison[];
  consents: { roomId: RoomId; name: string; needs: Need[]; giver: Giver; approvers: UserId[] }[];
  exposures: { roomId: RoomId; name: string; sentence: string }[];
  consequences: string[];
  refusal: Refusal | null;
}

/** An agreement to the link that is changed, and whether it is one to what comes of it. */
export type Carried = ReturnType<typeof carryOver<StoredConsent>>;

interface CarryFacts {
  store: Store;
  consents: Consents;
}

interface PlanFacts extends CarryFacts {
  engine: () => EngineClient;
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
  const replaced = request.replaces === undefined ? null : facts.store.links.get(request.replaces);
  const terms: Terms = {
    ...{ mode: "copy", direction: request.oneWay ? "one-way" : "two-way", carrier: facts.account() },
    rooms: rooms.map((room) => room.roomId),
    tells: toldChanges(request.tells ?? replaced?.tells ?? []),
  };
  const looked = new Map<RoomId, RoomFacts>();
  for (const { roomId, name } of rooms) {
    const room = await facts.consents.look(roomId);
    if (room === null) throw new FerryError("not-joined", `You are not in “${name}” any more.`);
    looked.set(roomId, room);
  }
  const agreed = replaced === null ? new Set() : agreedRooms(replaced, terms, looked, facts);
  const consents = consentsOf(terms, looked, facts.account()).map((consent) =>
    agreed.has(consent.roomId) ? { ...consent, needs: [] } : consent,
  );
  return {
    rooms,
    terms,
    replaced,
    comparison: comparisonOf(terms, looked),
    consents,
    exposures: exposuresOf(terms, looked),
    consequences: consequencesOf(rooms, terms),
    refusal: lonely(consents) ?? (await refusalOf(rooms, terms, replaced, facts)),
  };
}

/** What was agreed to of a link that is to be changed, as it would stand after that. */
export function carriedOver(before: Link, link: LinkId, terms: Terms, { store, consents }: CarryFacts): Carried[] {
  const successors = new Map<RoomId, RoomId>();
  for (const { roomId } of before.rooms) {
    const successor = successorOf(consents.rooms.get(roomId));
    const room = successor === null ? undefined : consents.rooms.get(successor);
    if (room !== undefined && isSuccessor(room, roomId)) successors.set(roomId, room.roomId);
  }
  const given = [...store.consents.current(before.id).values()];
  return given
    .map((consent) => carryOver(consent, { link, terms, successors }))
    .filter(({ consent }) => terms.rooms.includes(consent.roomId));
}

/** The rooms that need not be asked about a change, because what they have agreed to includes it, and holds. */
function agreedRooms(
  replaced: Link,
  terms: Terms,
  rooms: ReadonlyMap<RoomId, RoomFacts>,
  facts: PlanFacts,
): Set<RoomId> {
  const link = replaced.id;
  const enough = carriedOver(replaced, link, terms, facts).filter(({ isEnough }) => isEnough);
  const consents = new Map<RoomId, Consent>(enough.map(({ consent }) => [consent.roomId, consent]));
  const gaps = gapsOf({
    ...{ link, replaced: facts.store.links.replacedBy(link), terms, account: facts.account(), rooms, consents },
    lacking: new Map(),
  });
  return new Set([...consents.keys()].filter((roomId) => gaps.get(roomId) === null));
}

function comparisonOf(terms: Terms, looked: ReadonlyMap<RoomId, RoomFacts>): Plan["comparison"] {
  return [...looked.values()]
    .filter((room) => peersOf(terms, room.roomId).to.length > 0)
    .map((room) => {
      const destinations = peersOf(terms, room.roomId).to.flatMap((peer) => looked.get(peer) ?? []);
      const gains = new Map(
        destinations.flatMap((peer) => gainsOf(room, peer)).map(({ code, sentence }) => [sentence, code]),
      );
      const here = new Set(room.joined);
      const there = new Set(destinations.flatMap(({ joined }) => joined));
      const both = [...there].filter((user) => here.has(user)).length;
      return {
        ...{ roomId: room.roomId, name: room.name, gains: [...gains.keys()], kinds: [...gains.values()] },
        people: { here: here.size, there: there.size, both, gaining: there.size - both },
      };
    });
}

function consentsOf(terms: Terms, looked: ReadonlyMap<RoomId, RoomFacts>, account: UserId): Plan["consents"] {
  return [...looked.values()].map((room) => {
    const others = approversOf(room).filter((user) => user !== account);
    const giver: Giver = isApprover(account, room) ? "you" : others.length > 0 ? "others" : "nobody";
    const needs = needsOf(terms, room, looked, account);
    return { roomId: room.roomId, name: room.name, needs, giver, approvers: others.slice(0, MOST_APPROVERS) };
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
