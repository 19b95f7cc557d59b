import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Link } from "../../../main/bridge/link.ts";
import { FerryError } from "../../../main/matrix/errors.ts";
import type { EventId, LinkId, RoomId } from "../../../main/matrix/ids.ts";
import { messageView } from "../../../main/protocol/control.ts";
import { dismissFailed, dismissOwed } from "../../../main/service/giving-up.ts";
import { linkMessages } from "../../../main/service/messages.ts";
import { LINK, linkBetween } from "../link-support.ts";
import * as support from "./races-support.ts";
import { A, ANA, B, BEA, C, cleanUp, edit, ME, message, NOW, openBench, pass, undecrypted } from "./races-support.ts";
import { reaction, redaction, type Bench } from "./races-support.ts";

/** Why did my message not arrive? Over the real store, mirror, copier and sender. */

beforeEach(support.stopTheClock);
afterEach(cleanUp);

const REFUSED = new FerryError("event-refused", "The homeserver refused it.");
const linkOf = (ferry: Bench, id = LINK): Link => ferry.store.links.get(id) ?? expect.fail("no link");
const messagesOf = (ferry: Bench, id = LINK, limit = 50) => linkMessages(ferry.store, linkOf(ferry, id), limit);
/** What is said of one message, in short: its mark, and by destination the mark with the reason. */
const marks = (ferry: Bench, eventId: string, id = LINK) => {
  const found = messagesOf(ferry, id).find((view) => view.eventId === eventId);
  const there = (found?.destinations ?? []).map(({ roomId, mark, reason, skipped }) => [
    roomId,
    mark,
    skipped ?? reason,
  ]);
  return [found?.mark, ...there];
};

async function started(links?: readonly Link[]): Promise<Bench> {
  const ferry = openBench(links);
  ferry.sender.start();
  await pass(0);
  return ferry;
}

/** Everything that Ferry sends into a room fails in this way. */
function refuse(ferry: Bench, failure: FerryError): () => void {
  const send = vi.spyOn(ferry.engine, "send").mockRejectedValue(failure);
  return () => send.mockRestore();
}

describe("the messages of a link", () => {
  test("newest first, each way, without copies, notices, state and what came before", async () => {
    const ferry = await started();
    ferry.mirror.markBefore(A, ["$old" as EventId]);
    const first = message(A, "$1", "one");
    ferry.receive(first);
    await pass();
    ferry.receiveBack(ferry.sentInto(B));
    ferry.receive(message(A, "$topic", "", { type: "m.room.topic", stateKey: "" }));
    ferry.receive(message(B, "$2", "two"), edit(first, "$3", "one more"), reaction(A, "$4", first.eventId));
    await pass();
    ferry.receive(redaction(A, "$5", first.eventId, ANA), message(A, "$6", "", { type: "m.sticker" }));
    await pass();
    const views = messagesOf(ferry);
    expect(views.map(({ eventId, kind, mark }) => [eventId, kind, mark])).toEqual([
      ["$6", "m.sticker", "left-out"],
      ["$5", "redaction", "copied"],
      ["$4", "reaction", "left-out"],
      ["$3", "edit", "left-out"],
      ["$2", "copy", "copied"],
      ["$1", "copy", "left-out"],
    ]);
    expect(marks(ferry, "$1")).toEqual(["left-out", [B, "left-out", "redacted"]]);
    expect(views[0]).toMatchObject({ skipped: "unsupported-type", sender: ANA, roomId: A });
    expect(messagesOf(ferry, LINK, 2)).toEqual(views.slice(0, 2));
    for (const view of views) expect(messageView.safeParse(view).success).toBe(true);
  });

  test("of a one-way link those of its source", async () => {
    const ferry = await started([linkBetween([A, B, C], { direction: "one-way" })]);
    ferry.receive(message(A, "$1", "one"), message(B, "$2", "two"));
    await pass();
    expect(messagesOf(ferry).map(({ eventId, mark }) => [eventId, mark])).toEqual([["$1", "copied"]]);
    expect(marks(ferry, "$1")).toEqual(["copied", [B, "copied", null], [C, "copied", null]]);
  });

  test("what was said before the link is not among them, nor counts as missing where a room came later", async () => {
    const later = { id: "later" as LinkId, createdTs: NOW + 5_000 };
    const ferry = await started([linkBetween([A, B])]);
    ferry.receive(message(A, "$1", "one"));
    await pass(5_000);
    ferry.store.links.insert(linkBetween([A, C], later));
    ferry.receive(message(A, "$2", "two"));
    await pass();
    expect(messagesOf(ferry, later.id).map(({ eventId }) => eventId)).toEqual(["$2"]);
    ferry.store.links.succeed(later.id, linkOf(ferry));
    expect(marks(ferry, "$1", later.id)).toEqual(["left-out", [C, "left-out", "before-link"]]);
  });
});

describe("what waits says why", () => {
  test("for its turn, for the network, for what has been paused, stopped or not agreed to", async () => {
    const ferry = openBench();
    ferry.receive(message(A, "$1", "one"));
    const { store } = ferry;
    expect(marks(ferry, "$1")).toEqual(["waiting", [B, "waiting", null]]);
    const over = refuse(ferry, new FerryError("homeserver-unreachable", "It does not answer."));
    ferry.sender.start();
    await pass();
    expect(marks(ferry, "$1")).toEqual(["waiting", [B, "waiting", "It does not answer."]]);
    store.links.setGap(LINK, A, { code: "consent-revoked", sentence: "Ana has ended it." });
    expect(marks(ferry, "$1")).toEqual(["waiting", [B, "waiting", "Ana has ended it."]]);
    store.links.suspend(LINK, B, "You may not write there.");
    expect(marks(ferry, "$1")).toEqual(["waiting", [B, "waiting", "You may not write there."]]);
    store.links.setState(LINK, "paused");
    expect(marks(ferry, "$1")[1]).toEqual([B, "waiting", expect.stringContaining("The link is paused")]);
    store.settings.change({ everythingPaused: true });
    expect(marks(ferry, "$1")[1]).toEqual([B, "waiting", expect.stringContaining("Everything is paused")]);
    over();
  });

  test("for a key, with a placeholder or without", async () => {
    const ferry = await started();
    const [words, own] = [message(A, "$1", "words"), message(A, "$2", "mine", { sender: ME })];
    ferry.receive(undecrypted(words), undecrypted(own));
    await pass();
    expect(marks(ferry, "$1")).toEqual(["waiting", [B, "waiting", expect.stringContaining("A placeholder stands")]]);
    expect(marks(ferry, "$2")).toEqual(["waiting", [B, "waiting", expect.stringContaining("as soon as its key")]]);
    for (const event of [words, own]) ferry.decrypt(event);
    await pass();
    expect([marks(ferry, "$1"), marks(ferry, "$2")]).toEqual([
      ["copied", [B, "copied", null]],
      ["copied", [B, "copied", null]],
    ]);
    expect(messagesOf(ferry).map(({ kind }) => kind)).toEqual(["copy", "copy"]);
  });
});

test("what is older than the limit when it comes is left out; when its key comes is of no account", async () => {
  const ferry = await started();
  ferry.store.settings.change({ catchUpHours: 24 });
  const aged = (eventId: string, hours: number) =>
    message(A, eventId, eventId, { originServerTs: NOW - hours * 3_600_000, sender: ME });
  ferry.receive(aged("$1", 25), aged("$2", 23), undecrypted(aged("$3", 23)));
  await pass(10 * 3_600_000);
  ferry.decrypt(aged("$3", 23));
  await pass();
  expect(ferry.wordsIn(B)).toEqual(["$2", "$3"]);
  expect(marks(ferry, "$1")).toEqual(["left-out", [B, "left-out", "too-old"]]);
  expect(ferry.store.links.counters(LINK)).toContainEqual({ name: "too-old", count: 1, latestTs: NOW });
  ferry.store.settings.change({ catchUpHours: null });
  ferry.receive(aged("$4", 10_000));
  await pass();
  expect(marks(ferry, "$4")[0]).toBe("copied");
});

describe("what failed, and what was given up", () => {
  test("a failure names its row; dismissed it is left out by that name, also after a restart", async () => {
    const ferry = await started();
    const over = refuse(ferry, REFUSED);
    ferry.receive(message(A, "$1", "one"));
    await pass();
    over();
    const [view] = messagesOf(ferry);
    expect(view).toMatchObject({ mark: "failed", skipped: null, destinations: [{ reason: REFUSED.message }] });
    const id = view?.destinations[0]?.outboxId ?? 0;
    expect(ferry.store.outbox.get(id)).toMatchObject({ sourceEvent: "$1", reasonCode: "event-refused" });
    ferry.store.transaction(() => expect(dismissFailed(ferry.store, [id, 4711], Date.now())).toBe(1));
    expect(ferry.store.links.counters(LINK)).toMatchObject([{ name: "dismissed", count: 1 }]);
    const next = await ferry.restart("DEVICE");
    expect(marks(next, "$1")).toEqual(["left-out", [B, "left-out", "dismissed"]]);
    expect(messagesOf(next)[0]).toMatchObject({ skipped: "dismissed" });
  });

  test("the worst of several rooms counts", async () => {
    const ferry = await started([linkBetween([A, B, C])]);
    const over = refuse(ferry, REFUSED);
    ferry.receive(message(A, "$1", "one"));
    await pass();
    over();
    const [first, second] = ferry.store.outbox.failedIds();
    ferry.store.outbox.retry([second ?? 0]);
    ferry.sender.wake();
    await pass();
    expect(marks(ferry, "$1")).toEqual(["failed", [B, "failed", REFUSED.message], [C, "copied", null]]);
    ferry.store.transaction(() => dismissFailed(ferry.store, [first ?? 0], Date.now()));
    expect(marks(ferry, "$1")).toEqual(["left-out", [B, "left-out", "dismissed"], [C, "copied", null]]);
  });

  test("all that is owed, but not what was taken back and what rooms are told", async () => {
    const ferry = await started();
    ferry.receive(message(A, "$1", "one"));
    await pass();
    ferry.store.settings.change({ everythingPaused: true });
    ferry.receive(message(A, "$2", "two"), redaction(A, "$3", "$1" as EventId, ANA), message(A, "$4", "!ferry optout"));
    ferry.receive(message(A, "$5", "of Bea", { sender: BEA }), message(A, "$6", "also of Bea", { sender: BEA }));
    ferry.receive(redaction(A, "$7", "$6" as EventId, BEA));
    ferry.store.transaction(() => expect(dismissOwed(ferry.store, Date.now())).toBe(1));
    expect(ferry.store.outbox.list(false, 10).map(({ kind }) => kind)).toEqual(["redaction", "notice"]);
    expect(["$2", "$5", "$6"].map((eventId) => marks(ferry, eventId)[1])).toEqual([
      [B, "left-out", "opted-out"],
      [B, "left-out", "dismissed"],
      [B, "left-out", "redacted"],
    ]);
    expect(marks(ferry, "$4")).toEqual(["left-out", [B, "left-out", "command"]]);
    expect(marks(ferry, "$3")[0]).toBe("waiting");
    expect(marks(ferry, "$7")).toEqual(["copied", [B, "copied", null]]);
  });

  test("what one of two links does not carry, and what a room no longer agrees to", async () => {
    const other = { id: "other" as LinkId };
    const ferry = await started([linkBetween([A, B]), linkBetween([A, C], other)]);
    const gap = { code: "consent-missing", sentence: "Nobody has agreed." } as const;
    ferry.store.links.setGap(other.id, C, gap);
    ferry.receive(message(A, "$1", "one"));
    await pass();
    expect([marks(ferry, "$1"), marks(ferry, "$1", other.id)]).toEqual([
      ["copied", [B, "copied", null]],
      ["left-out", [C, "left-out", "no-consent"]],
    ]);
    ferry.store.settings.change({ everythingPaused: true });
    ferry.receive(message(A, "$2", "two"));
    ferry.store.transaction(() => ferry.store.outbox.dropFor(LINK, B));
    expect(marks(ferry, "$2")).toEqual(["left-out", [B, "left-out", "no-consent"]]);
  });
});

test("among 100,000 events of its rooms the newest are found at once", () => {
  vi.useRealTimers();
  const ferry = openBench([linkBetween([A, B])]);
  const { store } = ferry;
  const rooms: readonly RoomId[] = [A, B];
  const kind = "copy" as const;
  store.transaction(() => {
    for (let n = 0; n < 100_000; n++) {
      const [roomId, destination] = n % 2 === 0 ? [A, B] : [B, A];
      const event = { roomId, eventId: `$${n}` as EventId, sender: ANA, undecryptable: null, transactionId: null };
      // As in a room of two-way links: for each message the copy of another one.
      const outcome = n % 4 < 2 ? "own-copy" : "routed";
      store.inbound.insert({ ...event, kind, outcome }, n + 2);
      if (outcome === "own-copy") continue;
      const sent = { linkId: LINK, sourceRoom: roomId, sourceEvent: event.eventId, author: ANA, destination, kind };
      const none = { target: null, placeholder: false, reactionHash: null };
      store.ledger.insert({ ...sent, ...none, copyEvent: `$c${n}` as EventId, sentTs: n });
    }
  });
  // A link made since, whose rooms have been silent: none of what is older may be looked through.
  const young = linkBetween(rooms, { id: "young" as LinkId, createdTs: 200_000 });
  store.links.insert(young);
  const times = [linkOf(ferry), young].map((link) => {
    const before = performance.now();
    const count = linkMessages(store, link, 200).length;
    return { count, ms: performance.now() - before };
  });
  expect(times.map(({ count }) => count)).toEqual([200, 0]);
  // Measured: 22 ms and 0.2 ms.
  for (const { ms } of times) expect(ms).toBeLessThan(250);
}, 60_000);
