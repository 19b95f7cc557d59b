import { describe, expect, test } from "vitest";
import { areTicked } from "../../../../renderer/settings/access/ticks.ts";
import {
  gainHeadline,
  newReaders,
  openEndedKinds,
  type Comparison,
} from "../../../../renderer/settings/words/gains.ts";
import {
  agreementOf,
  LONGEST_NAME,
  roomsOfOwn,
  roomsToAsk,
  suggestedName,
} from "../../../../renderer/settings/words/plans.ts";
import { sentenceParts } from "../../../../renderer/settings/words/sentences.ts";
import { namesOfUnion } from "../../../support/source.ts";
import { GARDEN, KITCHEN, planFor, WORKSHOP } from "../../../support/fake-plans.ts";

/** What is said of who gains access by a link, and of who has to agree to it. */

function comparison(kinds: string[], gaining = 0): Comparison {
  const people = { here: 3, there: 2 + gaining, both: 2, gaining };
  return { roomId: KITCHEN.roomId, name: "Kitchen", kinds, gains: kinds.map((kind) => `${kind}.`), people };
}

describe("the headline", () => {
  test.each([
    [comparison([]), "Nobody gains access"],
    [comparison(["people"], 1), "1 person gains access"],
    [comparison(["people"], 14), "14 people gain access"],
    [comparison(["people", "whoever-is-invited"], 14), "14 people and whoever is invited gain access"],
    [comparison(["whoever-is-invited"]), "Whoever is invited gains access"],
    [comparison(["members-of-other-rooms"]), "Members of other rooms gain access"],
    // Only people who are invited so far: nobody counts them here.
    [comparison(["people"]), "More people gain access"],
    [comparison(["a-kind-of-tomorrow"]), "More people gain access"],
    [comparison(["directory"]), "More people gain access"],
  ])("says who, for %j", (given, said) => {
    expect(gainHeadline(given)).toBe(said);
  });

  test("leaves out whom a wider group includes, and no others", () => {
    const all = namesOfUnion("main/matrix/codes.ts", "GainCode");
    expect(gainHeadline(comparison(all, 14))).toBe(
      "14 people, anyone at all, people on another network and whoever runs the servers gain access",
    );
    const kinds = ["people", "whoever-joins", "guests", "whoever-is-invited", "homeserver"];
    expect(gainHeadline(comparison(kinds, 2))).toBe(
      "2 people, anyone who joins and whoever runs the servers gain access",
    );
  });

  test("says nothing of a widening where only some later people see more", () => {
    expect(gainHeadline(comparison(["earlier-messages"]))).toBe("Newcomers gain access");
  });
});

test("people who could have read it anyway are not new readers", () => {
  expect(newReaders(comparison([], 14))).toBe(0);
  expect(newReaders(comparison(["homeserver"], 14))).toBe(0);
  expect(newReaders(comparison(["people"], 14))).toBe(14);
  expect(openEndedKinds(comparison(["people", "guests", "guests", "bridge"]))).toEqual(["guests", "bridge"]);
});

test("who is asked, and for whom the user agrees", () => {
  const plan = planFor([KITCHEN, WORKSHOP, GARDEN], false);
  plan.consents = plan.consents.map((one) => (one.name === "Garden" ? { ...one, needs: [] } : one));
  expect(roomsToAsk(plan).map(({ name }) => name)).toEqual(["Workshop"]);
  expect(roomsOfOwn(plan).map(({ name }) => name)).toEqual(["Kitchen"]);
});

test("a plan is another one as soon as anything changes that is shown of it", () => {
  const plan = planFor([KITCHEN, GARDEN], false);
  const same = structuredClone(plan);
  expect(agreementOf(same)).toBe(agreementOf(plan));
  const [first] = plan.comparison;
  const changes = [
    { comparison: first ? [{ ...first, people: { ...first.people, gaining: 15 } }] : [] },
    { consents: plan.consents.slice(1) },
    { exposures: [] },
    { consequences: ["Something else."] },
    { refusal: { code: "link-exists", sentence: "There is one." } },
    { rooms: plan.rooms.map((room) => ({ ...room, encrypted: false })) },
  ];
  for (const change of changes)
    expect(agreementOf({ ...plan, ...change }), JSON.stringify(change)).not.toBe(agreementOf(plan));
});

test("each room that shows encrypted messages to others needs its own yes", () => {
  const plan = planFor([KITCHEN, GARDEN], false);
  expect(plan.exposures.map(({ name }) => name)).toEqual(["Garden"]);
  expect(areTicked(plan, new Set())).toBe(false);
  expect(areTicked(plan, new Set([KITCHEN.roomId]))).toBe(false);
  expect(areTicked(plan, new Set([GARDEN.roomId]))).toBe(true);
  expect(areTicked(planFor([KITCHEN, WORKSHOP], false), new Set())).toBe(true);
});

describe("the name that a link is given", () => {
  test("says its rooms and the way between them", () => {
    expect(suggestedName(["Kitchen", "Workshop"], false)).toBe("Kitchen and Workshop");
    expect(suggestedName(["Kitchen", "Workshop"], true)).toBe("Kitchen to Workshop");
    expect(suggestedName(["A", "B", "C", "D", "E"], false)).toBe("A, B, C, D and E");
    expect(suggestedName(["A", "B", "C"], true)).toBe("A to B and C");
  });

  test("is never longer than a link's name may be", () => {
    expect(
      suggestedName(
        Array.from({ length: 9 }, () => "W".repeat(10_000)),
        false,
      ).length,
    ).toBeLessThanOrEqual(LONGEST_NAME);
  });
});

describe("a sentence with names in it", () => {
  test("is taken apart at them", () => {
    expect(sentenceParts("14 people who are not in “Kitchen”, now.")).toEqual([
      { text: "14 people who are not in ", isName: false },
      { text: "Kitchen", isName: true },
      { text: ", now.", isName: false },
    ]);
  });

  test("has nothing in it that could rearrange it", () => {
    const text = sentenceParts("Read \u202eecno\u202c by “\u2066x\u2069”\u0000")
      .map((part) => part.text)
      .join("");
    expect(text).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
  });

  test("takes a name whose end was cut off for a name", () => {
    expect(sentenceParts(`Read by “${"x".repeat(5000)}`).map(({ isName }) => isName)).toEqual([false, true]);
  });
});
