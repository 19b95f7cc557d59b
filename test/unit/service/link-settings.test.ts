import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { LinkId, RoomId } from "../../../main/matrix/ids.ts";
import { NO_FILTER, NO_LINK_SETTINGS, type Filter } from "../../../main/matrix/link-settings.ts";
import type { Logger } from "../../../main/log.ts";
import { linkView } from "../../../main/service/views.ts";
import { LINK, linkBetween } from "../link-support.ts";
import { SILENT } from "../../support/silent-logger.ts";
import * as support from "./races-support.ts";
import { A, ANA, B, C, cleanUp, message, openBench, pass } from "./races-support.ts";

/** What the user sets for a link: stored at once, for a change of it that waits as well, and said to nobody else. */

beforeEach(support.stopTheClock);
afterEach(() => {
  vi.restoreAllMocks();
  return cleanUp();
});

const CHANGE = "change" as LinkId;
const filter: Filter = { ...NO_FILTER, withoutWords: ["secret"], withoutSenders: [ANA] };

test("what is given is set, tidied, and the rest stays", () => {
  const ferry = openBench();
  const words = [" secret", "secret", "  "];
  ferry.links.set("Link", { filter: { ...filter, withoutWords: words, withoutKinds: ["polls", "media", "polls"] } });
  const link = ferry.links.set(LINK, { attribution: "name-id", allowRoomMention: undefined });
  expect(link.settings).toEqual({
    ...NO_LINK_SETTINGS,
    filter: { ...filter, withoutKinds: ["media", "polls"] },
    attribution: "name-id",
  });
  expect(linkView(ferry.store, link).settings).toEqual(link.settings);
});

test("a room that is none of the link's has no filter", () => {
  const ferry = openBench();
  expect(() => ferry.links.set(LINK, { roomFilters: [{ roomId: C, filter }] })).toThrow("no room of this link");
  expect(ferry.links.find(LINK).settings).toEqual(NO_LINK_SETTINGS);
});

test("holds for a change that waits, and outlives its taking the link's place", async () => {
  const ferry = openBench();
  ferry.store.links.insert(linkBetween([A, B, C], { id: CHANGE, replaces: LINK, state: "starting", createdTs: 2 }));
  ferry.links.set(LINK, { filter, roomFilters: [{ roomId: B, filter: NO_FILTER }] });
  expect(ferry.store.links.get(CHANGE)?.settings).toEqual(ferry.store.links.get(LINK)?.settings);
});

test("a link that is changed keeps its settings", async () => {
  const ferry = openBench();
  ferry.sender.start();
  ferry.links.set(LINK, { filter, attribution: "name-room" });
  const settings = { allowRoomMention: true };
  const rooms: RoomId[] = [A, B, C];
  const made = ferry.maker.add({ rooms, oneWay: false, replaces: LINK, propose: false, expose: [], settings });
  await pass(70_000);
  const { id } = await made;
  expect(id).not.toBe(LINK);
  expect(ferry.store.links.find(id)?.settings).toEqual({
    ...{ ...NO_LINK_SETTINGS, filter, attribution: "name-room", allowRoomMention: true },
  });
});

test("no word of a filter is logged", async () => {
  const said: unknown[] = [];
  for (const level of ["debug", "info", "warn", "error"] as const satisfies readonly (keyof Logger)[]) {
    vi.spyOn(SILENT, level).mockImplementation((...line: unknown[]) => void said.push(line));
  }
  const ferry = openBench();
  ferry.sender.start();
  ferry.links.set(LINK, { filter });
  ferry.receive(message(A, "$1", "the secret"));
  await pass();
  expect(said).not.toEqual([]);
  expect(JSON.stringify(said)).not.toContain("secret");
});
