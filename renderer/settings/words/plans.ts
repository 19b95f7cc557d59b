import type { LinkPlan } from "../../../main/protocol/control.ts";
import { listed } from "./numbers.ts";
import { cleanName, shortName } from "./names.ts";

/** What a plan of a link means for who has to agree. Pure. */

export type PlanConsent = LinkPlan["consents"][number];

/** The rooms that have to agree; a plan names the others too. */
export function consentsNeeded({ consents }: LinkPlan): PlanConsent[] {
  return consents.filter(({ needs }) => needs.length > 0);
}

/** The rooms whose admins have to be asked, because the user is none of them. */
export function roomsToAsk(plan: LinkPlan): PlanConsent[] {
  return consentsNeeded(plan).filter(({ giver }) => giver === "others");
}

/** The rooms that the user agrees for by going on. */
export function roomsOfOwn(plan: LinkPlan): PlanConsent[] {
  return consentsNeeded(plan).filter(({ giver }) => giver === "you");
}

/** Everything in a plan that a user agrees to: if it is the same, so is what they have read. */
export function agreementOf({ rooms, comparison, consents, exposures, consequences, refusal }: LinkPlan): string {
  const shown = rooms.map(({ roomId, name, encrypted }) => [roomId, name, encrypted]);
  return JSON.stringify([shown, comparison, consents, exposures, consequences, refusal]);
}

/** What a link is called unless the user gives it a name of their own: as main would call it, but no longer than fits. */
export function suggestedName(rooms: readonly string[], oneWay: boolean): string {
  const names = rooms.map((name) => shortName(cleanName(name)));
  const name = oneWay
    ? `${names[0] ?? ""} to ${listed(names.slice(1), "and", names.length)}`
    : listed(names, "and", names.length);
  return name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 1).trimEnd()}…`;
}

/** Of a link, in UTF-16 units, as the contract has it. */
export const LONGEST_NAME = 120;
