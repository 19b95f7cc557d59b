import type { GapCode } from "../../../main/matrix/codes.ts";

/** What the window says where a room has not agreed to a link, or not any more. */
export interface GapWords {
  /** A few words for a list. */
  title: string;
  sentence: string;
  /** What the user can do, as a sentence; null where it passes by itself. */
  action: string | null;
  /** The one thing that Ferry can do about it: ask the room's admins (or approve as one), or go on in the new room. */
  offer: "ask-or-approve" | "follow" | null;
}

const ASK = "Ask the room's admins again. If you are one of them, approve it yourself.";

const WORDS: Record<GapCode, GapWords> = {
  "consent-missing": {
    title: "Waiting for approval",
    sentence: "An admin of this room has to approve first. Nothing is copied from it or into it until then.",
    action: "Wait for an answer, or remind the admins. If you are one of them, approve it yourself.",
    offer: "ask-or-approve",
  },
  "consent-declined": {
    title: "Declined",
    sentence: "An admin of this room has declined. Nothing is copied from it or into it.",
    action: "Talk to the admins. You can ask once more, a day later at the earliest.",
    offer: "ask-or-approve",
  },
  "consent-revoked": {
    title: "Ended by an admin",
    sentence: "An admin of this room has ended it. Nothing more is copied from it or into it.",
    action: ASK,
    offer: "ask-or-approve",
  },
  "approver-lost-power": {
    title: "Needs a new approval",
    sentence:
      "Whoever approved for this room is not an admin of it any more. Nothing is copied until another one does.",
    action: ASK,
    offer: "ask-or-approve",
  },
  "audience-widened": {
    title: "More people can read it now",
    sentence: "More people can read the copies than when this room approved. Nothing is copied until it approves that.",
    action: "Ask the room's admins again, or undo what let more people in.",
    offer: "ask-or-approve",
  },
  "room-upgraded": {
    title: "The room was replaced",
    sentence: "This room has been closed, or replaced by a new one.",
    action: "Join the new room in your Matrix app, then go on there.",
    offer: "follow",
  },
  "not-in-room": {
    title: "You left the room",
    sentence: "You are not in this room any more, so nothing is copied from it or into it.",
    action: "Join it again in your Matrix app. Ferry goes on by itself.",
    offer: null,
  },
  "room-unread": {
    title: "Not looked at yet",
    sentence: "Ferry has not looked at this room since it started. It does so as soon as it reaches your server.",
    action: null,
    offer: null,
  },
};

/** What to show of a gap by its code; null for a code that this window does not know. */
export function gapWords(code: string): GapWords | null {
  return isGapCode(code) ? WORDS[code] : null;
}

function isGapCode(code: string): code is GapCode {
  return Object.hasOwn(WORDS, code);
}
