import { describeAudience } from "../bridge/audience.ts";
import type { Link } from "../bridge/link.ts";
import type { RoomId } from "../matrix/ids.ts";
import type { LinkDetail } from "../protocol/control.ts";
import type { Store } from "../store/store.ts";
import { linkView } from "./views.ts";

/**
 * What is shown of one link: with its consents and what shows them, and with what has been asked.
 *
 * @param carrying what is said of a large file that is under way
 */
export function linkDetail(store: Store, link: Link, carrying: string | null): LinkDetail {
  const nameOf = (roomId: RoomId): string => link.rooms.find((room) => room.roomId === roomId)?.name ?? roomId;
  return {
    ...linkView(store, link, carrying),
    consents: store.consents.all(link.id).map((consent) => ({
      roomId: consent.roomId,
      roomName: nameOf(consent.roomId),
      approver: consent.approver,
      way: consent.way,
      eventId: consent.eventId,
      power: consent.power,
      required: consent.required,
      terms: consent.termsHash,
      tells: consent.terms.tells,
      audience: consent.audience.map(describeAudience),
      givenTs: consent.givenTs,
      endedTs: consent.endedTs,
      endedReason: consent.endedReason,
    })),
    proposals: store.proposals.ofLink(link.id).map((proposal) => ({
      roomId: proposal.roomId,
      roomName: nameOf(proposal.roomId),
      code: proposal.code,
      state: proposal.state,
      remark: proposal.remark,
      sentTs: proposal.sentTs,
      expiresTs: proposal.expiresTs,
    })),
    optedOut: [...store.optOuts.of(link.id)],
  };
}
