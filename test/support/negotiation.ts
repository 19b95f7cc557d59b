import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { succeeded, type CliResult, type Ferry } from "./ferry.ts";
import type { Person, RoomOptions } from "./person.ts";
import { until } from "./until.ts";
import type { World } from "./world.ts";

/** The names on the wire, written out: a change of them is a change that others notice. */
export const CONNECTION = "org.matrix.msc2923.connection";
export const PROPOSAL = "org.matrix.msc2923.proposal";
const RING = "org.matrix.msc2923.ring";

/** How long anything may take that waits for a homeserver, in milliseconds. */
const LIMIT_MS = 20_000;

/** Two rooms that Kim would like to link: one is Kim's, in the other one Kim has no say. */
export interface Scene {
  own: string;
  /** Somebody in Kim's room. */
  guest: Person;
  theirs: string;
  /** Who made the other room. */
  admin: Person;
}

/** Makes Kim's room with a guest in it, and an admin's room in which Kim is nobody in particular. */
export async function makeScene(
  world: World,
  people: { guest: Person; admin: Person; members?: readonly Person[] },
  options: Partial<RoomOptions> = {},
): Promise<Scene> {
  const { guest, admin, members = [] } = people;
  const own = await world.room("Kitchen", [guest]);
  const others = [world.kim, ...members];
  const theirs = await admin.createRoom({ name: "Workshop", invite: others, ...options });
  for (const other of others) await other.join(theirs);
  return { own, guest, theirs, admin };
}

/** What `ferry link show --json` says of consent. */
export interface LinkDetail {
  id: string;
  state: string;
  /** Why nothing is copied, as a sentence. */
  reason: string | null;
  waiting: number;
  skipped: { reason: string; count: number }[];
  rooms: { room_id: string; gap: { code: string; sentence: string } | null }[];
  consents: {
    room_id: string;
    approver: string;
    way: string;
    event_id: string | null;
    power: number | null;
    required: number;
    terms: string;
    audience: string[];
    given_ts: number;
    ended_ts: number | null;
    ended_reason: string | null;
  }[];
  proposals: { room_id: string; code: string; state: string; remark: string | null }[];
  opted_out: string[];
}

export async function showLink(ferry: Ferry, id: string): Promise<LinkDetail> {
  return succeeded("ferry link show", await ferry.cli("link", "show", id, "--json")).json as LinkDetail;
}

/** Waits until the link is as wanted; otherwise the error says how it is. */
export async function untilLink(
  ferry: Ferry,
  id: string,
  what: string,
  fits: (link: LinkDetail) => boolean,
): Promise<LinkDetail> {
  let seen: LinkDetail | null = null;
  const look = async (): Promise<LinkDetail | null> => (fits((seen = await showLink(ferry, id))) ? seen : null);
  return until(look, LIMIT_MS, () => `The link did not come to this: ${what}. It is: ${JSON.stringify(seen, null, 2)}`);
}

/** Why nothing passes into or out of a room of the link; null where it does. */
export function gapOf(link: LinkDetail, room: string): string | null {
  return link.rooms.find(({ room_id: id }) => id === room)?.gap?.code ?? null;
}

export async function untilGap(ferry: Ferry, id: string, room: string, code: string | null): Promise<LinkDetail> {
  return untilLink(ferry, id, `${room} has the gap ${code ?? "none"}`, (link) => gapOf(link, room) === code);
}

/** Waits until all have agreed and have been told: what is said from now on is copied. */
export async function untilMirroring(ferry: Ferry, id: string): Promise<LinkDetail> {
  return untilLink(ferry, id, "it mirrors", ({ state }) => state === "mirroring");
}

/** What was asked, and where. */
export interface Asked {
  link: string;
  code: string;
  /** The message that asks, and what stands in it for other Ferries. */
  eventId: string;
  content: Record<string, unknown>;
  terms: string;
}

/** Lets Kim's Ferry ask the admin of the scene's other room; answers once that admin's own client shows the question. */
export async function propose(ferry: Ferry, scene: Scene, ...flags: string[]): Promise<Asked> {
  const words = ["link", "propose", scene.own, scene.theirs, ...flags, "--yes", "--json"];
  const { id } = succeeded("ferry link propose", await ferry.cli(...words)).json as { id: string };
  return askedOf(ferry, id, scene);
}

/** The newest question of a link in the scene's other room. */
export async function askedOf(ferry: Ferry, id: string, { theirs, admin }: Scene): Promise<Asked> {
  const newest = ({ proposals }: LinkDetail) => proposals.findLast(({ room_id: room }) => room === theirs);
  const link = await untilLink(ferry, id, "it has asked", (seen) => newest(seen)?.state === "open");
  const code = newest(link)?.code ?? "";
  const fieldOf = (content: Record<string, unknown>) =>
    content[PROPOSAL] as { code: string; terms: string } | undefined;
  const message = await admin.waitForMessage(theirs, ({ content }) => fieldOf(content)?.code === code, LIMIT_MS, code);
  const { eventId, originalContent: content } = message;
  return { link: id, code, eventId, content, terms: fieldOf(content)?.terms ?? "" };
}

/** Answers in the room, as somebody does who has no Ferry: with a reply to the question. */
export async function answer(
  person: Person,
  room: string,
  asked: Asked,
  verb: "approve" | "decline" | "stop",
): Promise<string> {
  return person.reply(room, asked.eventId, `${verb} ${spoken(asked)}`);
}

/** The code as the question shows it. */
export function spoken({ code }: Asked): string {
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}

/** The state event of an approver's Ferry, as anybody could write it. */
export async function setConsent(
  person: Person,
  room: string,
  asked: Asked,
  status: "approved" | "revoked",
): Promise<string> {
  const content = { version: 1, status, terms: asked.terms, proposal: asked.eventId };
  return person.setState(room, CONNECTION, asked.link, content);
}

/** Waits until a Ferry knows of a proposal, and answers with what `ferry proposals --json` says of it. */
export async function untilProposed(ferry: Ferry, code: string): Promise<Record<string, unknown>> {
  const find = async (): Promise<Record<string, unknown> | undefined> =>
    (await listProposals(ferry)).find((proposal) => proposal["code"] === code);
  return until(find, LIMIT_MS, () => `Ferry did not find the proposal ${code}. It printed: ${ferry.output()}`);
}

export async function listProposals(ferry: Ferry): Promise<Record<string, unknown>[]> {
  return succeeded("ferry proposals", await ferry.cli("proposals", "--json")).json as Record<string, unknown>[];
}

/** Says something in both rooms and waits until each has the other's. Answers with the two texts. */
export async function expectFlow({ own, guest, theirs, admin }: Scene): Promise<void> {
  const text = randomUUID();
  await guest.say(own, `from own ${text}`);
  await admin.waitForMessage(theirs, `from own ${text}`);
  await admin.say(theirs, `from theirs ${text}`);
  await guest.waitForMessage(own, `from theirs ${text}`);
}

/** Says something in both rooms and waits until Ferry has counted it as left out. Answers with what to look for. */
export async function sayInVain(ferry: Ferry, id: string, { own, guest, theirs, admin }: Scene): Promise<string> {
  const text = `in vain ${randomUUID()}`;
  const before = leftOut(await showLink(ferry, id));
  await guest.say(own, text);
  await admin.say(theirs, text);
  await guest.waitForMessage(own, text);
  await admin.waitForMessage(theirs, text);
  await untilLink(ferry, id, "both messages were left out", (link) => leftOut(link) >= before + 2);
  return text;
}

/** How many messages were left out for want of consent. */
export function leftOut({ skipped }: LinkDetail): number {
  const counted = skipped.filter(({ reason }) => reason === "no-consent" || reason === "link-starting");
  return counted.reduce((sum, { count }) => sum + count, 0);
}

/** How many messages of a room contain a text, as one of its members sees them. */
export async function countOf(person: Person, room: string, text: string): Promise<number> {
  return (await person.timeline(room)).filter((message) => message.body.includes(text)).length;
}

/** In each of the two rooms, how often a text stands that was said once in each: [1, 1] where none got across. */
export async function countBoth({ own, guest, theirs, admin }: Scene, text: string): Promise<number[]> {
  return [await countOf(guest, own, text), await countOf(admin, theirs, text)];
}

/** Nothing passes between the two rooms, and Ferry still says that this is for want of consent. */
export async function expectNothing(ferry: Ferry, scene: Scene, asked: Asked): Promise<void> {
  // What was answered before it in the same room has been taken in by then, and is looked into.
  await sayInVain(ferry, asked.link, scene);
  await ferry.idle();
  const text = await sayInVain(ferry, asked.link, scene);
  expect(await countBoth(scene, text)).toEqual([1, 1]);
  const link = await showLink(ferry, asked.link);
  expect(["waiting", "suspended"]).toContain(link.state);
}

/** What tells somebody's devices that a proposal stands in a room, as a Ferry does. */
export async function bellOf(from: Person, to: Person, roomId: string): Promise<(eventId: string) => Promise<void>> {
  const crypto = from.client.getCrypto();
  const devices = (await crypto?.getUserDeviceInfo([to.userId], true))?.get(to.userId);
  const addresses = [...(devices?.keys() ?? [])].map((deviceId) => ({ userId: to.userId, deviceId }));
  return async (eventId) => {
    await from.client.encryptAndSendToDevice(RING, addresses, { room_id: roomId, event_id: eventId });
  };
}

/** A command that has to fail: the code of its failure. */
export function failureOf(result: CliResult): string {
  const failure = JSON.parse(result.stderr) as { error?: { code?: string } };
  return result.status === 0 ? "none" : (failure.error?.code ?? result.stderr);
}
