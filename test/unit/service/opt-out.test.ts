import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { SourceEvent } from "../../../main/matrix/event.ts";
import type { EventId, LinkId, RoomId, UserId } from "../../../main/matrix/ids.ts";
import { NOTICE } from "../../../main/matrix/unstable.ts";
import { LINK, linkBetween } from "../link-support.ts";
import * as support from "./races-support.ts";
import {
  A,
  ANA,
  B,
  BEA,
  C,
  cleanUp,
  edit,
  ME,
  message,
  openBench,
  pass,
  reaction,
  type Bench,
} from "./races-support.ts";

/** A member says that their messages are not to be mirrored: none is from then on, and they are told so once. */

beforeEach(support.stopTheClock);
afterEach(cleanUp);

const OTHER = "other" as LinkId;
const confirmations = (ferry: Bench, room = A) =>
  ferry.sent
    .filter((sent) => sent.roomId === room && sent.content[NOTICE] !== undefined)
    .map(({ content }) => content["body"]);
const OUT = "Ferry leaves your messages out from now on, @ana:one.test. To undo this, write: !ferry optin";
const IN = "Ferry mirrors your messages again from now on, @ana:one.test. To undo this, write: !ferry optout";
const counted = (ferry: Bench, name: string) => ferry.store.links.totalCount(name);
const replyTo = (room: RoomId, eventId: string, body: string, target: EventId): SourceEvent => {
  const content = { msgtype: "m.text", body, "m.relates_to": { "m.in_reply_to": { event_id: target } } };
  return message(room, eventId, "", { sender: BEA, content });
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

describe("who has opted out", () => {
  const before = message(A, "$before", "said before");
  const out = message(A, "$out", "!ferry optout");

  test("is left out with everything, told so once, and let in again", async () => {
    const ferry = await openAfter(before, out);
    ferry.receive(
      message(A, "$secret", "secret"),
      edit(before, "$edit", "changed"),
      message(A, "$again", "!ferry optout"),
    );
    ferry.receive({ ...reaction(A, "$reaction", before.eventId), sender: ANA });
    ferry.receive(message(B, "$inB", "there too"), message(A, "$bea", "from somebody else", { sender: BEA }));
    await pass();
    expect(ferry.wordsIn(B)).toEqual(["Ana: said before", "Bea: from somebody else"]);
    expect(confirmations(ferry)).toEqual([OUT]);
    expect(ferry.wordsIn(A)).toEqual([OUT]);
    expect([counted(ferry, "opted-out"), counted(ferry, "command")]).toEqual([4, 2]);
    ferry.receive(message(A, "$in", "!ferry optin"), message(A, "$public", "back again"));
    await pass();
    expect(ferry.wordsIn(B).at(-1)).toBe("Ana: back again");
    expect(confirmations(ferry)).toEqual([OUT, IN]);
  });

  test("stays so after a restart", async () => {
    const ferry = await (await openAfter(out)).restart("DEVICE");
    ferry.sender.start();
    ferry.receive(message(A, "$secret", "secret"));
    await pass();
    expect([ferry.sent, ferry.store.optOuts.of(LINK)]).toEqual([[], [ANA]]);
  });

  test("within one response: from the very next message, and what was owed and untried goes too", async () => {
    const ferry = openBench();
    const events = [before, out, message(A, "$next", "secret")];
    for (const event of events) ferry.change(event);
    ferry.mirror.take(A, events);
    expect(ferry.store.outbox.list(false, 10).map((row) => row.kind)).toEqual(["notice"]);
    ferry.sender.start();
    await pass();
    expect(ferry.wordsIn(B)).toEqual([]);
    expect([confirmations(ferry), counted(ferry, "opted-out")]).toEqual([[OUT], 2]);
  });

  test("what may have been sent is looked for, and not sent where it has not arrived", async () => {
    const ferry = openBench();
    vi.spyOn(ferry.engine, "send").mockRejectedValueOnce(support.rateLimited(5_000));
    ferry.sender.start();
    ferry.receive(before);
    await pass(100);
    ferry.receive(out);
    await pass(20_000);
    expect(ferry.wordsIn(B)).toEqual([]);
    expect(ferry.store.outbox.counts()).toEqual({ waiting: 0, failed: 0 });
  });

  test("still takes words back", async () => {
    const ferry = await openAfter(before, out);
    const copy = ferry.sentInto(B);
    ferry.receive(support.redaction(A, "$redaction", before.eventId, ANA));
    await pass();
    expect(ferry.sent.at(-1)?.redacts).toBe(copy.eventId);
  });

  test("is in every link of that room, those that wait as well, and in no other link", async () => {
    const elsewhere = "elsewhere" as LinkId;
    const ferry = openBench([
      linkBetween([A, B]),
      linkBetween([C, A], { id: OTHER, state: "starting", createdTs: 2 }),
      linkBetween([B, C], { id: elsewhere, createdTs: 3 }),
    ]);
    ferry.sender.start();
    ferry.receive(out);
    await pass();
    expect([LINK, OTHER, elsewhere].map((link) => ferry.store.optOuts.of(link))).toEqual([[ANA], [ANA], []]);
    expect(confirmations(ferry)).toEqual([OUT]);
    ferry.receive(message(B, "$inB", "words"));
    await pass();
    expect([ferry.wordsIn(A), ferry.wordsIn(C)]).toEqual([[OUT], ["Ana: words"]]);
  });
});

describe("a command", () => {
  test("of the user counts; its copy and everybody else's words for it do not", async () => {
    const ferry = await openAfter(message(A, "$before", "hello"), message(A, "$own", "!ferry optout", { sender: ME }));
    expect(ferry.store.optOuts.of(LINK)).toEqual([ME]);
    const { content } = ferry.sent.find((sent) => sent.roomId === B) ?? ferry.sentInto(B);
    ferry.receive(message(B, "$copied", "", { sender: ME, content: { ...content, body: "!ferry optin" } }));
    await pass();
    expect(ferry.store.optOuts.of(LINK), "a message with the marker of a copy").toEqual([ME]);
  });

  test.each([
    ["in the clear", { encrypted: false }],
    ["as a notice", { content: { msgtype: "m.notice", body: "!ferry optout" } }],
  ])("that a homeserver or another program could have written is none: %s", async (_name, other) => {
    const ferry = await openAfter(message(A, "$out", "!ferry optout", other));
    expect([ferry.store.optOuts.of(LINK), confirmations(ferry)]).toEqual([[], []]);
  });

  test("whose key comes late is obeyed then, and its placeholder goes", async () => {
    const out = message(A, "$out", "!ferry optout");
    const ferry = await openAfter(support.undecrypted(out));
    const placeholder = ferry.sentInto(B);
    ferry.decrypt(out);
    await pass();
    expect([ferry.store.optOuts.of(LINK), confirmations(ferry)]).toEqual([[ANA], [OUT]]);
    expect(ferry.sentInto(B).redacts).toBe(placeholder.eventId);
    expect(ferry.store.inbound.get(A, out.eventId)).toMatchObject({ outcome: "command", undecryptable: null });
  });

  test("whose key comes late does not undo what was wished after it", async () => {
    const early = message(A, "$in", "!ferry optin");
    const ferry = await openAfter(support.undecrypted(early), message(A, "$out", "!ferry optout"));
    ferry.decrypt(early);
    await pass();
    expect([ferry.store.optOuts.of(LINK), confirmations(ferry)]).toEqual([[ANA], [OUT]]);
  });

  test("is not confirmed again where its confirmation is sent twice", async () => {
    const ferry = openBench();
    const answer = ferry.holdAnswers();
    ferry.sender.start();
    ferry.receive(message(A, "$out", "!ferry optout"));
    await pass(10);
    const first = ferry.sentInto(A);
    ferry.receiveBack(first);
    answer();
    await pass();
    const next = await ferry.restart("DEVICE");
    next.sender.start();
    await pass();
    expect([confirmations(ferry).length, next.sent]).toEqual([1, []]);
  });
});

describe("nobody who has opted out is quoted", () => {
  test("what they say from then on, nor what they said before there was a copy of it", async () => {
    const ferry = await openAfter(message(A, "$out", "!ferry optout"), message(A, "$secret", "a secret"));
    ferry.change(message(A, "$old", "an old secret"));
    for (const target of ["$secret", "$old", "$out"]) {
      ferry.receive(replyTo(A, `$reply-to-${target.slice(1)}`, "indeed", target as EventId));
    }
    await pass();
    expect(ferry.wordsIn(B)).toHaveLength(3);
    for (const words of ferry.wordsIn(B)) {
      expect(words).toContain("(a message that is not mirrored here)");
      expect(words).not.toMatch(/secret|Ana|optout/);
    }
  });

  test("in a link where they have not, they are, as everybody is", async () => {
    const ferry = await openAfter();
    ferry.change(message(A, "$old", "an old word"));
    ferry.receive(replyTo(A, "$reply", "indeed", "$old" as EventId));
    await pass();
    expect(ferry.wordsIn(B)[0]).toContain("Ana: an old word");
  });

  test("a reply to their copy from a third room does not quote it", async () => {
    const ferry = openBench([linkBetween([A, B]), linkBetween([B, C], { id: OTHER, createdTs: 2 })]);
    ferry.sender.start();
    ferry.receive(message(A, "$secret", "a secret"));
    await pass();
    ferry.receive(message(A, "$out", "!ferry optout"));
    ferry.receive(replyTo(B, "$reply", "indeed", ferry.sentInto(B).eventId));
    await pass();
    expect(ferry.wordsIn(C)).toHaveLength(1);
    expect(ferry.wordsIn(C)[0]).not.toContain("secret");
  });
});

test("a member who only reads on is not bothered: another person's wish changes nothing for them", async () => {
  const ferry = await openAfter(message(A, "$out", "!ferry optout", { sender: "@cy:one.test" as UserId }));
  ferry.receive(message(A, "$words", "words"));
  await pass();
  expect(ferry.wordsIn(B)).toEqual(["Ana: words"]);
});
