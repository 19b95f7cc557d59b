import { FerryError, type FailureCode } from "../matrix/errors.ts";
import { isRoomAlias, isRoomId, type RoomAlias, type RoomId } from "../matrix/ids.ts";
import type { Context } from "./environment.ts";
import { toJson } from "./json.ts";
import { askFerry } from "./session.ts";
import { counted, nameOf } from "./text.ts";
import { linkText, planText } from "./views.ts";

/** `ferry link add` and `ferry link remove`: the two that ask first. */

export interface LinkAddOptions {
  name?: string | undefined;
  oneWay?: boolean | undefined;
}

/** Shows what a link would do, asks, and makes it. @throws FerryError `link-needs-confirmation`, or why it is refused */
export async function addLink(context: Context, rooms: readonly string[], options: LinkAddOptions): Promise<number> {
  const { environment, settings } = context;
  const oneWay = options.oneWay ?? false;
  const terms = { rooms: rooms.map(parseRoom), oneWay, ...(options.name === undefined ? {} : { name: options.name }) };
  return askFerry(context, async (client) => {
    const plan = await client.linkPlan(terms);
    // Said by `linkAdd` itself where everything is agreed to: it knows the failure's own name.
    if (plan.refusal !== null && !settings.yes) {
      throw new FerryError(plan.refusal.code as FailureCode, plan.refusal.sentence);
    }
    if (plan.refusal === null && !settings.json) environment.print(planText(plan, oneWay));
    if (!(await confirm(context, "Link these rooms?"))) {
      environment.complain("Nothing was linked.");
      return 1;
    }
    const link = await client.linkAdd(terms);
    environment.print(settings.json ? toJson(link) : `Linked.\n${linkText(link, environment.now())}`);
    return 0;
  });
}

/** Asks, and removes the link. @throws FerryError `link-needs-confirmation`, `unknown-link` */
export async function removeLink(context: Context, reference: string): Promise<number> {
  const { environment, settings } = context;
  return askFerry(context, async (client) => {
    const link = await client.linkShow({ link: reference });
    const owed = link.waiting > 0 ? ` ${counted(link.waiting, "message")} not copied yet will not be.` : "";
    if (!(await confirm(context, `Remove the link ${nameOf(link.name)}? Copies made so far stay.${owed}`))) {
      environment.complain("Nothing was removed.");
      return 1;
    }
    const removed = await client.linkRemove({ link: link.id });
    const dropped = removed.dropped > 0 ? ` ${counted(removed.dropped, "message")} still waiting were not copied.` : "";
    environment.print(settings.json ? toJson(removed) : `Removed the link ${nameOf(link.name)}.${dropped}`);
    return 0;
  });
}

async function confirm({ environment, settings }: Context, question: string): Promise<boolean> {
  if (settings.yes) return true;
  if (!environment.interactive || settings.json) {
    throw new FerryError(
      "link-needs-confirmation",
      "This needs your yes, and there is no terminal to ask at. To agree, run it again with --yes.",
    );
  }
  return environment.askYesOrNo(question);
}

function parseRoom(text: string): RoomId | RoomAlias {
  if (isRoomId(text) || isRoomAlias(text)) return text;
  throw new FerryError(
    "bad-request",
    `“${text}” is neither a room id (!abc:example.org) nor an alias (#room:example.org). “ferry rooms” lists yours.`,
  );
}
