import { describe, expect, it, vi } from "vitest";
import type { LinkId, RoomId } from "../../main/matrix/ids.ts";
import { asked, codeOf, parse, setUpCli } from "../support/cli-world.ts";
import { fakeDetail, fakeLink, fakePlan } from "../support/fake-control.ts";

const { ferry, running } = setUpCli();
const THREE = "!three:example.org" as RoomId;

/** A running Ferry with the link Family of two rooms. */
async function open(changes: Parameters<typeof running>[0] = {}) {
  const linkAdd = vi.fn(async () => fakeLink({ id: "l8" as LinkId, state: "waiting", changes: "l7" as LinkId }));
  const linkPlan = vi.fn(async () => fakePlan());
  await running({ linkShow: async () => fakeDetail({ id: "l7" as LinkId }), linkPlan, linkAdd, ...changes });
  return { linkAdd, linkPlan };
}

describe("ferry link change", () => {
  it("plans the rooms and the direction that are asked for, in place of the link", async () => {
    const { linkPlan, linkAdd } = await open();
    const [first, second] = fakeLink().rooms.map(({ roomId }) => roomId);
    const flags = ["--add", THREE, "--without", first ?? "", "--one-way", "--follow", "--yes", "--json"];
    expect(parse((await ferry(["link", "change", "Family", ...flags])).out)).toMatchObject({ id: "l8", changes: "l7" });
    const terms = { oneWay: true, replaces: "l7" };
    expect(linkPlan).toHaveBeenCalledWith({ ...terms, rooms: [second, THREE], follow: true });
    const planned = fakePlan().rooms.map(({ roomId }) => roomId);
    expect(linkAdd).toHaveBeenCalledWith({ ...terms, rooms: planned, propose: true, expose: [] });
  });

  it("changes what is told, and only where it is told to", async () => {
    const { linkPlan, linkAdd } = await open();
    await ferry(["link", "change", "Family", "--tell", "pins, members", "--yes"]);
    await ferry(["link", "change", "Family", "--tell", "none", "--yes"]);
    await ferry(["link", "change", "Family", "--add", THREE, "--yes"]);
    expect(linkPlan).toHaveBeenNthCalledWith(1, expect.objectContaining({ tells: ["members", "pins"] }));
    expect(linkAdd).toHaveBeenNthCalledWith(1, expect.objectContaining({ tells: ["members", "pins"], replaces: "l7" }));
    expect(linkPlan).toHaveBeenNthCalledWith(2, expect.objectContaining({ tells: [] }));
    expect(JSON.stringify(linkPlan.mock.calls.at(-1))).not.toContain("tells");
    const refused = await ferry(["link", "change", "Family", "--tell", "members,moods", "--yes"]);
    expect([refused.status, linkAdd.mock.calls.length]).toEqual([expect.any(Number), 3]);
    expect(refused.error).toContain("one or more of members, name, pins");
  });

  it("keeps the direction that it is not told to change, and takes it back to two-way", async () => {
    const { linkPlan } = await open({ linkShow: async () => fakeDetail({ direction: "one-way" }) });
    await ferry(["link", "change", "Family", "--add", THREE, "--yes"]);
    await ferry(["link", "change", "Family", "--two-way", "--yes"]);
    expect(linkPlan).toHaveBeenNthCalledWith(1, expect.objectContaining({ oneWay: true }));
    expect(linkPlan).toHaveBeenNthCalledWith(2, expect.objectContaining({ oneWay: false }));
  });

  it("shows what it would be and asks, and a no changes nothing", async () => {
    const { linkAdd } = await open();
    const { surroundings, questions } = asked("n");
    const { out, error, status } = await ferry(["link", "change", "Family", "--add", THREE], surroundings);
    expect(out).toContain("14 people who are not in One");
    expect(questions[0]).toContain("Change the link Family to this?");
    expect([error, status, linkAdd.mock.calls.length]).toEqual([expect.stringContaining("Nothing was changed."), 1, 0]);
  });

  it("says that the link goes on as it was, and what the change waits for", async () => {
    await open({ linkList: async () => [fakeLink({ state: "waiting", changes: "l7" as LinkId })] });
    const { out } = await ferry(["link", "change", "Family", "--add", THREE, "--yes"]);
    expect(out).toContain("Asked. Until every room has agreed, the link goes on as it was.");
    expect((await ferry(["link", "list"])).out).toContain("a change, waiting");
  });

  it("refuses a room that is none of the link's, and passes on why it cannot be", async () => {
    const refusal = { code: "change-waiting", sentence: "A change waits." };
    const { linkAdd } = await open({ linkPlan: async () => fakePlan({ refusal }) });
    const change = (...flags: string[]) => ferry(["link", "change", "Family", ...flags, "--yes", "--json"]);
    expect(codeOf(await change("--without", THREE))).toBe("bad-request");
    expect(codeOf(await change("--add", THREE))).toBe("change-waiting");
    expect(linkAdd).not.toHaveBeenCalled();
  });
});
