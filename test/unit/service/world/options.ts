import type { Link } from "../../../../main/bridge/link.ts";
import type { Filter } from "../../../../main/matrix/link-settings.ts";
import type { Hazards } from "./ferry.ts";

export interface WorldOptions {
  seed: number;
  rooms: number;
  links: { rooms: number[]; direction: Link["direction"]; filter?: Partial<Filter>; tells?: Link["tells"] }[];
  hazards: Hazards;
  /** What people do, each as often as it stands here. */
  deeds: readonly (
    | "message"
    | "picture"
    | "reply"
    | "edit"
    | "reaction"
    | "redaction"
    | "pasted"
    | "take-down"
    | "poll"
    | "vote"
    | "poll-end"
    | "rename"
  )[];
  /** How likely the key of a message is withheld, until `releaseKeys`. */
  lateKeys?: number;
  /** Between two lives the homeserver forgets the transaction ids, after a day. */
  forgetful?: boolean;
  /** Between two lives the user logs in anew: another device, whose transaction ids are its own. */
  newDevices?: boolean;
  /** People also refer to copies whose answer Ferry has not got yet or has lost; and keys come at any time. */
  hasty?: boolean;
  /** How likely all links are paused, or go on, at each step. */
  pauses?: number;
  /** How likely what is said holds the word “secret”, which a filter may keep back. */
  secrets?: number;
}
