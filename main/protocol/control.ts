import { z } from "zod";
import * as account from "./account-views.ts";
import * as links from "./link-views.ts";
import * as v from "./values.ts";

export * from "./account-views.ts";
export * from "./link-views.ts";
export * from "./links-file.ts";

/**
 * The contract between main and whoever steers it: the `ferry` command, the settings window, the tray.
 * The `ferry` command prints these answers with `--json`, field names in snake_case; they are documented in
 * docs/command.md and stay stable.
 */

const roomReference = z.union([v.roomId, v.roomAlias]);
/** As many rooms as a link can have, with room to spare. */
const roomReferences = z.array(roomReference).max(200);
const linkReference = z.string().min(1).max(200);
/** A base URL, a user's name, the name of an identity provider. */
const shortText = z.string().max(2000);
/** Passwords and tokens, some of which are documents of their own. */
const secretText = z.string().max(20_000);
const ofLink = z.object({ link: linkReference });
const proposal = z.object({ proposal: z.string().max(200) });
/** Numbers of rows of the outbox, more than are shown at once. */
const outboxIds = z.array(z.number()).max(10_000);
/** Where a file was put: its full path. */
const savedFile = z.object({ path: z.string() });

const linkTerms = z.object({
  rooms: roomReferences,
  name: z.string().max(120).optional(),
  oneWay: z.boolean(),
  /** What is told besides messages; not given, nothing, or what the link tells whose place this one is to take. */
  tells: v.toldChanges.optional(),
  /** The link that this one is to take the place of, once its rooms have agreed. */
  replaces: linkReference.optional(),
  /** Rooms that have been replaced stand for those that have taken their place. */
  follow: z.boolean().optional(),
});

/** Logging in and out, and how far this device is trusted. */
export const accountRequests = {
  /** Takes a Matrix ID, a server name or an address. Fails: `homeserver-not-found`, `offline`. */
  loginMethods: { params: z.object({ server: z.string().min(1).max(500) }), result: account.loginMethods },
  loginPassword: {
    params: z.object({ homeserver: shortText.min(1), user: shortText.min(1), password: secretText }),
    result: account.accountView,
  },
  loginToken: {
    params: z.object({ homeserver: shortText.min(1), accessToken: secretText.min(1) }),
    result: account.accountView,
  },
  /**
   * Begins a login in the system's browser (`m.login.sso`, or OAuth 2.0), in place of one that had begun before. The
   * address is opened there, and answered for whoever has to open it by hand.
   */
  loginBrowser: {
    params: z.object({ homeserver: shortText, method: z.enum(["sso", "oauth"]), provider: shortText.nullable() }),
    result: z.object({ address: z.url() }),
  },
  /** Answers when that login has come back. Fails: `login-cancelled`, `nothing-begun`, those of a login. */
  loginBrowserEnd: { params: v.nothing, result: account.accountView },
  loginBrowserCancel: { params: v.nothing, result: v.nothing },
  /**
   * Logs the device out. Links and what is owed stay for the next login, unless `dropOwed` drops the latter. Without
   * `loggedOut` the homeserver was not asked, and still lists this device.
   */
  logout: {
    params: z.object({ dropOwed: z.boolean().default(false) }),
    result: z.object({ loggedOut: z.boolean() }),
  },
  /**
   * Logs out where that can be done, deletes everything that Ferry keeps on this machine, and ends it. Without
   * `loggedOut` the homeserver still lists this device. Fails: `keychain-locked`, with nothing deleted.
   */
  deleteData: { params: v.nothing, result: z.object({ loggedOut: z.boolean() }) },
  security: { params: v.nothing, result: account.securityView },
  /** Verifies this device by the recovery key or passphrase, and connects key backup. Fails: `wrong-recovery-key`. */
  verifyRecovery: { params: z.object({ secret: z.string().min(1).max(1000) }), result: account.securityView },
  /** Asks the account's other devices to compare emoji. How it goes on stands in the status. */
  verifyStart: { params: v.nothing, result: v.nothing },
  verifyAccept: { params: v.nothing, result: v.nothing },
  verifyConfirm: { params: z.object({ matches: z.boolean() }), result: v.nothing },
  verifyCancel: { params: v.nothing, result: v.nothing },
  /** For an account that has none: makes cross-signing keys, key backup, and the recovery key to be written down. */
  securitySetUp: {
    params: z.object({ password: secretText.nullable() }),
    result: z.object({ recoveryKey: z.string(), keyId: z.string() }),
  },
  /** The user has written that recovery key down. Until then another one can be made in its place. */
  recoveryKeyWritten: { params: z.object({ keyId: z.string().min(1).max(1000) }), result: v.nothing },
};

/** What the user sets, and files that Ferry writes for them. */
export const settingRequests = {
  settings: { params: v.nothing, result: account.settingsView },
  settingsChange: { params: account.settingsView.partial(), result: account.settingsView },
  /** Writes what helps to find a fault, without secrets, names and texts. */
  diagnosticsSave: { params: v.nothing, result: savedFile },
  /** Writes what links there are, to be made again elsewhere. */
  linksExport: { params: v.nothing, result: savedFile },
};

export const controlRequests = {
  status: { params: v.nothing, result: account.statusView },
  ...accountRequests,
  ...settingRequests,
  rooms: { params: v.nothing, result: z.array(v.roomSummary) },
  /** A room's picture as a small PNG in a `data:` address, made anew from what the homeserver has; null without one. */
  roomAvatar: { params: z.object({ roomId: v.roomId }), result: z.object({ image: z.string().nullable() }) },
  /** What people of a room call themselves there, 50 at most. */
  memberNames: {
    params: z.object({ roomId: v.roomId, users: z.array(v.userId).max(50) }),
    result: z.array(z.object({ userId: v.userId, name: z.string() })),
  },
  /** What `linkAdd` would do; changes nothing. */
  linkPlan: { params: linkTerms, result: links.linkPlan },
  /**
   * Makes a link. The call is the user's own consent for every room that they may approve for. Where others have to be
   * asked, `propose` asks them; without it that is refused. Fails: `link-needs-consent`, `link-needs-exposure`.
   */
  linkAdd: {
    params: linkTerms
      .omit({ follow: true })
      .extend({ propose: z.boolean(), expose: roomReferences, settings: links.linkSettings.partial().optional() }),
    result: links.linkView,
  },
  /** Asks again, once a day for each room at most. Fails: `asked-today`, `nothing-to-ask`. */
  linkPropose: { params: z.object({ link: linkReference, expose: roomReferences }), result: links.linkDetail },
  /** The user's own consent to a link as it and its rooms are now. Fails: `nothing-to-ask`, `link-needs-exposure`. */
  linkApprove: { params: z.object({ link: linkReference, expose: roomReferences }), result: links.linkDetail },
  /** Takes back what has been asked. A link that has never begun is removed with it. Fails: `nothing-to-withdraw`. */
  linkWithdraw: { params: ofLink, result: z.object({ id: v.linkId, withdrawn: z.number() }) },
  /** What others have asked this user, newest first. */
  proposals: { params: v.nothing, result: z.array(links.proposalView) },
  /** Fails: `unknown-proposal`, `proposal-over`, `no-power`. */
  proposalApprove: { params: proposal, result: links.proposalView },
  proposalDecline: { params: proposal, result: links.proposalView },
  linkList: { params: v.nothing, result: z.array(links.linkView) },
  /** A link is named by its id, an unambiguous start of it, or its name. Fails: `unknown-link`. */
  linkShow: { params: ofLink, result: links.linkDetail },
  linkPause: { params: ofLink, result: links.linkView },
  linkResume: { params: ofLink, result: links.linkView },
  /**
   * Removes the link, and tells its rooms unless `tell` says not to: then only their state says so. The copies stay.
   * Answers with how many were owed.
   */
  linkRemove: {
    params: ofLink.extend({ tell: z.boolean().default(true) }),
    result: z.object({ id: v.linkId, dropped: z.number() }),
  },
  linkRename: { params: z.object({ link: linkReference, name: z.string().min(1).max(120) }), result: links.linkView },
  /** Changes what is given of a link's settings; a filter holds at once, for what is owed already too. */
  linkSet: { params: ofLink.extend({ settings: links.linkSettings.partial() }), result: links.linkView },
  /** The last events of each of its rooms and what became of them, newest first. */
  linkMessages: {
    params: z.object({ link: linkReference, limit: z.number().int().min(1).max(200) }),
    result: z.array(links.messageView),
  },
  /** Stops everything at once, whatever the single links are set to: nothing is sent until `resumeAll`. */
  pauseAll: { params: v.nothing, result: account.statusView },
  /** Undoes `pauseAll`. Where that was not what stopped them, goes on with every paused link. */
  resumeAll: { params: v.nothing, result: account.statusView },
  outbox: { params: z.object({ failedOnly: z.boolean() }), result: z.array(links.outboxView) },
  /** Without `ids`: every failed row, of a link or of all. Answers with how many rows it touched. */
  outboxRetry: {
    params: z.object({ ids: outboxIds.optional(), link: linkReference.optional() }),
    result: z.object({ count: z.number() }),
  },
  outboxDismiss: { params: z.object({ ids: outboxIds }), result: z.object({ count: z.number() }) },
  doctor: { params: v.nothing, result: z.array(account.doctorCheck) },
  /** Memory of main and of the engine page, in bytes. */
  memory: { params: v.nothing, result: z.object({ mainBytes: z.number(), engineHeapBytes: z.number() }) },
  /** Answers once nothing is to be taken in, looked into or sent of what has come so far. Fails: `engine-gone`. */
  idle: { params: v.nothing, result: v.nothing },
  /** Tries at once what waits for the network, the keychain or the browser: the user has seen to something. */
  wake: { params: v.nothing, result: v.nothing },
  /** Ends Ferry in order: what is being sent is finished first, for 5 seconds at most. */
  quit: { params: v.nothing, result: v.nothing },
};

/** A page that the window can be sent to. */
export const shownPlace = z.discriminatedUnion("page", [
  z.object({ page: z.enum(["links", "proposals", "account", "settings"]) }),
  z.object({ page: z.literal("link"), link: v.linkId }),
]);
export type ShownPlace = z.output<typeof shownPlace>;

/** What main tells whoever steers it. */
export const controlNotifications = {
  statusChanged: { params: account.statusView, result: v.nothing },
  /** To the window only: the user has clicked on something that is about this page. Others ignore it. */
  show: { params: shownPlace, result: v.nothing },
};
