import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FerryError } from "../../../main/matrix/errors.ts";
import type { EventId, RoomId, UserId } from "../../../main/matrix/ids.ts";
import type { RoomFacts } from "../../../main/matrix/room-facts.ts";
import type { engineRequests } from "../../../main/protocol/engine.ts";
import type { Client } from "../../../main/protocol/rpc.ts";
import type { Consents } from "../../../main/service/consents.ts";
import { Negotiation } from "../../../main/service/negotiation.ts";
import { openStore, type Store } from "../../../main/store/store.ts";
import { temporaryFolder } from "../../support/cleanup.ts";
import { SILENT } from "../../support/silent-logger.ts";
import { factsOf } from "./consent/facts.ts";
import { LINK, linkBetween } from "../link-support.ts";

/** Asking the admins of a room once more: one question stands there, and it is never asked twice on a day. */

const [A, B, C] = ["!a:one.test", "!b:one.test", "!c:one.test"] as [RoomId, RoomId, RoomId];
const DAY_MS = 24 * 3_600_000;
const LINKED = linkBetween([A, B, C], { state: "starting" });

/** Rooms in which the user has no power. */
const FACTS = [B, C].map((roomId): [RoomId, RoomFacts] => {
  const room = { roomId, joined: new Set<UserId>(), power: new Map<UserId, number>(), tombstone: false };
  return [roomId, factsOf({ ...room, joinRule: "invite", history: "shared" }, undefined)];
});

let store: Store;
let nowTs = 1_700_000_000_000;
let negotiation: Negotiation;
const redact = vi.fn(async ({ eventId }: { eventId: EventId }) => ({ eventId }));

beforeEach(() => {
  store = openStore(join(temporaryFolder("ferry-negotiation-"), "ferry.db"));
  store.links.insert(LINKED);
  redact.mockClear();
  negotiation = new Negotiation({
    ...{ store, logger: SILENT, now: () => nowTs, onChange: () => undefined, account: () => LINKED.carrier },
    engine: () => ({ redact }) as unknown as Client<typeof engineRequests>,
    consents: { rooms: new Map(FACTS), audienceFor: () => [] } as unknown as Consents,
  });
});
afterEach(() => store.close());

/** The question has reached the room. */
function sent(roomId: RoomId): void {
  const asked = store.proposals.latest(LINK).get(roomId);
  if (!asked) throw new Error("nothing was asked");
  store.proposals.sent(asked.code, `$${asked.code}` as EventId, nowTs);
  for (const row of store.outbox.list(false, 10)) if (row.destination === roomId) store.outbox.delete(row.id);
}

const questions = (roomId: RoomId): string[] =>
  store.proposals.ofLink(LINK).flatMap((asked) => (asked.roomId === roomId ? [asked.state] : []));
const owed = (): RoomId[] => store.outbox.list(false, 10).map(({ destination }) => destination);
const codeOf = (error: unknown): string => (error as FerryError).code;

test("asks a room whose consent is wanting, also where another one has been asked today and has not answered", () => {
  const gap = { code: "consent-missing" as const, sentence: "Nobody has agreed." };
  const wanting = { ...LINKED, rooms: LINKED.rooms.map((room) => (room.roomId === A ? room : { ...room, gap })) };
  expect(negotiation.toAsk(wanting)).toEqual([B, C]);
  negotiation.propose(wanting, [B]);
  expect(negotiation.toAsk(wanting)).toEqual([C]);
  sent(B);
  expect(negotiation.toAsk(wanting)).toEqual([C]);
  negotiation.propose(wanting, [C]);
  sent(C);
  // Then asking says that it was today.
  expect(negotiation.toAsk(wanting)).toEqual([B, C]);
  nowTs += DAY_MS;
  expect(negotiation.toAsk(wanting)).toEqual([B, C]);
});

test("takes the first question back, and asks under another code", async () => {
  negotiation.propose(LINKED, [B, C]);
  sent(B);
  sent(C);
  const first = store.proposals.latest(LINK).get(B);
  nowTs += DAY_MS;
  await negotiation.remind(LINKED, [B]);
  expect(redact.mock.calls.map(([{ eventId }]) => eventId)).toEqual([first?.eventId]);
  expect(questions(B)).toEqual(["withdrawn", "sending"]);
  expect(store.proposals.latest(LINK).get(B)?.code).not.toBe(first?.code);
  expect(owed()).toEqual([B]);
  expect(questions(C)).toEqual(["open"]);
});

test("not within a day, and then nothing is taken back either", async () => {
  negotiation.propose(LINKED, [B]);
  sent(B);
  nowTs += DAY_MS - 1;
  expect(await negotiation.remind(LINKED, [B]).catch(codeOf)).toBe("asked-today");
  expect(redact).not.toHaveBeenCalled();
  expect(questions(B)).toEqual(["open"]);
  expect(owed()).toEqual([]);
});

test("where the first cannot be taken back, it goes on standing alone", async () => {
  negotiation.propose(LINKED, [B]);
  sent(B);
  nowTs += DAY_MS;
  redact.mockRejectedValueOnce(new FerryError("offline", "Ferry is offline."));
  expect(await negotiation.remind(LINKED, [B]).catch(codeOf)).toBe("offline");
  expect(questions(B)).toEqual(["open"]);
  expect(owed()).toEqual([]);
});

test("ended between taking back and asking, it can be asked at once", async () => {
  negotiation.propose(LINKED, [B]);
  sent(B);
  nowTs += DAY_MS;
  await negotiation.withdraw(LINK, [B]);
  expect(questions(B)).toEqual(["withdrawn"]);
  await negotiation.remind(LINKED, [B]);
  expect(questions(B)).toEqual(["withdrawn", "sending"]);
  expect(redact).toHaveBeenCalledOnce();
});
