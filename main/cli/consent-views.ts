import type { z } from "zod";
import { formatCode } from "../bridge/code.ts";
import { toldWords } from "../matrix/told-changes.ts";
import type {
  consentView,
  LinkDetail,
  LinkView,
  linkPlan,
  outgoingProposalView,
  ProposalView,
} from "../protocol/control.ts";
import { settingsText } from "./link-set.ts";
import { ago, ahead, counted, foreign, listed, nameOf, table } from "./text.ts";
import { linkText } from "./views.ts";

/** What the commands print about consent: who gains access, who has to agree, who has agreed. Pure. */

export type Plan = z.output<typeof linkPlan>;
type Consent = z.output<typeof consentView>;
type OutgoingProposal = z.output<typeof outgoingProposalView>;

/** What other people have written is cut: nobody reads more of it, and it must not push the rest off the screen. */
const LONGEST_SENTENCE = 300;
const MOST_SENTENCES = 20;

const WAYS: Record<Consent["way"], string> = {
  own: "by your own yes",
  "state-event": "with a Ferry of their own",
  reply: "by an answer in the room",
};
const DIRECTIONS: Record<ProposalView["direction"], string> = {
  "two-way": "messages of this room go to the others, and theirs come here",
  to: "messages of this room go to the others",
  from: "messages of the others come here",
};

/** What `ferry link add` and `ferry link propose` show before they ask. */
export function planText(plan: Plan, oneWay: boolean): string {
  const rooms = plan.rooms.map((room) => [
    `  ${nameOf(room.name)}`,
    foreign(room.alias ?? room.roomId),
    room.encrypted ? "encrypted" : "NOT encrypted",
    counted(room.joinedMembers, "member"),
    `join rule: ${foreign(room.joinRule)}`,
  ]);
  const heading = oneWay ? "From the first of these rooms to the others:" : "Between these rooms, both ways:";
  return [heading, table(rooms), agreementText(plan)].join("\n");
}

/** Who gains access, who has to agree, and what else a link does. */
export function agreementText(plan: Plan): string {
  const parts = ["Who will be able to read what they cannot read now:"];
  for (const { name, gains } of plan.comparison) {
    parts.push(`  Messages of ${nameOf(name)}:${gains.length === 0 ? " nobody else" : ""}`, ...bullets(gains, "    "));
  }
  const asked = consentsNeeded(plan);
  parts.push(asked.length === 0 ? "Nobody has to agree but you." : "Who has to agree:");
  for (const { name, giver, needs } of asked) {
    parts.push(`  ${giverText(giver, nameOf(name))}:`);
    parts.push(
      ...bullets(
        needs.map(({ reason }) => reason),
        "    ",
      ),
    );
  }
  if (plan.exposures.length > 0) parts.push("CAREFUL, encrypted messages would be shown outside their room:");
  parts.push(...plan.exposures.map(({ sentence }) => `  - ${foreign(sentence)}`));
  if (plan.consequences.length > 0) parts.push("What will happen:", ...bullets(plan.consequences, "  "));
  return parts.join("\n");
}

/** The rooms that have to agree; the plan names the others too. */
export function consentsNeeded({ consents }: Plan): Plan["consents"] {
  return consents.filter(({ needs }) => needs.length > 0);
}

/** The names of those rooms that have to agree by this giver. */
export function roomsOfGiver(plan: Plan, giver: Plan["consents"][number]["giver"]): string[] {
  return consentsNeeded(plan)
    .filter((consent) => consent.giver === giver)
    .map(({ name }) => nameOf(name));
}

function giverText(giver: Plan["consents"][number]["giver"], room: string): string {
  if (giver === "you") return `${room}, and you can say so`;
  return giver === "others" ? `${room}, and only its admins can say so` : `${room}, but nobody there has the power to`;
}

/** `ferry link show` */
export function linkDetailText(link: LinkDetail, now: number): string {
  const parts = [linkText(link, now), "Settings", settingsText(link)];
  if (link.consents.length > 0) parts.push("Consents", ...link.consents.map((consent) => consentText(consent, now)));
  if (link.proposals.length > 0) parts.push("Asked", table(link.proposals.map((asked) => askedRow(asked, now))));
  if (link.optedOut.length > 0) {
    parts.push("Left out at their own wish", ...link.optedOut.map((user) => `  ${foreign(user)}`));
  }
  return parts.join("\n");
}

function consentText(consent: Consent, now: number): string {
  const power = consent.power === null ? "a creator of the room" : `power ${consent.power}`;
  const lines = [
    `  ${nameOf(consent.roomName)}: ${foreign(consent.approver)} (${power}, needed ${consent.required}), ` +
      `${WAYS[consent.way]}, ${ago(consent.givenTs, now)}`,
    `    event ${foreign(consent.eventId ?? "none yet")}, terms ${foreign(consent.terms)}`,
    ...toldWords(consent.tells).map((words) => `    told besides messages: ${words}`),
    ...consent.audience.map((sentence) => `    then: ${foreign(sentence, LONGEST_SENTENCE)}`),
  ];
  if (consent.endedTs !== null) {
    const reason = consent.endedReason === null ? "" : `: ${foreign(consent.endedReason, LONGEST_SENTENCE)}`;
    lines.push(`    ended ${ago(consent.endedTs, now)}${reason}`);
  }
  return lines.join("\n");
}

function askedRow({ roomName, code, state, remark, sentTs, expiresTs }: OutgoingProposal, now: number): string[] {
  const when = sentTs === null ? "not sent yet" : `sent ${ago(sentTs, now)}`;
  const until = state === "open" || state === "sending" ? `expires ${ahead(expiresTs, now)}` : "";
  return [`  ${nameOf(roomName)}`, formatCode(code), state, when, until, foreign(remark ?? "", LONGEST_SENTENCE)];
}

/** `ferry proposals` */
export function proposalsText(proposals: readonly ProposalView[], now: number): string {
  if (proposals.length === 0) return "Nobody has asked you to link a room.";
  return table([
    ["CODE", "FROM", "ROOM", "LINK", "WITH", "STATE", "ASKED", "EXPIRES", "YOU MAY APPROVE IT"],
    ...proposals.map((proposal) => [
      formatCode(proposal.code),
      nameOf(proposal.proposer),
      nameOf(proposal.roomName),
      nameOf(proposal.linkName),
      peersText(proposal),
      proposal.state,
      ago(proposal.receivedTs, now),
      proposal.state === "open" ? ahead(proposal.expiresTs, now) : "",
      proposal.mayApprove ? "yes" : "no",
    ]),
  ]);
}

/** One proposal, with all that there is to decide by. */
export function proposalText(proposal: ProposalView, now: number): string {
  const rows = [
    ["Proposal", formatCode(proposal.code)],
    ["State", proposal.state],
    ["From", foreign(proposal.proposer)],
    ["Your room", `${nameOf(proposal.roomName)} (${foreign(proposal.roomId)})`],
    ["Link", nameOf(proposal.linkName)],
    ["With", peersText(proposal)],
    ["What goes where", DIRECTIONS[proposal.direction]],
    ...(proposal.tells.length === 0 ? [] : [["Told besides messages", toldWords(proposal.tells).join("; ")]]),
    ["Asked", ago(proposal.receivedTs, now)],
    ["Expires", ahead(proposal.expiresTs, now)],
  ];
  const gains = proposal.audience.length === 0 ? ["  - nothing is said of it"] : bullets(proposal.audience, "  ");
  return [
    table(rows),
    "Who gains access:",
    ...gains,
    `All of this is the word of ${foreign(proposal.proposer)}: your Ferry has not checked the other rooms.`,
  ].join("\n");
}

/** The answer to a link just made: what it waits for, and what comes next. */
export function madeText(link: LinkView, now: number): string {
  if (link.state !== "waiting") return `Linked.\n${linkText(link, now)}`;
  return `Asked. Nothing is copied before every room has agreed.\n${linkText(link, now)}`;
}

function peersText({ peers }: ProposalView): string {
  const shown = peers.slice(0, MOST_SENTENCES).map((peer) => nameOf(peer));
  return peers.length > shown.length ? `${shown.join(", ")} and ${peers.length - shown.length} more` : listed(shown);
}

function bullets(sentences: readonly string[], indent: string): string[] {
  const shown = sentences.slice(0, MOST_SENTENCES).map((text) => `${indent}- ${foreign(text, LONGEST_SENTENCE)}`);
  if (sentences.length > shown.length) shown.push(`${indent}- and ${sentences.length - shown.length} more`);
  return shown;
}
