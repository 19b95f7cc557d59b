import { z } from "zod";
import * as set from "../matrix/link-settings.ts";
import * as v from "./values.ts";

/** What the control contract shows of links, of what people have agreed to, and of what is owed. */

const senders = z.array(v.userId).max(set.MOST_SENDERS);

export const linkFilter: z.ZodType<set.Filter, set.Filter> = z.object({
  withoutKinds: z.array(z.enum(set.FILTERED_KINDS)).max(set.FILTERED_KINDS.length),
  onlySenders: senders,
  withoutSenders: senders,
  withoutNotices: z.boolean(),
  threadsOnly: z.boolean(),
  withoutWords: z.array(z.string().min(1).max(set.LONGEST_WORD)).max(set.MOST_WORDS),
});

/** What the user has set for one link. Its words are the user's own: they are shown to nobody else, and never logged. */
export const linkSettings = z.object({
  filter: linkFilter,
  roomFilters: z.array(z.object({ roomId: v.roomId, filter: linkFilter })).max(200),
  attribution: z.enum(set.ATTRIBUTIONS),
  allowRoomMention: z.boolean(),
  reads: z.boolean(),
});

/** `waiting`: for the consent of other people. */
export const linkState = z.enum(["waiting", "starting", "mirroring", "catching-up", "paused", "suspended"]);

export const linkView = z.object({
  id: v.linkId,
  name: z.string(),
  direction: z.enum(["two-way", "one-way"]),
  /** The link that this one is a change of, and takes the place of when it begins; null otherwise. */
  changes: v.linkId.nullable(),
  state: linkState,
  /** What the user has set for this link alone; with everything paused it says what the link goes back to. */
  isPaused: z.boolean(),
  /** Why it is suspended, or that everything is paused, as a sentence; null otherwise. */
  reason: z.string().nullable(),
  /** What large file is under way, and how far, as a sentence; null where none is. */
  carrying: z.string().nullable(),
  rooms: z.array(
    z.object({
      roomId: v.roomId,
      name: z.string(),
      encrypted: z.boolean(),
      role: z.enum(["source", "destination", "both"]),
      suspended: z.string().nullable(),
      /** Why nothing passes into or out of this room for want of consent; null where nothing is wanting. */
      gap: z.object({ code: z.string(), sentence: z.string() }).nullable(),
    }),
  ),
  /** Which changes of a room the rooms that its messages go to are told of. */
  tells: v.toldChanges,
  settings: linkSettings,
  copied: z.number(),
  waiting: z.number(),
  failed: z.number(),
  /** What was left out, by its named reason. */
  skipped: z.array(z.object({ reason: z.string(), count: z.number(), latestTs: z.number() })),
  /** Milliseconds since 1970, or null where nothing has been copied. */
  lastCopyTs: z.number().nullable(),
  createdTs: z.number(),
});
/** One room's agreement to a link, with what shows it. */
export const consentView = z.object({
  roomId: v.roomId,
  roomName: z.string(),
  approver: v.userId,
  /** `own`: the user's own click; `state-event`: an approver's Ferry; `reply`: an answer in the room. */
  way: z.enum(["own", "state-event", "reply"]),
  eventId: v.eventId.nullable(),
  /** The approver's power level then and what was required; null stands for a creator above all levels. */
  power: z.number().nullable(),
  required: z.number(),
  terms: z.string(),
  /** What was agreed to have told besides messages. */
  tells: v.toldChanges,
  /** Who could read the other rooms then, a sentence for each. */
  audience: z.array(z.string()),
  givenTs: z.number(),
  endedTs: z.number().nullable(),
  endedReason: z.string().nullable(),
});

/** What Ferry has asked a room's admins. */
export const outgoingProposalView = z.object({
  roomId: v.roomId,
  roomName: z.string(),
  code: z.string(),
  state: z.enum(["sending", "open", "approved", "declined", "withdrawn", "expired"]),
  /** An answer that was not accepted, and why, as a sentence; null where there was none. */
  remark: z.string().nullable(),
  sentTs: z.number().nullable(),
  expiresTs: z.number(),
});

export const linkDetail = linkView.extend({
  consents: z.array(consentView),
  proposals: z.array(outgoingProposalView),
  /** Members whose messages are left out at their own wish. */
  optedOut: z.array(v.userId),
});
export type LinkDetail = z.output<typeof linkDetail>;

/** What somebody else's Ferry asks this user as an admin of a room. What it says is the proposer's word. */
export const proposalView = z.object({
  /** What `proposalApprove` and `proposalDecline` take. */
  code: z.string(),
  roomId: v.roomId,
  roomName: z.string(),
  proposer: v.userId,
  linkName: z.string(),
  direction: z.enum(["two-way", "to", "from"]),
  peers: z.array(z.string()),
  /** What would be told besides messages. */
  tells: v.toldChanges,
  /** Who gains access, as the proposer's Ferry says, a sentence each. */
  audience: z.array(z.string()),
  state: z.enum(["open", "approved", "declined", "withdrawn", "expired"]),
  mayApprove: z.boolean(),
  receivedTs: z.number(),
  expiresTs: z.number(),
});
export type ProposalView = z.output<typeof proposalView>;

export type LinkView = z.output<typeof linkView>;

export const outboxView = z.object({
  id: z.number(),
  state: z.enum(["queued", "sending", "failed"]),
  kind: z.string(),
  sourceRoom: v.roomId,
  sourceEvent: z.string(),
  destinationRoom: v.roomId,
  attempts: z.number(),
  /** Why it waits, as a sentence, or null. */
  reason: z.string().nullable(),
  createdTs: z.number(),
});
/** What became of one event of a linked room, for whoever asks why a message did not arrive. */
export const deliveryMark = z.enum(["copied", "waiting", "failed", "left-out"]);
export const messageView = z.object({
  roomId: v.roomId,
  eventId: z.string(),
  sender: v.userId,
  /** `copy`, `edit`, `reaction` or `redaction`; of what Ferry cannot copy its type. */
  kind: z.string(),
  receivedTs: z.number(),
  /** The worst of its destinations'. */
  mark: deliveryMark,
  /** Why it was left out, by the named reason; null otherwise. */
  skipped: z.string().nullable(),
  destinations: z.array(
    z.object({
      roomId: v.roomId,
      mark: deliveryMark,
      /** Why it waits or has failed, as a sentence; null where it only waits for its turn. */
      reason: z.string().nullable(),
      /** Why it was left out there, by the named reason; null otherwise. */
      skipped: z.string().nullable(),
      /** What `outboxRetry` and `outboxDismiss` take, where it has failed. */
      outboxId: z.number().nullable(),
    }),
  ),
});
export type MessageView = z.output<typeof messageView>;

/** What is about to be linked, for the user to confirm. `refusal` says why it cannot be. */
export const linkPlan = z.object({
  rooms: z.array(v.roomSummary),
  /** For each room that is a source: who will be able to read its messages who cannot read it, a part of a sentence each. */
  comparison: z.array(
    z.object({
      roomId: v.roomId,
      name: z.string(),
      gains: z.array(z.string()),
      /** What kind of gain each sentence is, in the same order. */
      kinds: z.array(z.string()),
      /** People who are in it, in any room that copies go to, in both, and in those rooms only. */
      people: z.object({ here: z.number(), there: z.number(), both: z.number(), gaining: z.number() }),
    }),
  ),
  /** Why each room has to agree (without `needs` it has not), and who can say so: the user, other admins, or nobody. */
  consents: z.array(
    z.object({
      roomId: v.roomId,
      name: z.string(),
      needs: z.array(z.object({ kind: z.enum(["disclosure", "receiving"]), reason: z.string() })),
      giver: z.enum(["you", "others", "nobody"]),
      /** Other people who could say so, 10 at most. */
      approvers: z.array(v.userId),
    }),
  ),
  /** Rooms that would take what is encrypted to anybody's eyes: each must be named again in `linkAdd`'s `expose`. */
  exposures: z.array(z.object({ roomId: v.roomId, name: z.string(), sentence: z.string() })),
  /** Sentences that say what else will happen. */
  consequences: z.array(z.string()),
  refusal: z.object({ code: z.string(), sentence: z.string() }).nullable(),
});
export type LinkPlan = z.output<typeof linkPlan>;
