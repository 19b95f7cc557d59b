import { MatrixClient, PendingEventOrdering } from "matrix-js-sdk/lib/client.js";
import { MatrixEvent } from "matrix-js-sdk/lib/models/event.js";
import { Room } from "matrix-js-sdk/lib/models/room.js";
import { MemoryStore } from "matrix-js-sdk/lib/store/memory.js";
import type { ISyncResponse } from "matrix-js-sdk/lib/sync-accumulator.js";
import type { JsonObject } from "../../../main/matrix/event.ts";
import type { EventId, RoomId, UserId } from "../../../main/matrix/ids.ts";
import { silenceSdk, silentLogger } from "../../../renderer/engine/silence.ts";

export const ME = "@me:one.test" as UserId;
export const ANA = "@ana:one.test" as UserId;
export const BEA = "@bea:two.test" as UserId;
export const ROOM = "!room:one.test" as RoomId;

/** An event as a homeserver gives it. */
export type RawEvent = JsonObject & { event_id: string; type: string; sender: string; content: JsonObject };

silenceSdk();

let count = 0;

export function stateOf(type: string, content: JsonObject, stateKey = "", sender: string = ME): RawEvent {
  count += 1;
  return { event_id: `$state${count}`, type, sender, content, state_key: stateKey, origin_server_ts: count };
}

export function memberOf(user: string, membership = "join"): RawEvent {
  return stateOf("m.room.member", { membership }, user, user);
}

export function messageOf(sender: string, body: string): RawEvent {
  count += 1;
  const content = { msgtype: "m.text", body };
  return { event_id: `$message${count}`, type: "m.room.message", sender, content, origin_server_ts: count };
}

/** A response of `/sync` with one room that is joined. */
export function syncOf(events: readonly RawEvent[], options: { limited?: boolean; state?: RawEvent[] } = {}) {
  const timeline = { events, limited: options.limited ?? false, prev_batch: "before" };
  const joined = { timeline, state: { events: options.state ?? [] } };
  return { next_batch: "next", rooms: { join: { [ROOM]: joined } } } as unknown as ISyncResponse;
}

/** What the homeserver answers to a request: a JSON value, or a status that is no success. */
export type Answer = object | number;

/** The SDK's own client and room, over a homeserver that is a function of the path. */
export class Scene {
  readonly client: MatrixClient;
  readonly room: Room;
  readonly asked: string[] = [];
  /** Who is in the room, as `/members` says. */
  members: RawEvent[] = [memberOf(ME), memberOf(ANA)];
  answers: (path: string) => Answer | undefined = () => undefined;

  constructor(state: RawEvent[] = []) {
    this.client = new MatrixClient({
      baseUrl: "http://one.test",
      userId: ME,
      store: new MemoryStore(),
      logger: silentLogger,
      fetchFn: async (input) => this.#answer(new URL(input instanceof Request ? input.url : input)),
    });
    const options = { lazyLoadMembers: true, pendingEventOrdering: PendingEventOrdering.Detached };
    this.room = new Room(ROOM, this.client, ME, options);
    this.client.store.storeRoom(this.room);
    this.take(stateOf("m.room.create", { room_version: "11" }), memberOf(ME), ...state);
    this.room.updateMyMembership("join");
  }

  /** As the SDK takes in state from `/sync`. */
  take(...events: RawEvent[]): void {
    this.room.currentState.setStateEvents(events.map((raw) => new MatrixEvent({ ...raw, room_id: ROOM })));
  }

  joined(): string[] {
    return this.room.getJoinedMembers().map((member) => member.userId);
  }

  idOf(type: string, key = ""): EventId {
    return this.room.currentState.getStateEvents(type, key)?.getId() as EventId;
  }

  async #answer({ pathname, search }: URL): Promise<Response> {
    const path = decodeURIComponent(pathname.replace("/_matrix/client/v3", "")) + search;
    this.asked.push(path);
    const answer = this.answers(path) ?? this.#usual(path);
    const body = typeof answer === "number" ? { errcode: answer === 403 ? "M_FORBIDDEN" : "M_UNKNOWN" } : answer;
    const headers = { "content-type": "application/json" };
    return new Response(JSON.stringify(body), { status: typeof answer === "number" ? answer : 200, headers });
  }

  #usual(path: string): Answer {
    if (path.includes("/members")) return { chunk: this.members };
    return path.startsWith("/directory/") ? { visibility: "private" } : 404;
  }
}
