import type {
  controlRequests,
  LinkDetail,
  LinkPlan,
  LinkView,
  ProposalView,
  SecurityView,
  SettingsView,
  StatusView,
} from "../../main/protocol/control.ts";
import type { Handlers } from "../../main/protocol/rpc.ts";
import type { RoomSummary } from "../../main/matrix/event.ts";
import type { DeviceId, LinkId, RoomId, UserId } from "../../main/matrix/ids.ts";
import { changedSettings, NO_LINK_SETTINGS } from "../../main/matrix/link-settings.ts";

/** A Ferry without any Matrix behind it, for tests of the socket and the command line, which are plumbing. */

export function fakeStatus(changes: Partial<StatusView> = {}): StatusView {
  return {
    version: "0.1.0",
    userId: "@ana:example.org" as UserId,
    deviceId: "DEVICE" as DeviceId,
    homeserver: "https://matrix.example.org",
    connection: "online",
    summary: "Mirroring 1 link",
    paused: false,
    links: 1,
    copied: 12,
    waiting: 0,
    failed: 0,
    undecryptable: 0,
    proposals: 0,
    carrying: null,
    everythingPaused: false,
    health: [],
    verified: true,
    verification: null,
    ...changes,
  };
}

export function fakeRoom(changes: Partial<RoomSummary> = {}): RoomSummary {
  return {
    roomId: "!one:example.org" as RoomId,
    name: "One",
    hasAvatar: false,
    encrypted: true,
    joinRule: "invite",
    historyVisibility: "shared",
    joinedMembers: 3,
    invitedMembers: 0,
    roomVersion: "11",
    ownPower: 100,
    requiredPower: 50,
    ...changes,
  };
}

export function fakeLink(changes: Partial<LinkView> = {}): LinkView {
  const room = (id: string, name: string) => ({
    ...{ roomId: id as RoomId, name, encrypted: true, role: "both" as const, suspended: null, gap: null },
  });
  return {
    id: "l1" as LinkId,
    name: "Family",
    changes: null,
    direction: "two-way",
    state: "mirroring",
    isPaused: changes.state === "paused",
    reason: null,
    carrying: null,
    rooms: [room("!one:example.org", "One"), room("!two:example.org", "Two")],
    copied: 12,
    waiting: 0,
    failed: 0,
    skipped: [],
    settings: NO_LINK_SETTINGS,
    tells: [],
    lastCopyTs: null,
    createdTs: 0,
    ...changes,
  };
}

export function fakeDetail(changes: Partial<LinkDetail> = {}): LinkDetail {
  return { ...fakeLink(), consents: [], proposals: [], optedOut: [], ...changes };
}

export type Plan = LinkPlan;

const people = (gaining: number) => ({ here: 3, there: 2 + gaining, both: 2, gaining });

export function fakeSettings(changes: Partial<SettingsView> = {}): SettingsView {
  return {
    acceptUnverified: false,
    ...{ notifyProposals: true, notifyStopped: true, notifyFailed: true },
    ...{ catchUpHours: null, largestFileMb: null, keysFor: "all", noticeLanguage: "en", logLevel: "info" },
    ...{ startAtLogin: false, updates: false },
    ...changes,
  };
}

export function fakeSecurity(changes: Partial<SecurityView> = {}): SecurityView {
  return {
    ...{ deviceId: "DEVICE" as DeviceId, deviceName: "Ferry", fingerprint: "q1w2 e3r4 t5y6 u7i8 o9p0 a1s2" },
    ...{ verified: true, crossSigning: true, recovery: true, otherDevices: 1 },
    ...{ backup: "connected", secrets: "keychain" },
    ...changes,
  };
}

/** A plan for two rooms of the user's own. */
export function fakePlan(changes: Partial<Plan> = {}): Plan {
  const one = "!one:example.org" as RoomId;
  const two = "!two:example.org" as RoomId;
  const disclosure = { kind: "disclosure" as const, reason: "People who are not in it will read what is said in it." };
  const receiving = { kind: "receiving" as const, reason: "Others are in it." };
  return {
    rooms: [fakeRoom(), fakeRoom({ roomId: two, name: "Two" })],
    comparison: [
      {
        roomId: one,
        name: "One",
        gains: ["14 people who are not in One, and whoever its admins invite."],
        kinds: ["people"],
        people: people(14),
      },
      { roomId: two, name: "Two", gains: [], kinds: [], people: people(0) },
    ],
    consents: [
      { roomId: one, name: "One", needs: [disclosure], giver: "you", approvers: [] },
      { roomId: two, name: "Two", needs: [receiving], giver: "you", approvers: [] },
    ],
    exposures: [],
    consequences: ["Ben will read what Ana writes."],
    refusal: null,
    ...changes,
  };
}

/** What Ben's Ferry asks this user, as admin of One. */
export function fakeProposal(changes: Partial<ProposalView> = {}): ProposalView {
  return {
    code: "K7QF2MXA",
    roomId: "!one:example.org" as RoomId,
    roomName: "One",
    proposer: "@ben:example.org" as UserId,
    linkName: "House",
    direction: "two-way",
    peers: ["Kitchen"],
    tells: [],
    audience: ["Everybody in Kitchen."],
    state: "open",
    mayApprove: true,
    receivedTs: 0,
    expiresTs: 7 * 24 * 3_600_000,
    ...changes,
  };
}

type ControlHandlers = Handlers<typeof controlRequests>;

export function fakeHandlers(changes: Partial<ControlHandlers> = {}): ControlHandlers {
  const account = async () => ({
    userId: "@ana:example.org" as UserId,
    deviceId: "DEVICE" as DeviceId,
    homeserver: "https://matrix.example.org",
  });
  return {
    status: async () => fakeStatus(),
    loginPassword: account,
    loginToken: account,
    logout: async () => ({ loggedOut: true }),
    rooms: async () => [],
    linkPlan: async () => fakePlan(),
    linkAdd: async () => fakeLink(),
    linkList: async () => [fakeLink()],
    linkPropose: async () => fakeDetail({ state: "waiting" }),
    linkApprove: async () => fakeDetail(),
    linkWithdraw: async () => ({ id: "l1" as LinkId, withdrawn: 1 }),
    proposals: async () => [fakeProposal()],
    proposalApprove: async () => fakeProposal({ state: "approved" }),
    proposalDecline: async () => fakeProposal({ state: "declined" }),
    settings: async () => fakeSettings(),
    settingsChange: async (changes) => ({ ...fakeSettings(), ...changes }) as SettingsView,
    diagnosticsSave: async () => ({ path: "/tmp/ferry-diagnostics.json" }),
    linksExport: async () => ({ path: "/tmp/ferry-links.json" }),
    loginMethods: async () => ({
      ...{ homeserver: "https://matrix.example.org", user: "ana", password: true, sso: [], oauth: false },
    }),
    loginBrowser: async () => ({ address: "https://matrix.example.org/login" }),
    loginBrowserEnd: account,
    loginBrowserCancel: async () => ({}),
    deleteData: async () => ({ loggedOut: true }),
    security: async () => fakeSecurity(),
    verifyRecovery: async () => fakeSecurity(),
    verifyStart: async () => ({}),
    verifyAccept: async () => ({}),
    verifyConfirm: async () => ({}),
    verifyCancel: async () => ({}),
    securitySetUp: async () => ({ recoveryKey: "EsTx A1b2 C3d4 E5f6", keyId: "k1" }),
    recoveryKeyWritten: async () => ({}),
    roomAvatar: async () => ({ image: null }),
    memberNames: async ({ users }) =>
      users.map((userId) => ({ userId, name: userId.slice(1).split(":")[0] ?? userId })),
    linkRename: async ({ name }) => fakeLink({ name }),
    linkSet: async ({ settings }) => fakeLink({ settings: changedSettings(NO_LINK_SETTINGS, settings) }),
    linkMessages: async () => [],
    pauseAll: async () => fakeStatus({ paused: true, everythingPaused: true, summary: "Paused" }),
    resumeAll: async () => fakeStatus(),
    linkShow: async () => fakeDetail(),
    linkPause: async () => fakeLink({ state: "paused" }),
    linkResume: async () => fakeLink(),
    linkRemove: async () => ({ id: "l1" as LinkId, dropped: 0 }),
    outbox: async () => [],
    outboxRetry: async ({ ids }) => ({ count: ids?.length ?? 2 }),
    outboxDismiss: async ({ ids }) => ({ count: ids.length }),
    doctor: async () => [{ name: "clock", ok: true, text: "The clock is right." }],
    memory: async () => ({ mainBytes: 1, engineHeapBytes: 1 }),
    idle: async () => ({}),
    wake: async () => ({}),
    quit: async () => ({}),
    ...changes,
  };
}
