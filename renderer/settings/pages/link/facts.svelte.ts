import type { LinkId } from "../../../../main/matrix/ids.ts";
import type { LinkDetail, LinkPlan, LinkView } from "../../../../main/protocol/control.ts";
import type { Ferry } from "../../state/ferry.svelte.ts";
import { Live } from "../../state/live.svelte.ts";

/** What is shown of one link, always as it is now. */
export class LinkFacts {
  readonly #ferry: Ferry;
  readonly #id: () => LinkId | null;
  readonly #detail: Live<LinkDetail | null>;
  readonly #plan: Live<LinkPlan | null>;

  /** To be made while a component is. @param id null where there is none now */
  constructor(ferry: Ferry, id: () => LinkId | null) {
    this.#ferry = ferry;
    this.#id = id;
    this.#detail = new Live(
      () => [ferry.links, id()],
      async () => {
        const link = id();
        return link === null ? null : ferry.main.linkShow({ link });
      },
    );
    this.#plan = new Live(
      () => this.#wanting,
      async () => {
        const { detail } = this;
        return detail === null || this.#wanting === "[]" ? null : ferry.main.linkPlan(termsOf(detail));
      },
    );
  }

  get detail(): LinkDetail | null {
    const detail = this.#detail.value;
    // What was known of it last is true no more.
    if (this.isGone) return null;
    return detail !== null && detail.id === this.#id() ? detail : null;
  }

  /** Whether there is no such link any more. */
  get isGone(): boolean {
    return this.#detail.failure?.code === "unknown-link";
  }

  get failure() {
    return this.#detail.failure;
  }

  /** The link as it would be made now: who could agree to what is wanting. Null where nothing is, or it is not known yet. */
  get plan(): LinkPlan | null {
    return this.#plan.value;
  }

  /** The link that is to take this one's place, where there is one. */
  get change(): LinkView | null {
    return this.#ferry.links?.find(({ changes }) => changes !== null && changes === this.#id()) ?? null;
  }

  /** Asks again for everything, after something has been done. */
  async reload(): Promise<void> {
    await Promise.all([this.#detail.reload(), this.#ferry.reload()]);
  }

  get #wanting(): string {
    return JSON.stringify(
      this.detail?.rooms.filter(({ gap }) => gap !== null).map(({ roomId, gap }) => [roomId, gap]) ?? [],
    );
  }
}

/** What a link would be asked for with. */
export function termsOf({ rooms, direction, tells, changes }: LinkView) {
  return {
    rooms: rooms.map(({ roomId }) => roomId),
    oneWay: direction === "one-way",
    tells,
    ...(changes === null ? {} : { replaces: changes }),
  };
}
