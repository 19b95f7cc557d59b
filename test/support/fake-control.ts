import type {
  controlRequests,
  LinkDetail,
  linkPlan,
  LinkView,
  ProposalView,
  StatusView,
} from "../../main/protocol/control.ts";
import type { z } from "zod";
import type { Handlers } from "../../main/protocol/rpc.ts";
import type { RoomSummary } from "../../main/matrix/event.ts";
import type { DeviceId, LinkId, RoomId, UserId } from "../../main/matrix/ids.ts";

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
    health: [],
    ...changes,
  };
}

export function fakeRoom(changes: Partial<RoomSummary> = {}): RoomSummary {
  return {
    roomId: "!one:example.org" as RoomId,
    name: "One",
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
    ...{ roomId: id as RoomId, name, role: "both" as const, suspended: null, gap: null },
  });
  return {
    id: "l1" as LinkId,
    name: "Family",
    changes: null,
    direction: "two-way",
    state: "mirroring",
    reason: null,
    rooms: [room("!one:example.org", "One"), room("!two:example.org", "Two")],
    copied: 12,
    waiting: 0,
    failed: 0,
    skipped: [],
    lastCopyTs: null,
    createdTs: 0,
    ...changes,
  };
}

export function fakeDetail(changes: Partial<LinkDetail> = {}): LinkDetail {
  return { ...fakeLink(), consents: [], proposals: [], optedOut: [], ...changes };
}

export type Plan = z.output<typeof linkPlan>;

/** A plan for two rooms of the user's own. */
export function fakePlan(changes: Partial<Plan> = {}): Plan {
  const one = "!one:example.org" as RoomId;
  const two = "!two:example.org" as RoomId;
  const disclosure = { kind: "disclosure" as const, reason: "People who are not in it will read what is said in it." };
  const receiving = { kind: "receiving" as const, reason: "Others are in it." };
  return {
    rooms: [fakeRoom(), fakeRoom({ roomId: two, name: "Two" })],
    comparison: [
      { roomId: one, name: "One", gains: ["14 people who are not in One, and whoever its admins invite."] },
      { roomId: two, name: "Two", gains: [] },
    ],
    consents: [
      { roomId: one, name: "One", needs: [disclosure], giver: "you" },
      { roomId: two, name: "Two", needs: [receiving], giver: "you" },
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
    logout: async () => ({}),
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
    settings: async () => ({ acceptUnverified: false }),
    settingsChange: async ({ acceptUnverified = false }) => ({ acceptUnverified }),
    linkShow: async () => fakeDetail(),
    linkPause: async () => fakeLink({ state: "paused" }),
    linkResume: async () => fakeLink(),
    linkRemove: async () => ({ id: "l1" as LinkId, dropped: 0 }),
    outbox: async () => [],
    outboxRetry: async ({ ids }) => ({ count: ids?.length ?? 2 }),
    outboxDismiss: async ({ ids }) => ({ count: ids.length }),
    doctor: async () => [{ name: "clock", ok: true, text: "The clock is right." }],
    memory: async () => ({ mainBytes: 1, engineHeapBytes: 1 }),
    quit: async () => ({}),
    ...changes,
  };
}
