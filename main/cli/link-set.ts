import { InvalidArgumentError, Option, type Command } from "commander";
import { isUserId, type RoomId, type UserId } from "../matrix/ids.ts";
import {
  ATTRIBUTIONS,
  FILTERED_KINDS,
  filterOf,
  LONGEST_WORD,
  type AttributionTemplate,
  type Filter,
  type FilteredKind,
  type LinkSettings,
} from "../matrix/link-settings.ts";
import { FerryError } from "../matrix/errors.ts";
import type { LinkView } from "../protocol/control.ts";
import type { Context } from "./environment.ts";
import { toJson } from "./json.ts";
import { askFerry } from "./session.ts";
import { switchFor } from "./settings.ts";
import { foreign, listed, nameOf, table } from "./text.ts";

/** `ferry link set`: what a link leaves out, and how it names people. */

export interface LinkSetOptions {
  room?: string | undefined;
  likeOthers?: boolean | undefined;
  without?: FilteredKind[] | undefined;
  onlyFrom?: UserId[] | undefined;
  notFrom?: UserId[] | undefined;
  never?: string[] | undefined;
  bots?: boolean | undefined;
  threadsOnly?: boolean | undefined;
  names?: AttributionTemplate | undefined;
  roomMentions?: boolean | undefined;
  reads?: boolean | undefined;
}

/** Gives a command its options. What can be given several times replaces the list that there was; “none” empties it. */
export function addLinkSetOptions(command: Command): Command {
  const kinds = FILTERED_KINDS.join(", ");
  return command
    .option("--room <room>", "set this for what leaves this room only (its id)")
    .option("--like-others", "with --room: the room is to have no filter of its own any more")
    .addOption(each("--without <kind>", `do not copy this kind: ${kinds}; once for each, or “none”`, parseKind))
    .addOption(each("--only-from <user>", "copy only what this person writes; once for each, or “none”", parseUser))
    .addOption(each("--not-from <user>", "do not copy what this person writes; once for each, or “none”", parseUser))
    .addOption(each("--never <words>", "never copy what has this word or phrase; once for each, or “none”", parseWord))
    .addOption(switchFor("--bots", "whether bots' notices are copied"))
    .addOption(switchFor("--threads-only", "whether only what is written in threads is copied"))
    .addOption(new Option("--names <form>", "how copies name people").choices(ATTRIBUTIONS))
    .addOption(switchFor("--room-mentions", "whether “@room” rings in the other rooms, too"))
    .addOption(switchFor("--reads", "whether what you have read in one room counts as read in the others"));
}

/** Changes what is given, and says how everything is set. @throws FerryError `unknown-link`, `bad-request` */
export async function setLink(context: Context, reference: string, options: LinkSetOptions): Promise<number> {
  const { environment, settings } = context;
  return askFerry(context, async (client) => {
    const before = await client.linkShow({ link: reference });
    const changes = changesOf(before, options);
    const isAsked = Object.keys(changes).length === 0;
    const link = isAsked ? before : await client.linkSet({ link: before.id, settings: changes });
    environment.print(settings.json ? toJson(link) : settingsText(link));
    return 0;
  });
}

function changesOf({ settings, rooms }: LinkView, options: LinkSetOptions): Partial<LinkSettings> {
  const room = roomOf(rooms, options);
  const filter = filterWith(room === null ? settings.filter : filterOf(settings, room), options);
  const others = settings.roomFilters.filter(({ roomId }) => roomId !== room);
  const { names, roomMentions, reads, likeOthers } = options;
  if (likeOthers && (room === null || filter !== null)) {
    throw new FerryError("bad-request", "--like-others goes with --room alone.");
  }
  return {
    ...(names === undefined ? {} : { attribution: names }),
    ...(roomMentions === undefined ? {} : { allowRoomMention: roomMentions }),
    ...(reads === undefined ? {} : { reads }),
    ...(likeOthers ? { roomFilters: others } : {}),
    ...(filter !== null && room === null ? { filter } : {}),
    ...(filter !== null && room !== null ? { roomFilters: [...others, { roomId: room, filter }] } : {}),
  };
}

function roomOf(rooms: LinkView["rooms"], { room }: LinkSetOptions): RoomId | null {
  if (room === undefined) return null;
  const found = rooms.find(({ roomId }) => roomId === room);
  if (found) return found.roomId;
  throw new FerryError("bad-request", `--room names ${room}, which is not the id of a room of this link.`);
}

/** A filter as it is to be; null where nothing of it is changed. */
function filterWith(filter: Filter, options: LinkSetOptions): Filter | null {
  const { without, onlyFrom, notFrom, never, bots, threadsOnly } = options;
  const changes: Partial<Filter> = {
    ...(without === undefined ? {} : { withoutKinds: without }),
    ...(onlyFrom === undefined ? {} : { onlySenders: onlyFrom }),
    ...(notFrom === undefined ? {} : { withoutSenders: notFrom }),
    ...(never === undefined ? {} : { withoutWords: never }),
    ...(bots === undefined ? {} : { withoutNotices: !bots }),
    ...(threadsOnly === undefined ? {} : { threadsOnly }),
  };
  return Object.keys(changes).length === 0 ? null : { ...filter, ...changes };
}

/** What a link's settings are. The words are the user's own, on their own terminal. */
export function settingsText({ settings, rooms }: Pick<LinkView, "settings" | "rooms">): string {
  const own = settings.roomFilters.map(({ roomId, filter }) => {
    const name = rooms.find((room) => room.roomId === roomId)?.name ?? roomId;
    return [`from “${nameOf(name)}”`, filterText(filter)];
  });
  const forms = { name: "“Ana”", "name-room": "“Ana (Kitchen)”", "name-id": "“Ana (@ana:example.org)”" };
  return table([
    ["Copied", filterText(settings.filter)],
    ...own,
    ["Names", `${settings.attribution}, as in ${forms[settings.attribution]}`],
    ["“@room”", settings.allowRoomMention ? "rings in the other rooms, too" : "rings in its own room only"],
    ["Read", settings.reads ? "in one room is read in the others" : "in each room for itself"],
  ]);
}

function filterText(filter: Filter): string {
  const parts = [
    ...(filter.threadsOnly ? ["threads only"] : []),
    ...(filter.onlySenders.length === 0 ? [] : [`only from ${listed(filter.onlySenders.map(safe))}`]),
    ...(filter.withoutSenders.length === 0 ? [] : [`nothing from ${listed(filter.withoutSenders.map(safe))}`]),
    ...(filter.withoutKinds.length === 0 ? [] : [`no ${listed(filter.withoutKinds)}`]),
    ...(filter.withoutNotices ? ["no notices of bots"] : []),
    ...(filter.withoutWords.length === 0
      ? []
      : [`nothing with ${listed(filter.withoutWords.map((word) => `“${safe(word)}”`))}`]),
  ];
  return parts.length === 0 ? "everything" : parts.join("; ");
}

function safe(text: string): string {
  return foreign(text);
}

function each<Value>(flags: string, description: string, parse: (text: string) => Value): Option {
  const given: string[] = [];
  return new Option(flags, description).argParser((text: string) => {
    given.push(text);
    return given.length === 1 && text === "none" ? [] : given.map(parse);
  });
}

function parseKind(text: string): FilteredKind {
  const kind = FILTERED_KINDS.find((known) => known === text);
  if (kind === undefined) throw new InvalidArgumentError(`It is one of ${FILTERED_KINDS.join(", ")}, or “none” alone.`);
  return kind;
}

function parseUser(text: string): UserId {
  if (!isUserId(text)) throw new InvalidArgumentError("It is a Matrix ID such as @ana:example.org, or “none” alone.");
  return text;
}

function parseWord(text: string): string {
  if (text.trim() === "" || text.length > LONGEST_WORD) {
    throw new InvalidArgumentError(`It is a word or phrase of at most ${LONGEST_WORD} characters, or “none” alone.`);
  }
  return text;
}
