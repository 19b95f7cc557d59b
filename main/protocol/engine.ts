import { z } from "zod";
import { securityView, verification } from "./account-views.ts";
import { examination } from "./examination.ts";
import { fileNotifications, fileRequests } from "./files.ts";
import type { Client } from "./rpc.ts";
import * as v from "./values.ts";

/** The contract between main and the engine page: the Matrix client, which decides nothing. */

/**
 * Which OAuth 2.0 client a login belongs to (no secret, a public client has none), and where its tokens are refreshed
 * and revoked: with the homeserver, the only places that the engine may reach.
 */
export const oauthClient = z.object({
  issuer: v.serverAddress,
  clientId: z.string().min(1),
  tokenEndpoint: v.serverAddress,
  revocationEndpoint: v.serverAddress,
});
export type OauthClient = z.output<typeof oauthClient>;

/** Which devices get the keys to what is sent: all, or those that their owners have cross-signed. */
export const keysFor = z.enum(["all", "verified"]);
export type KeysFor = z.output<typeof keysFor>;

/** What is known of this device's security without the host. */
const securityState = securityView.omit({ secrets: true });
export type SecurityState = z.output<typeof securityState>;

export const credentials = z.object({
  /** Base URL of the homeserver's client-server API, without a trailing slash. */
  homeserver: z.url(),
  userId: v.userId,
  deviceId: v.deviceId,
  accessToken: z.string().min(1),
  /** What gets the next access token, where this one ends by itself. */
  refreshToken: z.string().min(1).optional(),
  /** Of a login by OAuth 2.0. */
  oauth: oauthClient.optional(),
});
export type Credentials = z.output<typeof credentials>;

const eventReference = z.object({ roomId: v.roomId, eventId: v.eventId });
const sent = z.object({ eventId: v.eventId });
const outgoing = z.object({
  roomId: v.roomId,
  type: z.string(),
  content: v.jsonObject,
  transactionId: v.transactionId,
  mustEncrypt: z.boolean(),
});
export type Outgoing = z.output<typeof outgoing>;

/** With `deviceId`, a login that the homeserver has ended but not forgotten (soft logout) goes on as that device. */
const login = z.object({ homeserver: z.url(), deviceName: z.string(), deviceId: v.deviceId.nullable() });

/** What main may ask of the engine. */
export const engineRequests = {
  /** Finds the base URL for a server name or a URL (`.well-known`). Fails: `homeserver-not-found`, `offline`. */
  discover: { params: z.object({ server: z.string().min(1) }), result: z.object({ homeserver: z.url() }) },
  /** `m.login.password`, as a new device. Fails: `wrong-password`, `login-unsupported`, `homeserver-unreachable`. */
  loginPassword: {
    params: login.extend({ user: z.string().min(1), password: z.string() }),
    result: credentials,
  },
  /** What the homeserver offers to log in with (`GET /login`, `auth_metadata`). Fails: `homeserver-unreachable`. */
  loginMethods: {
    params: z.object({ homeserver: z.url() }),
    result: z.object({
      password: z.boolean(),
      sso: z.array(z.object({ id: z.string().nullable(), name: z.string() })),
      oauth: z.boolean(),
    }),
  },
  /** Where `m.login.sso` begins; it ends at `redirect` with a `loginToken`. */
  ssoAddress: {
    params: z.object({ homeserver: z.url(), provider: z.string().nullable(), redirect: z.url() }),
    result: z.object({ address: z.url() }),
  },
  /** `m.login.token`, with what came back from there. Fails: `login-refused`. */
  loginSso: { params: login.extend({ loginToken: z.string().min(1) }), result: credentials },
  /**
   * Registers a client (RFC 7591) and says where the authorisation code grant with PKCE begins; it ends at `redirect`.
   * `context` is for `loginOauth`, and a secret. Fails: `login-unsupported`.
   */
  oauthAddress: {
    params: z.object({ homeserver: z.url(), redirect: z.url(), deviceId: v.deviceId.nullable() }),
    result: z.object({ address: z.url(), context: z.string() }),
  },
  /** Takes what came back from there, the whole address. Fails: `login-refused`. */
  loginOauth: { params: login.extend({ context: z.string(), answer: z.url() }), result: credentials },
  /** Takes over an access token that already exists. Fails: `logged-out` where it is not valid. */
  loginToken: { params: z.object({ homeserver: z.url(), accessToken: z.string().min(1) }), result: credentials },
  /** Ends a login that has just been made and is not wanted. */
  revoke: { params: credentials, result: v.nothing },
  /** Whether the homeserver answers, and how far this machine's clock is from it (only with a token). */
  probe: {
    params: z.object({ homeserver: z.url(), accessToken: z.string().optional() }),
    result: z.object({ versions: z.array(z.string()), clockOffsetMs: z.number().nullable() }),
  },
  /**
   * Opens the crypto store and synchronises; answers after the first synchronisation, or as soon as it is clear that
   * the homeserver cannot be reached (it keeps trying, and says so by `connection`).
   */
  open: {
    params: z.object({
      credentials,
      /** 32 bytes, base64: encrypts the crypto store. */
      storageKey: z.string(),
      /** How long an undecryptable event holds its room's line, in milliseconds. */
      decryptionHoldMs: z.number().int().min(0),
      /** The last run did not end in order: outbound group sessions are not used again. */
      discardSessions: z.boolean(),
      /**
       * This device's public signing key (Ed25519), as an earlier `open` gave it. Another one means that the store has
       * been lost: `crypto-store-lost`, before anything is sent.
       */
      deviceKey: z.string().nullable(),
      keysFor,
      /** Those that will be watched: what the user has read there comes with the first synchronisation. */
      rooms: z.array(v.roomId),
    }),
    result: z.object({ deviceKey: z.string() }),
  },
  keysFor: { params: z.object({ keysFor }), result: v.nothing },
  /** The computer has woken up or the network is back: asks the homeserver at once, whatever wait was on. */
  wake: { params: v.nothing, result: v.nothing },
  security: { params: v.nothing, result: securityState },
  /** By recovery key or passphrase. Fails: `wrong-recovery-key`, `no-recovery-key`. */
  verifyRecovery: { params: z.object({ secret: z.string() }), result: v.nothing },
  /** Asks the account's other devices to compare emoji; `trust` says how it goes on. Fails: `no-other-device`. */
  verifyStart: { params: v.nothing, result: v.nothing },
  /** Takes up what another device has asked. Fails: `nothing-to-verify`. */
  verifyAccept: { params: v.nothing, result: v.nothing },
  /** What the user says of the emoji. Fails: `nothing-to-verify` where none are shown. */
  verifyConfirm: { params: z.object({ matches: z.boolean() }), result: v.nothing },
  /** Ends a comparison, declines one that another device asks for, or clears how the last one ended. */
  verifyCancel: { params: v.nothing, result: v.nothing },
  /** Fails: `already-set-up`, `wrong-password`, `confirmation-unknown`. */
  securitySetUp: {
    params: z.object({ password: z.string().nullable() }),
    result: z.object({ recoveryKey: z.string(), keyId: z.string() }),
  },
  /** The user has that recovery key. Until then `securitySetUp` makes another one. Fails: `wrong-recovery-key`. */
  recoveryKeyWritten: { params: z.object({ keyId: z.string() }), result: v.nothing },
  /** Logs this device out and deletes its crypto store. The page is of no use then, nor where that fails. */
  logout: { params: v.nothing, result: v.nothing },
  /** Joined rooms. */
  rooms: { params: v.nothing, result: z.array(v.roomSummary) },
  /** One joined room, by id or alias. Fails: `unknown-room`, `not-joined`. */
  room: { params: z.object({ room: z.union([v.roomId, v.roomAlias]) }), result: v.roomSummary },
  avatar: { params: z.object({ roomId: v.roomId }), result: z.object({ image: z.string().nullable() }) },
  memberNames: {
    params: z.object({ roomId: v.roomId, users: z.array(v.userId) }),
    result: z.array(z.object({ userId: v.userId, name: z.string() })),
  },
  /** User ids of the joined members. */
  members: { params: z.object({ roomId: v.roomId }), result: z.array(v.userId) },
  /** The state events of a type; none where there are none. */
  state: {
    params: z.object({ roomId: v.roomId, type: z.string() }),
    result: z.array(z.object({ stateKey: z.string(), sender: v.userId, content: v.jsonObject })),
  },
  /**
   * All that consent is judged by in one room, with its complete member list. From then on `facts` tells of every
   * change, before any event of the same response of `/sync` is handed over. Fails: `not-joined` where the account has
   * never been there, `homeserver-unreachable`.
   */
  facts: { params: z.object({ roomId: v.roomId }), result: v.roomFacts },
  /**
   * One event with its sender's standing at the time: decrypted content, power by the state at that event, and what the
   * crypto library thinks of the device that sent it. Fails: `event-not-found`, `key-missing`.
   */
  examine: { params: eventReference, result: examination },
  /**
   * Tells these people's devices, encrypted and besides any room, that a proposal for them stands in a room: their
   * Ferries look there, other clients ignore it. Devices that cannot be reached are left out.
   */
  ring: { params: z.object({ roomId: v.roomId, eventId: v.eventId, users: z.array(v.userId) }), result: v.nothing },
  /**
   * From now on hands over the room's events by `events`. With `catchUp` those missed since main last knew come first;
   * without, it answers with the newest events, which are before the link and are not handed over.
   */
  watch: {
    params: z.object({ roomId: v.roomId, catchUp: z.boolean() }),
    result: z.object({ before: z.array(v.eventId) }),
  },
  unwatch: { params: z.object({ roomId: v.roomId }), result: v.nothing },
  /** Answers once everything that the engine has seen of a watched room has been handed over. Fails: `unknown-room`. */
  settle: { params: z.object({ roomId: v.roomId }), result: v.nothing },
  /** Encrypts where the room is encrypted, and sends. Fails: `encryption-gone` where it must be and is not. */
  send: { params: outgoing, result: sent },
  /** Encrypts what will probably be sent next, while what is before it is under way. Sends nothing. */
  encryptAhead: { params: outgoing, result: v.nothing },
  ...fileRequests,
  /**
   * Moves the account's own read marker (`m.fully_read`) to an event, with a private read receipt (`m.read.private`) that
   * nobody else sees. Neither ever goes backwards. Fails: `forbidden`.
   */
  markRead: { params: eventReference, result: v.nothing },
  redact: {
    params: z.object({ roomId: v.roomId, eventId: v.eventId, transactionId: v.transactionId }),
    result: sent,
  },
  setState: {
    params: z.object({ roomId: v.roomId, type: z.string(), stateKey: z.string(), content: v.jsonObject }),
    result: sent,
  },
  /** Fetches and decrypts one event. Fails: `event-not-found`. */
  fetch: { params: eventReference, result: v.sourceEvent },
  /**
   * What refers to an event by one type of relation, decrypted where that is possible, oldest first; of a great many the
   * newest ones. Fails: `event-not-found`.
   */
  relations: { params: eventReference.extend({ relType: z.string().min(1) }), result: z.array(v.sourceEvent) },
  /** Events that did not decrypt: `decrypted` follows for each, whenever its key comes. */
  awaitKeys: { params: z.object({ events: z.array(eventReference) }), result: v.nothing },
  /** The user's own events in a room back to a time: what was sent, when the homeserver forgot the transaction ids. */
  ownEvents: {
    params: z.object({ roomId: v.roomId, sinceTs: z.number() }),
    result: z.array(z.object({ eventId: v.eventId, type: z.string(), content: v.jsonObject })),
  },
  /** Answers at once: that the page still runs. */
  pulse: { params: v.nothing, result: v.nothing },
  /** Heap of the page in bytes. */
  memory: { params: v.nothing, result: z.object({ heapBytes: z.number() }) },
};

/** The engine as main asks it. */
export type EngineClient = Client<typeof engineRequests>;

export const connectionState = z.enum(["starting", "online", "offline", "logged-out"]);
export type ConnectionState = z.output<typeof connectionState>;

/** What the engine tells main. */
export const engineNotifications = {
  /** A room's next events, oldest first. The answer means that they are stored; a failure, that they come again. */
  events: { params: z.object({ roomId: v.roomId, events: z.array(v.sourceEvent) }), result: v.nothing },
  /** Which of these events main has already seen. */
  known: {
    params: z.object({ roomId: v.roomId, eventIds: z.array(v.eventId) }),
    result: z.object({ known: z.array(v.eventId) }),
  },
  /** What consent is judged by in a room that main has asked `facts` of has changed. */
  facts: { params: v.roomFacts, result: v.nothing },
  /**
   * How far the user has read, by their other devices: the read markers (`m.fully_read`) of joined rooms and, of watched
   * ones, the user's receipts (`m.read`, `m.read.private`); all at the first synchronisation, then those that have moved.
   * The event may be one that has not been handed over.
   */
  read: { params: z.object({ reads: z.array(eventReference) }), result: v.nothing },
  /** Somebody's Ferry says that a proposal for this account stands in a room (see `ring`). Nothing of it is checked. */
  rung: { params: z.object({ sender: v.userId, roomId: v.roomId, eventId: v.eventId }), result: v.nothing },
  /** An event of `awaitKeys`, or one handed over undecrypted, has decrypted. */
  decrypted: { params: z.object({ event: v.sourceEvent }), result: v.nothing },
  ...fileNotifications,
  /** The crypto store has failed under the page, as on a full disk: the page is of no use any more. */
  storageLost: { params: v.nothing, result: v.nothing },
  connection: {
    params: z.object({
      state: connectionState,
      clockOffsetMs: z.number().optional(),
      /** With `offline`: whether this computer has a network, so that it is the homeserver that does not answer. */
      hasNetwork: z.boolean().optional(),
      /** With `logged-out`: the device is known still, and a new login may go on as it. */
      softLogout: z.boolean().optional(),
    }),
    result: v.nothing,
  },
  /** Whether this device is verified, and how a verification under way stands. */
  trust: { params: z.object({ verified: z.boolean(), verification: verification.nullable() }), result: v.nothing },
  /** New tokens. The answer means that they are stored; before it they are not used. */
  tokens: {
    params: z.object({ accessToken: z.string().min(1), refreshToken: z.string().min(1).optional() }),
    result: v.nothing,
  },
  log: {
    params: z.object({
      level: z.enum(["debug", "info", "warn", "error"]),
      event: z.string(),
      fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    }),
    result: v.nothing,
  },
};
