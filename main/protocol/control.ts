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

export const linkState = z.enum(["starting", "mirroring", "catching-up", "paused", "suspended"]);

export const linkView = z.object({
  id: v.linkId,
  name: z.string(),
  direction: z.enum(["two-way", "one-way"]),
  state: linkState,
  /** Why it is suspended, as a sentence. */
  reason: z.string().nullable(),
  rooms: z.array(
    z.object({
      roomId: v.roomId,
      name: z.string(),
      role: z.enum(["source", "destination", "both"]),
      suspended: z.string().nullable(),
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
  /** Sentences that say what will happen, among them who gains access. */
  consequences: z.array(z.string()),
  refusal: z.object({ code: z.string(), sentence: z.string() }).nullable(),
});

const linkTerms = z.object({
  rooms: z.array(roomReference),
  name: z.string().max(120).optional(),
  oneWay: z.boolean(),
});

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
  linkAdd: { params: linkTerms, result: linkView },
  linkList: { params: v.nothing, result: z.array(linkView) },
  /** A link is named by its id, an unambiguous start of it, or its name. Fails: `unknown-link`. */
  linkShow: { params: z.object({ link: linkReference }), result: linkView },
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
