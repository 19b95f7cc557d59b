import type { MatrixClient } from "matrix-js-sdk/lib/client.js";
import { Method } from "matrix-js-sdk/lib/http-api/index.js";
import type { Room } from "matrix-js-sdk/lib/models/room.js";
import type { ISyncResponse } from "matrix-js-sdk/lib/sync-accumulator.js";
import type { FerryError } from "../../main/matrix/errors.ts";
import { isRoomId, type EventId, type RoomId } from "../../main/matrix/ids.ts";
import type { RoomFacts } from "../../main/matrix/room-facts.ts";
import { CONNECTION } from "../../main/matrix/unstable.ts";
import { notThere } from "./encrypt.ts";
import { mayChange, redactedIn, type Standing } from "./fact-changes.ts";
import { readFacts } from "./facts.ts";
import { toFailure } from "./failures.ts";
import { untilJoined } from "./known-rooms.ts";
import { reloadMembers } from "./members.ts";
import type { Patience } from "./patience.ts";
import { readStateAgain, stateEvent } from "./redacted-state.ts";
import { isEncryptedRoom } from "./source-event.ts";

const HOUR_MS = 3_600_000;
/** An answer of the directory that is younger than this is asked for no second time. */
const DIRECTORY_MS = 60_000;
const DIRECTORY_TIMEOUT_MS = 10_000;
/** So long a homeserver may answer with errors of its own about one room, while the others wait. */
const LONGEST_ERROR_MS = 3 * 60_000;
const UNKNOWN_WAIT_MS = 5_000;
/** The membership of a room whose members the homeserver does not tell: nobody can say who reads there. */
const UNKNOWN = "unknown";
/** So many connection events are looked at again after a gap; a room of good faith has few. */
const MOST_CONNECTIONS = 50;

/** A room that main has asked the facts of. */
interface Tracked {
  readonly roomId: RoomId;
  /** What main knows of it, once it knows anything. */
  facts: RoomFacts | null;
  standing: Standing | null;
  published: { value: boolean | null; askedTs: number };
  /** State events whose content the homeserver may have taken away. */
  readonly redacted: Set<EventId>;
  /** What main knows is not what is: the next response of `/sync` is a reason to look again. */
  isBehind: boolean;
  /** What is done with the room, one after the other. */
  line: Promise<unknown>;
}

/** The rooms that main judges consent in: tells it of each change, before anything else of the same response. */
export class TrackedRooms {
  readonly #client: MatrixClient;
  readonly #tell: (facts: RoomFacts) => Promise<void>;
  readonly #patience: Patience;
  readonly #rooms = new Map<RoomId, Tracked>();
  /** Rooms whose members the SDK may be wrong about: `/sync` has left something out there. */
  readonly #gaps = new Set<string>();
  #hasSynced = false;
  readonly #timer: ReturnType<typeof setInterval>;

  /** @param tell resolves once main has judged the facts */
  constructor(client: MatrixClient, tell: (facts: RoomFacts) => Promise<void>, patience: Patience) {
    this.#client = client;
    this.#tell = tell;
    this.#patience = patience;
    this.#timer = setInterval(() => void this.#lookIntoDirectory(), HOUR_MS);
  }

  /** See `facts` of the contract. */
  async facts(roomId: RoomId): Promise<RoomFacts> {
    if (!this.#rooms.has(roomId) && isNotYetIn(this.#client, roomId)) await untilJoined(this.#client, roomId);
    const tracked = this.#rooms.get(roomId) ?? this.#track(roomId);
    // At the same time, and again in line: there it takes no time any more, or says what is wrong.
    const members = this.#client.getRoom(roomId)?.loadMembersIfNeeded();
    await Promise.all([this.#askDirectory(tracked, DIRECTORY_MS), members?.catch(() => undefined)]);
    return this.#inLine(tracked, async () => {
      const facts = await this.#read(tracked).catch((error: unknown) => {
        const failure = toFailure(error);
        const unread = isDefinite(failure) ? this.#unreadable(tracked) : null;
        if (unread === null) throw failure;
        return unread;
      });
      if (facts === null) throw notThere(this.#client);
      remember(tracked, facts);
      return facts;
    });
  }

  /** Takes in a response that the SDK has processed; resolves once main knows what has changed. Never rejects. */
  async onSync(response: ISyncResponse): Promise<void> {
    this.#noteGaps(response);
    const changed: Promise<void>[] = [];
    for (const tracked of this.#rooms.values()) {
      for (const eventId of redactedIn(response, tracked.roomId)) {
        const room = this.#client.getRoom(tracked.roomId);
        if (room && stateEvent(room, eventId)) tracked.redacted.add(eventId);
      }
      const isReason = tracked.isBehind || tracked.redacted.size > 0;
      if (!isReason && !mayChange(response, tracked.roomId, tracked.standing)) continue;
      const reported = this.#inLine(tracked, () => this.#report(tracked));
      // Only for a room that nothing could be read of yet, and of which main therefore lets nothing pass.
      const done = reported.catch(() => void (tracked.isBehind = true));
      // Nor does it where the homeserver has given no answer for long: the other rooms do not wait for that again.
      const limitMs = tracked.facts?.membership === UNKNOWN ? UNKNOWN_WAIT_MS : Infinity;
      changed.push(within(done, limitMs));
    }
    if (changed.length > 0) await Promise.all(changed);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#rooms.clear();
  }

  /** @throws FerryError `not-joined` where the account has never been in the room, `homeserver-unreachable` */
  #track(roomId: RoomId): Tracked {
    if (isNotYetIn(this.#client, roomId)) throw notThere(this.#client);
    const tracked: Tracked = {
      roomId,
      facts: null,
      standing: null,
      published: { value: null, askedTs: -Infinity },
      redacted: new Set(),
      isBehind: false,
      line: Promise.resolve(),
    };
    this.#rooms.set(roomId, tracked);
    return tracked;
  }

  #inLine<Result>(tracked: Tracked, action: () => Promise<Result>): Promise<Result> {
    const result = tracked.line.then(action);
    tracked.line = result.catch(() => undefined);
    return result;
  }

  #noteGaps(response: ISyncResponse): void {
    const isFirst = !this.#hasSynced;
    this.#hasSynced = true;
    // Between nothing and the first response there is no gap.
    if (isFirst) return;
    for (const [roomId, joined] of Object.entries(response.rooms?.join ?? {})) {
      if (joined.timeline?.limited !== true) continue;
      this.#gaps.add(roomId);
      const tracked = isRoomId(roomId) ? this.#rooms.get(roomId) : undefined;
      if (tracked) tracked.isBehind = true;
    }
  }

  /** Tells main how the room is now, where that is different from what main knows. Tries until it has been taken. */
  async #report(tracked: Tracked): Promise<void> {
    const facts = await this.#patience.untilDone(
      () => this.#read(tracked),
      (failure, sinceMs) => (isHopeless(failure, sinceMs) ? this.#unreadable(tracked) : undefined),
    );
    if (facts === undefined || facts === null) return;
    if (JSON.stringify(facts) === JSON.stringify(tracked.facts)) return;
    await this.#patience.untilDone(async () => {
      await this.#tell(facts);
      remember(tracked, facts);
    });
  }

  /** @returns null where the room is not known at all */
  async #read(tracked: Tracked): Promise<RoomFacts | null> {
    const room = this.#client.getRoom(tracked.roomId);
    const membership = room?.getMyMembership() ?? "leave";
    if (!room || membership !== "join") {
      // What is known of a room that one is not in is out of date, and of an invitation it is the inviter's word.
      this.#gaps.add(tracked.roomId);
      tracked.isBehind = false;
      if (tracked.facts) return { ...tracked.facts, membership };
      const encrypted = await isEncryptedRoom(this.#client, tracked.roomId);
      return room ? readFacts(room, { membership, encrypted, published: tracked.published.value }) : null;
    }
    await this.#completeMembers(tracked, room);
    for (const eventId of tracked.redacted) {
      await readStateAgain(this.#client, room, eventId);
      tracked.redacted.delete(eventId);
    }
    const encrypted = await isEncryptedRoom(this.#client, tracked.roomId);
    tracked.isBehind = false;
    return readFacts(room, { membership, encrypted, published: tracked.published.value });
  }

  async #completeMembers(tracked: Tracked, room: Room): Promise<void> {
    await room.loadMembersIfNeeded();
    if (!this.#gaps.delete(room.roomId)) return;
    try {
      await reloadMembers(this.#client, room);
    } catch (error) {
      this.#gaps.add(room.roomId);
      throw error;
    }
    // A redaction in the gap has left the event where it was, and taken what it says.
    const connections = room.currentState.getStateEvents(CONNECTION).slice(0, MOST_CONNECTIONS);
    for (const event of connections) {
      const eventId = event.getId() as EventId | undefined;
      if (eventId !== undefined && Object.keys(event.getContent()).length > 0) tracked.redacted.add(eventId);
    }
  }

  /** The homeserver does not say who is in the room: as one that the user is not in, it lets nothing pass. */
  #unreadable(tracked: Tracked): RoomFacts | null {
    tracked.isBehind = true;
    const room = this.#client.getRoom(tracked.roomId);
    const known = tracked.facts ?? (room && readFacts(room, { membership: UNKNOWN, encrypted: true, published: null }));
    return known && { ...known, membership: UNKNOWN };
  }

  async #askDirectory(tracked: Tracked, maxAgeMs: number): Promise<void> {
    if (Date.now() - tracked.published.askedTs < maxAgeMs) return;
    const path = `/directory/list/room/${encodeURIComponent(tracked.roomId)}`;
    const options = { localTimeoutMs: DIRECTORY_TIMEOUT_MS };
    try {
      const answer = await this.#client.http.authedRequest<{ visibility?: unknown }>(
        Method.Get,
        path,
        undefined,
        undefined,
        options,
      );
      tracked.published = { value: answer.visibility === "public", askedTs: Date.now() };
    } catch {
      // What it said last stands until it answers again; where it never has, that is what main hears.
    }
  }

  async #lookIntoDirectory(): Promise<void> {
    for (const tracked of [...this.#rooms.values()]) {
      if (tracked.standing?.membership !== "join") continue;
      const before = tracked.published.value;
      await this.#askDirectory(tracked, HOUR_MS / 2);
      if (tracked.published.value !== before) await this.#inLine(tracked, () => this.#report(tracked));
    }
  }
}

/** Whether the SDK knows of no time that the account was in the room. */
function isNotYetIn(client: MatrixClient, roomId: RoomId): boolean {
  const membership = client.getRoom(roomId)?.getMyMembership();
  return membership === undefined || membership === "invite" || membership === "knock";
}

function remember(tracked: Tracked, facts: RoomFacts): void {
  tracked.facts = facts;
  const members = new Map<string, string>();
  for (const user of facts.invited) members.set(user, "invite");
  for (const user of facts.joined) members.set(user, "join");
  tracked.standing = { membership: facts.membership, members };
}

function within(done: Promise<void>, limitMs: number): Promise<void> {
  if (limitMs === Infinity) return done;
  return Promise.race([done, new Promise<void>((resolve) => setTimeout(resolve, limitMs))]);
}

/** Whether other rooms should wait no longer for this one. Without a network nothing passes anywhere, and all wait. */
function isHopeless(failure: FerryError, sinceMs: number): boolean {
  return isDefinite(failure) || (failure.code === "homeserver-error" && sinceMs > LONGEST_ERROR_MS);
}

/** Whether the homeserver will say the same the next time: it refuses, or its answer makes no sense. */
function isDefinite(failure: FerryError): boolean {
  return !["offline", "homeserver-unreachable", "homeserver-error", "rate-limited", "logged-out"].includes(
    failure.code,
  );
}
