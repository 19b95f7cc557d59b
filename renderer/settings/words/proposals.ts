import type { ProposalView } from "../../../main/protocol/control.ts";

/** What others ask this user, in words. */

const STATES: Record<ProposalView["state"], string> = {
  open: "Waits for your answer",
  approved: "You approved it",
  declined: "You declined it",
  withdrawn: "They took it back",
  expired: "It lapsed",
};

/** What has become of it. */
export function proposalStateWords(state: ProposalView["state"]): string {
  return STATES[state];
}

/** Newest first, each with a key of its own: codes are chosen by those who ask, and two may have the same. */
export function withKeys(proposals: readonly ProposalView[]): { key: string; proposal: ProposalView }[] {
  const seen = new Map<string, number>();
  return proposals
    .toSorted((one, other) => other.receivedTs - one.receivedTs)
    .map((proposal) => {
      const { roomId, proposer, code, receivedTs } = proposal;
      const name = `${roomId} ${proposer} ${code} ${receivedTs}`;
      const count = seen.get(name) ?? 0;
      seen.set(name, count + 1);
      return { key: `${name} ${count}`, proposal };
    });
}
