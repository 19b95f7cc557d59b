import type { RoomId } from "../../../main/matrix/ids.ts";
import { filterOf, type Filter, type LinkSettings } from "../../../main/matrix/link-settings.ts";
import { asFerryError, type FerryError } from "../../../main/matrix/errors.ts";
import type { LinkDetail } from "../../../main/protocol/control.ts";
import type { Ferry } from "./ferry.svelte.ts";

const SHOWN_MS = 5000;

/** The parts of a link's settings that are saved, and said to be saved, apart from each other. */
export type SettingPart = "filter" | "lists" | "names" | "reads";

/** One link's settings as main has them, with what is on its way there. Each change is saved at once. */
export class SettingsOfLink {
  #wanted: LinkSettings | null = $state.raw(null);
  /** What has just been saved. */
  latest: SettingPart | null = $state(null);
  /** What could not be saved, and why: it is as it was before. */
  refused: { part: SettingPart; failure: FerryError } | null = $state.raw(null);
  readonly #ferry: Ferry;
  readonly #link: () => LinkDetail;
  readonly #reload: () => Promise<void>;

  constructor(ferry: Ferry, link: () => LinkDetail, reload: () => Promise<void>) {
    this.#ferry = ferry;
    this.#link = link;
    this.#reload = reload;
  }

  /** What is shown: with what is being saved. */
  get view(): LinkSettings {
    return this.#wanted ?? this.#link().settings;
  }

  /** What leaves a room; null: any room of the link. */
  filterFor(room: RoomId | null): Filter {
    return room === null ? this.view.filter : filterOf(this.view, room);
  }

  /** Whether a room has a filter of its own. */
  isApart(room: RoomId): boolean {
    return this.view.roomFilters.some(({ roomId }) => roomId === room);
  }

  /** @returns whether it has been saved */
  async changeFilter(part: SettingPart, room: RoomId | null, changes: Partial<Filter>): Promise<boolean> {
    const filter = { ...this.filterFor(room), ...changes };
    return this.change(
      part,
      room === null ? { filter } : { roomFilters: [...this.#others(room), { roomId: room, filter }] },
    );
  }

  /** A room is to be like the others again. */
  async join(room: RoomId): Promise<boolean> {
    return this.change("filter", { roomFilters: this.#others(room) });
  }

  /** @returns whether it has been saved */
  async change(part: SettingPart, changes: Partial<LinkSettings>): Promise<boolean> {
    const wanted = { ...this.view, ...changes };
    this.#wanted = wanted;
    if (this.latest === part) this.latest = null;
    if (this.refused?.part === part) this.refused = null;
    try {
      await this.#ferry.main.linkSet({ link: this.#link().id, settings: changes });
      await this.#reload();
      this.#tell(part);
      return true;
    } catch (error) {
      this.refused = { part, failure: asFerryError(error) };
      return false;
    } finally {
      // Where something has been changed meanwhile, that is still on its way.
      if (this.#wanted === wanted) this.#wanted = null;
    }
  }

  #others(room: RoomId): LinkSettings["roomFilters"] {
    return this.view.roomFilters.filter(({ roomId }) => roomId !== room);
  }

  #tell(part: SettingPart): void {
    this.latest = part;
    setTimeout(() => {
      if (this.latest === part) this.latest = null;
    }, SHOWN_MS);
  }
}
