import type { LinkView, controlRequests, StatusView } from "../../main/protocol/control.ts";
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
  const room = (id: string, name: string) => ({ roomId: id as RoomId, name, role: "both" as const, suspended: null });
  return {
    id: "l1" as LinkId,
    name: "Family",
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
    linkPlan: async () => ({ rooms: [fakeRoom()], consequences: ["Ben will read what Ana writes."], refusal: null }),
    linkAdd: async () => fakeLink(),
    linkList: async () => [fakeLink()],
    linkShow: async () => fakeLink(),
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
