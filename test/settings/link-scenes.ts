import type { Page } from "playwright-core";
import type { LinkId, RoomId, UserId } from "../../main/matrix/ids.ts";
import type { LinkDetail, ProposalView } from "../../main/protocol/control.ts";
import { gapOf } from "../../main/bridge/gap.ts";
import type { GapCode } from "../../main/matrix/codes.ts";
import { fakeProposal } from "../support/fake-control.ts";
import {
  agreed,
  CARRYING,
  asked,
  DAY,
  familyLink,
  HOUR,
  listView,
  copiedMessages,
  messagesOfEachMark,
  side,
} from "../support/fake-link.ts";
import { memberNames, planFor, roomNamed } from "../support/fake-plans.ts";
import type { Names, Scene } from "./scenes.ts";

/** One link in every state, and what others ask. */

/** Ferry's answers about one link, and about a change of it that waits. */
export function linkHandlers(link: LinkDetail, change: LinkDetail | null = null): Scene["handlers"] {
  const rooms = [...link.rooms, ...(change?.rooms ?? [])].map(({ roomId, name }, index) =>
    roomNamed(name, { roomId, joinedMembers: 3 + 13 * index, ownPower: index % 2 === 0 ? 100 : 0 }),
  );
  return {
    linkList: async () => (change === null ? [listView(link)] : [listView(link), listView(change)]),
    linkShow: async ({ link: id }) => (change !== null && id === change.id ? change : link),
    linkMessages: async () => (link.copied === 0 ? [] : copiedMessages()),
    linkPlan: async ({ rooms: ids, oneWay }) => {
      const chosen = ids.flatMap((id) => rooms.find(({ roomId }) => roomId === id) ?? []);
      return planFor(chosen, oneWay);
    },
    rooms: async () => rooms,
    memberNames,
  };
}

/** From the list of links to the page of the first. */
export async function openLink(page: Page): Promise<void> {
  await page.locator("main button.open").first().click();
  await page.getByRole("tab", { name: "Messages" }).waitFor();
}

async function openTab(page: Page, name: string): Promise<void> {
  await openLink(page);
  await page.getByRole("tab", { name }).click();
  await page.getByRole("tabpanel", { name }).waitFor();
}

/** The page of a link, with the message opened that was not delivered. */
async function openFailed(page: Page): Promise<void> {
  await openLink(page);
  await page.getByRole("button", { name: /^Not delivered/ }).click();
  await page.getByRole("button", { name: "Dismiss" }).waitFor();
}

export function linkPageScenes(names: Names): Scene[] {
  const kitchen = { roomId: "!kitchen:example.org" as RoomId, name: names.room(0) };
  const workshop = { roomId: "!workshop:example.org" as RoomId, name: names.room(1) };
  const garden = { roomId: "!garden:example.org" as RoomId, name: names.room(2) };
  const rooms = [side(kitchen), side(workshop)];
  const link = (changes: Partial<LinkDetail> = {}): LinkDetail =>
    familyLink({ name: names.link(0), rooms, consents: [agreed(kitchen), agreed(workshop)], ...changes });
  const gap = (code: GapCode, { name }: { name: string }) => {
    const details = ["14 people who were not in “Workshop” then"];
    return { code, sentence: names.sentence(gapOf(code, { name, details }).sentence) };
  };
  const refused = names.sentence("The homeserver does not let you write into this room (403).");
  const waiting = link({
    ...{ state: "waiting", copied: 0, lastCopyTs: null, consents: [agreed(kitchen)] },
    rooms: [side(kitchen), side(workshop, { gap: gap("consent-missing", workshop) })],
    proposals: [asked(workshop, { remark: names.sentence("@tim:example.org may not speak for this room.") })],
  });
  const tells: LinkDetail["tells"] = ["members", "name", "pins"];
  const people = Array.from({ length: 3 }, (_, index) => `@tim${index}:example.org` as UserId);
  const ended = agreed(workshop, { endedTs: Date.now() - HOUR, endedReason: "audience-widened" });
  const change = link({
    tells: ["members", "name"],
    ...{ id: "change" as LinkId, changes: link().id, state: "waiting", consents: [] },
    rooms: [...rooms, side(garden, { gap: gap("consent-missing", garden) })],
    proposals: [asked(garden, { sentTs: Date.now() - HOUR })],
  });
  const stopped = (code: GapCode, gapRoom: typeof kitchen) =>
    link({
      ...{ state: "suspended", reason: gap(code, gapRoom).sentence },
      rooms: [kitchen, workshop].map((room) => side(room, room === gapRoom ? { gap: gap(code, gapRoom) } : {})),
    });
  const skipped = [
    { reason: "unsupported-message", count: 2, latestTs: Date.now() - HOUR },
    { reason: "own-copy", count: 1208, latestTs: Date.now() },
  ];
  const withMessages = {
    ...linkHandlers(link({ failed: 3, waiting: 1, skipped })),
    linkMessages: async () => messagesOfEachMark(refused),
  };
  return [
    { name: "link-quiet", handlers: linkHandlers(link()), go: openLink },
    { name: "link-waiting", handlers: linkHandlers(waiting), go: openLink },
    { name: "link-widened", handlers: linkHandlers(stopped("audience-widened", kitchen)), go: openLink },
    { name: "link-revoked", handlers: linkHandlers(stopped("consent-revoked", workshop)), go: openLink },
    {
      name: "link-suspended",
      handlers: linkHandlers(
        link({
          state: "suspended",
          rooms: [side(kitchen), side(workshop, { suspended: refused })],
          waiting: 12,
        }),
      ),
      go: openLink,
    },
    {
      name: "link-catching-up",
      handlers: linkHandlers(link({ state: "catching-up", waiting: 312, carrying: CARRYING })),
      go: openLink,
    },
    { name: "link-change", handlers: linkHandlers(link(), change), go: openLink },
    {
      name: "link-approve",
      handlers: linkHandlers(stopped("audience-widened", kitchen)),
      go: async (page) => {
        await openLink(page);
        await page.getByRole("button", { name: "Approve again" }).click();
        await page.getByText("Who has to agree").waitFor();
      },
    },
    {
      name: "link-rooms",
      handlers: linkHandlers(
        link({ consents: [agreed(kitchen, { tells }), ended, agreed(workshop)], tells, optedOut: people }),
      ),
      go: async (page) => {
        await openTab(page, "Rooms");
        await page.getByText("What shows it").first().click();
      },
    },
    { name: "link-settings", handlers: linkHandlers(link()), go: (page) => openTab(page, "Settings") },
    { name: "link-messages", handlers: withMessages, go: openFailed },
    {
      name: "link-dismiss",
      handlers: withMessages,
      go: async (page) => {
        await openFailed(page);
        await page.getByRole("button", { name: "Dismiss" }).click();
        await page.getByRole("alertdialog").waitFor();
      },
    },
    {
      name: "link-remove",
      handlers: linkHandlers(link({ waiting: 3 })),
      go: async (page) => {
        await openTab(page, "Settings");
        await page.getByRole("button", { name: "Remove this link" }).click();
        await page.getByRole("alertdialog").waitFor();
      },
    },
  ];
}

export function proposalScenes(names: Names): Scene[] {
  const proposal = (index: number, changes: Partial<ProposalView> = {}): ProposalView =>
    fakeProposal({
      ...{ code: `K7QF2MX${index}`, receivedTs: Date.now() - index * DAY, expiresTs: Date.now() + 12 * DAY },
      ...{ proposer: `@kim${index}:example.org` as UserId, roomName: names.room(index), linkName: names.link(index) },
      ...{
        peers: [names.room(index + 1)],
        audience: [
          "14 people who are not in it",
          names.sentence(`whoever the admins of “${names.room(index + 1)}” invite`),
        ],
      },
      ...changes,
    });
  const all = [
    proposal(0, { tells: ["members", "pins"] }),
    proposal(1, { direction: "from", mayApprove: false, peers: [names.room(1), names.room(2)] }),
    proposal(2, { state: "approved" }),
    proposal(3, { state: "declined" }),
  ];
  const go = async (page: Page): Promise<void> => {
    await page
      .getByRole("navigation")
      .getByRole("button", { name: /^Proposals/ })
      .click();
    await page.getByRole("heading", { name: "Proposals", level: 1 }).waitFor();
  };
  return [
    { name: "proposals-none", handlers: { proposals: async () => [] }, go },
    { name: "proposals", handlers: { proposals: async () => all }, go },
    {
      name: "proposals-approve",
      handlers: { proposals: async () => all },
      go: async (page) => {
        await go(page);
        await page.getByRole("button", { name: "Approve" }).click();
        await page.getByRole("alertdialog").waitFor();
      },
    },
  ];
}
