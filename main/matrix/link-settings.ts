import type { RoomId, UserId } from "./ids.ts";

/**
 * What the user sets for one link: for main and for the pages. It makes the link copy less, says how names are shown, or
 * is about nobody but the user; so it is no part of the terms that its rooms agree to.
 */

/** What can be kept from being copied by its kind. Edits and redactions follow what they belong to. */
export const FILTERED_KINDS = ["text", "media", "polls", "locations", "reactions"] as const;
export type FilteredKind = (typeof FILTERED_KINDS)[number];

/** What stays in its room. */
export interface Filter {
  withoutKinds: readonly FilteredKind[];
  /** Only what these people write is copied; empty: what anybody writes. */
  onlySenders: readonly UserId[];
  withoutSenders: readonly UserId[];
  /** `m.notice`: what bots say. */
  withoutNotices: boolean;
  threadsOnly: boolean;
  /** Words and phrases; whatever has one of them stays. */
  withoutWords: readonly string[];
}

/** How a copy names its author: “Ana”, “Ana (Kitchen)” or “Ana (@ana:example.org)”. */
export const ATTRIBUTIONS = ["name", "name-room", "name-id"] as const;
export type AttributionTemplate = (typeof ATTRIBUTIONS)[number];

export interface LinkSettings {
  /** For what leaves any of its rooms that has no filter of its own. */
  filter: Filter;
  /** For what leaves these rooms, instead. */
  roomFilters: { roomId: RoomId; filter: Filter }[];
  attribution: AttributionTemplate;
  /** Whether “@room” of somebody who may say so in their room rings in the others. */
  allowRoomMention: boolean;
  /** Whether what the user has read in one of its rooms counts as read in the others. */
  reads: boolean;
}

export const NO_FILTER: Filter = {
  withoutKinds: [],
  onlySenders: [],
  withoutSenders: [],
  withoutNotices: false,
  threadsOnly: false,
  withoutWords: [],
};

/** As a link is on which nothing has been set. */
export const NO_LINK_SETTINGS: LinkSettings = {
  filter: NO_FILTER,
  roomFilters: [],
  attribution: "name",
  allowRoomMention: false,
  reads: true,
};

/** As much as a filter holds. */
export const MOST_SENDERS = 500;
export const MOST_WORDS = 200;
/** In characters. */
export const LONGEST_WORD = 100;

/** What keeps events from leaving a room. */
export function filterOf({ filter, roomFilters }: LinkSettings, room: RoomId): Filter {
  return roomFilters.find(({ roomId }) => roomId === room)?.filter ?? filter;
}

/** The name that a copy shows. All three are shown as they are: whoever passes them has made them safe. */
export function attributedName(
  template: AttributionTemplate,
  { name, room, sender }: { name: string; room: string; sender: string },
): string {
  if (template === "name-room" && room !== "") return `${name} (${room})`;
  // A name that is the id, or ends with it to tell two people apart, says it already.
  if (template === "name-id" && name !== sender && !name.endsWith(`(${sender})`)) return `${name} (${sender})`;
  return name;
}

/** What is given of a link's settings; the rest stays as it is. */
export type SettingChanges = { [Name in keyof LinkSettings]?: LinkSettings[Name] | undefined };

export function changedSettings(settings: LinkSettings, changes: SettingChanges): LinkSettings {
  const roomFilters = changes.roomFilters ?? settings.roomFilters;
  return {
    filter: tidied(changes.filter ?? settings.filter),
    roomFilters: roomFilters.map(({ roomId, filter }) => ({ roomId, filter: tidied(filter) })),
    attribution: changes.attribution ?? settings.attribution,
    allowRoomMention: changes.allowRoomMention ?? settings.allowRoomMention,
    reads: changes.reads ?? settings.reads,
  };
}

/** Nothing twice, and no word that is none. */
function tidied(filter: Filter): Filter {
  const once = <Value>(values: readonly Value[]): Value[] => [...new Set(values)];
  return {
    ...filter,
    withoutKinds: FILTERED_KINDS.filter((kind) => filter.withoutKinds.includes(kind)),
    onlySenders: once(filter.onlySenders),
    withoutSenders: once(filter.withoutSenders),
    withoutWords: once(filter.withoutWords.map((word) => word.trim()).filter((word) => word !== "")),
  };
}

/** The settings of a link whose rooms have been replaced: a room's own filter goes on in the room that has its place. */
export function settingsAfter(settings: LinkSettings, successorOf: (room: RoomId) => RoomId): LinkSettings {
  const roomFilters = settings.roomFilters.map(({ roomId, filter }) => ({ roomId: successorOf(roomId), filter }));
  return { ...settings, roomFilters };
}
