import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import type { Link } from "../../../../main/bridge/link.ts";
import type { JsonObject } from "../../../../main/matrix/event.ts";
import { ORIGIN } from "../../../../main/matrix/unstable.ts";
import type { DeviceId, EventId, LinkId, RoomId, UserId } from "../../../../main/matrix/ids.ts";
import { readOrigin, roomHash } from "../../../../main/bridge/origin.ts";
import { NO_FILTER, NO_LINK_SETTINGS } from "../../../../main/matrix/link-settings.ts";
import { linkBetween } from "../../link-support.ts";
import { CALM, Ferry, type Hazards } from "./ferry.ts";
import { picture } from "./file-deeds.ts";
import { ACCOUNT, Homeserver, type StoredEvent } from "./homeserver.ts";
import type { WorldOptions } from "./options.ts";
import { rename } from "./change-deeds.ts";
import { endPoll, poll, vote } from "./poll-deeds.ts";
import { Random } from "./random.ts";

/** So many events stand in each room before it is linked. */
export const HISTORY = 15;
/** What a kill leaves is the same on a disk in memory, which is faster: the power never fails here. */
const MEMORY = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
const DAY_MS = 25 * 3_600_000;
const PEOPLE = ["@ana:one.test", "@bea:two.test", ACCOUNT] as UserId[];

/** Rooms, people who talk in them, and a Ferry that is killed again and again. Time is simulated. */
export class World {
  readonly server = new Homeserver();
  readonly rooms: RoomId[];
  readonly links: Link[];
  readonly #options: WorldOptions;
  readonly #random: Random;
  readonly #base: string;
  #lives = 0;
  #devices = 1;
  #hazards: Hazards;
  #reborn = false;
  #keys: "late" | "there" = "late";
  ferry: Ferry;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#base = mkdtempSync(join(MEMORY, "ferry-world-"));
    this.#hazards = CALM;
    this.rooms = Array.from({ length: options.rooms }, (_, index) => `!room${index}:one.test` as RoomId);
    this.links = options.links.map(({ rooms, direction, filter, tells = [] }, index) =>
      linkBetween(
        rooms.map((room) => this.#room(room)),
        {
          ...{ id: `link${index}` as LinkId, direction, createdTs: index, tells },
          settings: { ...NO_LINK_SETTINGS, filter: { ...NO_FILTER, ...filter } },
        },
      ),
    );
    for (const roomId of this.rooms) for (let index = 0; index < HISTORY; index++) this.#say(roomId, `old ${index}`);
    this.ferry = this.#born();
    for (const link of this.links) this.ferry.store.links.insert(link);
    for (const roomId of this.rooms) {
      this.ferry.mirror.markBefore(
        roomId,
        this.server.eventsOf(roomId).map((event) => event.eventId),
      );
    }
    this.#hazards = options.hazards;
    this.#die();
  }

  get lives(): number {
    return this.#lives;
  }

  /** People talk, and Ferry carries and dies. */
  async live(steps: number): Promise<void> {
    for (let step = 0; step < steps; step++) {
      this.#deed();
      if (this.#random.chance(this.#options.pauses ?? 0)) this.#pauseOrResume();
      if (this.#hazards.fuse !== null && this.#random.chance(0.05)) this.ferry.replaceEngine();
      await this.#pass(this.#random.chance(0.3) ? this.#random.integer(0, 400) : this.#random.integer(0, 30));
    }
  }

  /** The keys that were late come, and from now on they are not late any more. */
  releaseKeys(): void {
    this.#keys = "there";
    this.server.releaseKeys();
  }

  /** Nothing goes wrong any more. Resolves when nothing is owed any more; fails where that does not come. */
  async settle(): Promise<void> {
    this.#hazards = CALM;
    this.#die();
    this.#hazards = this.#options.hazards;
    for (const link of this.links) this.ferry.store.links.setState(link.id, "active");
    this.ferry.sender.wake();
    let quiet = 0;
    for (let round = 0; quiet < 3; round++) {
      if (round > 400) throw new Error(`still owed: ${JSON.stringify(this.ferry.store.outbox.list(false, 5))}`);
      await this.#pass(500);
      // What an earlier login may have sent waits for the user, who has a look and says: again.
      if (this.ferry.store.outbox.retry(this.ferry.store.outbox.failedIds()) > 0) this.ferry.sender.wake();
      quiet = this.ferry.isIdle ? quiet + 1 : 0;
    }
  }

  end(): void {
    if (!this.ferry.dead) this.ferry.kill(join(this.#base, "end"));
    rmSync(this.#base, { recursive: true, force: true });
  }

  /** Time passes, and where the process dies meanwhile, another takes its place. */
  async #pass(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms);
    while (this.#reborn) {
      this.#die();
      await vi.advanceTimersByTimeAsync(1);
    }
  }

  #die(): void {
    this.#reborn = false;
    this.ferry.kill(this.#folder(this.#lives));
    if (this.#options.forgetful && this.#random.chance(0.5)) {
      vi.setSystemTime(Date.now() + DAY_MS);
      this.server.forgetTransactions();
    }
    if (this.#options.newDevices && this.#random.chance(0.3)) this.#devices += 1;
    this.ferry = this.#born();
    this.ferry.start();
  }

  #born(): Ferry {
    const folder = this.#folder(this.#lives);
    this.#lives += 1;
    const device = `FERRY${this.#devices}` as DeviceId;
    return new Ferry(folder, device, this.server, this.#random, this.#hazards, () => (this.#reborn = true));
  }

  #folder(life: number): string {
    return join(this.#base, `life${life}`);
  }

  #room(index: number): RoomId {
    const room = this.rooms[index];
    if (!room) throw new Error(`no room ${index}`);
    return room;
  }

  #pauseOrResume(): void {
    if (this.ferry.dead) return;
    const state = this.#random.pick(["active", "paused"] as const);
    for (const link of this.links) this.ferry.store.links.setState(link.id, state);
    this.ferry.sender.wake();
  }

  #deed(): void {
    const roomId = this.#random.pick(this.rooms);
    // People refer to what is there, copies included.
    const said = this.server
      .eventsOf(roomId)
      .filter((event) => event.kind === "message" && !event.redacted && this.#isSettled(event));
    const target = this.#random.pick(said.slice(-8));
    const sender = this.#random.pick(PEOPLE);
    switch (this.#random.pick(this.#options.deeds)) {
      case "message":
        return void this.#say(roomId, this.#words("words"), sender, {}, this.#keyTs());
      case "picture":
        return void this.#say(roomId, this.#words("a caption"), sender, picture(this.#random));
      case "reply":
        return void this.#say(roomId, this.#words("a reply"), sender, replyTo(target.eventId));
      case "pasted":
        return this.#paste(target);
      case "edit":
        return this.#edit(roomId, said);
      case "reaction":
        return this.#react(roomId, target);
      case "rename":
        return rename(this.server, roomId, sender, this.#number());
      case "poll":
        return poll(this.server, roomId, sender);
      case "vote":
        // Everybody has a room of their own to vote in: what becomes of those who vote in two, polls.test.ts shows.
        return vote(this.server, this.#random, said, PEOPLE[this.rooms.indexOf(roomId)] ?? ACCOUNT, this.#keyTs());
      case "poll-end":
        return endPoll(this.server, this.#random, said);
      case "redaction":
        return this.#redact(
          roomId,
          this.server.eventsOf(roomId).filter((event) => event.device === "PHONE"),
        );
      case "take-down":
        // The user takes their words back from a copy, or a moderator takes a copy down.
        return this.#redact(
          roomId,
          said.filter((event) => event.device !== "PHONE"),
          this.#random.pick([ACCOUNT, PEOPLE[0] ?? ACCOUNT]),
        );
    }
  }

  #say(
    roomId: RoomId,
    body: string,
    sender: UserId = "@ana:one.test" as UserId,
    more: JsonObject = {},
    keyTs = 0,
  ): EventId {
    const content = { msgtype: "m.text", body, ...more };
    return this.server.send({ roomId, sender, device: "PHONE", type: "m.room.message", content, keyTs });
  }

  /** Somebody reacts, often with what somebody else has reacted with. */
  #react(roomId: RoomId, target: StoredEvent): void {
    const earlier = this.server
      .eventsOf(roomId)
      .filter((event) => event.kind === "reaction" && event.device === "PHONE");
    const joined = this.#random.chance(0.6) ? earlier.filter((event) => !event.redacted).at(-1) : undefined;
    const key = joined?.key ?? this.#random.pick(["👍", "🎉"]);
    const relation = { rel_type: "m.annotation", event_id: joined?.target ?? target.eventId, key };
    this.#attempt(roomId, this.#random.pick(PEOPLE.slice(0, 2)), "m.reaction", { "m.relates_to": relation });
  }

  #words(beginning: string): string {
    const { secrets } = this.#options;
    const end = secrets !== undefined && this.#random.chance(secrets) ? " secret" : "";
    return `${beginning} ${this.#number()}${end}`;
  }

  /** Of one length, so that no text is a part of another one. */
  #number(): string {
    return this.#random.integer(0, 9_999_999).toString().padStart(7, "0");
  }

  #keyTs(): number {
    if (!this.#random.chance(this.#keys === "late" ? (this.#options.lateKeys ?? 0) : 0)) return 0;
    return this.#options.hasty ? Date.now() + this.#random.integer(10, 1_500) : Infinity;
  }

  /** Whether the ledger knows it, where it is a copy. */
  #isSettled(event: StoredEvent): boolean {
    if (event.device === "PHONE" || this.#options.hasty) return true;
    return !this.ferry.dead && this.ferry.store.ledger.origin(event.roomId, event.eventId) !== null;
  }

  /** What somebody copied out of another event, marker and all, into a message of their own. */
  #paste(from: StoredEvent): void {
    const marker = Object.fromEntries(Object.entries(from.content).filter(([name]) => name === ORIGIN));
    const sender = this.#random.pick(PEOPLE);
    // The user's own, in the room that the marker belongs to, could not be told from the copy before its answer is in.
    const isAt = (roomId: RoomId): boolean => sender === ACCOUNT && readOrigin(marker)?.room === roomHash(roomId);
    const rooms = this.rooms.filter((roomId) => !isAt(roomId));
    this.#say(this.#random.pick(rooms), `pasted ${this.#number()}`, sender, marker);
  }

  #edit(roomId: RoomId, said: StoredEvent[]): void {
    const own = said.filter((event) => event.device === "PHONE");
    if (own.length === 0) return;
    const { eventId, sender } = this.#random.pick(own.slice(-5));
    const body = this.#words("better words");
    const content = {
      "m.new_content": { msgtype: "m.text", body },
      "m.relates_to": { rel_type: "m.replace", event_id: eventId },
    };
    this.#say(roomId, `* ${body}`, sender, content);
  }

  #redact(roomId: RoomId, events: StoredEvent[], by?: UserId): void {
    const left = events.filter((event) => !event.redacted && event.kind !== "redaction");
    if (left.length === 0) return;
    const { eventId, sender } = this.#random.pick(left.slice(-6));
    const content = {};
    this.server.send({
      roomId,
      sender: by ?? sender,
      device: "PHONE",
      type: "m.room.redaction",
      content,
      redacts: eventId,
    });
  }

  #attempt(roomId: RoomId, sender: UserId, type: string, content: JsonObject): void {
    try {
      this.server.send({ roomId, sender, device: "PHONE", type, content });
    } catch {
      // They react with that already.
    }
  }
}

function replyTo(eventId: EventId): JsonObject {
  return { "m.relates_to": { "m.in_reply_to": { event_id: eventId } } };
}
