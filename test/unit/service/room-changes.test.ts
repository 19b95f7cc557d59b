import { afterEach, beforeEach, expect, test } from "vitest";
import type { Link } from "../../../main/bridge/link.ts";
import { takePlace } from "../../../main/service/ending.ts";
import type { Json, JsonObject, SourceEvent } from "../../../main/matrix/event.ts";
import type { EventId, LinkId } from "../../../main/matrix/ids.ts";
import { NO_FILTER, NO_LINK_SETTINGS, type Filter } from "../../../main/matrix/link-settings.ts";
import { LINK, linkBetween } from "../link-support.ts";
import * as support from "./races-support.ts";
import { A, ANA, B, BEA, C, cleanUp, message, ME, openBench, pass, redaction, type Bench } from "./races-support.ts";

/** Changes of a room, told in the rooms that its link leads to where the link's terms say so. */

beforeEach(support.stopTheClock);
afterEach(cleanUp);

const TELLING: Partial<Link> = { tells: ["members", "name", "pins"] };

function state(eventId: string, type: string, content: JsonObject, other: Partial<SourceEvent> = {}): SourceEvent {
  return message(A, eventId, "", { type, content, stateKey: "", encrypted: false, previousContent: null, ...other });
}

function member(eventId: string, memberships: [Json, Json], other: Partial<SourceEvent> = {}): SourceEvent {
  const [before, membership] = memberships;
  const previousContent = before === null ? null : { membership: before };
  const about = { stateKey: ANA, memberName: "Ana", previousContent, ...other };
  return state(eventId, "m.room.member", { membership, reason: "secret" }, about);
}

function pins(eventId: string, pinned: string[], before: string[] = [], other: Partial<SourceEvent> = {}): SourceEvent {
  return state(eventId, "m.room.pinned_events", { pinned }, { previousContent: { pinned: before }, ...other });
}

const renamed = (eventId: string, name: string, other: Partial<SourceEvent> = {}): SourceEvent =>
  state(eventId, "m.room.name", { name }, other);

function start(...links: Link[]): Bench {
  const ferry = openBench(links);
  ferry.sender.start();
  return ferry;
}

function counted(ferry: Bench, link: LinkId = LINK): Record<string, number> {
  return Object.fromEntries(ferry.store.links.counters(link).map(({ name, count }) => [name, count]));
}

function outcomes(ferry: Bench, ...ids: string[]): (string | undefined)[] {
  return ids.map((id) => ferry.store.inbound.get(A, id as EventId)?.outcome);
}

test("without the term nothing is told of any change, and nothing counted", async () => {
  const ferry = start(linkBetween([A, B]));
  ferry.receive(
    message(A, "$words", "hello"),
    member("$join", [null, "join"]),
    renamed("$name", "Cellar"),
    state("$topic", "m.room.topic", { topic: "Bread" }),
    pins("$pin", ["$words"]),
  );
  await pass();
  expect(ferry.wordsIn(B)).toEqual(["Ana: hello"]);
  expect(outcomes(ferry, "$join", "$name", "$topic", "$pin")).toEqual(Array(4).fill("state-event"));
  expect(counted(ferry)).toEqual({ copied: 1 });
});

test("each sort of change is told where its term is there, in order and once", async () => {
  const ferry = start(linkBetween([A, B], TELLING));
  const events = [
    member("$join", ["invite", "join"]),
    renamed("$name", "Cellar"),
    message(A, "$words", "hello"),
    state("$topic", "m.room.topic", { topic: "Bread" }),
    pins("$pin", ["$words"]),
    member("$kick", ["join", "leave"], { stateKey: BEA, memberName: "Bea" }),
    member("$ban", ["join", "ban"], { stateKey: BEA, memberName: "Bea" }),
    member("$leave", ["join", "leave"]),
  ];
  ferry.receive(...events);
  ferry.receive(...events);
  await pass();
  expect(ferry.wordsIn(B)).toEqual([
    `Ana: Has joined “${A}”.`,
    `Ana: Has changed the name of “${A}” to “Cellar”.`,
    "Ana: hello",
    `Ana: Has changed the topic of “${A}”: “Bread”`,
    `Ana: Has pinned this message in “${A}”.`,
    `Ana: Has removed “Bea” from “${A}”.`,
    `Ana: Has banned “Bea” from “${A}”.`,
    `Ana: Has left “${A}”.`,
  ]);
  expect(JSON.stringify(ferry.sent)).not.toContain("secret");
  const [, , hello, , pin] = ferry.sent;
  expect(pin?.content["m.relates_to"]).toEqual({ "m.in_reply_to": { event_id: hello?.eventId } });
  expect(ferry.sent.map(({ content }) => content["m.mentions"])).toEqual(ferry.sent.map(() => ({})));
});

test("each link tells what its own terms say", async () => {
  const names = linkBetween([A, B], { id: "names" as LinkId, tells: ["name"] });
  const members = linkBetween([A, C], { id: "members" as LinkId, tells: ["members"] });
  const ferry = start(names, members);
  ferry.receive(renamed("$name", "Cellar"), member("$join", [null, "join"]));
  await pass();
  expect(ferry.wordsIn(B)).toEqual([`Ana: Has changed the name of “${A}” to “Cellar”.`]);
  expect(ferry.wordsIn(C)).toEqual([`Ana: Has joined “${A}”.`]);
  expect([counted(ferry, names.id), counted(ferry, members.id)]).toEqual([{ copied: 1 }, { copied: 1 }]);
});

test("nothing is told of invitations, of new names of people, of what is as it was, and of the account's own membership", async () => {
  const ferry = start(linkBetween([A, B], TELLING));
  ferry.receive(
    member("$invited", [null, "invite"], { sender: BEA }),
    member("$rejected", ["invite", "leave"]),
    member("$renamed", ["join", "join"]),
    member("$forgiven", ["ban", "leave"], { sender: BEA }),
    member("$unknown", [null, "join"], { previousContent: undefined }),
    member("$own", [null, "join"], { stateKey: ME, sender: ME }),
    renamed("$same", "Cellar", { previousContent: { name: "Cellar" } }),
    pins("$unpinned", [], ["$words"]),
    member("$gone", ["join", "leave"], { redacted: true, content: {} }),
  );
  await pass();
  expect(ferry.sent).toEqual([]);
  expect(counted(ferry)).toEqual({});
});

test("what is pinned and has no counterpart is left out by name; a copy that is pinned is its original's", async () => {
  const ferry = start(linkBetween([A, B], TELLING));
  const there = message(B, "$there", "from there", { sender: BEA });
  ferry.receive(there);
  await pass();
  const copy = ferry.sentInto(A).eventId;
  ferry.receiveBack(ferry.sentInto(A));
  ferry.receive(pins("$stranger", ["$never-seen"]), pins("$pin", [copy]), member("$join", [null, "join"]));
  ferry.receive(pins("$change", ["$join"]));
  await pass();
  ferry.receive(redaction(A, "$taken", "$join" as EventId, ANA), pins("$late", ["$join"], []));
  await pass();
  expect(ferry.wordsIn(B)).toEqual([
    `Ana: Has pinned this message in “${A}”.`,
    `Ana: Has joined “${A}”.`,
    `Ana: Has pinned this message in “${A}”.`,
  ]);
  const [pin] = ferry.sent.filter(({ roomId }) => roomId === B);
  expect(pin?.content["m.relates_to"]).toEqual({ "m.in_reply_to": { event_id: "$there" } });
  expect(counted(ferry)).toMatchObject({ "target-not-copied": 2 });
  // The change has been taken back: what told of it goes.
  const told = ferry.sent.find(({ content }) => content["body"] === `Ana: Has joined “${A}”.`);
  expect(ferry.sent.flatMap(({ redacts }) => redacts ?? [])).toEqual([told?.eventId]);
});

test("a change that is taken back before it was told is not told", async () => {
  const ferry = openBench([linkBetween([A, B], TELLING)]);
  ferry.receive(renamed("$name", "Cellar"), redaction(A, "$taken", "$name" as EventId, ANA));
  ferry.sender.start();
  await pass();
  expect(ferry.sent).toEqual([]);
  expect(counted(ferry)).toEqual({ redacted: 1 });
});

test("whoever has opted out is not told of, whether they act or are acted upon", async () => {
  const ferry = start(linkBetween([A, B], TELLING));
  ferry.store.optOuts.insert(LINK, BEA, 1);
  ferry.receive(
    member("$removed", ["join", "leave"], { stateKey: BEA, memberName: "Bea" }),
    renamed("$name", "Cellar", { sender: BEA }),
  );
  await pass();
  expect(ferry.sent).toEqual([]);
  expect(counted(ferry)).toEqual({ "opted-out": 2 });
});

test("filters keep back people and words, also those that are set later, and no kinds", async () => {
  const filtering = (filter: Partial<Filter>): NonNullable<Partial<Link>["settings"]> => ({
    ...NO_LINK_SETTINGS,
    filter: { ...NO_FILTER, ...filter },
  });
  const filter: Partial<Filter> = {
    ...{ withoutKinds: ["text"], withoutNotices: true, threadsOnly: true },
    ...{ withoutWords: ["bread"], withoutSenders: [BEA] },
  };
  const ferry = openBench([linkBetween([A, B], { ...TELLING, settings: filtering(filter) })]);
  ferry.receive(
    member("$join", [null, "join"]),
    state("$topic", "m.room.topic", { topic: "Bread and butter" }),
    member("$removed", ["join", "leave"], { stateKey: BEA, memberName: "Bea" }),
    renamed("$name", "Cellar"),
  );
  ferry.store.links.set(LINK, filtering({ ...filter, withoutWords: ["bread", "cellar"] }));
  ferry.sender.start();
  await pass();
  expect(ferry.wordsIn(B)).toEqual([`Ana: Has joined “${A}”.`]);
  expect(counted(ferry)).toEqual({ copied: 1, "filtered-word": 2, "filtered-sender": 1 });
});

test("what was owed is not told any more once the link tells less, and by another link where that tells it", async () => {
  const other = linkBetween([A, B, C], { id: "other" as LinkId, tells: ["name"] });
  const before = linkBetween([A, B], TELLING);
  const change = linkBetween([A, B], { id: "change" as LinkId, state: "starting", replaces: LINK });
  const ferry = openBench([before, other, change]);
  ferry.receive(renamed("$name", "Cellar"), member("$join", [null, "join"]));
  ferry.store.transaction(() => takePlace(ferry.store, change, before, Date.now()));
  ferry.sender.start();
  await pass();
  expect(ferry.wordsIn(B)).toEqual([`Ana: Has changed the name of “${A}” to “Cellar”.`]);
  expect(counted(ferry, change.id)).toEqual({ "state-event": 1 });
  expect(counted(ferry, other.id)).toEqual({ copied: 2 });
});

test("a change of a link that waits for its rooms tells nothing yet, and counts nothing", async () => {
  const change = linkBetween([A, B], { id: "change" as LinkId, state: "starting", replaces: LINK, ...TELLING });
  const ferry = start(linkBetween([A, B]), change);
  ferry.receive(renamed("$name", "Cellar"));
  await pass();
  expect(outcomes(ferry, "$name")).toEqual(["state-event"]);
  expect([ferry.sent, counted(ferry), counted(ferry, change.id)]).toEqual([[], {}, {}]);
});

test("without the rooms' consent nothing is told, and it is said", async () => {
  const link = linkBetween([A, B], TELLING);
  for (const room of link.rooms) room.gap = { code: "consent-missing", sentence: "Nobody has agreed." };
  const ferry = start(link);
  ferry.receive(renamed("$name", "Cellar"));
  await pass();
  expect(ferry.sent).toEqual([]);
  expect(counted(ferry)).toEqual({ "no-consent": 1 });
});

test("after a restart what is owed is read again, and is told once", async () => {
  const ferry = openBench([linkBetween([A, B], TELLING)]);
  ferry.receive(member("$join", [null, "join"]), member("$unknown", ["join", "leave"], { sender: BEA }));
  const next = await ferry.restart("DEVICE");
  // The homeserver does not say any more what stood there before.
  next.change(member("$unknown", ["join", "leave"], { sender: BEA, previousContent: undefined }));
  next.sender.start();
  await pass();
  expect(next.wordsIn(B)).toEqual([`Ana: Has joined “${A}”.`]);
  expect(counted(next)).toEqual({ copied: 1, "state-event": 1 });
});
