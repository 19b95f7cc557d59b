import { FerryError } from "../matrix/errors.ts";
import type { RoomId } from "../matrix/ids.ts";
import { agreementText, type Plan } from "./consent-views.ts";
import type { Context } from "./environment.ts";
import { CommandFailure } from "./hints.ts";
import { foreign, listed, nameOf } from "./text.ts";

/** Questions that a command asks before it does what cannot be undone, or shows messages to others. */

/** Asks, unless all is agreed to (`--yes`). @throws FerryError `link-needs-confirmation` where nobody can be asked */
export async function confirm({ environment, settings }: Context, question: string): Promise<boolean> {
  if (settings.yes) return true;
  if (!environment.interactive || settings.json) {
    throw new FerryError(
      "link-needs-confirmation",
      "This needs your yes, and there is no terminal to ask at. To agree, run it again with --yes.",
    );
  }
  return environment.askYesOrNo(question);
}

/**
 * Has the user agree to a plan that they have been shown. What changed while they were reading they have not agreed to.
 *
 * @param named the rooms whose exposure is agreed to already
 * @param planAgain the same plan as it is now
 * @throws FerryError `link-needs-confirmation`, also where it is another plan by now; `link-needs-exposure`
 */
export async function agreeTo(
  context: Context,
  plan: Plan,
  question: string,
  named: ReadonlySet<RoomId>,
  planAgain: () => Promise<Plan>,
): Promise<boolean> {
  if (!(await confirm(context, question)) || !(await confirmExposures(context, plan.exposures, named))) return false;
  if (context.settings.yes || agreementText(await planAgain()) === agreementText(plan)) return true;
  throw new FerryError(
    "link-needs-confirmation",
    "While you were asked, something changed in these rooms: who can read them, or who has to agree. Nothing was done. " +
      "Run it again to see how it is now.",
  );
}

/**
 * Has each room that would show encrypted messages to anybody agreed to by its name: in `named` (from `--expose`), or
 * with a question of its own. A `--yes` for everything does not count.
 *
 * @throws FerryError `link-needs-exposure` where a room is not named and nobody can be asked
 */
async function confirmExposures(
  { environment, settings }: Context,
  exposures: Plan["exposures"],
  named: ReadonlySet<RoomId>,
): Promise<boolean> {
  const open = exposures.filter(({ roomId }) => !named.has(roomId));
  if (open.length === 0) return true;
  if (settings.yes || settings.json || !environment.interactive) {
    const flags = open.map(({ roomId }) => `--expose '${foreign(roomId)}'`).join(" ");
    throw new CommandFailure(
      "link-needs-exposure",
      `What is encrypted would be readable outside its room, in ${listed(open.map(({ name }) => nameOf(name)))}. ` +
        `“--yes” is not enough for that. If this is what you want, name each such room: ${flags}`,
    );
  }
  for (const { name, sentence } of open) {
    const question = `${foreign(sentence)} Copy encrypted messages into ${nameOf(name)} all the same?`;
    if (!(await environment.askYesOrNo(question))) return false;
  }
  return true;
}
