import { expect, test } from "vitest";
import type { StoredConsent } from "../../../main/store/consents.ts";
import type { Store } from "../../../main/store/store.ts";
import { LINK, linkBetween } from "../link-support.ts";
import { ANA, ME, ROOM_A, ROOM_B, temporaryStore } from "./store-support.ts";

function give(store: Store, givenTs: number): void {
  const consent: Omit<StoredConsent, "endedTs" | "endedReason"> = {
    ...{
      link: LINK,
      roomId: ROOM_A,
      termsHash: "hash",
      approver: ANA,
      way: "reply",
      eventId: null,
      seen: false,
      overrules: null,
    },
    terms: { mode: "copy", direction: "two-way", carrier: ME, rooms: [ROOM_A, ROOM_B], tells: [] },
    ...{ audience: [], power: 100, required: 50, givenTs },
  };
  store.consents.give(LINK, consent);
}

test.each<[string, (store: Store) => void, number, boolean]>([
  ["there never was any, nor had to be", () => undefined, 5, true],
  ["it is in force since then", (store) => give(store, 5), 5, true],
  ["it was given later", (store) => give(store, 6), 5, false],
  ["it was given anew without a break", (store) => [4, 8].forEach((ts) => give(store, ts)), 5, true],
  [
    "it was taken back since, and given anew",
    (store) => {
      give(store, 4);
      store.consents.end(LINK, ROOM_A, "consent-revoked", 6);
      give(store, 8);
    },
    5,
    false,
  ],
  [
    "it was taken back before, and given anew before",
    (store) => {
      give(store, 1);
      store.consents.end(LINK, ROOM_A, "approver-lost-power", 2);
      give(store, 4);
    },
    5,
    true,
  ],
  [
    "it was given anew only after it had been taken back",
    (store) => {
      give(store, 1);
      store.consents.end(LINK, ROOM_A, "consent-revoked", 2);
      give(store, 8);
    },
    5,
    false,
  ],
])("whether an agreement has held since a time: %s", (_name, happen, ts, held) => {
  const store = temporaryStore();
  store.links.insert(linkBetween([ROOM_A, ROOM_B]));
  happen(store);
  expect(store.consents.heldSince(LINK, ROOM_A, ts)).toBe(held);
  expect(store.consents.heldSince(LINK, ROOM_B, ts), "of the other room nothing is said").toBe(true);
});
