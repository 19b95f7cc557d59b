import { FerryError, type FailureCode } from "../matrix/errors.ts";
import type { RoomAlias, RoomId } from "../matrix/ids.ts";
import type { ToldChange } from "../matrix/told-changes.ts";
import type { LinkDetail } from "../protocol/control.ts";
import { agreeTo } from "./confirm.ts";
import { planText, roomsOfGiver, type Plan } from "./consent-views.ts";
import type { Context } from "./environment.ts";
import { toJson } from "./json.ts";
import { exposedRooms, ownConsentText, parseRoom } from "./links.ts";
import { askFerry } from "./session.ts";
import { listed, nameOf } from "./text.ts";
import { linkText } from "./views.ts";

/** `ferry link change`: other rooms, another direction, or something else to tell for a link that there is. */

export interface LinkChangeOptions {
  add?: string[] | undefined;
  without?: string[] | undefined;
  oneWay?: boolean | undefined;
  twoWay?: boolean | undefined;
  tell?: ToldChange[] | undefined;
  follow?: boolean | undefined;
  expose?: string[] | undefined;
}

/**
 * Shows what a link would be after a change, asks, and makes the change. Until every room has agreed that sees a
 * difference, the link goes on as it was.
 *
 * @throws FerryError `bad-request`, `unknown-link`, `link-needs-confirmation`, `link-needs-exposure`, or why it is refused
 */
export async function changeLink(context: Context, reference: string, options: LinkChangeOptions): Promise<number> {
  const { environment, settings } = context;
  return askFerry(context, async (client) => {
    const link = await client.linkShow({ link: reference });
    const given = changedRooms(link, options);
    const oneWay = options.twoWay ? false : (options.oneWay ?? link.direction === "one-way");
    const terms = { oneWay, replaces: link.id, ...(options.tell === undefined ? {} : { tells: options.tell }) };
    const plan = await client.linkPlan({ ...terms, rooms: given, follow: options.follow ?? false });
    if (plan.refusal !== null) throw new FerryError(plan.refusal.code as FailureCode, plan.refusal.sentence);
    const exposed = exposedRooms(plan, options.expose ?? [], given);
    if (!settings.json) environment.print(`The link ${nameOf(link.name)} would be:\n${planText(plan, oneWay)}`);
    // What was shown is what is linked: a room may be replaced once more meanwhile.
    const rooms = plan.rooms.map(({ roomId }) => roomId);
    const planAgain = () => client.linkPlan({ ...terms, rooms });
    if (!(await agreeTo(context, plan, questionOf(plan, link), exposed, planAgain))) {
      environment.complain("Nothing was changed.");
      return 1;
    }
    const expose = plan.exposures.map(({ roomId }) => roomId);
    const changed = await client.linkAdd({ ...terms, rooms, propose: true, expose });
    environment.print(
      settings.json ? toJson(changed) : `${outcomeOf(changed.state)}\n${linkText(changed, environment.now())}`,
    );
    return 0;
  });
}

/** The rooms of a link as it is to be, in their order. */
function changedRooms(link: LinkDetail, { add = [], without = [] }: LinkChangeOptions): (RoomId | RoomAlias)[] {
  const leaving = without.map(parseRoom);
  const unknown = leaving.find((room) => !link.rooms.some(({ roomId }) => roomId === room));
  if (unknown !== undefined) {
    throw new FerryError("bad-request", `--without names ${unknown}, which is not the id of a room of this link.`);
  }
  return [...link.rooms.map(({ roomId }) => roomId).filter((room) => !leaving.includes(room)), ...add.map(parseRoom)];
}

function questionOf(plan: Plan, link: LinkDetail): string {
  const others = roomsOfGiver(plan, "others");
  const asks =
    others.length === 0 ? "" : ` The admins of ${listed(others)} are asked; until they agree it goes on as it is.`;
  return `${ownConsentText(plan)}Change the link ${nameOf(link.name)} to this?${asks}`;
}

function outcomeOf(state: string): string {
  if (state === "waiting") return "Asked. Until every room has agreed, the link goes on as it was.";
  return state === "starting" ? "Its rooms are being told. Until then the link goes on as it was." : "Changed.";
}
