import { SvelteSet } from "svelte/reactivity";
import { asFerryError, type FerryError } from "../../../../main/matrix/errors.ts";
import type { RoomSummary } from "../../../../main/matrix/event.ts";
import type { LinkId, RoomId } from "../../../../main/matrix/ids.ts";
import { toldChanges, type ToldChange } from "../../../../main/matrix/told-changes.ts";
import type { controlRequests, LinkDetail, LinkPlan, LinkView } from "../../../../main/protocol/control.ts";
import type { Client } from "../../../../main/protocol/rpc.ts";
import type { NewLinkStart } from "../../state/navigation.svelte.ts";
import { agreementOf, roomsToAsk, suggestedName } from "../../words/plans.ts";
import { inOrder, nextDirection, type Direction } from "./direction.ts";

/** A link as it is being put together: what is chosen, what that would mean, and what the user has agreed to of it. */
export class Draft {
  readonly replaces: LinkId | null;
  /** The link that is changed, once it is known. */
  changed: LinkDetail | null = $state.raw(null);
  /** Every room of the account; null until main has answered. */
  all: RoomSummary[] | null = $state.raw(null);
  /** What is chosen, from left to right. */
  slots: (RoomSummary | null)[] = $state.raw([null, null]);
  direction: Direction = $state("both");
  /** What was chosen before and cannot be any more, because the user is not in it. */
  missing = $state(0);
  plan: LinkPlan | null = $state.raw(null);
  isPlanning = $state(false);
  failure: FerryError | null = $state.raw(null);
  /** The plan is another one than the user had read when they confirmed it. */
  hasChanged = $state(false);
  /** What the other rooms are told of besides messages. */
  tells: ToldChange[] = $state.raw([]);
  /** Rooms whose exposure the user has agreed to, by name. */
  readonly ticked = new SvelteSet<RoomId>();
  #ownName: string | null = $state(null);
  #turn = 0;
  readonly #main: Client<typeof controlRequests>;
  readonly #start: NewLinkStart;

  constructor(main: Client<typeof controlRequests>, start: NewLinkStart) {
    this.#main = main;
    this.#start = start;
    this.replaces = start.replaces ?? null;
    this.#ownName = start.name ?? null;
    this.tells = [...(start.tells ?? [])];
    if (start.oneWay === true) this.direction = "forward";
  }

  /** Asks for the rooms, and for what is chosen already. */
  async load(): Promise<void> {
    const [all, changed] = await Promise.all([
      this.#main.rooms({}),
      this.replaces === null ? null : this.#main.linkShow({ link: this.replaces }),
    ]);
    if (changed !== null) {
      this.#ownName ??= changed.name;
      this.tells = [...(this.#start.tells ?? changed.tells)];
      if (this.#start.oneWay === undefined && changed.direction === "one-way") this.direction = "forward";
    }
    const given = this.#start.rooms ?? changed?.rooms.map(({ roomId }) => roomId) ?? [];
    const chosen = await this.#followed(given, all);
    this.missing = given.length - chosen.length;
    this.slots = chosen.length >= 2 ? chosen : [chosen[0] ?? null, null];
    this.changed = changed;
    this.all = all;
    await this.replan();
  }

  /** The rooms by their ids; where that was asked for, those that have taken their place. */
  async #followed(given: readonly RoomId[], all: readonly RoomSummary[]): Promise<RoomSummary[]> {
    if (this.#start.follow === true) {
      return (await this.#main.linkPlan({ ...this.#request([...given], this.#isOneWay), follow: true })).rooms;
    }
    return given.flatMap((roomId) => all.find((room) => room.roomId === roomId) ?? []);
  }

  get chosen(): RoomSummary[] {
    return this.slots.filter((room) => room !== null);
  }

  get taken(): RoomId[] {
    return this.chosen.map(({ roomId }) => roomId);
  }

  get #isOneWay(): boolean {
    return this.direction !== "both";
  }

  /** What the link would be called. */
  get name(): string {
    return this.#ownName ?? this.suggested;
  }

  set name(name: string) {
    this.#ownName = name;
  }

  get suggested(): string {
    const { rooms, oneWay } = inOrder(this.chosen, this.direction);
    const names = rooms.map(({ name }) => name);
    return suggestedName(names, oneWay);
  }

  choose(slot: number, room: RoomSummary): void {
    this.slots = this.slots.with(slot, room);
    void this.replan();
  }

  /** Room for one more. */
  widen(): void {
    this.slots = [...this.slots, null];
    if (this.direction === "backward") this.turnTo("forward");
  }

  leaveOut(slot: number): void {
    this.slots = this.slots.toSpliced(slot, 1);
    void this.replan();
  }

  /** Makes it the room on the left: of several, the one that is copied from. */
  putFirst(slot: number): void {
    const [room] = this.slots.slice(slot, slot + 1);
    this.slots = [room ?? null, ...this.slots.toSpliced(slot, 1)];
    void this.replan();
  }

  turn(): void {
    this.turnTo(nextDirection(this.direction, this.slots.length));
  }

  turnTo(direction: Direction): void {
    this.direction = direction;
    void this.replan();
  }

  tell(change: ToldChange, isTold: boolean): void {
    this.tells = toldChanges(isTold ? [...this.tells, change] : this.tells.filter((other) => other !== change));
    void this.replan();
  }

  /** Asks what this would mean, as soon as two rooms stand. Only the answer to the last question counts. */
  async replan(): Promise<void> {
    const turn = (this.#turn += 1);
    this.failure = null;
    this.isPlanning = this.chosen.length >= 2;
    if (!this.isPlanning) return this.#show(null);
    try {
      const plan = await this.#main.linkPlan(this.#terms());
      if (turn === this.#turn) this.#show(plan);
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#show(null);
      this.failure = asFerryError(error);
    } finally {
      if (turn === this.#turn) this.isPlanning = false;
    }
  }

  /**
   * Makes the link that the user has read about. Where it would be another one by now, that is shown instead, and nothing
   * is done.
   *
   * @returns the link; null where they have to read again
   */
  async make(): Promise<LinkView | null> {
    const read = this.plan;
    if (read === null) return null;
    const terms = this.#terms();
    const plan = await this.#main.linkPlan(terms);
    if (agreementOf(plan) !== agreementOf(read)) {
      this.#show(plan);
      this.hasChanged = true;
      return null;
    }
    const name = this.name.trim();
    return this.#main.linkAdd({
      ...terms,
      ...(name === "" ? {} : { name }),
      propose: roomsToAsk(plan).length > 0,
      expose: [...this.ticked],
      ...(this.#start.settings === undefined ? {} : { settings: this.#start.settings }),
    });
  }

  #terms() {
    const { rooms, oneWay } = inOrder(this.chosen, this.direction);
    return this.#request(
      rooms.map(({ roomId }) => roomId),
      oneWay,
    );
  }

  #request(rooms: RoomId[], oneWay: boolean) {
    const tells = this.tells;
    if (this.replaces !== null) return { rooms, oneWay, tells, replaces: this.replaces };
    return { rooms, oneWay, ...(tells.length === 0 ? {} : { tells }) };
  }

  /** What was agreed to of another plan is agreed to no more. */
  #show(plan: LinkPlan | null): void {
    const isSame = plan !== null && this.plan !== null && agreementOf(plan) === agreementOf(this.plan);
    if (!isSame) this.ticked.clear();
    this.plan = plan;
    this.hasChanged = false;
  }
}
