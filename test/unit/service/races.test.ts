import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FerryError } from "../../../main/matrix/errors.ts";
import type { EventId, LinkId, UserId } from "../../../main/matrix/ids.ts";
import { ORIGIN } from "../../../main/matrix/unstable.ts";
import { LINK, linkBetween } from "../link-support.ts";
import {
  A,
  ANA,
  B,
  C,
  cleanUp,
  edit,
  ME,
  message,
  NOW,
  openBench,
  pass,
  rateLimited,
  reaction,
  redaction,
  stopTheClock,
  undecrypted,
} from "./races-support.ts";

/**
 * What comes in the wrong moment: between a question and its answer, a message and its key, a copy and the end of its
 * link. Whatever the order, nothing is lost, doubled, or sent although it should not be.
 */

beforeEach(stopTheClock);
afterEach(cleanUp);

describe("a key that comes late", () => {
  test("while the placeholder is being prepared: the words still follow", async () => {
    const ferry = openBench();
    const event = message(A, "$late", "the words");
    // The engine reports the key before its answer of before that has come; and what it reports need not be asked for.
    vi.spyOn(ferry.engine, "fetch").mockImplementation(async () => {
      ferry.decrypt(event);
      return undecrypted(event);
    });
    ferry.sender.start();
    ferry.receive(undecrypted(event));
    await pass();
    expect(ferry.wordsIn(B)).toHaveLength(2);
    expect(ferry.wordsIn(B).at(-1)).toBe("Ana: the words");
    expect(ferry.store.outbox.counts()).toEqual({ waiting: 0, failed: 0 });
  });

  test("after an edit: the newest words stay", async () => {
    const ferry = openBench();
    const event = message(A, "$late", "oldest");
    ferry.sender.start();
    ferry.receive(undecrypted(event));
    await pass();
    ferry.receive(edit(event, "$edit", "newest"));
    await pass();
    ferry.decrypt(event);
    await pass();
    expect(ferry.wordsIn(B)).toHaveLength(2);
    expect(ferry.wordsIn(B).at(-1)).toContain("newest");
  });

  test("for what was said while the link was starting: it is not copied", async () => {
    const ferry = openBench([linkBetween([A, B], { state: "starting" })]);
    const event = message(A, "$early", "before anybody was told");
    ferry.receive(undecrypted(event));
    ferry.store.links.setState(LINK, "active");
    ferry.sender.start();
    ferry.decrypt(event);
    await pass();
    expect(ferry.store.inbound.get(A, event.eventId)?.outcome).toBe("link-starting");
    expect(ferry.sent).toEqual([]);
  });

  test("for the user's own words: a link made since does not carry them", async () => {
    const ferry = openBench();
    const event = message(A, "$own", "before the second link", { sender: ME });
    ferry.receive(undecrypted(event));
    ferry.store.links.insert(linkBetween([A, C], { id: "second" as LinkId, createdTs: NOW + 5 }));
    ferry.sender.start();
    ferry.decrypt(event);
    await pass();
    expect(ferry.wordsIn(B)).toHaveLength(1);
    expect(ferry.wordsIn(C)).toEqual([]);
  });

  test("never, as it belonged to an earlier login: the edit is shown as failed, not dropped in silence", async () => {
    const before = openBench();
    const original = message(A, "$original", "first");
    before.sender.start();
    before.receive(original);
    await pass();
    await before.sender.stop();
    const change = edit(original, "$edit", "second");
    before.receive(change);
    before.change(undecrypted(change));
    const ferry = await before.restart("OTHER-DEVICE");
    ferry.sender.start();
    await pass();
    expect(ferry.sent).toEqual([]);
    expect(ferry.store.outbox.list(true, 10)).toMatchObject([{ sourceEvent: change.eventId, kind: "edit" }]);
  });
});

describe("an answer that takes its time", () => {
  test("a reaction to a copy whose answer is not in yet is carried", async () => {
    const ferry = openBench();
    ferry.sender.start();
    const answer = ferry.holdAnswers();
    ferry.receive(message(A, "$original", "hello"));
    await pass(10);
    const copy = ferry.sentInto(B);
    ferry.receiveBack(copy);
    ferry.receive(reaction(B, "$reaction", copy.eventId));
    await pass(10);
    answer();
    await pass();
    expect(ferry.sentInto(A)).toMatchObject({
      type: "m.reaction",
      content: { "m.relates_to": { event_id: "$original" } },
    });
  });

  test("an event that the homeserver refuses for too many requests is not asked for again at once", async () => {
    const ferry = openBench();
    const fetch = vi.spyOn(ferry.engine, "fetch").mockImplementation(async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      throw rateLimited(5_000);
    });
    ferry.sender.start();
    ferry.receive(undecrypted(message(A, "$late", "")));
    await pass(2_000);
    expect(fetch).toHaveBeenCalledTimes(1);
    await pass(5_000);
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  test("what has not been tried when Ferry ends is not in hand: after a new login it cannot have been sent", async () => {
    const ferry = openBench();
    ferry.sender.start();
    const answer = ferry.holdAnswers();
    ferry.receive(message(A, "$one", "one"), message(A, "$two", "two"));
    await pass(10);
    const stopped = ferry.sender.stop();
    answer();
    await stopped;
    expect(ferry.wordsIn(B)).toEqual(["Ana: one"]);
    expect(ferry.store.outbox.list(false, 10)).toMatchObject([{ sourceEvent: "$two", state: "queued" }]);
  });
});

describe("a link that changes meanwhile", () => {
  test.each(["paused", "removed"] as const)("what waits for the rate limit is not sent once it is %s", async (how) => {
    const ferry = openBench();
    vi.spyOn(ferry.engine, "send").mockRejectedValueOnce(rateLimited(60_000));
    ferry.sender.start();
    ferry.receive(message(A, "$original", "hello"));
    await pass(1_000);
    if (how === "paused") ferry.links.pause(LINK);
    else await ferry.links.remove(LINK);
    await pass(120_000);
    expect(ferry.engine.send).toHaveBeenCalled();
    expect(ferry.wordsIn(B)).not.toContain("Ana: hello");
  });

  test("it is removed, and another link carries on with what both of them cover", async () => {
    const ferry = openBench([linkBetween([A, B]), linkBetween([A, B, C], { id: "big" as LinkId, createdTs: 2 })]);
    ferry.receive(message(A, "$original", "hello"));
    await ferry.links.remove(LINK);
    ferry.sender.start();
    await pass();
    expect(ferry.wordsIn(B).filter((words) => words === "Ana: hello")).toHaveLength(1);
    expect(ferry.wordsIn(C)).toEqual(["Ana: hello"]);
  });

  test("it is removed, and a room that does not take the notice of its end is not tried for ever", async () => {
    const ferry = openBench();
    vi.spyOn(ferry.engine, "send").mockRejectedValue(new FerryError("not-joined", "You were removed."));
    ferry.sender.start();
    await ferry.links.remove(LINK);
    await pass(60_000);
    expect(ferry.engine.send).toHaveBeenCalledTimes(2);
    expect(ferry.store.outbox.counts()).toEqual({ waiting: 0, failed: 0 });
  });

  test("it is removed while its rooms begin to be followed: no later link begins where it did", async () => {
    const ferry = openBench([]);
    const watching = Promise.withResolvers<{ before: EventId[] }>();
    const watch = vi.spyOn(ferry.engine, "watch").mockReturnValue(watching.promise);
    const request = { rooms: [A, C], oneWay: false, name: "new", propose: false, expose: [] };
    const refused = expect(ferry.maker.add(request)).rejects.toMatchObject({ code: "unknown-link" });
    await pass(10);
    await ferry.links.remove("new");
    watching.resolve({ before: ["$old" as EventId] });
    await pass(10);
    await refused;
    expect(watch).toHaveBeenCalledTimes(1);
    expect([A, C].map((roomId) => ferry.store.positions.has(roomId))).toEqual([false, false]);
  });
});

describe("words that are taken back", () => {
  test("by the user, from a copy: they are gone everywhere, beyond the copy's own link as well", async () => {
    const ferry = openBench([linkBetween([A, B]), linkBetween([B, C], { id: "second" as LinkId })]);
    ferry.sender.start();
    ferry.receive(message(B, "$original", "regretted", { sender: ME }));
    await pass();
    const [inA, inC] = [ferry.sentInto(A), ferry.sentInto(C)];
    ferry.receive(redaction(A, "$redaction", inA.eventId, ME));
    await pass();
    // Ferry's own redaction of the original comes back.
    ferry.receiveBack(ferry.sentInto(B));
    await pass();
    const redacted = ferry.sent.filter((sent) => sent.redacts !== undefined).map((sent) => sent.redacts);
    expect(redacted.toSorted()).toEqual(["$original", inC.eventId].toSorted());
  });

  test("while their copy waits as failed: a retry does not send them", async () => {
    const ferry = openBench();
    const refusing = vi.spyOn(ferry.engine, "send").mockRejectedValue(new FerryError("event-refused", "No."));
    const original = message(A, "$original", "regretted");
    ferry.sender.start();
    ferry.receive(original);
    await pass();
    refusing.mockRestore();
    ferry.change({ ...original, redacted: true, content: {} });
    ferry.receive(redaction(A, "$redaction", original.eventId, ANA));
    await pass();
    expect(ferry.store.outbox.retry(ferry.store.outbox.failedIds())).toBe(1);
    ferry.sender.wake();
    await pass();
    expect(ferry.sent).toEqual([]);
    expect(ferry.store.links.totalCount("redacted")).toBe(1);
    expect(ferry.store.outbox.counts()).toEqual({ waiting: 0, failed: 0 });
  });
});

describe("what is a copy, and what is not", () => {
  test("the user's own message that holds the marker of a known copy is copied", async () => {
    const ferry = openBench();
    ferry.sender.start();
    ferry.receive(message(A, "$original", "hello"));
    await pass();
    const marker = Object.entries(ferry.sentInto(B).content).filter(([name]) => name === ORIGIN);
    expect(marker).toHaveLength(1);
    const content = { msgtype: "m.text", body: "forwarded", ...Object.fromEntries(marker) };
    const forwarded = message(B, "$forwarded", "", { sender: ME, content });
    ferry.receive(forwarded);
    await pass();
    expect(ferry.store.inbound.get(B, forwarded.eventId)?.outcome).toBe("routed");
    expect(ferry.wordsIn(A)).toEqual(["forwarded"]);
  });

  test("what was said long before the link is not copied, even where the reader hands it over", async () => {
    const ferry = openBench([linkBetween([A, B], { createdTs: NOW })]);
    const [ancient, recent] = [
      message(A, "$ancient", "years ago", { originServerTs: 1_500_000_000_000 }),
      message(A, "$recent", "just now"),
    ];
    ferry.sender.start();
    ferry.receive(ancient, recent);
    await pass();
    expect(ferry.store.inbound.get(A, ancient.eventId)?.outcome).toBe("before-link");
    expect(ferry.wordsIn(B)).toEqual(["Ana: just now"]);
  });

  test.each([ME, ANA])("people who wish %s a good morning do not stop the link", (sender) => {
    const ferry = openBench();
    ferry.receive(message(A, "$first", "Good morning", { sender }));
    const wishes = [
      "Good morning!",
      "Good morning all",
      "Good morning everybody",
      "Good morning Ana",
      "A very Good morning",
    ];
    for (const [index, wish] of wishes.entries()) {
      ferry.receive(message(B, `$wish${index}`, wish, { sender: `@person${index}:one.test` as UserId }));
    }
    expect(ferry.store.links.all()[0]?.rooms.map((room) => room.suspended)).toEqual([null, null]);
  });
});
