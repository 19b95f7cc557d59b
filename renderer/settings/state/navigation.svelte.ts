import { getContext, setContext } from "svelte";
import type { Advice } from "../words/advice.ts";
import type { LinkId, RoomId } from "../../../main/matrix/ids.ts";
import type { LinkSettings } from "../../../main/matrix/link-settings.ts";
import type { ToldChange } from "../../../main/matrix/told-changes.ts";
import type { Chosen } from "./verify-view.ts";

/** Where one can be in the window. */
export type Place =
  | { page: "links" }
  | { page: "link"; link: LinkId; tab?: LinkTab }
  | ({ page: "new-link" } & NewLinkStart)
  | { page: "proposals" }
  | { page: "account" }
  /** With `chosen`, what is to be done there. */
  | { page: "verify"; chosen?: Exclude<Chosen, "skip" | null> }
  | { page: "settings" };

export type LinkTab = "messages" | "rooms" | "settings";

/** What is chosen already where a link is made, or with `replaces` changed. */
export interface NewLinkStart {
  replaces?: LinkId;
  rooms?: readonly RoomId[];
  oneWay?: boolean;
  name?: string;
  /** What is to be told besides messages. */
  tells?: readonly ToldChange[];
  /** What is to be set for it, as a file says. */
  settings?: LinkSettings;
  /** Rooms that have been replaced stand for those that have taken their place. */
  follow?: boolean;
}

const KEY = Symbol("navigation");

/** Which page is shown, and the way back. */
export class Navigation {
  place: Place = $state.raw({ page: "links" });
  readonly #before: Place[] = [];

  go(place: Place): void {
    this.#before.push(this.place);
    this.place = place;
  }

  /** To where one came from; from the first page nowhere. */
  back(): void {
    this.place = this.#before.pop() ?? { page: "links" };
  }

  /** Another page in this one's stead: the way back leads past this one. */
  replace(place: Place): void {
    this.place = place;
  }

  /** To a page of the side list: there is no way back from there. */
  start(place: Place): void {
    this.#before.length = 0;
    this.place = place;
  }
}

/** Gives the navigation to every component below. */
export function provideNavigation(navigation: Navigation): Navigation {
  return setContext(KEY, navigation);
}

export function useNavigation(): Navigation {
  return getContext(KEY);
}

/** The same, for what also stands where there is nothing to go to: while somebody logs in. */
export function mayNavigate(): Navigation | null {
  return getContext<Navigation | undefined>(KEY) ?? null;
}

/** Where a piece of advice leads; null where the window goes there by itself. */
export function placeOf(page: NonNullable<Advice["page"]>): Place | null {
  return page === "login" ? null : { page };
}
