import type { RoomId } from "../../../main/matrix/ids.ts";
import type { LinkDetail, LinkPlan } from "../../../main/protocol/control.ts";
import { gapWords } from "./gaps.ts";

/** What a link waits for, or was stopped by, and what the user can do about it. Pure. */

export type Question = LinkDetail["proposals"][number];

/**
 * `approve`: agree to it once more; `ask`: ask the room's admins; `remind`: ask those again who have been asked;
 * `follow`: go on in the room that has taken this one's place; `resume`: go on.
 */
export type Offer = "approve" | "ask" | "remind" | "follow" | "resume";

/** What is wanting in one room of a link. */
export interface Wanting {
  roomId: RoomId;
  roomName: string;
  /** A few words. */
  title: string;
  /** What is the case. */
  sentence: string;
  /** What the room's admins have last been asked; null where they were not. */
  question: Question | null;
  /** Whether they may still answer it. */
  isAsked: boolean;
  /** The one thing that Ferry can do about it; null where it passes by itself, or is not Ferry's to do. */
  offer: Offer | null;
  /** Since when, in milliseconds since 1970, where that is known. */
  sinceTs: number | null;
}

/** In the order of what resolves more. */
const OFFERS: readonly Offer[] = ["approve", "ask", "remind", "follow", "resume"];
export const DAY_MS = 24 * 3_600_000;

/**
 * What is wanting, room by room.
 *
 * @param plan the same link as it would be made now, for who may agree; null while that is not known
 */
export function wantingOf(link: LinkDetail, plan: LinkPlan | null): Wanting[] {
  return link.rooms.flatMap((room) => {
    const { roomId, name: roomName, suspended, gap } = room;
    if (gap === null && suspended === null) return [];
    const question = lastQuestion(link, roomId);
    const base = { roomId, roomName, question, sinceTs: endOf(link, roomId) };
    if (gap === null) {
      const offer: Offer = "resume";
      return [{ ...base, title: "Nothing is copied into it", sentence: suspended ?? "", isAsked: false, offer }];
    }
    const words = gapWords(gap.code);
    const isAsked = words?.offer === "ask-or-approve" && isOpen(question);
    const giver = plan?.consents.find((consent) => consent.roomId === roomId)?.giver ?? null;
    return [
      {
        ...base,
        title: isAsked ? "the question is on its way" : (words?.title ?? "Something is wanting"),
        sentence: gap.sentence,
        isAsked,
        offer: isAsked ? "remind" : offerFor(words?.offer ?? null, giver),
      },
    ];
  });
}

/** What can be done about all of it, each thing once, what resolves most first. */
export function offersOf(wanting: readonly Wanting[]): Offer[] {
  return OFFERS.filter((offer) => wanting.some((one) => one.offer === offer));
}

/** From when on the rooms that an offer is about may be asked again: once a day. Null where they may be now. */
export function nextAskTs(wanting: readonly Wanting[], offer: Offer, now: number): number | null {
  const asked = wanting.flatMap((one) => (one.offer === offer ? (one.question?.sentTs ?? []) : []));
  const next = Math.max(...asked) + DAY_MS;
  return next > now ? next : null;
}

function lastQuestion({ proposals }: LinkDetail, roomId: RoomId): Question | null {
  return proposals.findLast((question) => question.roomId === roomId) ?? null;
}

function isOpen(question: Question | null): boolean {
  return question?.state === "open" || question?.state === "sending";
}

function endOf({ consents }: LinkDetail, roomId: RoomId): number | null {
  return consents.findLast((consent) => consent.roomId === roomId)?.endedTs ?? null;
}

function offerFor(offer: "ask-or-approve" | "follow" | null, giver: "you" | "others" | "nobody" | null): Offer | null {
  if (offer !== "ask-or-approve") return offer;
  if (giver === "you") return "approve";
  return giver === "others" ? "ask" : null;
}
