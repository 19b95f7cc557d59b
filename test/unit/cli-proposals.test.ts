import { describe, expect, it, vi } from "vitest";
import { asked, codeOf, parse, setUpCli } from "../support/cli-world.ts";
import { fakeProposal } from "../support/fake-control.ts";

const { ferry, running } = setUpCli();

describe("what others ask", () => {
  it("is listed", async () => {
    await running({ proposals: async () => [fakeProposal({ peers: ["A", "B", "C"] })] });
    expect((await ferry(["proposals"])).out).toMatch(/K7QF-2MXA +@ben:example.org +One +House +A, B and C +open/);
    const json = parse((await ferry(["proposals", "--json"])).out);
    expect(json).toMatchObject([{ code: "K7QF2MXA", room_name: "One", may_approve: true, expires_ts: 604_800_000 }]);
  });

  it("says so where it is nothing", async () => {
    await running({ proposals: async () => [] });
    expect((await ferry(["proposals"])).out).toBe("Nobody has asked you to link a room.");
  });

  it.each(["K7QF2MXA", "k7qf-2mxa"])("is shown as the proposer's word, asked about and approved: %s", async (code) => {
    const proposalApprove = vi.fn(async () => fakeProposal({ state: "approved" }));
    await running({ proposalApprove });
    const { surroundings, questions } = asked("y");
    const { out, status } = await ferry(["link", "approve", code], surroundings);
    expect(status).toBe(0);
    expect(out).toContain("- Everybody in Kitchen.");
    expect(out).toContain("All of this is the word of @ben:example.org");
    expect(out).toMatch(/Expires +in 7 days/);
    expect(questions).toEqual(["Agree to this link for One?"]);
    expect(proposalApprove).toHaveBeenCalledWith({ proposal: "K7QF2MXA" });
  });

  it("is approved by nobody's silence", async () => {
    const proposalApprove = vi.fn(async () => fakeProposal({ state: "approved" }));
    await running({ proposalApprove });
    expect(codeOf(await ferry(["link", "approve", "K7QF2MXA", "--json"]))).toBe("link-needs-confirmation");
    expect((await ferry(["link", "approve", "K7QF2MXA"], asked("n").surroundings)).error).toBe("Nothing was approved.");
    expect(proposalApprove).not.toHaveBeenCalled();
  });

  it.each([
    ["without the power", fakeProposal({ mayApprove: false }), "no-power"],
    ["when it is over", fakeProposal({ state: "expired" }), "proposal-over"],
  ])("cannot be approved %s", async (_when, proposal, code) => {
    const proposalApprove = vi.fn(async () => proposal);
    await running({ proposals: async () => [proposal], proposalApprove });
    expect(codeOf(await ferry(["link", "approve", "K7QF2MXA", "--yes", "--json"]))).toBe(code);
    expect(proposalApprove).not.toHaveBeenCalled();
  });

  it("is not approved by a code that two proposals bear, but by one whose other is over", async () => {
    const proposalApprove = vi.fn(async () => fakeProposal({ state: "approved" }));
    const other = fakeProposal({ roomName: "Trap" });
    const proposals = [other, fakeProposal()];
    await running({ proposals: async () => proposals, proposalApprove });
    const words = ["link", "approve", "K7QF2MXA", "--yes", "--json"];
    expect(codeOf(await ferry(words))).toBe("unknown-proposal");
    expect(proposalApprove).not.toHaveBeenCalled();
    proposals[0] = { ...other, state: "declined" };
    expect((await ferry(words)).status).toBe(0);
  });

  it("is not approved where it changed, or got a double, while the user was reading", async () => {
    const proposalApprove = vi.fn(async () => fakeProposal({ state: "approved" }));
    for (const later of [
      [fakeProposal({ linkName: "Trap" })],
      [fakeProposal({ roomName: "Trap" }), fakeProposal()],
      [],
    ]) {
      const proposals = vi.fn(async () => later).mockImplementationOnce(async () => [fakeProposal()]);
      const server = await running({ proposals, proposalApprove });
      expect((await ferry(["link", "approve", "K7QF2MXA"], asked("y").surroundings)).status).toBe(1);
      await server.close();
    }
    expect(proposalApprove).not.toHaveBeenCalled();
  });

  it("is declined by its code", async () => {
    const proposalDecline = vi.fn(async () => fakeProposal({ state: "declined" }));
    const proposals = [fakeProposal()];
    await running({ proposals: async () => proposals, proposalDecline });
    expect((await ferry(["link", "decline", "K7QF-2MXA"])).out).toContain("Declined what @ben:example.org has asked");
    expect(proposalDecline).toHaveBeenCalledWith({ proposal: "K7QF2MXA" });
    proposals.push(fakeProposal({ state: "approved", roomName: "Trap" }));
    expect(codeOf(await ferry(["link", "decline", "K7QF2MXA", "--json"]))).toBe("unknown-proposal");
    expect(codeOf(await ferry(["link", "decline", "ZZZZZZZZ", "--json"]))).toBe("unknown-proposal");
    expect(codeOf(await ferry(["link", "decline", "Family", "--json"]))).toBe("unknown-proposal");
  });

  it("cannot rearrange the screen or flood it", async () => {
    const evil = `\u202eevil\u001b[2J\n${"x".repeat(10_000)}`;
    const audience = Array.from({ length: 500 }, () => evil);
    const proposal = fakeProposal({ roomName: evil, linkName: evil, peers: audience, audience });
    await running({ proposals: async () => [proposal] });
    for (const words of [["proposals"], ["link", "approve", "K7QF2MXA", "--yes"]]) {
      const { out } = await ferry(words);
      // eslint-disable-next-line no-control-regex -- what must not be there
      expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
      expect(out.length).toBeLessThan(10_000);
      expect(out).toContain("and 480 more");
    }
  });
});
