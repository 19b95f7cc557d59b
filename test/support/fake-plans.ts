import type { RoomSummary } from "../../main/matrix/event.ts";
import type { RoomId, UserId } from "../../main/matrix/ids.ts";
import type { LinkPlan } from "../../main/protocol/control.ts";
import { fakeRoom } from "./fake-control.ts";

/** Rooms and what linking them would mean, made up as main would answer, for the pages that show it. */

export const ANA = "@ana:example.org" as UserId;
export const JO = "@jo:example.com" as UserId;

export function roomNamed(name: string, changes: Partial<RoomSummary> = {}): RoomSummary {
  return fakeRoom({ roomId: `!${name.toLowerCase()}:example.org` as RoomId, name, ...changes });
}

/** Of the user's own, of others', and one that everybody can read. */
export const KITCHEN = roomNamed("Kitchen", { joinedMembers: 3 });
export const WORKSHOP = roomNamed("Workshop", { joinedMembers: 16, ownPower: 0 });
export const GARDEN = roomNamed("Garden", { joinedMembers: 1243, joinRule: "public", encrypted: false });

/** What `linkPlan` answers for these rooms, of which any two share two people. */
export function planFor(rooms: readonly RoomSummary[], oneWay: boolean, changes: Partial<LinkPlan> = {}): LinkPlan {
  const sources = oneWay ? rooms.slice(0, 1) : rooms;
  return {
    rooms: [...rooms],
    comparison: sources.map((room) => comparisonOf(room, others(rooms, room))),
    consents: rooms.map((room) => consentOf(room)),
    exposures: rooms.flatMap((room) => exposureOf(room, oneWay ? sources : others(rooms, room))),
    consequences: [`What is written in “${rooms[0]?.name}” from now on can also be read by others.`],
    refusal: null,
    ...changes,
  };
}

const others = (rooms: readonly RoomSummary[], room: RoomSummary): RoomSummary[] =>
  rooms.filter(({ roomId }) => roomId !== room.roomId);

function comparisonOf(room: RoomSummary, peers: readonly RoomSummary[]): LinkPlan["comparison"][number] {
  const here = room.joinedMembers;
  const there = peers.reduce((sum, peer) => sum + peer.joinedMembers, 0);
  const both = Math.min(2, here, there);
  const gaining = there - both;
  const gains: [string, string][] = [];
  if (gaining > 0) gains.push(["people", `${gaining} people who are not in “${room.name}”`]);
  for (const peer of peers) {
    if (peer.joinRule === "public") {
      gains.push(["whoever-joins", `anyone on Matrix, now and later: everybody may join “${peer.name}”`]);
    } else if (gaining > 0) gains.push(["whoever-is-invited", `whoever the admins of “${peer.name}” invite`]);
    if (room.encrypted && !peer.encrypted) {
      const who = `whoever runs the homeservers of the people in “${peer.name}”: it is not encrypted`;
      gains.push(["homeserver", who]);
    }
  }
  const people = { here, there, both, gaining };
  return {
    ...{ roomId: room.roomId, name: room.name, people },
    ...{ gains: gains.map(([, sentence]) => sentence), kinds: gains.map(([kind]) => kind) },
  };
}

function consentOf({
  roomId,
  name,
  ownPower,
  requiredPower,
  joinedMembers,
}: RoomSummary): LinkPlan["consents"][number] {
  const isOwn = ownPower === null || ownPower >= requiredPower;
  const reason = `${joinedMembers - 1} people besides you are in it, and would get the copies.`;
  return {
    ...{ roomId, name, needs: [{ kind: "receiving", reason }] },
    ...{ giver: isOwn ? "you" : "others", approvers: isOwn ? [] : [ANA, JO] },
  };
}

function exposureOf(room: RoomSummary, sources: readonly RoomSummary[]): LinkPlan["exposures"] {
  const source = sources.find(({ encrypted, roomId }) => encrypted && roomId !== room.roomId);
  if (room.encrypted || source === undefined) return [];
  const sentence = `“${source.name}” is encrypted and “${room.name}” is not: whoever runs its homeservers can read the copies.`;
  return [{ roomId: room.roomId, name: room.name, sentence }];
}

/** Names for the people who are named in plans. */
export async function memberNames({ users }: { users: UserId[] }): Promise<{ userId: UserId; name: string }[]> {
  const names = new Map([
    [ANA, "Ana"],
    [JO, "Jo"],
  ]);
  return users.map((userId) => ({ userId, name: names.get(userId) ?? userId }));
}
