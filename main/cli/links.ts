import { FerryError, type FailureCode } from "../matrix/errors.ts";
import type { LinkDetail } from "../protocol/control.ts";
import type { ToldChange } from "../matrix/told-changes.ts";
import { isRoomAlias, isRoomId, type RoomAlias, type RoomId } from "../matrix/ids.ts";
import { agreeTo, confirm } from "./confirm.ts";
import { agreementText, linkDetailText, madeText, planText, roomsOfGiver, type Plan } from "./consent-views.ts";
import type { Context } from "./environment.ts";
import { CommandFailure } from "./hints.ts";
import { toJson } from "./json.ts";
import { askFerry, type ControlClient } from "./session.ts";
import { counted, listed, nameOf } from "./text.ts";
import { linkText } from "./views.ts";

/** `ferry link add`, `propose`, `withdraw` and `remove`: those that ask, or are heard in the rooms. */

export interface LinkAddOptions {
  name?: string | undefined;
  oneWay?: boolean | undefined;
  tell?: ToldChange[] | undefined;
  expose?: string[] | undefined;
}

type RoomReference = RoomId | RoomAlias;

/**
 * Shows what a link would do, asks, and makes it. The user's yes is the consent of every room that they may say so for.
 *
 * @throws FerryError `link-needs-confirmation`, `link-needs-exposure`, `link-needs-consent`, or why it is refused
 */
export async function addLink(context: Context, rooms: readonly string[], options: LinkAddOptions): Promise<number> {
  return makeLink(context, rooms, options, false);
}

/**
 * Makes a link and asks the admins of its rooms; or, given an existing link instead of rooms, asks them again.
 *
 * @throws FerryError those of `addLink`, or `unknown-link`, `asked-today`, `nothing-to-ask`
 */
export async function proposeLink(
  context: Context,
  references: readonly string[],
  options: LinkAddOptions,
): Promise<number> {
  const [link] = references;
  if (link === undefined || references.length > 1 || isRoom(link)) return makeLink(context, references, options, true);
  if (options.name !== undefined || options.oneWay || options.tell !== undefined) {
    throw new FerryError("bad-request", "--name, --one-way and --tell are for a new link. This asks for one again.");
  }
  return askFerry(context, (client) => proposeAgain(context, client, link, options));
}

async function proposeAgain(
  context: Context,
  client: ControlClient,
  reference: string,
  options: LinkAddOptions,
): Promise<number> {
  const { environment, settings } = context;
  const link = await client.linkShow({ link: reference });
  const question = (): string => "Ask the admins whose agreement is wanting once more?";
  const expose = await agreeToLink(context, client, link, question, options.expose);
  if (expose === null) {
    environment.complain("Nobody was asked.");
    return 1;
  }
  const detail = await client.linkPropose({ link: link.id, expose });
  environment.print(settings.json ? toJson(detail) : `Asked.\n${linkDetailText(detail, environment.now())}`);
  return 0;
}

/**
 * Shows what an existing link means by now, and asks whether to go on with that.
 *
 * @param named what `--expose` names
 * @returns the rooms whose exposure is agreed to; null where the user does not want it
 */
export async function agreeToLink(
  context: Context,
  client: ControlClient,
  link: LinkDetail,
  question: (plan: Plan) => string,
  named: readonly string[] = [],
): Promise<RoomId[] | null> {
  const { environment, settings } = context;
  const rooms = link.rooms.map(({ roomId }) => roomId);
  // What is agreed to is the rooms as they are now. That they are linked already is no news here.
  const planAgain = () => client.linkPlan({ rooms, oneWay: link.direction === "one-way", tells: link.tells });
  const plan = await planAgain();
  const exposed = exposedRooms(plan, named, rooms);
  if (!settings.json) environment.print(`${linkText(link, environment.now())}\n${agreementText(plan)}`);
  const isAgreed = await agreeTo(context, plan, question(plan), exposed, planAgain);
  return isAgreed ? plan.exposures.map(({ roomId }) => roomId) : null;
}

async function makeLink(
  context: Context,
  references: readonly string[],
  options: LinkAddOptions,
  propose: boolean,
): Promise<number> {
  const { environment, settings } = context;
  const oneWay = options.oneWay ?? false;
  const given = references.map(parseRoom);
  const told = { oneWay, ...(options.tell === undefined ? {} : { tells: options.tell }) };
  const terms = { rooms: given, ...told, ...(options.name === undefined ? {} : { name: options.name }) };
  return askFerry(context, async (client) => {
    const plan = await client.linkPlan(terms);
    if (plan.refusal !== null) throw new FerryError(plan.refusal.code as FailureCode, plan.refusal.sentence);
    const exposed = exposedRooms(plan, options.expose ?? [], given);
    if (!settings.json) environment.print(planText(plan, oneWay));
    if (!propose) refuseOthers(plan);
    // What was shown is what is linked: an alias may lead elsewhere a moment later.
    const rooms = plan.rooms.map(({ roomId }) => roomId);
    const planAgain = () => client.linkPlan({ rooms, ...told });
    if (!(await agreeTo(context, plan, makeQuestion(plan), exposed, planAgain))) {
      environment.complain("Nothing was linked.");
      return 1;
    }
    const expose = plan.exposures.map(({ roomId }) => roomId);
    const link = await client.linkAdd({ ...terms, rooms, propose, expose });
    environment.print(settings.json ? toJson(link) : madeText(link, environment.now()));
    return 0;
  });
}

function refuseOthers(plan: Plan): void {
  const others = roomsOfGiver(plan, "others");
  if (others.length === 0) return;
  throw new CommandFailure(
    "link-needs-consent",
    `The admins of ${listed(others)} have to agree, and you are none of them. To make the link and ask them, write ` +
      "“propose” in place of “add”: ferry link propose ROOM ROOM",
  );
}

function makeQuestion(plan: Plan): string {
  const others = roomsOfGiver(plan, "others");
  const question =
    others.length === 0 ? "Link these rooms?" : `Ask the admins of ${listed(others)} to link these rooms?`;
  return ownConsentText(plan) + question;
}

/** What the user's yes means besides; nothing where no room waits for it. */
export function ownConsentText(plan: Plan): string {
  const own = roomsOfGiver(plan, "you");
  return own.length === 0 ? "" : `Your yes is the consent of ${listed(own)}. `;
}

/**
 * The rooms that `--expose` names, each by its id or as it was given for the link. A room's word for its own alias does
 * not count: rooms can claim each other's.
 *
 * @param given the link's rooms as the user wrote them
 * @throws FerryError `bad-request` where one is not among the rooms
 */
export function exposedRooms(
  { rooms }: Pick<Plan, "rooms">,
  named: readonly string[],
  given: readonly RoomReference[],
): Set<RoomId> {
  const found = named.map(parseRoom).map((reference) => {
    // The plan's rooms are those given, in their order, unless one was given twice.
    const place = rooms.length === given.length ? given.indexOf(reference) : -1;
    const room = rooms[place] ?? rooms.find(({ roomId }) => roomId === reference);
    if (room) return room.roomId;
    throw new FerryError("bad-request", `--expose names ${reference}, which is not how a room of this link is named.`);
  });
  return new Set(found);
}

/**
 * Asks, takes back what has been asked of others, and removes the link that waited for it.
 *
 * @throws FerryError `link-needs-confirmation`, `unknown-link`, `nothing-to-withdraw`
 */
export async function withdrawLink(context: Context, reference: string): Promise<number> {
  const { environment, settings } = context;
  return askFerry(context, async (client) => {
    const link = await client.linkShow({ link: reference });
    const hasBegun = link.state !== "waiting" && link.state !== "starting";
    const question = `Take back what was asked for the link ${nameOf(link.name)}${hasBegun ? "" : ", and remove it"}?`;
    if (!(await confirm(context, question))) {
      environment.complain("Nothing was withdrawn.");
      return 1;
    }
    const done = await client.linkWithdraw({ link: link.id });
    const text = `Withdrawn: ${counted(done.withdrawn, "proposal")}.${hasBegun ? "" : ` The link ${nameOf(link.name)} is removed.`}`;
    environment.print(settings.json ? toJson(done) : text);
    return 0;
  });
}

export interface LinkRemoveOptions {
  quiet?: boolean | undefined;
}

/** Asks, and removes the link. @throws FerryError `link-needs-confirmation`, `unknown-link` */
export async function removeLink(context: Context, reference: string, options: LinkRemoveOptions): Promise<number> {
  const { environment, settings } = context;
  return askFerry(context, async (client) => {
    const link = await client.linkShow({ link: reference });
    const owed = link.waiting > 0 ? ` ${counted(link.waiting, "message")} not copied yet will not be.` : "";
    if (!(await confirm(context, `Remove the link ${nameOf(link.name)}? Copies made so far stay.${owed}`))) {
      environment.complain("Nothing was removed.");
      return 1;
    }
    const removed = await client.linkRemove({ link: link.id, tell: !options.quiet });
    const dropped = removed.dropped > 0 ? ` ${counted(removed.dropped, "message")} still waiting were not copied.` : "";
    environment.print(settings.json ? toJson(removed) : `Removed the link ${nameOf(link.name)}.${dropped}`);
    return 0;
  });
}

function isRoom(text: string): text is RoomReference {
  return isRoomId(text) || isRoomAlias(text);
}

/** A room id or alias. @throws FerryError `bad-request` */
export function parseRoom(text: string): RoomReference {
  if (isRoom(text)) return text;
  throw new FerryError(
    "bad-request",
    `“${text}” is neither a room id (!abc:example.org) nor an alias (#room:example.org). “ferry rooms” lists yours.`,
  );
}
