import type { LinkView, StatusView } from "../../../main/protocol/control.ts";
import { counted } from "./numbers.ts";

/** How a link is shown: its own state, or that everything is stopped. */
export type ShownState = LinkView["state"] | "all-paused";

/** What is shown of a link's state; what the user has stopped altogether comes before what the link is set to. */
export function shownState(link: LinkView, status: StatusView | null): ShownState {
  const isRunning = link.state === "mirroring" || link.state === "catching-up";
  return status?.everythingPaused === true && isRunning ? "all-paused" : link.state;
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

/** The state in a word or two. */
export function stateWord(state: ShownState): string {
  return WORDS[state];
}

/** What is owed on a link, where there is something: "12 messages to go", "2 could not be delivered". */
export function owedWords(link: LinkView, state: ShownState): string[] {
  const words: string[] = [];
  const isStopped = state === "paused" || state === "all-paused" || state === "suspended";
  if (link.waiting > 0) words.push(`${counted(link.waiting, "message")} ${isStopped ? "will follow" : "to go"}`);
  if (link.failed > 0) words.push(`${counted(link.failed, "message")} could not be delivered`);
  return words;
}
