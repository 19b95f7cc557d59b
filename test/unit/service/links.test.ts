import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CONNECTION, NOTICE } from "../../../main/matrix/unstable.ts";
import { FerryError } from "../../../main/matrix/errors.ts";
import { LINK, linkBetween } from "../link-support.ts";
import * as support from "./races-support.ts";
import { A, B, cleanUp, message, openBench, pass, type Bench } from "./races-support.ts";

/** What the user calls a link, and how it ends. */

beforeEach(support.stopTheClock);
afterEach(cleanUp);

async function started(name = "Link"): Promise<Bench> {
  const ferry = openBench([linkBetween([A, B], { name })]);
  ferry.sender.start();
  await pass(0);
  return ferry;
}

describe("the end of a link", () => {
  test.each([
    ["is told to its rooms", true, 2],
    ["is told to nobody, and stands in their state all the same", false, 0],
  ])("%s", async (_what, tell, notices) => {
    const ferry = await started();
    const setState = vi.spyOn(ferry.engine, "setState");
    ferry.store.links.setState(LINK, "paused");
    ferry.receive(message(A, "$1", "one"), message(B, "$2", "two"));
    expect(await ferry.links.remove("Link", tell)).toEqual({ id: LINK, dropped: 2 });
    await pass();
    expect(ferry.sent.filter(({ content }) => NOTICE in content)).toHaveLength(notices);
    expect(ferry.sent).toHaveLength(notices);
    expect(setState.mock.calls).toMatchObject(
      [A, B].map((roomId) => [{ roomId, type: CONNECTION, stateKey: LINK, content: { status: "ended" } }]),
    );
    expect(ferry.store.outbox.list(false, 10)).toEqual([]);
    expect(ferry.store.links.all()).toEqual([]);
  });

  test("quietly, is carried out by the next run where this one could not, and by a new login", async () => {
    const ferry = await started();
    const unreachable = new FerryError("homeserver-unreachable", "It does not answer.");
    vi.spyOn(ferry.engine, "setState").mockRejectedValue(unreachable);
    await ferry.links.remove(LINK, false);
    await pass();
    const next = await ferry.restart("ANOTHER");
    const setState = vi.spyOn(next.engine, "setState");
    next.sender.start();
    await pass();
    expect(setState.mock.calls.map(([{ roomId }]) => roomId)).toEqual([A, B]);
    expect(next.store.outbox.list(false, 10)).toEqual([]);
    expect(next.sent).toEqual([]);
  });

  test("quietly, leaves the state alone where it is not the user's to write", async () => {
    const ferry = await started();
    ferry.maySetState = false;
    const setState = vi.spyOn(ferry.engine, "setState");
    await ferry.links.remove(LINK, false);
    await pass();
    expect([setState.mock.calls, ferry.sent, ferry.store.outbox.list(false, 10)]).toEqual([[], [], []]);
  });
});

describe("a new name", () => {
  test("is cleaned, and touches nothing that anybody has agreed to or has been told", async () => {
    const ferry = await started();
    const before = ferry.store.links.get(LINK);
    const setState = vi.spyOn(ferry.engine, "setState");
    expect(ferry.links.rename("Link", " The \u202ehouse\u0000 ").name).toBe("The house");
    await pass();
    expect(ferry.store.links.get(LINK)).toEqual({ ...before, name: "The house" });
    expect(ferry.links.find("The house").id).toBe(LINK);
    expect([ferry.sent, setState.mock.calls]).toEqual([[], []]);
    expect(Array.from(ferry.links.rename(LINK, "x".repeat(120)).name)).toHaveLength(60);
  });

  test("that nobody could see is refused", async () => {
    const ferry = await started();
    for (const name of [" ", "\u200b", "\u202e"]) {
      expect(() => ferry.links.rename(LINK, name)).toThrow(expect.objectContaining({ code: "bad-request" }));
    }
    expect(ferry.store.links.get(LINK)?.name).toBe("Link");
  });

  test("of rooms that call themselves anything is one line", async () => {
    const ferry = openBench([]);
    const room = ferry.engine.room.bind(ferry.engine);
    vi.spyOn(ferry.engine, "room").mockImplementation(async (request) => {
      return { ...(await room(request)), name: `\u202e${"evil\n".repeat(30)}` };
    });
    const link = await Promise.race([
      ferry.maker.add({ rooms: [A, B], oneWay: true, propose: false, expose: [] }),
      pass(61_000).then(() => ferry.store.links.all()[0]),
    ]);
    expect(link?.name).toMatch(/^evil [evil ]+… to evil [evil ]+…$/);
    expect(link?.name.length).toBeLessThan(130);
  });
});
