import type { RoomSummary } from "../../../../main/matrix/event.ts";
import type { RoomId } from "../../../../main/matrix/ids.ts";
import { cleanName } from "../../words/names.ts";

/** A room with what it is found by. */
export interface FoundRoom {
  room: RoomSummary;
  /** What tells it from another room of the same name: its alias or id; null where no other has its name. */
  distinction: string | null;
}

interface Entry extends FoundRoom {
  name: string;
  elsewhere: string;
}

const collator = new Intl.Collator("en", { sensitivity: "base", numeric: true });
const LONGEST_NAME = 500;

/** Rooms made ready to be searched, by name. Pure; done once for all rooms, as there may be thousands. */
export class RoomIndex {
  readonly #entries: Entry[];

  constructor(rooms: readonly RoomSummary[]) {
    const entries = rooms.map((room) => {
      const shown = cleanName(room.name);
      return { room, shown, name: plain(shown), elsewhere: plain(`${room.alias ?? ""} ${room.roomId}`) };
    });
    const counts = new Map<string, number>();
    for (const { name } of entries) counts.set(name, (counts.get(name) ?? 0) + 1);
    this.#entries = entries
      .sort((one, other) => collator.compare(one.shown, other.shown))
      .map(({ room, name, elsewhere }) => {
        const isAlone = counts.get(name) === 1;
        return { room, name, elsewhere, distinction: isAlone ? null : (room.alias ?? room.roomId) };
      });
  }

  /** The rooms that are meant by some words, those first whose name begins with them; without words, all. */
  find(words: string, taken: readonly RoomId[]): FoundRoom[] {
    const wanted = plain(words);
    const free = this.#entries.filter(({ room }) => !taken.includes(room.roomId));
    if (wanted === "") return free;
    const ranks: Entry[][] = [[], [], [], []];
    for (const entry of free) ranks[rankOf(entry, wanted)]?.push(entry);
    return ranks.flat().map((entry) =>
      // Found by what is not seen otherwise: then it is shown.
      entry.name.includes(wanted) ? entry : { ...entry, distinction: entry.room.alias ?? entry.room.roomId },
    );
  }
}

/** 0 for what fits best; beyond the last where it does not fit. */
function rankOf({ name, elsewhere }: Entry, wanted: string): number {
  if (name.startsWith(wanted)) return 0;
  if (name.includes(` ${wanted}`)) return 1;
  if (name.includes(wanted)) return 2;
  return elsewhere.includes(wanted) ? 3 : 4;
}

/** Without capitals, accents and double blanks: nobody has to know how a name is written. */
function plain(text: string): string {
  return text.slice(0, LONGEST_NAME).normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/\s+/g, " ").trim();
}
