import { readCommand } from "../bridge/command.ts";
import { isApprover } from "../bridge/consent.ts";
import type { ConnectionEvent, RoomFacts } from "../matrix/room-facts.ts";
import { CONNECTION } from "../matrix/unstable.ts";
import type { Examination } from "../protocol/examination.ts";
import type { Answer } from "../store/answers.ts";

/** What an answer is judged by, besides itself. */
export interface Circumstances {
  /** Its room as it is now. */
  room: RoomFacts | undefined;
  /** Whether it would let something pass that does not pass without it. */
  opens: boolean;
  /** Whether the user lets answers count whose device cannot be verified. */
  unverified: boolean;
}

/** Why an answer does not count, as a sentence; null where it does. */
export function objectionTo(examined: Examination, { room, opens, unverified }: Circumstances): string | null {
  const who = examined.sender;
  if (room === undefined || examined.redacted) return `${who}'s answer has been taken back.`;
  if (room.encrypted && !examined.encrypted && examined.stateKey === null) {
    return `An answer in ${who}'s name came without encryption, so that a server could have written it.`;
  }
  const hadPower = examined.membership === "join" && (examined.power ?? Infinity) >= examined.required;
  // What closes a link counts by the power that its writer had then, whatever has become of that.
  if (!hadPower || (opens && !isApprover(who, room))) {
    return `${who} has answered, and may not speak for this room: that takes an admin of it.`;
  }
  // Whoever pretends to be an approver in order to close a link does no harm that asking again does not mend.
  if (opens && examined.encrypted && examined.shield !== "none" && !unverified) {
    return (
      `${who} has answered from a device that they have not confirmed as theirs (${examined.shieldReason ?? "unknown"}). ` +
      "Have them verify it, or let such answers count in the settings, and have them answer again."
    );
  }
  return null;
}

/** Whether the event says, read a second time, what it was taken for when it came. */
export function isSame({ roomId, eventId, verb, code }: Answer, examined: Examination): boolean {
  const { sender, type, content, encrypted, originServerTs, stateKey } = examined;
  if (stateKey !== null || examined.redacted) return examined.redacted;
  const event = { roomId, eventId, sender, senderName: sender, type, content, encrypted, originServerTs };
  // That it must be encrypted is judged by itself, and said.
  const command = readCommand({ ...event, roomEncrypted: false });
  return command?.kind === "answer" && command.verb === verb && command.code === code;
}

/** A connection event by what the homeserver says of it when it is asked for it alone. */
export function asConnection({ sender, type, stateKey, content }: Examination): Omit<ConnectionEvent, "eventId"> {
  return { sender, stateKey: type === CONNECTION ? (stateKey ?? "") : "", content };
}
