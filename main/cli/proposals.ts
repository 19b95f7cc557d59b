import { formatCode, readCode } from "../bridge/code.ts";
import { FerryError } from "../matrix/errors.ts";
import type { LinkDetail, ProposalView } from "../protocol/control.ts";
import { confirm } from "./confirm.ts";
import { linkDetailText, proposalText, type Plan } from "./consent-views.ts";
import type { Context } from "./environment.ts";
import { CommandFailure } from "./hints.ts";
import { toJson } from "./json.ts";
import { agreeToLink, ownConsentText } from "./links.ts";
import { askFerry, type ControlClient } from "./session.ts";
import { foreign, nameOf } from "./text.ts";

/** `ferry link approve` and `ferry link decline`: the user's answers, to others and to Ferry itself. */

export interface ApproveOptions {
  expose?: string[] | undefined;
}

/**
 * Approves what somebody else's Ferry has asked, or, where no proposal has such a code, agrees to a link of one's own
 * as it and its rooms are now. Either is shown first.
 *
 * @throws FerryError `unknown-proposal`, `proposal-over`, `no-power`, `unknown-link`, `nothing-to-ask`,
 *   `link-needs-confirmation`, `link-needs-exposure`
 */
export async function approve(context: Context, reference: string, options: ApproveOptions): Promise<number> {
  return askFerry(context, async (client) => {
    const code = readCode(reference);
    const proposal = code === null ? null : findProposal(await client.proposals({}), code);
    if (proposal !== null) return approveProposal(context, client, proposal);
    const link = await client.linkShow({ link: reference }).catch((error: unknown) => {
      const isUnknown = error instanceof FerryError && error.code === "unknown-link";
      throw isUnknown && code !== null ? unknownProposal(reference) : error;
    });
    return approveLink(context, client, link, options);
  });
}

/**
 * Declines what somebody else's Ferry has asked, or takes back that it was approved.
 *
 * @throws FerryError `unknown-proposal`, `proposal-over`, `no-power`
 */
export async function decline(context: Context, reference: string): Promise<number> {
  const { environment, settings } = context;
  return askFerry(context, async (client) => {
    const code = readCode(reference);
    const proposal = code === null ? null : findProposal(await client.proposals({}), code);
    if (proposal === null) throw unknownProposal(reference);
    const declined = await client.proposalDecline({ proposal: proposal.code });
    environment.print(settings.json ? toJson(declined) : `Declined what ${asked(declined)}.`);
    return 0;
  });
}

async function approveProposal(context: Context, client: ControlClient, proposal: ProposalView): Promise<number> {
  const { environment, settings } = context;
  const room = nameOf(proposal.roomName);
  if (!settings.json) environment.print(proposalText(proposal, environment.now()));
  if (proposal.state !== "open") {
    throw new FerryError("proposal-over", `This proposal is ${proposal.state}: there is nothing to approve any more.`);
  }
  if (!proposal.mayApprove) {
    throw new FerryError("no-power", `You may not agree to a link for ${room}: that takes an admin of the room.`);
  }
  if (!(await confirm(context, `Agree to this link for ${room}?`))) {
    environment.complain("Nothing was approved.");
    return 1;
  }
  if (!settings.yes) checkUnchanged(proposal, findProposal(await client.proposals({}), proposal.code));
  const approved = await client.proposalApprove({ proposal: proposal.code });
  environment.print(settings.json ? toJson(approved) : `Approved what ${asked(approved)}.`);
  return 0;
}

async function approveLink(
  context: Context,
  client: ControlClient,
  link: LinkDetail,
  options: ApproveOptions,
): Promise<number> {
  const { environment, settings } = context;
  const question = (plan: Plan): string => `${ownConsentText(plan)}Agree to this link as it is now?`;
  const expose = await agreeToLink(context, client, link, question, options.expose);
  if (expose === null) {
    environment.complain("Nothing was approved.");
    return 1;
  }
  const approved = await client.linkApprove({ link: link.id, expose });
  environment.print(settings.json ? toJson(approved) : `Approved.\n${linkDetailText(approved, environment.now())}`);
  return 0;
}

/** While the user was reading, somebody may have sent another one with the same code, or taken this one back. */
function checkUnchanged(shown: ProposalView, now: ProposalView | null): void {
  if (now !== null && toJson(now) === toJson(shown)) return;
  throw new FerryError("proposal-over", "This proposal has changed while you were asked. Nothing was approved.");
}

/**
 * The proposal with this code, one that stands before others. Codes are chosen by those who ask: what two of them use
 * names neither.
 */
function findProposal(proposals: readonly ProposalView[], code: string): ProposalView | null {
  const found = proposals.filter((proposal) => proposal.code === code);
  const standing = found.filter(({ state }) => state === "open" || state === "approved");
  if (standing.length > 1) {
    throw new CommandFailure(
      "unknown-proposal",
      `Several proposals have the code ${formatCode(code)}, so it does not say which one is meant. To end all of them, ` +
        `write in their room: stop ${formatCode(code)}`,
    );
  }
  return standing[0] ?? found[0] ?? null;
}

function unknownProposal(reference: string): FerryError {
  const sentence = `There is no proposal with the code “${foreign(reference)}”.`;
  return new FerryError("unknown-proposal", sentence);
}

function asked({ proposer, roomName, code }: ProposalView): string {
  return `${foreign(proposer)} has asked for ${nameOf(roomName)} (${formatCode(code)})`;
}
