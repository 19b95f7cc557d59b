import type { GapCode } from "../matrix/codes.ts";
import type { UserId } from "../matrix/ids.ts";
import { cleanLabel } from "./attribution.ts";
import type { Gap } from "./link.ts";
import { listed, oneLine } from "./text.ts";

/** What a sentence about a gap can name. */
export interface GapDetails {
  /** Name of the room. */
  name: string;
  /** Who can read more by now, as parts of a sentence. */
  details?: readonly string[];
  approver?: UserId;
}

/** What is wanting for a room's consent, in a sentence for the user that also says what can be done. */
export function gapOf(code: GapCode, facts: GapDetails): Gap {
  const name = `“${cleanLabel(facts.name, "a room without a name")}”`;
  return { code, sentence: sentenceOf(code, name, facts) };
}

function sentenceOf(code: GapCode, name: string, { details = [], approver }: GapDetails): string {
  switch (code) {
    case "consent-missing":
      return `Nobody who may speak for ${name} has agreed yet. Nothing is copied from it or into it until then.`;
    case "consent-declined":
      return `The admins of ${name} have declined. Nothing is copied. You can ask them once more.`;
    case "consent-revoked":
      return (
        `An admin of ${name} has ended it. Nothing more is copied from it or into it, nor what was said meanwhile. ` +
        "You can ask once more, or, where you are an admin yourself, agree to it again."
      );
    case "approver-lost-power": {
      const who = approver === undefined ? "Whoever agreed" : oneLine(approver);
      return `${who} agreed for ${name} and may not speak for it any more. Nothing is copied until somebody agrees who may.`;
    }
    case "audience-widened":
      return (
        `More people can read the copies of ${name} than when it agreed: ${listed(details)}. ` +
        "Nothing is copied until it agrees to that, or until that ends."
      );
    case "room-upgraded":
      return (
        `${name} has been closed, or replaced by a new room. To go on in the new one, join it, then have the link ` +
        "follow."
      );
    case "not-in-room":
      return `You are not in ${name} any more. Once you are back, Ferry goes on by itself.`;
    case "room-unread":
      return "Ferry has not looked at this room yet. It does so as soon as it reaches the homeserver.";
  }
}
