import { isObject, type JsonObject } from "../matrix/event.ts";
import { isLinkId, isUserId, type EventId, type LinkId, type UserId } from "../matrix/ids.ts";
import { toldChanges, type ToldChange } from "../matrix/told-changes.ts";
import { NOTICE, PROPOSAL } from "../matrix/unstable.ts";
import { cleanLabel } from "./attribution.ts";
import { formatCode, readCode } from "./code.ts";
import { cut, defuseRoomMention, oneLine } from "./text.ts";
import { quotedRoom, roomList } from "./texts/names.ts";
import { textsIn, type Language, type Way } from "./texts/texts.ts";
import type { Content } from "./transform.ts";

/** What a Ferry asks the admins of one room, as it stands in a message (MSC2923, "two-way negotiation"). */
export interface ProposalContent {
  link: LinkId;
  linkName: string;
  code: string;
  /** Hash of what is agreed to. */
  terms: string;
  carrier: UserId;
  /** As seen from the room that is asked. */
  direction: Way;
  /** Names of the rooms at the other ends. */
  peers: string[];
  /** What would be told of a room besides messages, from where messages come to where they go. */
  tells: ToldChange[];
  /** Who could read this room's messages who cannot now, a part of a sentence each. */
  gains: string[];
  expiresTs: number;
}

const MOST_PEERS = 20;
const MOST_GAINS = 10;
const LONGEST_GAIN = 300;
const DAY_MS = 24 * 3_600_000;

/** What a proposal's message needs besides what it proposes. */
export interface ProposalMessage {
  /** Name of the room that is asked. */
  thisRoom: string;
  /** Who are mentioned. */
  approvers: readonly UserId[];
  /** On which it lapses: year, month and day with hyphens. */
  day: string;
  language: Language;
  marker: JsonObject;
}

/** The message that asks. Everybody can read it and whoever has the power can answer it, with any client. */
export function writeProposal(proposal: ProposalContent, message: ProposalMessage): Content {
  const { carrier, code, direction, gains, peers, tells } = proposal;
  const { approvers, day, marker } = message;
  const texts = textsIn(message.language);
  const names = { here: quotedRoom(message.thisRoom, texts), there: roomList(peers, texts) };
  const words = { carrier: oneLine(carrier), way: direction, ...names, tells, gains, code: formatCode(code), day };
  const body = texts.proposal(words).join("\n");
  const content: JsonObject = {
    ...marker,
    msgtype: "m.text",
    body: defuseRoomMention(body),
    "m.mentions": { user_ids: approvers.slice(0, MOST_PEERS) },
    [NOTICE]: { version: 1, link: proposal.link, event: "proposal" },
    [PROPOSAL]: {
      version: 1,
      link: proposal.link,
      link_name: proposal.linkName,
      code,
      terms: proposal.terms,
      carrier,
      direction,
      mode: "copy",
      peers: peers.slice(0, MOST_PEERS).map((name) => ({ name })),
      ...(tells.length === 0 ? {} : { tells }),
      gains: gains.slice(0, MOST_GAINS),
      expires_ts: proposal.expiresTs,
    },
  };
  return { type: "m.room.message", content };
}

/**
 * Reads somebody else's proposal. Of what it says nothing is proven, and all of it is cut to what can be shown.
 *
 * @param nowTs milliseconds since 1970: one that lapses in more than 90 days is taken to lapse then
 * @returns null where it is no proposal that can be answered
 */
export function readProposal(content: JsonObject, nowTs: number): ProposalContent | null {
  const value = content[PROPOSAL];
  if (!isObject(value)) return null;
  const { link, terms, carrier, direction, expires_ts: expiresTs } = value;
  const code = readCode(value["code"]);
  if (!isLinkId(link) || code === null || !isUserId(carrier) || typeof expiresTs !== "number") return null;
  if (typeof terms !== "string" || !/^[A-Za-z0-9_-]{43}$/.test(terms)) return null;
  if (direction !== "two-way" && direction !== "to" && direction !== "from") return null;
  const peers = listOf(value["peers"], MOST_PEERS)
    .map((peer) => (isObject(peer) ? peer["name"] : undefined))
    .filter((name) => typeof name === "string")
    .map((name) => cleanLabel(name, "a room without a name"));
  const gains = listOf(value["gains"], MOST_GAINS)
    .filter((gain) => typeof gain === "string")
    .map((gain) => cut(oneLine(gain), LONGEST_GAIN));
  if (peers.length === 0) return null;
  // What a later version can tell besides stands in the message alone.
  const tells = toldChanges(listOf(value["tells"], MOST_GAINS));
  const name = value["link_name"];
  return {
    link,
    linkName: cleanLabel(typeof name === "string" ? name : "", link),
    code,
    terms,
    carrier,
    direction,
    peers,
    tells,
    gains,
    expiresTs: Math.min(expiresTs, nowTs + 90 * DAY_MS),
  };
}

/**
 * The connection state event by which an approver's Ferry agrees to a proposal, or takes that back. Its state key is the
 * link's id. It discloses the link to whoever joins later, as the carrier's own event does in other rooms.
 */
export function answerContent(proposal: ProposalContent, eventId: EventId, status: "approved" | "revoked"): JsonObject {
  const { carrier, direction, peers, tells, terms } = proposal;
  return {
    ...{ version: 1, status, carrier, direction, mode: "copy" },
    peers: peers.map((name) => ({ name })),
    ...(tells.length === 0 ? {} : { tells }),
    ...{ terms, proposal: eventId },
  };
}

function listOf(value: unknown, limit: number): unknown[] {
  return Array.isArray(value) ? value.slice(0, limit) : [];
}
