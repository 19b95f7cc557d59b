import type { GainCode } from "../../../main/matrix/codes.ts";

/** Short captions in the picture of who gains access; main's sentences say it in full. */
const CAPTIONS: Record<GainCode, string> = {
  anyone: "Anyone, even without joining",
  "whoever-joins": "Anyone who joins, now and later",
  "whoever-knocks": "Whoever asks to join and is let in",
  "members-of-other-rooms": "Members of other rooms, who may join",
  guests: "Guests without an account",
  people: "People who are not in the first room",
  "whoever-is-invited": "Whoever is invited, now and later",
  homeserver: "Whoever runs the servers: the room is not encrypted",
  bridge: "People on another network",
  directory: "Listed in public, so it is easily found",
  "earlier-messages": "Newcomers, for earlier messages too",
};

/** The caption for a kind of readers; for one that this window does not know it says no less than there is. */
export function captionFor(code: string): string {
  return Object.hasOwn(CAPTIONS, code) ? CAPTIONS[code as GainCode] : "More people";
}
