import { describe, expect, test } from "vitest";
import { ANA, eventId, ROOM_A, ROOM_B, ROOM_C, sent, temporaryStore } from "./store-support.ts";

const SOURCE = { roomId: ROOM_A, eventId: eventId("1") };

describe("the ledger", () => {
  test("knows a copy by itself, by its source, and by the source's id alone", () => {
    const { ledger } = temporaryStore();
    ledger.insert(sent("1", "copy"));
    expect(ledger.origin(ROOM_B, eventId("copy"))).toMatchObject({
      sourceRoom: ROOM_A,
      sourceEvent: eventId("1"),
      author: ANA,
    });
    expect(ledger.copy(SOURCE, ROOM_B, "copy")?.copyEvent).toBe(eventId("copy"));
    expect(ledger.copyOfEvent(eventId("1"), ROOM_B)).toBe(eventId("copy"));
    expect(ledger.origin(ROOM_A, eventId("copy"))).toBeNull();
    expect(ledger.copy(SOURCE, ROOM_C, "copy")).toBeNull();
    expect(ledger.copy(SOURCE, ROOM_B, "edit")).toBeNull();
    expect(ledger.copyOfEvent(eventId("copy"), ROOM_A)).toBeNull();
  });

  test("refuses a second copy of the same event in the same room", () => {
    const { ledger } = temporaryStore();
    ledger.insert(sent("1", "copy"));
    expect(() => ledger.insert(sent("1", "another"))).toThrow(/UNIQUE/);
    ledger.insert(sent("1", "late", { kind: "late" }));
    ledger.insert(sent("1", "copy in c", { destination: ROOM_C }));
    ledger.insert(sent("9", "r1", { kind: "redaction" }));
    ledger.insert(sent("9", "r2", { kind: "redaction" }));
  });

  test("lists what was sent for an event, without what is gone", () => {
    const { ledger } = temporaryStore();
    ledger.insert(sent("1", "copy"));
    ledger.insert(sent("2", "edit", { kind: "edit", target: SOURCE }));
    ledger.insert(sent("3", "reaction", { kind: "reaction", target: SOURCE }));
    ledger.insert(sent("4", "redaction", { kind: "redaction", target: SOURCE }));
    expect(ledger.sentFor(SOURCE).map((entry) => entry.kind)).toEqual(["copy", "edit", "reaction"]);
    ledger.markCopyRedacted(ROOM_B, eventId("copy"));
    expect(ledger.sentFor(SOURCE).map((entry) => entry.kind)).toEqual(["edit", "reaction"]);
    expect(ledger.copy(SOURCE, ROOM_B, "copy")?.redacted).toBe(true);
  });

  test("counts the reactions that share one copy until the last of them is gone", () => {
    const { ledger } = temporaryStore();
    ledger.insert(sent("1", "shared", { kind: "reaction", reactionHash: "hash" }));
    ledger.insert(sent("2", "shared", { kind: "reaction", reactionHash: "hash" }));
    ledger.insert(sent("3", "other", { kind: "reaction", reactionHash: "another" }));
    const shared = ledger.reactions(ROOM_B, "hash");
    expect(shared.map((entry) => entry.sourceEvent)).toEqual([eventId("1"), eventId("2")]);
    ledger.markRedacted(shared[0]?.id ?? 0);
    expect(ledger.reactions(ROOM_B, "hash").map((entry) => entry.sourceEvent)).toEqual([eventId("2")]);
    ledger.markCopyRedacted(ROOM_B, eventId("shared"));
    expect(ledger.reactions(ROOM_B, "hash")).toEqual([]);
  });

  test("knows which copies are placeholders", () => {
    const { ledger } = temporaryStore();
    ledger.insert(sent("1", "b", { placeholder: true }));
    ledger.insert(sent("1", "c", { destination: ROOM_C }));
    expect(ledger.placeholders(SOURCE).map((entry) => entry.destination)).toEqual([ROOM_B]);
  });
});
