import type { z } from "zod";
import type { GapCode } from "../matrix/codes.ts";
import type { RoomSummary } from "../matrix/event.ts";
import { toldWords } from "../matrix/told-changes.ts";
import type { doctorCheck, LinkView, outboxView, StatusView } from "../protocol/control.ts";
import { actionText, gapHint, suspensionHint } from "./hints.ts";
import { ago, foreign, listed, nameOf, table } from "./text.ts";

/** What the commands print for people. Pure: the time is passed in. */

/** What only the consent of a room's admins ends. */
const CONSENT_GAPS: readonly GapCode[] = [
  "consent-missing",
  "consent-declined",
  "consent-revoked",
  "approver-lost-power",
  "audience-widened",
];
const WAITS_FOR_ADMINS: ReadonlySet<string> = new Set(CONSENT_GAPS);

/** `ferry status` */
export function statusText(status: StatusView): string {
  const account =
    status.userId === null
      ? "not logged in"
      : `${foreign(status.userId)} (device ${foreign(status.deviceId ?? "unknown")}) on ${foreign(status.homeserver ?? "")}`;
  const rows = [
    ["Ferry", `${status.version}: ${foreign(status.summary)}`],
    ["Account", account],
    ["Connection", status.paused ? `${status.connection}, paused` : status.connection],
    ["Links", String(status.links)],
    ["Messages", countsText(status)],
    ...carryingRow(status),
  ];
  const conditions = status.health.map(
    (condition) => `${condition.severity}: ${foreign(condition.text)} ${foreign(actionText(condition))}`,
  );
  return [table(rows), ...conditions].join("\n");
}

/** `ferry rooms` */
export function roomsText(rooms: readonly RoomSummary[]): string {
  if (rooms.length === 0) return "This account has not joined any room.";
  const sorted = [...rooms].sort((a, b) => a.name.localeCompare(b.name));
  return table([
    ["NAME", "ROOM", "ENCRYPTED", "MEMBERS", "WHO MAY JOIN", "YOU MAY LINK IT"],
    ...sorted.map((room) => [
      nameOf(room.name),
      foreign(room.alias ?? room.roomId),
      room.encrypted ? "yes" : "no",
      String(room.joinedMembers),
      foreign(room.joinRule),
      powerText(room),
    ]),
  ]);
}

/** `ferry link list` */
export function linksText(links: readonly LinkView[], now: number): string {
  if (links.length === 0) return "There are no links yet. Make one with “ferry link add ROOM ROOM”.";
  return table([
    ["LINK", "NAME", "STATE", "ROOMS", "COPIED", "WAITING", "FAILED", "LAST COPY"],
    ...links.map((link) => [
      foreign(link.id),
      nameOf(link.name),
      stateText(link),
      link.rooms.map(({ name }) => nameOf(name)).join(link.direction === "two-way" ? " ⇄ " : " → "),
      String(link.copied),
      String(link.waiting),
      String(link.failed),
      lastCopyText(link, now),
    ]),
  ]);
}

/** The beginning of `ferry link show`, and the answer to a changed link. */
export function linkText(link: LinkView, now: number): string {
  const rows = [
    ["Link", foreign(link.id)],
    ["Name", nameOf(link.name)],
    ["State", link.reason === null ? stateText(link) : `${stateText(link)}: ${foreign(link.reason)}`],
    ["Direction", link.direction],
    ...(link.tells.length === 0 ? [] : [["Told besides messages", toldWords(link.tells).join("; ")]]),
    ["Messages", countsText(link)],
    ...carryingRow(link),
    ["Last copy", lastCopyText(link, now)],
    ["Made", ago(link.createdTs, now)],
  ];
  const rooms = link.rooms.map(({ roomId, name, role, suspended, gap }) => [
    `  ${nameOf(name)}`,
    foreign(roomId),
    role,
    [
      ...(suspended === null ? [] : [`suspended: ${foreign(suspended)} ${suspensionHint(link.id)}`]),
      ...(gap === null
        ? []
        : [`${foreign(gap.code)}: ${foreign(gap.sentence)} ${gapHint(gap.code, link.id) ?? ""}`.trimEnd()]),
    ].join("; "),
  ]);
  const skipped = link.skipped.map(({ reason, count, latestTs }) => [
    `  ${foreign(reason)}`,
    String(count),
    `the latest ${ago(latestTs, now)}`,
  ]);
  const parts = [table(rows), "Rooms", table(rooms)];
  if (skipped.length > 0) parts.push("Left out", table(skipped));
  return parts.join("\n");
}

/** `ferry outbox` */
export function outboxText(entries: readonly z.output<typeof outboxView>[], now: number): string {
  if (entries.length === 0) return "Nothing waits to be copied.";
  return table([
    ["ID", "STATE", "KIND", "FROM", "TO", "SINCE", "TRIES", "WHY IT WAITS"],
    ...entries.map((entry) => [
      String(entry.id),
      entry.state,
      foreign(entry.kind),
      foreign(entry.sourceRoom),
      foreign(entry.destinationRoom),
      ago(entry.createdTs, now),
      String(entry.attempts),
      foreign(entry.reason ?? ""),
    ]),
  ]);
}

/** `ferry doctor` */
export function doctorText(checks: readonly z.output<typeof doctorCheck>[]): string {
  return table(checks.map(({ name, ok, text }) => [ok ? "ok" : "FAILED", name, foreign(text)]));
}

/** What its state is called; of a link that waits, whom it waits for. */
function stateText(link: LinkView): string {
  return link.changes === null ? ownStateText(link) : `a change, ${ownStateText(link)}`;
}

function ownStateText(link: LinkView): string {
  if (link.state !== "waiting") return link.state;
  const rooms = link.rooms.filter(({ gap }) => gap !== null && WAITS_FOR_ADMINS.has(gap.code));
  if (rooms.length === 0) return link.state;
  return `waiting for consent of ${listed(rooms.map(({ name }) => `“${nameOf(name)}”'s`))} admins`;
}

function countsText(counts: { copied: number; waiting: number; failed: number; undecryptable?: number }): string {
  const parts = [`${counts.copied} copied`, `${counts.waiting} waiting`, `${counts.failed} failed`];
  if (counts.undecryptable !== undefined) parts.push(`${counts.undecryptable} undecryptable`);
  return parts.join(", ");
}

function carryingRow({ carrying }: { carrying: string | null }): string[][] {
  return carrying === null ? [] : [["Files", foreign(carrying)]];
}

function lastCopyText(link: LinkView, now: number): string {
  return link.lastCopyTs === null ? "never" : ago(link.lastCopyTs, now);
}

function powerText({ ownPower, requiredPower }: RoomSummary): string {
  if (ownPower === null || ownPower >= requiredPower) return "yes";
  return `no: you have power ${ownPower}, it needs ${requiredPower}`;
}
