import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LinkId, RoomAlias, RoomId, UserId } from "../../../main/matrix/ids.ts";
import { NO_FILTER, NO_LINK_SETTINGS } from "../../../main/matrix/link-settings.ts";
import { linksFile } from "../../../main/protocol/links-file.ts";
import { diagnosticsOf, LOG_LINES, type DiagnosticFacts } from "../../../main/service/diagnostics.ts";
import { linksFileOf } from "../../../main/service/exports.ts";
import { fakeStatus } from "../../support/fake-control.ts";
import { LINK, linkBetween } from "../link-support.ts";
import { because, DEVICE, ROOM_A, ROOM_B, ROOM_C, taskFor, temporaryStore } from "../store/store-support.ts";

/** What is handed to others to find a fault says nothing of anybody. */

const SYSTEM = { platform: "linux", release: "6.1.0", browser: "156.0.1", electron: null };

function factsWith(other: Partial<DiagnosticFacts> = {}): DiagnosticFacts {
  const nothing = { store: null, status: null, checks: null, log: [] };
  return { version: "0.1.0", system: SYSTEM, nowTs: 1_700_000_000_000, ...nothing, ...other };
}

const written = (facts: DiagnosticFacts, salt = randomBytes(32)): string => JSON.stringify(diagnosticsOf(facts, salt));
const line = (fields: Record<string, unknown>): string =>
  JSON.stringify({ ts: "2026-11-25T22:35:31.123Z", level: "info", event: "not-sent", ...fields });

describe("the diagnostics", () => {
  /** Words of anybody's, as they come: with the sigils of ids, as hosts, as sentences. */
  const canary = fc
    .tuple(
      fc.constantFrom("!", "@", "$", "#", "", "https://", "Meet me at "),
      fc.stringMatching(/^canary[A-Za-z0-9]{8,30}$/),
      fc.constantFrom("", ":example.org", " tonight", "/_matrix", "\u202e", "\n"),
    )
    .map((parts) => parts.join(""));

  test("hold no word of anybody's, wherever it stands", () => {
    fc.assert(
      fc.property(fc.array(canary, { minLength: 12, maxLength: 12 }), (words) => {
        const [room, other, name, link, reason, user, host, text, field, event, device, sentence] = words;
        const store = temporaryStore();
        const rooms = [room, other].map((id) => id as RoomId);
        const named = linkBetween(rooms, { id: link as LinkId, name: name ?? "" });
        store.links.insert({ ...named, rooms: named.rooms.map((each) => ({ ...each, name: text ?? "" })) });
        const filter = { ...NO_FILTER, withoutWords: [text ?? ""], withoutSenders: [user as UserId] };
        const roomFilters = [{ roomId: rooms[0] as RoomId, filter }];
        store.links.set(link as LinkId, { ...NO_LINK_SETTINGS, filter, roomFilters });
        store.links.suspend(link as LinkId, rooms[0] as RoomId, sentence ?? "");
        store.links.setGap(link as LinkId, rooms[1] as RoomId, { code: "consent-missing", sentence: sentence ?? "" });
        const task = { linkId: link as LinkId, sourceRoom: rooms[0] as RoomId, destination: rooms[1] as RoomId };
        store.outbox.insert(taskFor("1", { ...task, author: user as UserId }), 1);
        store.outbox.postpone(1, because(reason ?? ""));
        const health = { code: "link-suspended", severity: "error" as const, action: text ?? "", link: link as LinkId };
        const status = fakeStatus({
          ...{
            userId: user as UserId,
            homeserver: host ?? null,
            summary: text ?? "",
            health: [{ ...health, text: sentence ?? "" }],
          },
          verification: {
            state: "comparing",
            device: device ?? null,
            emoji: [{ symbol: "🐶", name: text ?? "" }],
            reason: null,
          },
        });
        const log = [
          line({ room, user, link, destination: other, reason, device }),
          line({ field_event: event, sender: user, homeserver: host, code: `${sentence} x`, verb: `${text} x` }),
          line({ words: field, nested: { text }, list: [text], ts: text }),
          line({ event: `${text} `, level: `${room}!` }),
          `${text} is no line`,
        ];
        const checks = [{ name: "homeserver" as const, ok: false, text: `${host} does not answer.` }];
        const found = written(factsWith({ store, status, log, checks }));
        expect(found).not.toMatch(/canary/i);
        for (const word of words) expect(found).not.toContain(word);
      }),
      { numRuns: 60 },
    );
  });

  test("tell rooms and links apart, by hashes that another file does not share", () => {
    const store = temporaryStore();
    store.links.insert(linkBetween([ROOM_A, ROOM_B]));
    const log = [line({ link: LINK, room: ROOM_A }), line({ room: ROOM_B })];
    const salt = randomBytes(32);
    const facts = factsWith({ store, log });
    const found = diagnosticsOf(facts, salt) as {
      links: { link: string; rooms: { room: string }[] }[];
      log: Record<string, string>[];
    };
    const [link] = found.links;
    expect(found.log.map(({ room }) => room)).toEqual(link?.rooms.map(({ room }) => `#${room}`));
    expect(found.log[0]?.["link"]).toBe(`#${link?.link}`);
    expect(written(facts, salt)).toBe(written(facts, salt));
    expect(written(facts)).not.toContain(link?.link);
  });

  test("say what helps: versions, conditions, counts by code, settings, the log's own words", () => {
    const store = temporaryStore();
    store.links.insert(linkBetween([ROOM_A, ROOM_B]));
    store.links.count(LINK, "too-old", 5, 3);
    for (const name of ["1", "2", "3"]) store.outbox.insert(taskFor(name), 1);
    for (const name of ["1", "2"]) {
      const row = store.outbox.claimNext(ROOM_B, DEVICE, 1);
      expect(row?.sourceEvent).toBe(`$${name}`);
      store.outbox.fail(row?.id ?? 0, because("why"));
    }
    const log = [
      line({ code: "rate-limited", attempt: 3, ok: true }),
      line({ event: "engine-gone", reason: "crashed" }),
      "{torn",
    ];
    const checks = [{ name: "clock" as const, ok: true, text: "Right." }];
    expect(diagnosticsOf(factsWith({ store, status: fakeStatus(), checks, log }), randomBytes(32))).toMatchObject({
      ...{ format: 1, written: "2023-11-14T22:13:20.000Z", version: "0.1.0", system: SYSTEM },
      status: { connection: "online", loggedIn: true, copied: 12, health: [] },
      checks: [{ name: "clock", ok: true }],
      settings: { catchUpHours: null, everythingPaused: false, keysFor: "all" },
      links: [{ state: "mirroring", failed: 2, waiting: 1, skipped: [{ reason: "too-old", count: 3 }] }],
      outbox: [
        { state: "failed", kind: "copy", reason: "event-refused", count: 2 },
        { state: "queued", kind: "copy", reason: null, count: 1 },
      ],
      log: [
        {
          ts: "2026-11-25T22:35:31.123Z",
          level: "info",
          event: "not-sent",
          code: "rate-limited",
          attempt: 3,
          ok: true,
        },
        { event: "engine-gone", reason: "crashed" },
        { unreadable: true },
      ],
    });
  });

  test("are written also where nothing could be opened, with the end of the log", () => {
    const log = Array.from({ length: LOG_LINES + 5 }, (_each, n) => line({ n }));
    const found = diagnosticsOf(factsWith({ log }), randomBytes(32)) as { log: { n: number }[] };
    expect(found).toMatchObject({ status: null, checks: null, links: null, settings: null });
    expect([found.log.length, found.log[0]?.n]).toEqual([LOG_LINES, 5]);
  });
});

describe("the file of links", () => {
  const aliases = new Map([[ROOM_A, "#a:one.test" as RoomAlias]]);

  test("holds what there is, and can be read back", () => {
    const store = temporaryStore();
    store.links.insert(linkBetween([ROOM_A, ROOM_B], { name: "x".repeat(300) }));
    store.links.insert(linkBetween([ROOM_C, ROOM_A], { id: "other" as LinkId, direction: "one-way", name: "There" }));
    store.links.insert(
      linkBetween([ROOM_A, ROOM_B, ROOM_C], { id: "change" as LinkId, replaces: LINK, state: "starting" }),
    );
    const file = linksFileOf(store, aliases);
    expect(linksFile.parse(JSON.parse(JSON.stringify(file)))).toEqual(file);
    expect(
      file.links.map(({ name, direction, rooms }) => [name.length, direction, rooms.map(({ alias }) => alias)]),
    ).toEqual([
      [120, "two-way", ["#a:one.test", undefined]],
      [5, "one-way", [undefined, "#a:one.test"]],
    ]);
    expect(file.links[0]?.settings).toEqual(NO_LINK_SETTINGS);
    expect(file.links[1]?.rooms.map(({ roomId }) => roomId)).toEqual([ROOM_C, ROOM_A]);
  });

  test.each([
    ["another version", { version: 2, links: [] }],
    ["one room", { version: 1, links: [{ name: "L", direction: "two-way", rooms: [{ roomId: ROOM_A, name: "A" }] }] }],
    ["no room", { version: 1, links: [{ name: "L", direction: "two-way", rooms: [1, 2] }] }],
    ["something else", []],
  ])("is refused with %s", (_what, content) => {
    expect(linksFile.safeParse(content).success).toBe(false);
  });
});
