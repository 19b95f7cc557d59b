import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Gap } from "../../../main/bridge/link.ts";
import { FerryError } from "../../../main/matrix/errors.ts";
import type { SourceEvent } from "../../../main/matrix/event.ts";
import type { DeviceId, EventId, LinkId, RoomId } from "../../../main/matrix/ids.ts";
import { LINK, linkBetween } from "../link-support.ts";
import * as support from "./races-support.ts";
import { A, B, BEA, C, cleanUp, edit, ME, message, NOW, openBench, pass, type Bench } from "./races-support.ts";

/** While a room's consent is wanting nothing passes, and what was said meanwhile is never copied. */

beforeEach(support.stopTheClock);
afterEach(cleanUp);

const OTHER = "other" as LinkId;
const GAP: Gap = { code: "consent-revoked", sentence: "They took it back." };
const CODE = "K7QF2MXA";
const counted = (ferry: Bench, name: string) => ferry.store.links.totalCount(name);
const setGap = (ferry: Bench, gap: Gap | null, room = B, link = LINK): void => {
  ferry.store.links.setGap(link, room, gap);
  if (gap !== null) ferry.store.outbox.dropFor(link, room);
  ferry.sender.wake();
};

async function openAfter(...events: SourceEvent[]): Promise<Bench> {
  const ferry = openBench();
  ferry.sender.start();
  for (const event of events) {
    ferry.receive(event);
    await pass();
  }
  return ferry;
}

/** Somebody has agreed for a room. */
function agree(ferry: Bench, link: LinkId, roomId: RoomId): void {
  ferry.store.consents.give(link, {
    ...{ roomId, approver: ME, way: "own", eventId: null, seen: false, overrules: null, power: 100, required: 50 },
    ...{ link: LINK, termsHash: "terms", audience: [], givenTs: Date.now() },
    terms: { mode: "copy", direction: "two-way", carrier: ME, rooms: [A, B], tells: [] },
  });
}

describe("while a room's consent is wanting", () => {
  test("nothing is copied, nor is it ever afterwards", async () => {
    const before = message(A, "$before", "before");
    const ferry = await openAfter(before);
    setGap(ferry, GAP);
    ferry.receive(message(A, "$during", "during"), message(B, "$there", "there"), edit(before, "$edit", "changed"));
    await pass();
    setGap(ferry, null);
    await pass();
    ferry.receive(message(A, "$after", "after"));
    await pass();
    expect([ferry.wordsIn(B), ferry.wordsIn(A)]).toEqual([["Ana: before", "Ana: after"], []]);
    expect(counted(ferry, "no-consent")).toBe(3);
    expect(ferry.store.inbound.get(A, "$during" as EventId)?.outcome).toBe("no-consent");
  });

  test("what was said meanwhile is not quoted either", async () => {
    const ferry = await openAfter();
    setGap(ferry, GAP);
    ferry.receive(message(A, "$during", "a secret"));
    setGap(ferry, null);
    const content = { msgtype: "m.text", body: "indeed", "m.relates_to": { "m.in_reply_to": { event_id: "$during" } } };
    ferry.receive(message(A, "$reply", "", { sender: BEA, content }));
    await pass();
    expect(ferry.wordsIn(B)).toEqual(["Bea: \n> (a message that is not mirrored here)\n\nindeed"]);
  });

  test("nor in the room that did not have it, where another one had", async () => {
    const ferry = openBench([linkBetween([A, B, C])]);
    ferry.sender.start();
    setGap(ferry, GAP, C);
    ferry.receive(message(A, "$during", "a secret"));
    await pass();
    expect([ferry.wordsIn(B), counted(ferry, "no-consent")]).toEqual([["Ana: a secret"], 1]);
    setGap(ferry, null, C);
    const content = { msgtype: "m.text", body: "indeed", "m.relates_to": { "m.in_reply_to": { event_id: "$during" } } };
    ferry.receive(message(A, "$reply", "", { sender: BEA, content }));
    await pass();
    expect([ferry.wordsIn(B).at(-1), ferry.wordsIn(C)]).toEqual([
      "Bea: indeed",
      ["Bea: \n> (a message that is not mirrored here)\n\nindeed"],
    ]);
  });

  test("words are still taken back", async () => {
    const before = message(A, "$before", "before");
    const ferry = await openAfter(before);
    const copy = ferry.sentInto(B);
    setGap(ferry, GAP);
    ferry.receive(support.redaction(A, "$redaction", before.eventId, before.sender));
    await pass();
    expect(ferry.sent.at(-1)?.redacts).toBe(copy.eventId);
  });

  test("what was tried is not sent, nor by those who agree later", async () => {
    const ferry = openBench();
    vi.spyOn(ferry.engine, "send").mockRejectedValueOnce(support.rateLimited(5_000));
    ferry.sender.start();
    ferry.receive(message(A, "$tried", "tried"), message(A, "$untried", "untried"));
    await pass(1_000);
    setGap(ferry, GAP);
    await pass(60_000);
    setGap(ferry, null);
    await pass();
    expect(ferry.sent).toEqual([]);
    expect(ferry.store.outbox.counts()).toEqual({ waiting: 0, failed: 0 });
    expect(counted(ferry, "no-consent")).toBe(1);
  });

  test("what was sent, though no answer came, is found, so that it can be taken back", async () => {
    const ferry = openBench();
    const send = ferry.engine.send.bind(ferry.engine);
    vi.spyOn(ferry.engine, "send").mockImplementationOnce(async (request) => {
      await send(request);
      throw new FerryError("homeserver-unreachable", "No answer came.");
    });
    ferry.sender.start();
    const said = message(A, "$said", "said");
    ferry.receive(said);
    await pass(0);
    const { eventId, content } = ferry.sentInto(B);
    vi.spyOn(ferry.engine, "ownEvents").mockResolvedValue([{ eventId, type: "m.room.message", content }]);
    setGap(ferry, GAP);
    ferry.receive(support.redaction(A, "$redaction", said.eventId, said.sender));
    await pass(60_000);
    expect(ferry.sent.at(-1)?.redacts).toBe(eventId);
  });

  test("one link's messages do not wait for another link's rooms", () => {
    const ferry = openBench([linkBetween([A, B]), linkBetween([C, B], { id: OTHER, createdTs: 2 })]);
    ferry.receive(message(A, "$a", "held"), message(C, "$c", "free"), message(A, "$a2", "held, too"));
    const claimed = ferry.store.outbox.claimNext(B, "DEVICE" as DeviceId, NOW, (row) => row.linkId === OTHER);
    expect(claimed?.sourceEvent).toBe("$c");
  });

  test("the text of a placeholder does not follow it", async () => {
    const late = message(A, "$late", "a secret");
    const ferry = await openAfter(support.undecrypted(late));
    setGap(ferry, GAP);
    ferry.decrypt(late);
    await pass();
    setGap(ferry, null);
    await pass();
    expect([ferry.wordsIn(B).length, counted(ferry, "no-consent")]).toEqual([1, 1]);
    expect(ferry.wordsIn(B)[0]).not.toContain("secret");
  });

  test("the text of a placeholder follows it by another link that leads there", async () => {
    const ferry = openBench([linkBetween([A, B]), linkBetween([A, B], { id: OTHER, createdTs: 2 })]);
    const late = message(A, "$late", "the words");
    ferry.sender.start();
    ferry.receive(support.undecrypted(late));
    await pass();
    setGap(ferry, GAP);
    ferry.decrypt(late);
    await pass();
    expect(ferry.wordsIn(B).at(-1)).toBe("Ana: the words");
  });

  test("own words that wait for their key are for no room that has agreed since", async () => {
    const ferry = openBench([linkBetween([A, B]), linkBetween([A, C], { id: OTHER, createdTs: 2 })]);
    const own = message(A, "$own", "my words", { sender: ME });
    setGap(ferry, GAP, C, OTHER);
    ferry.sender.start();
    ferry.receive(support.undecrypted(own));
    await pass();
    agree(ferry, OTHER, C);
    setGap(ferry, null, C, OTHER);
    ferry.decrypt(own);
    await pass();
    expect([ferry.wordsIn(B), ferry.wordsIn(C)]).toEqual([["my words"], []]);
    ferry.receive(message(A, "$next", "my next words", { sender: ME }));
    await pass();
    expect(ferry.wordsIn(C)).toEqual(["my next words"]);
  });
});

describe("an answer to a proposal", () => {
  const asked = (ferry: Bench): Bench => {
    ferry.store.proposals.insert({
      ...{ link: LINK, roomId: A, code: CODE, termsHash: "t", audience: [], createdTs: NOW, expiresTs: NOW + 9e9 },
      terms: { mode: "copy", direction: "two-way", carrier: ME, rooms: [A, B], tells: [] },
    });
    return ferry;
  };
  const answer = message(A, "$answer", `approve ${CODE}`);
  const waiting = { roomId: A, eventId: answer.eventId, verb: "approve", code: CODE };

  test.each<[string, (ferry: Bench) => void]>([
    ["the link waits", (ferry) => ferry.store.links.setState(LINK, "starting")],
    ["its consent is wanting", (ferry) => setGap(ferry, GAP, A)],
    ["the link goes on", () => undefined],
    ["its writer has opted out", (ferry) => ferry.store.optOuts.insert(LINK, answer.sender, 1)],
  ])("waits to be looked into, and is not copied: %s", async (_name, change) => {
    const ferry = asked(openBench());
    change(ferry);
    ferry.sender.start();
    ferry.receive(answer);
    await pass();
    expect([ferry.store.answers.all(), ferry.answers, ferry.sent]).toEqual([[waiting], 1, []]);
    ferry.receive(answer);
    expect([ferry.store.answers.all().length, ferry.answers]).toEqual([1, 1]);
  });

  test.each(["link-starting", "no-consent", "routed"])("is seen when its key comes late: %s", async (outcome) => {
    const ferry = asked(openBench());
    if (outcome === "link-starting") ferry.store.links.setState(LINK, "starting");
    if (outcome === "no-consent") setGap(ferry, GAP, A);
    ferry.sender.start();
    ferry.receive(support.undecrypted(answer));
    await pass();
    expect(ferry.store.inbound.get(A, answer.eventId)?.outcome).toBe(outcome);
    ferry.decrypt(answer);
    await pass();
    expect([ferry.store.answers.all(), ferry.answers]).toEqual([[waiting], 1]);
    expect(ferry.wordsIn(B).filter((words) => words.includes(CODE))).toEqual([]);
  });

  test.each<[string, SourceEvent]>([
    ["by a copy of it", { ...answer, content: { ...answer.content, "org.matrix.msc2923.notice": {} } }],
    ["in the clear", { ...answer, encrypted: false }],
    ["with a code that nobody has asked with", message(A, "$answer", "approve PAYMENTS")],
    ["in an edit", edit(message(A, "$old", "yes"), "$answer", `approve ${CODE}`)],
    ["with a reaction", support.reaction(A, "$answer", "$proposal" as EventId)],
  ])("is none: %s", async (_name, event) => {
    const ferry = asked(openBench());
    ferry.receive(event);
    await pass();
    expect([ferry.store.answers.all(), ferry.answers]).toEqual([[], 0]);
  });

  test("from before the link was made is none", async () => {
    const ferry = asked(openBench());
    ferry.mirror.markBefore(A, [answer.eventId]);
    ferry.receive(answer);
    ferry.decrypt(answer);
    expect([ferry.store.answers.all(), ferry.answers]).toEqual([[], 0]);
  });
});

describe("a notice", () => {
  const owe = (ferry: Bench, sourceEvent: string): void => {
    const notice = { linkId: LINK, sourceRoom: B, destination: B, author: ME, kind: "notice" as const };
    const transactionId = `ferry.${sourceEvent.replaceAll(":", ".")}` as never;
    ferry.store.outbox.insert({ ...notice, sourceEvent: sourceEvent as EventId, transactionId }, NOW);
    ferry.sender.wake();
  };

  test.each(["start", "end"])(
    "goes without the state event where that is not the user's to write: %s",
    async (event) => {
      const ferry = await openAfter();
      const setState = vi.spyOn(ferry.engine, "setState");
      ferry.maySetState = false;
      owe(ferry, `${event}:${LINK}`);
      await pass();
      expect([ferry.wordsIn(B).length, setState.mock.calls]).toEqual([1, []]);
      ferry.maySetState = true;
      owe(ferry, `${event}:again`);
      await pass();
      expect([ferry.wordsIn(B).length, setState.mock.calls.length]).toEqual([2, 1]);
    },
  );

  test("of a proposal that is not asked any more is left out", async () => {
    const ferry = await openAfter();
    owe(ferry, `propose:${CODE}`);
    await pass();
    expect([ferry.sent, ferry.store.outbox.counts()]).toEqual([[], { waiting: 0, failed: 0 }]);
  });

  test("that confirms what nobody is known to have said is left out", async () => {
    const ferry = await openAfter();
    owe(ferry, "opt-out:$unknown");
    await pass();
    expect([ferry.sent, ferry.store.outbox.counts()]).toEqual([[], { waiting: 0, failed: 0 }]);
  });
});
