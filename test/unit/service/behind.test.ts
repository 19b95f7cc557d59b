import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FerryError } from "../../../main/matrix/errors.ts";
import {
  A,
  ANA,
  B,
  BEA,
  cleanUp,
  edit,
  message,
  openBench,
  pass,
  reaction,
  redaction,
  stopTheClock,
  type Bench,
} from "./races-support.ts";

/** What is owed while the outbox is behind, and what goes with a message that is taken back. */

beforeEach(stopTheClock);
afterEach(cleanUp);

const written = message(A, "$written", "one");

/** A message has been copied, and nothing more goes out until the sender starts. */
async function behind(): Promise<Bench> {
  const ferry = openBench();
  ferry.sender.start();
  ferry.receive(written);
  await pass();
  await ferry.sender.stop();
  return ferry;
}

function skipped(ferry: Bench, reason: "superseded" | "redacted"): number {
  return ferry.store.links.totalCount(reason);
}

describe("several edits of one message", () => {
  test("that wait become one, the last, and what was said between them is not held up", async () => {
    const ferry = await behind();
    ferry.receive(edit(written, "$e1", "two"), edit(written, "$e2", "three"));
    ferry.receive(message(A, "$between", "said between"), edit(written, "$e3", "four"));
    ferry.sender.start();
    await pass();
    expect(ferry.wordsIn(B)).toEqual(["Ana: one", "Ana: said between", "Ana: four"]);
    expect(skipped(ferry, "superseded")).toBe(2);
    expect(ferry.store.outbox.counts()).toEqual({ waiting: 0, failed: 0 });
  });

  test("of which the last is taken back before its turn leave the one before it", async () => {
    const ferry = await behind();
    const last = edit(written, "$e2", "three");
    ferry.receive(edit(written, "$e1", "two"), last);
    ferry.change({ ...last, redacted: true, content: {} });
    ferry.receive(redaction(A, "$r", last.eventId, ANA));
    ferry.sender.start();
    await pass();
    expect(ferry.wordsIn(B)).toEqual(["Ana: one", "Ana: two"]);
    expect(skipped(ferry, "redacted")).toBe(1);
  });

  test("of which the last was refused do not wait for it", async () => {
    const ferry = await behind();
    ferry.receive(edit(written, "$e1", "two"), edit(written, "$e2", "three"));
    const send = ferry.engine.send;
    const refusing = vi.spyOn(ferry.engine, "send").mockRejectedValueOnce(new FerryError("event-refused", "No."));
    refusing.mockImplementation(send);
    ferry.sender.start();
    await pass();
    expect(ferry.wordsIn(B)).toEqual(["Ana: one", "Ana: two"]);
    expect(ferry.store.outbox.counts()).toEqual({ waiting: 0, failed: 1 });
  });

  test("that come one after the other are each sent", async () => {
    const ferry = await behind();
    ferry.sender.start();
    for (const [id, body] of [
      ["$e1", "two"],
      ["$e2", "three"],
    ] as const) {
      ferry.receive(edit(written, id, body));
      await pass();
    }
    expect(ferry.wordsIn(B)).toEqual(["Ana: one", "Ana: two", "Ana: three"]);
  });
});

describe("a message that is taken back", () => {
  test("takes the reactions to its copy with it", async () => {
    const ferry = await behind();
    const copy = ferry.sentInto(B);
    ferry.sender.start();
    ferry.receive(reaction(A, "$thumb", written.eventId));
    await pass();
    const copiedReaction = ferry.sentInto(B);
    expect(copiedReaction.type).toBe("m.reaction");
    ferry.receive(redaction(A, "$r", written.eventId, ANA));
    await pass();
    const redacted = ferry.sent.flatMap(({ redacts }) => redacts ?? []);
    expect(redacted.toSorted()).toEqual([copy.eventId, copiedReaction.eventId].toSorted());
  });

  test("takes with it what is owed of reactions, unsent", async () => {
    const ferry = await behind();
    ferry.receive(reaction(A, "$thumb", written.eventId), redaction(A, "$r", written.eventId, BEA));
    ferry.sender.start();
    await pass();
    expect(ferry.sent.filter(({ type }) => type === "m.reaction")).toEqual([]);
    expect(ferry.store.outbox.counts()).toEqual({ waiting: 0, failed: 0 });
  });
});
