import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { EventId, LinkId, RoomId, UserId } from "../../../main/matrix/ids.ts";
import { NO_FILTER, NO_LINK_SETTINGS, type Filter } from "../../../main/matrix/link-settings.ts";
import type { Link } from "../../../main/bridge/link.ts";
import { linkMessages } from "../../../main/service/messages.ts";
import { LINK, linkBetween } from "../link-support.ts";
import * as support from "./races-support.ts";
import {
  A,
  ANA,
  B,
  C,
  cleanUp,
  edit,
  message,
  openBench,
  pass,
  reaction,
  undecrypted,
  type Bench,
} from "./races-support.ts";

/** What the user keeps in its room is never copied, whenever it can be read and whoever else leads the same way. */

beforeEach(support.stopTheClock);
afterEach(cleanUp);

const OTHER = "other" as LinkId;
const SECRET: Partial<Filter> = { withoutWords: ["secret"] };

const withFilter = (link: Link, filter: Partial<Filter>): Link => ({
  ...link,
  settings: { ...NO_LINK_SETTINGS, filter: { ...NO_FILTER, ...filter } },
});
const filtering = (filter = SECRET): Link => withFilter(linkBetween([A, B]), filter);
const filter = (ferry: Bench, id: LinkId, set: Partial<Filter>): void =>
  ferry.store.links.set(id, { ...NO_LINK_SETTINGS, filter: { ...NO_FILTER, ...set } });
const skipped = (ferry: Bench) => ferry.store.links.counters(LINK).map(({ name, count }) => [name, count]);
const replyTo = (eventId: string, body: string, target: EventId, sender: UserId = ANA) => {
  const content = { msgtype: "m.text", body, "m.relates_to": { "m.in_reply_to": { event_id: target } } };
  return message(A, eventId, "", { sender, content });
};
const shownOf = (ferry: Bench, eventId: string) => {
  const link = ferry.store.links.get(LINK);
  const shown = link && linkMessages(ferry.store, link, 50).find((seen) => seen.eventId === eventId);
  return shown && [shown.mark, shown.skipped];
};

function start(links: Link[]): Bench {
  const ferry = openBench(links);
  ferry.sender.start();
  return ferry;
}

describe("a word that is never to be copied", () => {
  test("keeps a message, and what belongs to it, in its room; an edit that brings it in changes nothing", async () => {
    const ferry = start([filtering()]);
    const kept = message(A, "$kept", "the secret");
    const open = message(A, "$open", "hello");
    ferry.receive(kept, open);
    ferry.receive(
      edit(kept, "$better", "harmless"),
      reaction(A, "$thumb", kept.eventId),
      edit(open, "$leak", "secret"),
    );
    await pass();
    expect(ferry.wordsIn(B)).toEqual(["Ana: hello"]);
    expect(skipped(ferry)).toEqual([
      ["copied", 1],
      ["filtered-word", 2],
      ["target-not-copied", 2],
    ]);
    expect(shownOf(ferry, "$kept")).toEqual(["left-out", "filtered-word"]);
    expect(shownOf(ferry, "$leak")).toEqual(["left-out", "filtered-word"]);
  });

  test("is not quoted by a reply either, also where it was said before the filter or the link", async () => {
    const ferry = start([linkBetween([A, B])]);
    ferry.change(message(A, "$old", "the secret of old"));
    ferry.store.inbound.insert(
      {
        roomId: A,
        eventId: "$old" as EventId,
        sender: ANA,
        kind: "unknown",
        outcome: "before-link",
        undecryptable: null,
        transactionId: null,
      },
      support.NOW,
    );
    filter(ferry, LINK, SECRET);
    ferry.receive(
      message(A, "$kept", "the secret"),
      replyTo("$1", "one", "$kept" as EventId),
      replyTo("$2", "two", "$old" as EventId),
    );
    await pass();
    expect(ferry.wordsIn(B)).toHaveLength(2);
    expect(ferry.wordsIn(B).join()).not.toContain("secret");
    // Nor when the filter has gone.
    filter(ferry, LINK, {});
    ferry.receive(replyTo("$3", "three", "$kept" as EventId));
    await pass();
    expect(ferry.wordsIn(B).at(-1)).toContain("three");
    expect(ferry.wordsIn(B).join()).not.toContain("secret");
  });

  test("holds for what is owed already, from when it is set", async () => {
    const ferry = openBench([linkBetween([A, B])]);
    ferry.receive(message(A, "$1", "the secret"), message(A, "$2", "hello"));
    filter(ferry, LINK, SECRET);
    ferry.sender.start();
    await pass();
    expect(ferry.wordsIn(B)).toEqual(["Ana: hello"]);
    expect(shownOf(ferry, "$1")).toEqual(["left-out", "filtered-word"]);
  });
});

describe("a message that can be read late", () => {
  const event = message(A, "$late", "the secret");
  const redacted = (ferry: Bench, room: RoomId) =>
    ferry.sent.filter((sent) => sent.roomId === room && sent.redacts !== undefined).map((sent) => sent.redacts);

  test("has a placeholder, which goes when it turns out to be kept back", async () => {
    const ferry = start([filtering()]);
    ferry.receive(undecrypted(event));
    await pass();
    const placeholder = ferry.sentInto(B);
    ferry.decrypt(event);
    await pass();
    expect(redacted(ferry, B)).toEqual([placeholder.eventId]);
    expect(ferry.wordsIn(B).join()).not.toContain("secret");
    expect(shownOf(ferry, "$late")).toEqual(["left-out", "filtered-word"]);
    // What was taken back is not shown by quoting it, whatever is set by then.
    filter(ferry, LINK, {});
    ferry.receive(replyTo("$reply", "yes", event.eventId));
    await pass();
    expect(ferry.wordsIn(B).join()).not.toContain("secret");
  });

  test("has none where its sender is kept out", async () => {
    const ferry = start([filtering({ withoutSenders: [ANA] })]);
    ferry.receive(undecrypted(event));
    await pass();
    ferry.decrypt(event);
    await pass();
    expect(ferry.sent).toEqual([]);
    expect(shownOf(ferry, "$late")).toEqual(["left-out", "filtered-sender"]);
  });

  test("is judged where it is read first when its turn comes", async () => {
    const ferry = openBench([filtering()]);
    ferry.receive(undecrypted(event));
    // The key is there, and nobody has said so yet.
    ferry.change(event);
    ferry.sender.start();
    await pass();
    expect(ferry.sent).toEqual([]);
    ferry.decrypt(event);
    await pass();
    expect(ferry.sent).toEqual([]);
    expect(ferry.store.outbox.counts()).toEqual({ waiting: 0, failed: 0 });
  });

  test("whose key comes while its placeholder is on its way: that goes as well", async () => {
    const ferry = openBench([filtering()]);
    vi.spyOn(ferry.engine, "fetch").mockImplementationOnce(async () => {
      ferry.decrypt(event);
      return undecrypted(event);
    });
    ferry.sender.start();
    ferry.receive(undecrypted(event));
    await pass();
    expect(redacted(ferry, B)).toHaveLength(1);
    expect(ferry.wordsIn(B).join()).not.toContain("secret");
    expect(shownOf(ferry, "$late")).toEqual(["left-out", "filtered-word"]);
  });

  test("goes by another link that leads there and lets it pass", async () => {
    const ferry = start([filtering(), linkBetween([A, B, C], { id: OTHER, createdTs: 2 })]);
    ferry.receive(undecrypted(event));
    await pass();
    ferry.decrypt(event);
    await pass();
    expect(redacted(ferry, B)).toEqual([]);
    expect(ferry.wordsIn(B).at(-1)).toBe("Ana: the secret");
    expect(ferry.wordsIn(C).at(-1)).toBe("Ana: the secret");
  });
});

test("what a link owes and would not copy any more goes by another one that covers it, once", async () => {
  const ferry = openBench([linkBetween([A, B]), linkBetween([A, B, C], { id: OTHER, createdTs: 2 })]);
  ferry.receive(message(A, "$1", "the secret"));
  expect(ferry.store.outbox.ofEvent({ roomId: A, eventId: "$1" as EventId })[0]?.linkId).toBe(LINK);
  filter(ferry, LINK, SECRET);
  ferry.sender.start();
  await pass();
  expect(ferry.wordsIn(B)).toEqual(["Ana: the secret"]);
  expect(ferry.wordsIn(C)).toEqual(["Ana: the secret"]);
  expect(ferry.store.ledger.ofEvent({ roomId: A, eventId: "$1" as EventId }).map(({ linkId }) => linkId)).toEqual([
    OTHER,
    OTHER,
  ]);
  filter(ferry, OTHER, SECRET);
  ferry.receive(message(A, "$2", "the secret"));
  await pass();
  expect(ferry.wordsIn(B)).toHaveLength(1);
});

describe("“@room”", () => {
  const call = (eventId: string, sender: UserId) =>
    message(A, eventId, "", {
      sender,
      content: { msgtype: "m.text", body: "@room dinner", "m.mentions": { room: true } },
    });

  test("rings in the other rooms only where the link lets it, and only of who may say it in their own", async () => {
    const ferry = start([linkBetween([A, B])]);
    ferry.mayNotify.add(ANA);
    ferry.receive(call("$1", ANA));
    await pass();
    ferry.store.links.set(LINK, { ...NO_LINK_SETTINGS, allowRoomMention: true });
    ferry.receive(call("$2", ANA), call("$3", support.BEA));
    await pass();
    expect(ferry.sent.map(({ content }) => content["m.mentions"])).toEqual([{}, { room: true }, {}]);
    expect(ferry.wordsIn(B)).toEqual(["Ana: @\u2060room dinner", "Ana: @room dinner", "Bea: @\u2060room dinner"]);
  });
});

describe("names in the copies", () => {
  test("are as the link is set when they are sent", async () => {
    const ferry = start([linkBetween([A, B])]);
    const room = { ...linkBetween([A, B]).rooms[0] };
    for (const attribution of ["name-room", "name-id", "name"] as const) {
      ferry.store.links.set(LINK, { ...NO_LINK_SETTINGS, attribution });
      ferry.receive(message(A, `$${attribution}`, "hi"));
      await pass();
    }
    expect(ferry.wordsIn(B)).toEqual([`Ana (${room.name}): hi`, `Ana (${ANA}): hi`, "Ana: hi"]);
  });

  test("do not hide from whoever looks for another bridge that these are Ferry's own words", async () => {
    const link = linkBetween([A, B]);
    const ferry = start([{ ...link, settings: { ...NO_LINK_SETTINGS, attribution: "name-room" } }]);
    for (let round = 0; round < 6; round++) {
      ferry.receive(message(A, `$a${round}`, `words of round ${round}`));
      await pass(100);
      ferry.receive(message(B, `$b${round}`, `bot: Ana (${A}): words of round ${round}`, { sender: support.BEA }));
      await pass(100);
    }
    expect(ferry.store.links.get(LINK)?.rooms.map(({ suspended }) => suspended !== null)).toEqual([true, true]);
  });
});
