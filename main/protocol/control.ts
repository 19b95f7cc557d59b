import { z } from "zod";
import * as v from "./values.ts";

/**
 * The contract between main and whoever steers it: the `ferry` command, the settings window, the tray.
 * The `ferry` command prints these answers with `--json`, field names in snake_case; they are documented in
 * docs/command.md and stay stable.
 */

const roomReference = z.union([v.roomId, v.roomAlias]);
const linkReference = z.string().min(1);

export const severity = z.enum(["info", "warning", "error"]);

/** A named condition of the whole of Ferry. */
export const healthCondition = z.object({
  code: z.string(),
  severity,
  /** What is the case. */
  text: z.string(),
  /** What the user can do about it. */
  action: z.string(),
});
export type HealthCondition = z.output<typeof healthCondition>;

/** `waiting`: for the consent of other people. */
export const linkState = z.enum(["waiting", "starting", "mirroring", "catching-up", "paused", "suspended"]);

export const linkView = z.object({
  id: v.linkId,
  name: z.string(),
  direction: z.enum(["two-way", "one-way"]),
  /** The link that this one is a change of, and takes the place of when it begins; null otherwise. */
  changes: v.linkId.nullable(),
  state: linkState,
  /** Why it is suspended, as a sentence. */
  reason: z.string().nullable(),
  rooms: z.array(
    z.object({
      roomId: v.roomId,
      name: z.string(),
      role: z.enum(["source", "destination", "both"]),
      suspended: z.string().nullable(),
      /** Why nothing passes into or out of this room for want of consent; null where nothing is wanting. */
      gap: z.object({ code: z.string(), sentence: z.string() }).nullable(),
    }),
  ),
  copied: z.number(),
  waiting: z.number(),
  failed: z.number(),
  /** What was left out, by its named reason. */
  skipped: z.array(z.object({ reason: z.string(), count: z.number() })),
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

export const statusView = z.object({
  version: z.string(),
  userId: v.userId.nullable(),
  deviceId: v.deviceId.nullable(),
  homeserver: z.string().nullable(),
  connection: z.enum(["logged-out", "starting", "online", "offline"]),
  /** The one line at the window's foot and in the tray's tooltip. */
  summary: z.string(),
  paused: z.boolean(),
  links: z.number(),
  copied: z.number(),
  waiting: z.number(),
  failed: z.number(),
  undecryptable: z.number(),
  health: z.array(healthCondition),
});
export type StatusView = z.output<typeof statusView>;

/** What is about to be linked, for the user to confirm. `refusal` says why it cannot be. */
export const linkPlan = z.object({
  rooms: z.array(v.roomSummary),
  /** For each room that is a source: who will be able to read its messages who cannot read it, a part of a sentence each. */
  comparison: z.array(z.object({ roomId: v.roomId, name: z.string(), gains: z.array(z.string()) })),
  /** Why each room has to agree (without `needs` it has not), and who can say so: the user, other admins, or nobody. */
  consents: z.array(
    z.object({
      roomId: v.roomId,
      name: z.string(),
      needs: z.array(z.object({ kind: z.enum(["disclosure", "receiving"]), reason: z.string() })),
      giver: z.enum(["you", "others", "nobody"]),
    }),
  ),
  /** Rooms that would take what is encrypted to anybody's eyes: each must be named again in `linkAdd`'s `expose`. */
  exposures: z.array(z.object({ roomId: v.roomId, name: z.string(), sentence: z.string() })),
  /** Sentences that say what else will happen. */
  consequences: z.array(z.string()),
  refusal: z.object({ code: z.string(), sentence: z.string() }).nullable(),
});

const linkTerms = z.object({
  rooms: z.array(roomReference),
  name: z.string().max(120).optional(),
  oneWay: z.boolean(),
  /** The link that this one is to take the place of, once its rooms have agreed. */
  replaces: linkReference.optional(),
  /** Rooms that have been replaced stand for those that have taken their place. */
  follow: z.boolean().optional(),
});

export const settingsView = z.object({ acceptUnverified: z.boolean() });
export type SettingsView = z.output<typeof settingsView>;

export const doctorCheck = z.object({
  name: z.enum(["browser", "keychain", "store", "homeserver", "clock"]),
  ok: z.boolean(),
  text: z.string(),
});

export const controlRequests = {
  status: { params: v.nothing, result: statusView },
  loginPassword: {
    params: z.object({ homeserver: z.string().min(1), user: z.string().min(1), password: z.string() }),
    result: z.object({ userId: v.userId, deviceId: v.deviceId, homeserver: z.string() }),
  },
  loginToken: {
    params: z.object({ homeserver: z.string().min(1), accessToken: z.string().min(1) }),
    result: z.object({ userId: v.userId, deviceId: v.deviceId, homeserver: z.string() }),
  },
  logout: { params: v.nothing, result: v.nothing },
  rooms: { params: v.nothing, result: z.array(v.roomSummary) },
  /** What `linkAdd` would do; changes nothing. */
  linkPlan: { params: linkTerms, result: linkPlan },
  /**
   * Makes a link. The call is the user's own consent for every room that they may approve for. Where others have to be
   * asked, `propose` asks them; without it that is refused. Fails: `link-needs-consent`, `link-needs-exposure`.
   */
  linkAdd: {
    params: linkTerms.omit({ follow: true }).extend({ propose: z.boolean(), expose: z.array(roomReference) }),
    result: linkView,
  },
  /** Asks again, once a day for each room at most. Fails: `asked-today`, `nothing-to-ask`. */
  linkPropose: { params: z.object({ link: linkReference, expose: z.array(roomReference) }), result: linkDetail },
  /** The user's own consent to a link as it and its rooms are now. Fails: `nothing-to-ask`, `link-needs-exposure`. */
  linkApprove: { params: z.object({ link: linkReference, expose: z.array(roomReference) }), result: linkDetail },
  /** Takes back what has been asked. A link that has never begun is removed with it. Fails: `nothing-to-withdraw`. */
  linkWithdraw: {
    params: z.object({ link: linkReference }),
    result: z.object({ id: v.linkId, withdrawn: z.number() }),
  },
  /** What others have asked this user, newest first. */
  proposals: { params: v.nothing, result: z.array(proposalView) },
  /** Fails: `unknown-proposal`, `proposal-over`, `no-power`. */
  proposalApprove: { params: z.object({ proposal: z.string() }), result: proposalView },
  proposalDecline: { params: z.object({ proposal: z.string() }), result: proposalView },
  /** Whether approvals count whose device cannot be verified. They do not unless the user says so. */
  settings: { params: v.nothing, result: settingsView },
  settingsChange: { params: settingsView.partial(), result: settingsView },
  linkList: { params: v.nothing, result: z.array(linkView) },
  /** A link is named by its id, an unambiguous start of it, or its name. Fails: `unknown-link`. */
  linkShow: { params: z.object({ link: linkReference }), result: linkDetail },
  linkPause: { params: z.object({ link: linkReference }), result: linkView },
  linkResume: { params: z.object({ link: linkReference }), result: linkView },
  /** Removes the link and tells its rooms; the copies stay. Answers with how many copies were still owed. */
  linkRemove: { params: z.object({ link: linkReference }), result: z.object({ id: v.linkId, dropped: z.number() }) },
  outbox: { params: z.object({ failedOnly: z.boolean() }), result: z.array(outboxView) },
  /** Without `ids`: every failed row. Answers with how many rows it touched. */
  outboxRetry: { params: z.object({ ids: z.array(z.number()).optional() }), result: z.object({ count: z.number() }) },
  outboxDismiss: { params: z.object({ ids: z.array(z.number()) }), result: z.object({ count: z.number() }) },
  doctor: { params: v.nothing, result: z.array(doctorCheck) },
  /** Memory of main and of the engine page, in bytes. */
  memory: { params: v.nothing, result: z.object({ mainBytes: z.number(), engineHeapBytes: z.number() }) },
  /** Ends Ferry in order: what is being sent is finished first, for 5 seconds at most. */
  quit: { params: v.nothing, result: v.nothing },
};

/** What main tells whoever steers it. */
export const controlNotifications = {
  statusChanged: { params: statusView, result: v.nothing },
};
