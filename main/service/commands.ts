import type { Command } from "../bridge/command.ts";
import type { SourceEvent } from "../matrix/event.ts";
import type { RoomId, UserId } from "../matrix/ids.ts";
import type { Store } from "../store/store.ts";
import { oweNotice } from "./notices.ts";

export interface CommandsOptions {
  store: Store;
  account: () => UserId;
  now: () => number;
}

/** What a command has changed, for whoever has to be told after the transaction. */
export interface Obeyed {
  /** A room that is owed a confirmation. */
  confirmIn: RoomId | null;
  /** Whether an answer waits to be looked into. */
  isAnswered: boolean;
}

/**
 * Obeys what a room's member tells Ferry, whether the room's links copy anything at the moment or not.
 *
 * @param receivedTs when the message came, in milliseconds since 1970: it may have been decrypted long after
 */
export function obey(command: Command, event: SourceEvent, receivedTs: number, options: CommandsOptions): Obeyed {
  if (command.kind !== "answer")
    return { confirmIn: setOption(command.kind, event, receivedTs, options), isAnswered: false };
  const { roomId, eventId } = event;
  const { verb, code } = command;
  options.store.answers.insert({ roomId, eventId, verb, code }, options.now());
  return { confirmIn: null, isAnswered: true };
}

/** @returns the room that is owed a confirmation; null where nothing has changed */
function setOption(
  option: "opt-out" | "opt-in",
  { roomId, eventId, sender }: SourceEvent,
  receivedTs: number,
  { store, account, now }: CommandsOptions,
): RoomId | null {
  const links = store.links.all().filter((link) => link.rooms.some((room) => room.roomId === roomId));
  const changed = links.filter(({ id }) =>
    option === "opt-out" ? store.optOuts.insert(id, sender, receivedTs) : store.optOuts.delete(id, sender, receivedTs),
  );
  const [first] = links;
  if (first === undefined || changed.length === 0) return null;
  if (option === "opt-out") {
    for (const { id } of changed) store.links.count(id, "opted-out", now(), store.outbox.dropOf(id, sender));
  }
  // Named after the message, so that it is confirmed once whatever happens in between.
  oweNotice({ store, account, now }, { linkId: first.id, roomId, name: `${option}:${eventId}` });
  return roomId;
}
