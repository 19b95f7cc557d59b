import { z } from "zod";
import * as v from "./values.ts";

/** What the control contract shows of Ferry as a whole, of the account, of its security, and of the settings. */

/** Comparing emoji with another device of the account (client-server API, "Short Authentication String verification"). */
export const verification = z.object({
  /**
   * `asked`: the other device asks, and waits for `verifyAccept`; `waiting`: for the other device; `comparing`: the
   * emoji are shown on both; `done` and `cancelled` stay until the next one begins or `verifyCancel` clears them.
   */
  state: z.enum(["asked", "waiting", "comparing", "done", "cancelled"]),
  /** Name or id of the other device, once it is known. */
  device: z.string().nullable(),
  /** Seven, while `comparing`. */
  emoji: z.array(z.object({ symbol: z.string(), name: z.string() })),
  /** Why it was cancelled, as a sentence; null otherwise. */
  reason: z.string().nullable(),
});
export type Verification = z.output<typeof verification>;

export const severity = z.enum(["info", "warning", "error"]);

/** A named condition of the whole of Ferry. */
export const healthCondition = z.object({
  code: z.string(),
  severity,
  /** What is the case. */
  text: z.string(),
  /** What the user can do about it. */
  action: z.string(),
  /** The link that it is about, where it is about one. */
  link: v.linkId.nullable(),
});
export type HealthCondition = z.output<typeof healthCondition>;

export const statusView = z.object({
  version: z.string(),
  userId: v.userId.nullable(),
  deviceId: v.deviceId.nullable(),
  homeserver: z.string().nullable(),
  connection: z.enum(["logged-out", "starting", "online", "offline"]),
  /** The one line at the window's foot and in the tray's tooltip. */
  summary: z.string(),
  /** What large file is under way, and how far, as a sentence; null where none is. */
  carrying: z.string().nullable(),
  /** Nothing is copied because the user has stopped all of it, or each link. */
  paused: z.boolean(),
  /** All of it was stopped at once, whatever the single links are set to. */
  everythingPaused: z.boolean(),
  links: z.number(),
  copied: z.number(),
  waiting: z.number(),
  failed: z.number(),
  undecryptable: z.number(),
  /** What others have asked the user that has not been answered. */
  proposals: z.number(),
  health: z.array(healthCondition),
  /** Whether this device is cross-signed, so that others trust it with keys; null while that is not known. */
  verified: z.boolean().nullable(),
  /** A verification of this device that is under way; null where there is none. */
  verification: verification.nullable(),
});
export type StatusView = z.output<typeof statusView>;

export const accountView = z.object({ userId: v.userId, deviceId: v.deviceId, homeserver: z.string() });

/** What a homeserver offers to log in with. */
export const loginMethods = z.object({
  /** Base URL of the homeserver's client-server API. */
  homeserver: z.string(),
  /** The name to log in with, where a Matrix ID was given. */
  user: z.string().nullable(),
  password: z.boolean(),
  /** Identity providers of `m.login.sso`; one without an id where the homeserver names none. */
  sso: z.array(z.object({ id: z.string().nullable(), name: z.string() })),
  /** OAuth 2.0 (`auth_metadata`, MSC2965). */
  oauth: z.boolean(),
});
export type LoginMethods = z.output<typeof loginMethods>;

/** How far this device can be trusted, and where its secrets are. */
export const securityView = z.object({
  deviceId: v.deviceId,
  deviceName: z.string().nullable(),
  /** Its public signing key in groups of four, to compare by eye. */
  fingerprint: z.string().nullable(),
  verified: z.boolean(),
  /**
   * Whether the account has cross-signing keys, a recovery key, and other devices that could compare emoji. One that nobody
   * has written down is none where this device can make another.
   */
  crossSigning: z.boolean(),
  recovery: z.boolean(),
  otherDevices: z.number(),
  /** `missing`: the account has no key backup; `not-connected`: it has one that this device cannot use. */
  backup: z.enum(["missing", "connected", "not-connected"]),
  secrets: z.enum(["keychain", "passphrase", "plain-file"]),
});
export type SecurityView = z.output<typeof securityView>;

export const noticeLanguage = z.enum(["en", "de"]);
export const settingsView = z.object({
  /** Whether approvals count whose device cannot be verified. They do not unless the user says so. */
  acceptUnverified: z.boolean(),
  /** Which things of the desktop's notifications are told; null where this Ferry shows none. */
  notifyProposals: z.boolean().nullable(),
  notifyStopped: z.boolean().nullable(),
  notifyFailed: z.boolean().nullable(),
  /** What is older when Ferry sees it is left out, in hours; null for no limit. */
  catchUpHours: z.number().int().min(1).max(8760).nullable(),
  /** Larger files are only told of, in megabytes (a million bytes); null where only the homeserver's own limit holds. */
  largestFileMb: z.number().int().min(1).max(10_000).nullable(),
  /** Which devices of the people in a room get the keys to what Ferry sends there. */
  keysFor: z.enum(["all", "verified"]),
  noticeLanguage,
  logLevel: z.enum(["info", "debug"]),
  /** Whether Ferry starts when the user logs in to the computer; null where it cannot be arranged here. */
  startAtLogin: z.boolean().nullable(),
  /** Whether new versions are looked for; null where this installation does not update itself. */
  updates: z.boolean().nullable(),
});
export type SettingsView = z.output<typeof settingsView>;

export const doctorCheck = z.object({
  name: z.enum(["browser", "keychain", "store", "homeserver", "clock"]),
  ok: z.boolean(),
  text: z.string(),
});
