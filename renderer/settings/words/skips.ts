import type { SkipReason } from "../../../main/matrix/codes.ts";

/** Why something was left out, and what can be done about it. */
export interface SkipWords {
  /** Fits one message and a number of them. */
  why: string;
  /** What the user can do, as a sentence; null where nothing can be done, or nothing needs to be. */
  action: string | null;
}

const CHANGE_FILTER = "You can change that under “What is copied” in this link's settings.";

const WORDS: Record<SkipReason, SkipWords> = {
  "own-copy": { why: "Ferry wrote this itself: it is a copy already.", action: null },
  "copy-by-another-ferry": { why: "Another person's Ferry wrote this: it is a copy already.", action: null },
  "state-event": { why: "A change of the room (its name, its picture, who is in it), not a message.", action: null },
  "unsupported-type": { why: "Of a kind that Ferry does not know, and without words to be copied.", action: null },
  "unsupported-message": { why: "A message without words, or of a kind that Ferry does not know.", action: null },
  "call-or-verification": {
    why: "A call, or a comparison between two devices. Nobody elsewhere could join it.",
    action: null,
  },
  "file-missing": {
    why: "Its file could not be had. A sentence in its place says so.",
    action: "If it matters, send it again.",
  },
  "file-damaged": {
    why: "Its file is damaged, or somebody has changed it. A sentence in its place says so.",
    action: "If it matters, send it again.",
  },
  "file-too-large": {
    why: "Its file is too large. A sentence in its place says what it is, and where.",
    action: "You can change how large files may be under Settings, as far as your server takes them.",
  },
  "file-refused": {
    why: "Your server does not take its file. A sentence in its place says so.",
    action: null,
  },
  "not-encrypted": {
    why: "Came without encryption into an encrypted room, so anybody could have written it.",
    action: "If it is genuine, ask its sender to write it again with an app that encrypts.",
  },
  "not-a-source": { why: "This link copies into this room, and nothing out of it.", action: null },
  "link-starting": {
    why: "Written while the rooms were still being told of the link.",
    action: "If it matters, write it again.",
  },
  "before-link": { why: "Written before the link was made. Ferry copies only what comes after.", action: null },
  "no-consent": {
    why: "Written while an approval was missing. It will not follow later either.",
    action: "If it matters, write it again once all rooms have approved.",
  },
  "opted-out": {
    why: "Its sender has asked to be left out.",
    action: "Only they can change that, by writing “!ferry optin” in the room.",
  },
  command: { why: "Words for Ferry itself, which it has obeyed.", action: null },
  redacted: { why: "Deleted before it was copied.", action: null },
  "target-not-copied": { why: "Belongs to a message that has no copy there.", action: null },
  "edit-of-another-persons-message": { why: "A change to a message that somebody else wrote.", action: null },
  "redaction-of-a-copy": { why: "A copy was deleted there. It is gone there and only there.", action: null },
  "end-of-a-poll-copy": {
    why: "Somebody ended the copy of a poll. It has ended there and only there.",
    action: null,
  },
  "end-of-another-persons-poll": { why: "The end of a poll that its sender may not end.", action: null },
  "no-votes-elsewhere": { why: "A vote of which there is nothing to tell elsewhere.", action: null },
  "key-awaited": {
    why: "Cannot be read on this device yet. It follows as soon as it can.",
    action: "If it lasts, verify this device under Account.",
  },
  "already-reacted": { why: "You have already reacted with this there.", action: null },
  superseded: { why: "A newer version of it has been copied in its place.", action: null },
  "too-old": {
    why: "Was older, when Ferry saw it, than the settings let it go back.",
    action: "You can change how far back Ferry catches up under Settings.",
  },
  "filtered-kind": { why: "Of a kind that you have kept out of the copies.", action: CHANGE_FILTER },
  "filtered-sender": { why: "By somebody whose messages you have kept out of the copies.", action: CHANGE_FILTER },
  "filtered-notice": { why: "What a bot says, which you have kept out of the copies.", action: CHANGE_FILTER },
  "filtered-not-in-thread": { why: "Not in a thread, and you let only threads be copied.", action: CHANGE_FILTER },
  "filtered-word": { why: "Has a word that you never want to be copied.", action: CHANGE_FILTER },
  dismissed: { why: "You have given this up.", action: "If it matters, write it again." },
};

/** Why something was left out, by the named reason; a reason that this window does not know says at least that. */
export function skipWords(reason: string): SkipWords {
  return isSkipReason(reason) ? WORDS[reason] : { why: "Left out for another reason.", action: null };
}

function isSkipReason(reason: string): reason is SkipReason {
  return Object.hasOwn(WORDS, reason);
}

/** What is counted for a link and is nothing to worry about: it can stand apart from what somebody may miss. */
export function isOrdinary(reason: string): boolean {
  return isSkipReason(reason) && ORDINARY.has(reason);
}

const ORDINARY: ReadonlySet<SkipReason> = new Set<SkipReason>([
  "own-copy",
  "copy-by-another-ferry",
  "state-event",
  "not-a-source",
  "before-link",
  "command",
  "redacted",
  "already-reacted",
  "no-votes-elsewhere",
  "superseded",
  "filtered-kind",
  "filtered-sender",
  "filtered-notice",
  "filtered-not-in-thread",
  "filtered-word",
]);
