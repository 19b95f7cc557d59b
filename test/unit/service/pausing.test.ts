import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FerryError } from "../../../main/matrix/errors.ts";
import type { EventId } from "../../../main/matrix/ids.ts";
import { linkView, outboxView } from "../../../main/service/views.ts";
import { NOTICE } from "../../../main/matrix/unstable.ts";
import { LINK, linkBetween } from "../link-support.ts";
import * as support from "./races-support.ts";
import { A, ANA, B, BEA, cleanUp, ME, message, openBench, pass, redaction, type Bench } from "./races-support.ts";

/** One switch stops everything that Ferry sends, whatever it is about to do, and one word lets it go on. */

beforeEach(support.stopTheClock);
afterEach(cleanUp);

const PAUSED: unknown = expect.stringContaining("Everything is paused");

async function started(): Promise<Bench> {
  const ferry = openBench();
  ferry.sender.start();
  await pass(0);
  return ferry;
}

const shown = ({ store }: Bench) => linkView(store, store.links.get(LINK) ?? expect.fail("no link"));

describe("while everything is paused", () => {
  test("nothing is sent, neither copies nor what is taken back nor notices, and it says why", async () => {
    const ferry = await started();
    ferry.receive(message(A, "$1", "one"));
    await pass();
    expect(ferry.sent).toHaveLength(1);
    ferry.links.pauseAll();
    ferry.receive(message(A, "$2", "two"), redaction(A, "$3", "$1" as EventId, ANA));
    ferry.receive(message(A, "$4", "!ferry optout", { sender: BEA }));
    await pass(3_600_000);
    expect(ferry.sent).toHaveLength(1);
    expect(shown(ferry)).toMatchObject({ state: "paused", reason: PAUSED, waiting: 3 });
    const owed = ferry.store.outbox.list(false, 10).map((row) => outboxView(ferry.store, row));
    expect(owed.map(({ kind, reason }) => [kind, reason])).toEqual([
      ["copy", PAUSED],
      ["redaction", PAUSED],
      ["notice", PAUSED],
    ]);
    // What people have said of themselves counts all the same.
    expect(ferry.store.optOuts.of(LINK)).toEqual([BEA]);
    ferry.links.resumeAll();
    await pass();
    expect(ferry.sent.slice(1).map(({ roomId, type }) => [roomId, type])).toEqual(
      expect.arrayContaining([
        [B, "m.room.message"],
        [B, "m.room.redaction"],
        [A, "m.room.message"],
      ]),
    );
    expect(ferry.sent).toHaveLength(4);
    expect(shown(ferry)).toMatchObject({ state: "mirroring", reason: null, waiting: 0 });
  });

  test("it holds over a restart", async () => {
    const first = await started();
    first.links.pauseAll();
    const ferry = await first.restart("DEVICE");
    ferry.sender.start();
    ferry.receive(message(A, "$1", "one"));
    await pass(3_600_000);
    expect(ferry.sent).toEqual([]);
    ferry.links.resumeAll();
    await pass();
    expect(ferry.wordsIn(B)).toEqual(["Ana: one"]);
  });

  test("a link that is made waits to be told of, and making it does not", async () => {
    const ferry = await started();
    ferry.links.pauseAll();
    await ferry.links.remove(LINK);
    const making = ferry.maker.add({ rooms: [A, B], oneWay: false, propose: false, expose: [] });
    await pass(100);
    const link = await making;
    await pass(3_600_000);
    expect(ferry.store.links.get(link.id)?.state).toBe("starting");
    expect(ferry.sent).toEqual([]);
    ferry.links.resumeAll();
    await pass();
    // The end of the one, and the start of the other.
    expect(ferry.sent.map(({ content }) => NOTICE in content)).toEqual([true, true, true, true]);
  });
});

describe("a row in hand when everything is paused", () => {
  test("that has been handed over is written down, and nothing follows it", async () => {
    const ferry = await started();
    const answer = ferry.holdAnswers();
    ferry.receive(message(A, "$1", "one"), message(A, "$2", "two"));
    await pass();
    ferry.links.pauseAll();
    answer();
    await pass(3_600_000);
    expect(ferry.wordsIn(B)).toEqual(["Ana: one"]);
    expect(ferry.store.ledger.copy({ roomId: A, eventId: "$1" as EventId }, B, "copy")).not.toBeNull();
    ferry.links.resumeAll();
    await pass();
    expect(ferry.wordsIn(B)).toEqual(["Ana: one", "Ana: two"]);
  });

  test("that is still being prepared is not handed over, and is sent once later", async () => {
    const ferry = openBench();
    const { promise, resolve } = Promise.withResolvers<void>();
    const members = vi.spyOn(ferry.engine, "members").mockImplementation(async () => {
      await promise;
      return [];
    });
    const content = { msgtype: "m.text", body: "hello Bea", "m.mentions": { user_ids: [BEA] } };
    ferry.receive(message(A, "$1", "", { content }));
    ferry.sender.start();
    await pass();
    expect(members).toHaveBeenCalled();
    expect(ferry.store.outbox.list(false, 1)).toMatchObject([{ state: "sending" }]);
    ferry.links.pauseAll();
    resolve();
    await pass(3_600_000);
    expect(ferry.sent).toEqual([]);
    expect(ferry.store.outbox.list(false, 1)).toMatchObject([{ state: "sending", attempts: 0 }]);
    ferry.links.resumeAll();
    await pass();
    expect(ferry.wordsIn(B)).toEqual(["Ana: hello Bea"]);
  });

  test("that failed a moment ago is not tried again meanwhile", async () => {
    const ferry = await started();
    const unreachable = new FerryError("homeserver-unreachable", "It does not answer.");
    const send = vi.spyOn(ferry.engine, "send").mockRejectedValue(unreachable);
    ferry.receive(message(A, "$1", "one"));
    await pass(10);
    ferry.links.pauseAll();
    const tries = send.mock.calls.length;
    send.mockRestore();
    await pass(3_600_000);
    expect([tries, ferry.sent]).toEqual([1, []]);
    ferry.links.resumeAll();
    await pass();
    expect(ferry.wordsIn(B)).toEqual(["Ana: one"]);
  });
});

describe("going on with everything", () => {
  test("leaves what single links were set to", async () => {
    const ferry = await started();
    ferry.links.pause(LINK);
    ferry.links.pauseAll();
    ferry.links.resumeAll();
    expect(shown(ferry)).toMatchObject({ state: "paused", reason: null });
    // Asked once more it goes on with each of them, but not with what something else has stopped.
    ferry.store.links.suspend(LINK, B, "These rooms repeat each other.");
    ferry.links.resumeAll();
    expect(shown(ferry)).toMatchObject({ state: "suspended", reason: "These rooms repeat each other." });
  });

  test("does not wake a link that another one is paused for", async () => {
    const ferry = openBench([linkBetween([A, B], { state: "paused" })]);
    ferry.sender.start();
    ferry.receive(message(A, "$1", "one", { sender: ME }));
    ferry.links.pauseAll();
    ferry.links.resumeAll();
    await pass();
    expect(ferry.sent).toEqual([]);
  });
});
