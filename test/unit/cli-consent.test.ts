import { describe, expect, it, vi } from "vitest";
import { FerryError } from "../../main/matrix/errors.ts";
import type { EventId, LinkId, RoomId, UserId } from "../../main/matrix/ids.ts";
import { asked, codeOf, parse, setUpCli } from "../support/cli-world.ts";
import { fakeDetail, fakeHandlers, fakeLink, fakePlan, type Plan } from "../support/fake-control.ts";

const { ferry, running } = setUpCli();

const TWO = "!two:example.org" as RoomId;
const BEN = "@ben:example.org" as UserId;
const ROOMS = ["!one:example.org", "#two:example.org"];
const exposures = [{ roomId: TWO, name: "Two", sentence: "“Two” is not encrypted." }];
const made = () => vi.fn(async () => fakeLink());
const withGiver = (giver: "others"): Plan => {
  const plan = fakePlan();
  return { ...plan, consents: plan.consents.map((room) => (room.roomId === TWO ? { ...room, giver } : room)) };
};
const waiting = () => {
  const gap = { code: "consent-missing", sentence: "Nobody of Two has agreed yet." };
  const rooms = fakeLink().rooms.map((room) => (room.roomId === TWO ? { ...room, gap } : room));
  return { state: "waiting" as const, rooms };
};

describe("before a link is made", () => {
  it("it is said who gains access, who has to agree and why", async () => {
    await running({ linkPlan: async () => withGiver("others") });
    const { surroundings, questions } = asked("n");
    const { out, status } = await ferry(["link", "propose", ...ROOMS], surroundings);
    expect(status).toBe(1);
    expect(out).toContain("Messages of One:\n    - 14 people who are not in One, and whoever its admins invite.");
    expect(out).toContain("Messages of Two: nobody else");
    expect(out).toContain("One, and you can say so:\n    - People who are not in it will read");
    expect(out).toContain("Two, and only its admins can say so:\n    - Others are in it.");
    expect(questions).toEqual(["Your yes is the consent of One. Ask the admins of Two to link these rooms?"]);
  });

  it("it is not made where others have to agree and are not asked", async () => {
    const linkAdd = made();
    await running({ linkPlan: async () => withGiver("others"), linkAdd });
    expect((await ferry(["link", "add", ...ROOMS, "--yes"])).error).toMatch(/The admins of Two[^]*ferry link propose/);
    expect(codeOf(await ferry(["link", "add", ...ROOMS, "--yes", "--json"]))).toBe("link-needs-consent");
    expect(linkAdd).not.toHaveBeenCalled();
  });

  it("rooms that need not agree are nobody's to ask", async () => {
    const plan = withGiver("others");
    const free = { ...plan, consents: plan.consents.map((room) => ({ ...room, needs: [] })) };
    await running({ linkPlan: async () => free });
    const { surroundings, questions } = asked("y");
    const { out } = await ferry(["link", "add", ...ROOMS], surroundings);
    expect(out).toContain("Nobody has to agree but you.");
    expect(questions).toEqual(["Link these rooms?"]);
  });

  it.each([["add"], ["approve"]])("what changes while the user reads is not agreed to: %s", async (command) => {
    const linkAdd = made();
    const linkApprove = vi.fn(async () => fakeDetail());
    const wider = fakePlan({
      comparison: [
        {
          roomId: TWO,
          name: "Two",
          gains: ["anyone on Matrix"],
          kinds: ["anyone"],
          people: { here: 3, there: 3, both: 3, gaining: 0 },
        },
      ],
    });
    const linkPlan = vi.fn(async () => wider).mockImplementationOnce(async () => fakePlan());
    await running({ linkPlan, linkAdd, linkApprove, proposals: async () => [] });
    const words = ["link", command, ...(command === "add" ? ROOMS : ["Family"])];
    expect(await ferry(words, asked("y").surroundings)).toMatchObject({
      status: 1,
      error: expect.stringContaining("While you were asked") as string,
    });
    expect([linkAdd, linkApprove].some(({ mock }) => mock.calls.length > 0)).toBe(false);
    expect((await ferry(words, asked("y").surroundings)).status).toBe(0);
  });
});

describe("rooms that would show what is encrypted", () => {
  const add = ["link", "add", ...ROOMS];
  const open = (linkAdd = made()) => {
    const plan = fakePlan({ exposures });
    return running({ linkPlan: async () => plan, linkAdd, linkApprove: async () => fakeDetail() });
  };

  it("need a second yes with their name at a terminal", async () => {
    const linkAdd = made();
    await open(linkAdd);
    const no = asked("y", "n");
    expect((await ferry(add, no.surroundings)).error).toBe("Nothing was linked.");
    expect(no.questions[1]).toBe("“Two” is not encrypted. Copy encrypted messages into Two all the same?");
    expect(linkAdd).not.toHaveBeenCalled();
    expect((await ferry(add, asked("y", "y").surroundings)).status).toBe(0);
    expect(linkAdd).toHaveBeenCalledWith(expect.objectContaining({ expose: [TWO] }));
  });

  it("are not agreed to by --yes alone, not even at a terminal", async () => {
    const linkAdd = made();
    await open(linkAdd);
    const refused = await ferry([...add, "--yes"], asked("y", "y").surroundings);
    expect(refused).toMatchObject({ status: 1, error: expect.stringContaining(`--expose '${TWO}'`) as string });
    expect(codeOf(await ferry([...add, "--yes", "--json"]))).toBe("link-needs-exposure");
    expect(codeOf(await ferry([...add, "--yes", "--json", "--expose", "!one:example.org"]))).toBe(
      "link-needs-exposure",
    );
    expect(codeOf(await ferry([...add, "--yes", "--json", "--expose", "#other:example.org"]))).toBe("bad-request");
    expect(linkAdd).not.toHaveBeenCalled();
  });

  it.each([TWO, "#two:example.org"])("are named by id, or as they were given: %s", async (room) => {
    const linkAdd = made();
    await open(linkAdd);
    expect((await ferry([...add, "--yes", "--expose", room])).status).toBe(0);
    expect(linkAdd).toHaveBeenCalledWith(expect.objectContaining({ expose: [TWO] }));
  });

  it("need it again when the user agrees again", async () => {
    await open();
    expect(codeOf(await ferry(["link", "approve", "Family", "--yes", "--json"]))).toBe("link-needs-exposure");
    expect((await ferry(["link", "approve", "Family", "--yes", "--expose", TWO])).status).toBe(0);
  });
});

describe("ferry link propose", () => {
  it("makes a link that waits, and says for whom", async () => {
    const linkAdd = vi.fn(async () => fakeLink(waiting()));
    await running({ linkPlan: async () => withGiver("others"), linkAdd, linkList: async () => [fakeLink(waiting())] });
    const { out } = await ferry(["link", "propose", ...ROOMS, "--yes"]);
    expect(out).toContain("Asked. Nothing is copied before every room has agreed.");
    expect(out).toContain("waiting for consent of “Two”'s admins");
    expect(out).toContain("consent-missing: Nobody of Two has agreed yet.");
    expect(linkAdd).toHaveBeenCalledWith(expect.objectContaining({ propose: true, expose: [] }));
    expect((await ferry(["link", "list"])).out).toContain("waiting for consent of “Two”'s admins");
  });

  it("asks again for a link that there is, and takes no options then", async () => {
    const linkPropose = vi.fn(async () => fakeDetail(waiting()));
    const linkShow = vi.fn(async () => fakeDetail({ ...waiting(), id: "l7" as LinkId }));
    await running({ linkShow, linkPlan: async () => withGiver("others"), linkPropose });
    const again = ["link", "propose", "Family", "--yes"];
    expect(parse((await ferry([...again, "--json"])).out)).toMatchObject({ state: "waiting" });
    expect(linkShow).toHaveBeenCalledWith({ link: "Family" });
    // What was shown is what is asked about: a name may be another link's a moment later.
    expect(linkPropose).toHaveBeenCalledWith({ link: "l7", expose: [] });
    expect((await ferry([...again, "--one-way"])).status).toBe(2);
    expect(linkPropose).toHaveBeenCalledTimes(1);
  });

  it("passes on that it was asked today", async () => {
    await running({
      linkShow: async () => fakeDetail(waiting()),
      linkPlan: async () => withGiver("others"),
      linkPropose: () => Promise.reject(new FerryError("asked-today", "Ask again tomorrow.")),
    });
    expect(codeOf(await ferry(["link", "propose", "Family", "--yes", "--json"]))).toBe("asked-today");
  });

  it("does not ask again without a yes where there is no terminal", async () => {
    const linkPropose = vi.fn(async () => fakeDetail(waiting()));
    await running({ linkShow: async () => fakeDetail(waiting()), linkPropose });
    const again = ["link", "propose", "Family"];
    expect(codeOf(await ferry([...again, "--json"]))).toBe("link-needs-confirmation");
    expect(await ferry(again)).toMatchObject({ status: 1, error: expect.stringContaining("--yes") as string });
    expect(linkPropose).not.toHaveBeenCalled();
  });

  it("passes on which rooms may be exposed when it asks again", async () => {
    const linkPropose = vi.fn(async () => fakeDetail(waiting()));
    const linkPlan = async () => ({ ...withGiver("others"), exposures });
    await running({ linkShow: async () => fakeDetail(waiting()), linkPlan, linkPropose });
    const again = ["link", "propose", "Family", "--yes", "--json"];
    expect(codeOf(await ferry(again))).toBe("link-needs-exposure");
    expect(linkPropose).not.toHaveBeenCalled();
    expect((await ferry([...again, "--expose", TWO])).status).toBe(0);
    expect(linkPropose).toHaveBeenCalledWith({ link: "l1", expose: [TWO] });
  });
});

describe("a link of one's own", () => {
  it("is shown as it is now before the user agrees", async () => {
    const linkApprove = vi.fn(async () => fakeDetail());
    const linkPlan = vi.fn(async () => fakePlan({ refusal: { code: "link-exists", sentence: "It exists." } }));
    await running({ linkApprove, linkPlan, proposals: async () => [] });
    const { surroundings, questions } = asked("y");
    const { out } = await ferry(["link", "approve", "Family"], surroundings);
    expect(linkPlan).toHaveBeenCalledWith({ rooms: ["!one:example.org", TWO], oneWay: false, tells: [] });
    expect(out).toContain("14 people who are not in One");
    expect(questions).toEqual(["Your yes is the consent of One and Two. Agree to this link as it is now?"]);
    expect(linkApprove).toHaveBeenCalledWith({ link: "l1", expose: [] });
  });

  it("is not taken for a proposal, nor a mistyped code for a link", async () => {
    const linkShow = () => Promise.reject(new FerryError("unknown-link", "There is no such link."));
    await running({ linkShow, proposals: async () => [] });
    expect(codeOf(await ferry(["link", "approve", "K7QF2MXB", "--yes", "--json"]))).toBe("unknown-proposal");
    expect(codeOf(await ferry(["link", "approve", "Famly", "--yes", "--json"]))).toBe("unknown-link");
  });

  it("is withdrawn only after the question", async () => {
    const linkWithdraw = vi.fn(fakeHandlers().linkWithdraw);
    await running({ linkWithdraw, linkShow: async () => fakeDetail(waiting()) });
    const { surroundings, questions } = asked("n");
    expect((await ferry(["link", "withdraw", "Family"], surroundings)).error).toBe("Nothing was withdrawn.");
    expect(questions).toEqual(["Take back what was asked for the link Family, and remove it?"]);
    expect(linkWithdraw).not.toHaveBeenCalled();
    expect((await ferry(["link", "withdraw", "Family", "--yes"])).out).toBe(
      "Withdrawn: 1 proposal. The link Family is removed.",
    );
    expect(parse((await ferry(["link", "withdraw", "l1", "--yes", "--json"])).out)).toEqual({ id: "l1", withdrawn: 1 });
  });

  it("shows its evidence, what was asked and who is left out", async () => {
    const consent = {
      ...{ roomId: TWO, roomName: "Two", approver: BEN, way: "reply" as const, eventId: "$yes" as EventId },
      ...{ power: null, required: 50, terms: "hash", audience: ["One: 3 people."], givenTs: 0 },
      tells: ["members" as const],
      ...{ endedTs: 3_540_000, endedReason: "Ben took it back." },
    };
    const proposal = {
      ...{ roomId: TWO, roomName: "Two", code: "K7QF2MXA", state: "open" as const, sentTs: 0, expiresTs: 90_000_000 },
      remark: "The answer came from a device that its owner has not verified.",
    };
    const detail = fakeDetail({ consents: [consent], proposals: [proposal], optedOut: [BEN] });
    await running({ linkShow: async () => detail });
    const { out } = await ferry(["link", "show", "Family"]);
    expect(out).toContain("Two: @ben:example.org (a creator of the room, needed 50), by an answer in the room, 1 hour");
    expect(out).toContain(
      "event $yes, terms hash\n    told besides messages: who joins, leaves or is removed, also of people who never write\n    then: One: 3 people.\n    ended 1 minute ago: Ben took it back.",
    );
    expect(out).toMatch(/Two {2}K7QF-2MXA {2}open {2}sent 1 hour ago {2}expires in 1 day {2}The answer came from/);
    expect(out).toContain("Left out at their own wish\n  @ben:example.org");
    expect(parse((await ferry(["link", "show", "Family", "--json"])).out)).toMatchObject({
      consents: [{ room_name: "Two", event_id: "$yes", given_ts: 0, ended_reason: "Ben took it back." }],
      proposals: [{ code: "K7QF2MXA", sent_ts: 0 }],
      opted_out: ["@ben:example.org"],
    });
  });
});
