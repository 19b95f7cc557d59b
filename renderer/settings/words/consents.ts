import type { LinkDetail, LinkView } from "../../../main/protocol/control.ts";
import { gapWords } from "./gaps.ts";

/** Agreements to a link, in words. */

export type Consent = LinkDetail["consents"][number];

const WAYS: Record<Consent["way"], string> = {
  own: "by a click in Ferry",
  "state-event": "with a Ferry of their own",
  reply: "by an answer in the room",
};

/** How somebody has agreed. */
export function wayWords(way: Consent["way"]): string {
  return WAYS[way];
}

/** What power they had for it; null stands for a creator above all levels. */
export function powerWords({ power, required }: Pick<Consent, "power" | "required">): string {
  const had = power === null ? "Made the room, which is above all levels" : `Power level ${power}`;
  return `${had}; ${required} was needed.`;
}

/** Why an agreement holds no longer. */
export function endWords(reason: string | null): string {
  if (reason === "replaced") return "a later agreement took its place";
  const title = reason === null ? undefined : gapWords(reason)?.title;
  return title === undefined ? "it holds no longer" : title.charAt(0).toLowerCase() + title.slice(1);
}

const ROLES: Record<LinkView["rooms"][number]["role"], string> = {
  both: "Messages go out of it and come into it",
  source: "Messages go out of it",
  destination: "Messages come into it",
};

/** What a room does in a link. */
export function roleWords(role: LinkView["rooms"][number]["role"]): string {
  return ROLES[role];
}
