import type { LinkView, StatusView } from "../../../main/protocol/control.ts";
import { counted } from "./numbers.ts";

/** How a link is shown: its own state, or that everything is stopped. */
export type ShownState = LinkView["state"] | "all-paused";

/** What is shown of a link's state; what the user has stopped altogether comes before what the link is set to. */
export function shownState(link: LinkView, status: StatusView | null): ShownState {
  const isRunning = link.state === "mirroring" || link.state === "catching-up" || link.state === "paused";
  return status?.everythingPaused === true && isRunning && !link.isPaused ? "all-paused" : link.state;
}

const WORDS: Record<ShownState, string> = {
  mirroring: "Mirroring",
  "catching-up": "Catching up",
  starting: "Starting",
  waiting: "Waiting for an answer",
  suspended: "Stopped",
  paused: "Paused",
  "all-paused": "Paused with everything",
};

/** Whether anything has ever been copied by it, or could have been. */
export function hasBegun({ state }: LinkView): boolean {
  return state !== "waiting" && state !== "starting";
}

/** The state in a word or two. */
export function stateWord(state: ShownState): string {
  return WORDS[state];
}

/** What is owed on a link, where there is something: "12 messages to go", "2 could not be delivered". */
export function owedWords(link: LinkView, state: ShownState): string[] {
  const waiting = waitingWords(link, state);
  const failed = link.failed === 0 ? [] : [`${counted(link.failed, "message")} could not be delivered`];
  return waiting === null ? failed : [waiting, ...failed];
}

/** How much is still to be copied; null where nothing is. */
export function waitingWords({ waiting }: LinkView, state: ShownState): string | null {
  if (waiting === 0) return null;
  const isStopped = state === "paused" || state === "all-paused" || state === "suspended";
  return `${counted(waiting, "message")} ${isStopped ? "will follow" : "to go"}`;
}

/** What a state means, where the word for it does not say all; null where it does. */
export function stateSentence(state: ShownState): string | null {
  return SENTENCES[state] ?? null;
}

const SENTENCES: Partial<Record<ShownState, string>> = {
  starting: "Its rooms are being told of it. Copying begins when each of them knows.",
  paused: "You have paused this link. What is written meanwhile follows when you go on.",
  "all-paused": "You have paused everything. What is written meanwhile follows when you go on.",
};
