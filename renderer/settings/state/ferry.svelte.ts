import { getContext, setContext } from "svelte";
import { asFerryError, type FerryError } from "../../../main/matrix/errors.ts";
import {
  controlNotifications,
  controlRequests,
  type LinkView,
  type ProposalView,
  type ShownPlace,
  type StatusView,
} from "../../../main/protocol/control.ts";
import { connect, type Channel, type Client } from "../../../main/protocol/rpc.ts";
import { CatchingUp } from "./catching-up.ts";
import { People } from "./people.ts";

const KEY = Symbol("ferry");

/** What the page knows of Ferry, as main has last said, and the way to ask for more. */
export class Ferry {
  readonly main: Client<typeof controlRequests>;
  readonly people: People;
  /** Null until main has answered for the first time. */
  status: StatusView | null = $state.raw(null);
  links: LinkView[] | null = $state.raw(null);
  proposals: ProposalView[] | null = $state.raw(null);
  /** Why main did not answer, where it did not. */
  failure: FerryError | null = $state.raw(null);
  /** The page that main asks for, because the user has clicked on something about it. Whoever goes there clears it. */
  asked: ShownPlace | null = $state.raw(null);
  /** A recovery key that has just been made. Kept, whatever page is shown, until the user has written it down. */
  newRecoveryKey: { recoveryKey: string; keyId: string } | null = $state.raw(null);
  /** Whether one is being made: this device is verified before the key is there to be shown. */
  isMakingRecoveryKey = $state(false);
  /** Everything on this computer is being deleted, or has been, and whether the server knows. Ferry ends with it. */
  deletion: "under-way" | { loggedOut: boolean } | null = $state.raw(null);
  /** Signed out while the server could not be told: it still lists this device. Until somebody logs in. */
  isStillListed = $state(false);
  readonly #catchingUp = new CatchingUp();
  #loading: Promise<void> | null = null;
  #isStale = false;

  constructor(channel: Channel) {
    const { remote } = connect(
      channel,
      controlNotifications,
      {
        statusChanged: async (status) => {
          this.#take(status);
          return {};
        },
        show: async (place) => {
          this.asked = place;
          return {};
        },
      },
      controlRequests,
    );
    this.main = remote;
    this.people = new People(remote);
    void this.reload();
  }

  /** Asks for everything anew; while it is being asked, once more afterwards. */
  reload(): Promise<void> {
    this.#isStale = true;
    this.#loading ??= this.#loadAll();
    return this.#loading;
  }

  async #loadAll(): Promise<void> {
    while (this.#isStale) {
      this.#isStale = false;
      try {
        await this.#load();
        this.failure = null;
      } catch (error) {
        this.failure = asFerryError(error);
      }
    }
    // In the same breath as the last look at what is stale: whoever asks after that is not told that it is being asked.
    this.#loading = null;
  }

  async #load(): Promise<void> {
    const [status, links] = await Promise.all([this.main.status({}), this.main.linkList({})]);
    this.status = status;
    if (status.userId !== null) this.isStillListed = false;
    this.#catchingUp.take(links);
    this.links = links;
    // Nobody can be asked anything before they have logged in.
    this.proposals = status.userId === null ? [] : await this.main.proposals({});
  }

  #take(status: StatusView): void {
    this.status = status;
    void this.reload();
  }

  /** How far a link has come with what it owes, between 0 and 1; undefined while that is not known. */
  progressOf(link: LinkView): number | undefined {
    return this.#catchingUp.progressOf(link);
  }

  /** How many people's questions wait for the user. */
  get openProposals(): number {
    return (this.proposals ?? []).filter(({ state }) => state === "open").length;
  }
}

/** Gives Ferry to every component below. */
export function provideFerry(ferry: Ferry): void {
  setContext(KEY, ferry);
}

/** The Ferry that this page belongs to. */
export function useFerry(): Ferry {
  return getContext(KEY);
}
