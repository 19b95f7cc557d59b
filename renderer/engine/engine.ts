import { initAsync } from "@matrix-org/matrix-sdk-crypto-wasm";
import { FerryError } from "../../main/matrix/errors.ts";
import { engineNotifications, engineRequests } from "../../main/protocol/engine.ts";
import { connect, type Handlers } from "../../main/protocol/rpc.ts";
import { channel } from "./channel.ts";
import { encryptAhead, forgetAhead } from "./encrypt.ts";
import { examine } from "./examine.ts";
import { fetchSourceEvent } from "./fetch-event.ts";
import { refuseCookies } from "./cookieless.ts";
import { setKeysFor } from "./keys-for.ts";
import * as login from "./login.ts";
import { loginMethods, ssoAddress } from "./login-methods.ts";
import { loginOauth, oauthAddress } from "./oauth.ts";
import { markRead } from "./reads.ts";
import { revoke } from "./renewal.ts";
import { relations } from "./relations.ts";
import { ring } from "./ring.ts";
import * as rooms from "./rooms.ts";
import { security } from "./security.ts";
import * as sending from "./send.ts";
import { Session } from "./session.ts";
import { silenceSdk } from "./silence.ts";

/** The engine page: joins the contract to the Matrix client. */

silenceSdk();
refuseCookies();

let session: Session | null = null;

function current(): Session {
  if (!session) throw new FerryError("not-logged-in", "Ferry is not logged in.");
  if (session.isLost) {
    throw new FerryError("crypto-store", "Ferry's keys can not be read or written. Ferry opens them again by itself.");
  }
  return session;
}

const handlers: Handlers<typeof engineRequests> = {
  discover: ({ server }) => login.discover(server),
  loginPassword: (request) => login.loginPassword(request),
  loginToken: (request) => login.loginToken(request),
  loginMethods: ({ homeserver }) => loginMethods(homeserver),
  ssoAddress: async (request) => ssoAddress(request),
  loginSso: (request) => login.loginSso(request),
  oauthAddress: (request) => oauthAddress(request),
  loginOauth: (request) => loginOauth(request),
  revoke: (request) => revoke(request),
  keysFor: async ({ keysFor }) => {
    setKeysFor(current().client, keysFor);
    forgetAhead();
    return {};
  },
  wake: async () => {
    current().wake();
    return {};
  },
  security: () => security(current().client),
  verifyRecovery: async ({ secret }) => {
    await current().trust.recover(secret);
    return {};
  },
  verifyStart: () => current().trust.compare((verification) => verification.start()),
  verifyAccept: () => current().trust.compare((verification) => verification.accept()),
  verifyConfirm: ({ matches }) => current().trust.compare((verification) => verification.confirm(matches)),
  verifyCancel: () => current().trust.compare((verification) => verification.cancel()),
  securitySetUp: ({ password }) => current().trust.setUp(password),
  recoveryKeyWritten: async ({ keyId }) => {
    await current().trust.written(keyId);
    return {};
  },
  avatar: ({ roomId }) => current().avatars.of(roomId),
  memberNames: ({ roomId, users }) => rooms.memberNames(current().client, roomId, users),
  probe: (request) => login.probe(request),
  open: async (request) => {
    // Two clients on one crypto store corrupt it: a page opens one, and a second one needs a new page.
    if (session) throw new FerryError("bad-request", "The engine is open already.");
    session = new Session(request, main);
    return session.open(request);
  },
  logout: async () => {
    await current().logout();
    return {};
  },
  rooms: () => rooms.rooms(current().client),
  room: ({ room }) => rooms.room(current().client, room),
  members: ({ roomId }) => rooms.members(current().client, roomId),
  state: async ({ roomId, type }) => rooms.state(current().client, roomId, type),
  facts: ({ roomId }) => current().rooms.facts(roomId),
  examine: ({ roomId, eventId }) => examine(current().client, roomId, eventId),
  ring: async (request) => {
    await ring(current().client, request);
    return {};
  },
  watch: ({ roomId, catchUp }) => current().watch(roomId, catchUp),
  unwatch: async ({ roomId }) => {
    current().timeline.unwatch(roomId);
    return {};
  },
  settle: async ({ roomId }) => {
    await current().settle(roomId);
    return {};
  },
  send: (request) => current().busy.sending(() => sending.send(current().client, current().freshness, request)),
  encryptAhead: async (request) => {
    encryptAhead(current().client, request);
    return {};
  },
  carryFiles: (request) => current().files.carry(request),
  markRead: async (request) => {
    await markRead(current().client, request);
    return {};
  },
  redact: (request) => sending.redact(current().client, request),
  setState: (request) => sending.setState(current().client, current().freshness, request),
  fetch: ({ roomId, eventId }) => fetchSourceEvent(current().client, roomId, eventId),
  relations: ({ roomId, eventId, relType }) => relations(current().client, roomId, eventId, relType),
  awaitKeys: async ({ events }) => {
    void current().lateKeys.resume(events);
    return {};
  },
  ownEvents: ({ roomId, sinceTs }) => sending.ownEvents(current().client, roomId, sinceTs),
  pulse: async () => ({}),
  memory: async () => ({
    heapBytes: (performance as Performance & { memory?: { usedJSHeapSize: number } }).memory?.usedJSHeapSize ?? 0,
  }),
};

/** Resolves when nothing of the page is still to be loaded: the host that serves it waits for this. */
(globalThis as unknown as { ferryLoaded: Promise<unknown> }).ferryLoaded = Promise.all([
  import("matrix-js-sdk/lib/rust-crypto/index.js"),
  initAsync(),
]).then(() => true);

const { remote: main } = connect(channel, engineRequests, handlers, engineNotifications);
