import { FerryError } from "../../main/matrix/errors.ts";
import type { LinkDetail } from "../../main/protocol/control.ts";
import { listView } from "../support/fake-link.ts";
import { RememberingFerry } from "../support/remembering-ferry.ts";
import { linkHandlers, openLink } from "./link-scenes.ts";
import { openOn, page, type Changes } from "./opened.ts";

/** The page of one link, in a window on a Ferry that knows that link and, it may be, a change of it. */
export class LinkVisit {
  readonly ferry = new RememberingFerry();
  /** What main says of it; null where it is not there any more. */
  link: LinkDetail | null;
  change: LinkDetail | null;

  constructor(link: LinkDetail, change: LinkDetail | null = null) {
    this.link = link;
    this.change = change;
  }

  /** Opens the window, and there the link. */
  async open(changes: Changes = {}): Promise<void> {
    await this.openList(changes);
    await openLink(page);
  }

  /** Opens the window, with the link in its list. */
  async openList(changes: Changes = {}): Promise<void> {
    const first = this.link ?? this.change;
    if (first === null) throw new Error("There is no link to be visited.");
    await openOn(this.ferry, {
      ...linkHandlers(first, this.change),
      linkList: async () => this.#all.map((link) => listView(link)),
      linkShow: async ({ link: id }) => {
        const shown = this.#all.find((link) => link.id === id);
        if (shown === undefined) throw new FerryError("unknown-link", `There is no link ${id}.`);
        return shown;
      },
      ...changes,
    });
  }

  /** From now on main says something else of the link. The page hears of it when it asks, or is told to. */
  becomes(changes: Partial<LinkDetail>): LinkDetail {
    if (this.link === null) throw new Error("The link is gone.");
    this.link = { ...this.link, ...changes };
    return this.link;
  }

  /** Tells the page that something has changed. */
  tell(): void {
    this.ferry.tell({});
  }

  get #all(): LinkDetail[] {
    return [this.link, this.change].filter((link) => link !== null);
  }
}

/** A handler that fails. */
export function failing(code: ConstructorParameters<typeof FerryError>[0], text: string): () => Promise<never> {
  return () => Promise.reject(new FerryError(code, text));
}
