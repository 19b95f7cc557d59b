import type { Page } from "playwright-core";
import type { controlRequests, HealthCondition, LinkView, StatusView } from "../../main/protocol/control.ts";
import type { LinkId, RoomId } from "../../main/matrix/ids.ts";
import type { Handlers } from "../../main/protocol/rpc.ts";
import { gapOf } from "../../main/bridge/gap.ts";
import { CARRYING } from "../support/fake-link.ts";
import { accountScenes } from "./account-scenes.ts";
import { fakeLink, fakeStatus } from "../support/fake-control.ts";
import { linkPageScenes, proposalScenes } from "./link-scenes.ts";
import { newLinkScenes } from "./new-link-scenes.ts";

/** Every page of the window, in every state that looks different, with Ferry's answers made up and a way to get there. */
export interface Scene {
  name: string;
  handlers: Partial<Handlers<typeof controlRequests>>;
  /** From the page as it opens to what the scene shows. */
  go: (page: Page) => Promise<void>;
}

/** What people call themselves and their rooms, which a page has to stand. */
export interface Names {
  room: (index: number) => string;
  link: (index: number) => string;
  /** A sentence of somebody else's, or one with names in it. @param usual what it mostly says */
  sentence: (usual: string) => string;
}

/** Names as they mostly are. */
export const ORDINARY: Names = {
  room: (index) => ["Kitchen", "Workshop", "Garden", "Choir", "Reading"][index % 5] ?? "Kitchen",
  link: (index) => ["Family", "Book club", "Allotment", "Choir", "Neighbours"][index % 5] ?? "Family",
  sentence: (usual) => usual,
};

const HOSTILE_NAMES = [
  '<img src=x onerror="document.title=1"><script>document.title=2</script>',
  "\u202egnp.exe\u202c \u2066mixed \u05e9\u05dc\u05d5\u05dd\u2069 \u200b\u200b\u200b",
  "👩‍👩‍👧‍👦🏳️‍🌈🧑🏽‍🚀".repeat(300),
  "W".repeat(10_240),
  "Z\u0351\u0363\u0357\u0358\u0315\u0321".repeat(400),
  "\n\n\t\r\u0000\u001b[31m",
  "{@html name} ${name} &amp; &lt;b&gt; __proto__ constructor",
  "שָׁלוֹם עֲלֵיכֶם مرحبا بالجميع في هذه الغرفة",
];

/** Names that somebody has made up to break the window, or to pass for Ferry's own words. */
export const HOSTILE: Names = {
  room: (index) => HOSTILE_NAMES[index % HOSTILE_NAMES.length] ?? "",
  link: (index) => (HOSTILE_NAMES[(index + 3) % HOSTILE_NAMES.length] ?? "").slice(0, 10_000),
  sentence: () => `${HOSTILE_NAMES.join(" ").slice(0, 10_000)} can be read.`,
};

const STATES: LinkView["state"][] = ["mirroring", "catching-up", "waiting", "suspended", "paused", "starting"];

/** As many links, in all states by turns. */
export function manyLinks(names: Names, count: number): LinkView[] {
  return Array.from({ length: count }, (_, index) => {
    const state = STATES[index % STATES.length] ?? "mirroring";
    const room = (at: number) => ({
      ...{
        roomId: `!room${at}:example.org` as RoomId,
        name: names.room(at),
        encrypted: at % 5 !== 2,
        role: "both" as const,
      },
      ...{ suspended: null, gap: null },
    });
    return fakeLink({
      id: `link${index}` as LinkId,
      name: names.link(index),
      state,
      reason: reasonFor(state, names, names.room(index + 1)),
      direction: index % 2 === 0 ? "two-way" : "one-way",
      rooms: Array.from({ length: 2 + (index % 3) }, (_unused, at) => room(index + at)),
      waiting: state === "catching-up" ? 312 : 0,
      carrying: state === "catching-up" ? CARRYING : null,
      failed: index % 4 === 3 ? 2 : 0,
      lastCopyTs: state === "waiting" ? null : Date.now() - index * 240_000,
    });
  });
}

function reasonFor(state: LinkView["state"], names: Names, name: string): string | null {
  if (state === "suspended") return names.sentence(gapOf("consent-revoked", { name }).sentence);
  return state === "waiting" ? names.sentence(gapOf("consent-missing", { name }).sentence) : null;
}

/** A status with something of every kind to be told. */
function troubled(names: Names): StatusView {
  const condition = (code: string, severity: HealthCondition["severity"], usual: string) => ({
    ...{ code, severity, text: names.sentence(usual), action: "Have a look at it.", link: null },
  });
  const { sentence } = gapOf("consent-revoked", { name: names.room(4) });
  const health = [
    { ...condition("consent-revoked", "error", `“${names.link(3)}”: ${sentence}`), link: "link3" as LinkId },
    condition("device-unverified", "warning", "This device is not verified."),
    condition("proposal-received", "warning", `@ben:example.org asks to link “${names.room(0)}”.`),
    condition("keys-missing", "info", "2 messages wait for their keys."),
  ];
  return fakeStatus({ summary: "2 things need you", failed: 2, verified: false, health });
}

const untilHeading =
  (name: string) =>
  async (page: Page): Promise<void> =>
    page.getByRole("heading", { name, level: 1 }).waitFor();

/** The list of links, and what stands around it. */
export function linkScenes(names: Names): Scene[] {
  const go = untilHeading("Links");
  const quiet = async () => fakeStatus();
  return [
    { name: "links-none", handlers: { linkList: async () => [], status: quiet }, go },
    { name: "links-one", handlers: { linkList: async () => manyLinks(names, 1), status: quiet }, go },
    {
      name: "links",
      handlers: { linkList: async () => manyLinks(names, 6), status: async () => troubled(names) },
      go,
    },
    {
      name: "links-paused",
      handlers: {
        linkList: async () => manyLinks(names, 3),
        status: async () => fakeStatus({ paused: true, everythingPaused: true, summary: "Paused" }),
      },
      go,
    },
    { name: "links-many", handlers: { linkList: async () => manyLinks(names, 50), status: quiet }, go },
  ];
}

/** All of them. */
export function allScenes(names: Names): Scene[] {
  return [
    ...linkScenes(names),
    ...newLinkScenes(names),
    ...linkPageScenes(names),
    ...proposalScenes(names),
    ...accountScenes(names),
  ];
}
