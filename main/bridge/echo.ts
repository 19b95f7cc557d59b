import type { LinkId, RoomId } from "../matrix/ids.ts";

/** So many echoes within the window are no coincidence: people repeat each other, but not like that. */
const ECHO_LIMIT = 5;
const WINDOW_MS = 60_000;
/** Copies that are remembered for each room. */
const REMEMBERED = 50;
/** Shorter texts are said by anybody at any time. */
const SHORTEST = 8;

interface RecentCopy {
  link: LinkId;
  text: string;
  ts: number;
}

/**
 * Notices when some third bridge carries Ferry's copies back: messages by others that hold the text of a copy which
 * has just been sent into their room, again and again. One alone means nothing and changes nothing; many within a
 * minute are a circle that would fill both rooms, and the link has to be stopped.
 *
 * Remembers texts in memory only, for a minute.
 */
export class EchoDetector {
  readonly #copies = new Map<RoomId, RecentCopy[]>();
  readonly #echoes = new Map<LinkId, number[]>();

  /** A copy with this text goes into a room. */
  noteCopy(room: RoomId, link: LinkId, text: string, nowTs: number): void {
    if (text.length < SHORTEST) return;
    const recent = this.#recent(room, nowTs);
    recent.push({ link, text, ts: nowTs });
    this.#copies.set(room, recent.slice(-REMEMBERED));
  }

  /** A message that is no copy has come. @returns the link that goes round in a circle, where this shows it */
  noteMessage(room: RoomId, text: string, nowTs: number): LinkId | null {
    const echoed = this.#recent(room, nowTs).find((copy) => text.includes(copy.text));
    if (!echoed) return null;
    const echoes = (this.#echoes.get(echoed.link) ?? []).filter((ts) => nowTs - ts < WINDOW_MS);
    echoes.push(nowTs);
    this.#echoes.set(echoed.link, echoes);
    if (echoes.length < ECHO_LIMIT) return null;
    this.#echoes.delete(echoed.link);
    return echoed.link;
  }

  #recent(room: RoomId, nowTs: number): RecentCopy[] {
    return (this.#copies.get(room) ?? []).filter((copy) => nowTs - copy.ts < WINDOW_MS);
  }
}
