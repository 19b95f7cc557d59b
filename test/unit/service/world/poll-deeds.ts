import { vi } from "vitest";
import type { EventId, RoomId, UserId } from "../../../../main/matrix/ids.ts";
import { PLAIN_TEXT, POLL_DISCLOSED, POLL_END, POLL_RESPONSE, POLL_START } from "../../../../main/matrix/unstable.ts";
import type { Homeserver, StoredEvent } from "./homeserver.ts";
import type { Random } from "./random.ts";

/** What people do with polls. */

export function poll(server: Homeserver, roomId: RoomId, sender: UserId): void {
  const answers = ["soup", "stew", "pie"].map((id) => ({ id, [PLAIN_TEXT]: id }));
  const question = { [PLAIN_TEXT]: "a question" };
  const content = { [POLL_START]: { question, kind: POLL_DISCLOSED, max_selections: 2, answers } };
  server.send({ roomId, sender, device: "PHONE", type: POLL_START, content });
}

/** @param said in one room; its newest polls are voted in, originals and copies */
export function vote(server: Homeserver, random: Random, said: StoredEvent[], sender: UserId, keyTs: number): void {
  const polls = said.filter(({ type }) => type === POLL_START).slice(-2);
  if (polls.length === 0) return;
  // No two votes of one moment: which is the newer one would be anybody's guess.
  vi.setSystemTime(Date.now() + 1);
  const { roomId, eventId } = random.pick(polls);
  const answers = random.pick([["soup"], ["stew"], ["stew", "pie"], ["soup", "stew", "pie"], [], ["unknown"]]);
  const content = { [POLL_RESPONSE]: { answers }, "m.relates_to": reference(eventId) };
  server.send({ roomId, sender, device: "PHONE", type: POLL_RESPONSE, content, keyTs });
}

/** The author of a poll ends it. @param said in one room */
export function endPoll(server: Homeserver, random: Random, said: StoredEvent[]): void {
  const own = said.filter(({ type, device }) => type === POLL_START && device === "PHONE");
  if (own.length === 0) return;
  vi.setSystemTime(Date.now() + 1);
  const { roomId, eventId, sender } = random.pick(own);
  const content = { [POLL_END]: {}, "m.relates_to": reference(eventId) };
  server.send({ roomId, sender, device: "PHONE", type: POLL_END, content });
}

function reference(eventId: EventId) {
  return { rel_type: "m.reference", event_id: eventId };
}
