import { getContext, setContext } from "svelte";
import type { LinkId, RoomId } from "../../../main/matrix/ids.ts";

/** Where one can be in the window. */
export type Place =
  | { page: "links" }
  | { page: "link"; link: LinkId; tab?: "messages" | "rooms" | "settings" }
  /** With `replaces`, a link that is changed; with `rooms`, what is chosen already. */
  | { page: "new-link"; replaces?: LinkId; rooms?: readonly RoomId[]; oneWay?: boolean; name?: string }
  | { page: "proposals" }
  | { page: "account" }
  | { page: "verify" }
  | { page: "settings" };

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
