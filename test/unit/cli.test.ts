import { describe, expect, it, vi } from "vitest";
import { FerryError } from "../../main/matrix/errors.ts";
import type { ControlServer } from "../../main/service/control-socket.ts";
import { asked, parse, setUpCli } from "../support/cli-world.ts";
import { fakeDetail, fakeLink, fakePlan, fakeRoom, fakeStatus } from "../support/fake-control.ts";
import { CARRYING } from "../support/fake-link.ts";

const { ferry, running } = setUpCli();

describe("asking a running Ferry", () => {
  it.each([["status"], ["rooms"], ["link", "list"], ["link", "show", "x"], ["outbox"], ["outbox", "retry"], ["stop"]])(
    "fails with exit status 3 and a sentence while none runs: %s %s",
    async (...words) => {
      expect(await ferry(words)).toEqual({
        status: 3,
        out: "",
        error: "Ferry is not running. Start it with “ferry run”.",
      });
    },
  );

  it("prints errors as JSON, too", async () => {
    const { status, error } = await ferry(["status", "--json"]);
    expect(status).toBe(3);
    expect(parse(error)).toEqual({ error: { code: "not-running", message: expect.any(String) as string } });
  });

  it("prints one JSON document with field names in snake_case and values untouched", async () => {
    await running({ linkList: async () => [fakeLink({ name: "camelCase stays", lastCopyTs: 5 })] });
    const status = await ferry(["--json", "status"]);
    expect(status.status).toBe(0);
    expect(parse(status.out)).toMatchObject({ user_id: "@ana:example.org", device_id: "DEVICE", undecryptable: 0 });
    const links = await ferry(["link", "list", "--json"]);
    expect(parse(links.out)).toMatchObject([
      { name: "camelCase stays", last_copy_ts: 5, rooms: [{ room_id: "!one:example.org" }, {}] },
    ]);
  });

  it("says in words what Ferry is doing and what is wrong", async () => {
    const health = {
      code: "x",
      severity: "warning" as const,
      text: "The clock is off.",
      action: "Set it.",
      link: null,
    };
    await running({ status: async () => fakeStatus({ health: [health] }) });
    const { out } = await ferry(["status"]);
    expect(out).toContain("@ana:example.org (device DEVICE)");
    expect(out).toContain("warning: The clock is off. Set it.");
  });

  it("says how far a large file has come, and nothing where none is under way", async () => {
    let carrying: string | null = CARRYING;
    await running({ status: async () => fakeStatus({ carrying }), linkShow: async () => fakeDetail({ carrying }) });
    const both = [["status"], ["link", "show", "l1"]];
    for (const words of both) expect((await ferry(words)).out).toContain(CARRYING);
    carrying = null;
    for (const words of both) expect((await ferry(words)).out).not.toContain("Files");
  });

  it("keeps names from elsewhere from changing what stands around them", async () => {
    const names = ["\u001b[2Jevil\nline", "\u202egnp.exe", "שלום"];
    await running({ rooms: async () => names.map((name) => fakeRoom({ name })) });
    const { out } = await ferry(["rooms"]);
    // eslint-disable-next-line no-control-regex -- what must not be there
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(out.split("\n")).toHaveLength(4);
    expect(out).toContain("\u2068שלום\u2069");
  });

  it("aligns columns, wide characters included", async () => {
    await running({ rooms: async () => [fakeRoom({ name: "Ana" }), fakeRoom({ name: "日本" })] });
    const lines = (await ferry(["rooms"])).out.split("\n");
    expect(lines[1]?.indexOf("!one")).toBe(6);
    // Two characters that take four columns, and two that take none.
    expect(lines[2]?.indexOf("!one")).toBe(6);
  });

  it("passes on numbers of the outbox, and refuses what is none", async () => {
    const outboxDismiss = vi.fn(async ({ ids }: { ids: number[] }) => ({ count: ids.length }));
    const outbox = vi.fn(async () => []);
    await running({ outboxDismiss, outbox });
    expect((await ferry(["outbox", "dismiss", "3", "4"])).out).toBe("Dismissed: 2 messages.");
    expect(outboxDismiss).toHaveBeenCalledWith({ ids: [3, 4] });
    expect((await ferry(["outbox", "retry"])).out).toBe("Trying again: 2 messages.");
    expect((await ferry(["outbox", "retry", "7", "--json"])).out).toBe('{\n  "count": 1\n}');
    expect((await ferry(["outbox", "dismiss", "all"])).status).toBe(2);
    expect((await ferry(["outbox", "--failed"])).out).toBe("Nothing waits to be copied.");
    expect(outbox).toHaveBeenCalledWith({ failedOnly: true });
  });

  it("stops it, and returns when it has ended", async () => {
    const server: ControlServer = await running({
      quit: async () => {
        setTimeout(() => void server.close(), 50);
        return {};
      },
    });
    expect(await ferry(["stop"])).toMatchObject({ status: 0, out: "Ferry has stopped." });
    expect((await ferry(["status"])).status).toBe(3);
  });
});

describe("links", () => {
  const add = ["link", "add", "!one:example.org", "#two:example.org"];

  it("are shown, asked about and made", async () => {
    const linkAdd = vi.fn(async () => fakeLink());
    await running({ linkAdd });
    const yes = await ferry([...add, "--name", "Family", "--one-way"], asked("y").surroundings);
    expect(yes.status).toBe(0);
    expect(yes.out).toContain("Ben will read what Ana writes.");
    // What was shown: by the rooms' ids, so that an alias cannot lead elsewhere meanwhile.
    const terms = { rooms: ["!one:example.org", "!two:example.org"], oneWay: true, name: "Family" };
    expect(linkAdd).toHaveBeenCalledWith({ ...terms, propose: false, expose: [] });
    const no = await ferry(add, asked("n").surroundings);
    expect(no).toMatchObject({ status: 1, error: "Nothing was linked." });
    expect(linkAdd).toHaveBeenCalledTimes(1);
  });

  it("need --yes where nobody can be asked", async () => {
    const linkAdd = vi.fn(async () => fakeLink());
    await running({ linkAdd });
    const refused = await ferry([...add, "--json"]);
    expect(refused).toMatchObject({ status: 1, out: "" });
    expect(parse(refused.error)).toMatchObject({ error: { code: "link-needs-confirmation" } });
    expect(linkAdd).not.toHaveBeenCalled();
    const made = await ferry([...add, "--json", "--yes"]);
    expect(parse(made.out)).toMatchObject({ id: "l1", created_ts: 0 });
  });

  it("that are refused fail with the sentence and its name, also where all is agreed to", async () => {
    const sentence = "The link “Family” mirrors these rooms already.";
    const linkAdd = vi.fn(async () => fakeLink());
    await running({ linkPlan: async () => fakePlan({ refusal: { code: "link-exists", sentence } }), linkAdd });
    expect(await ferry(add)).toEqual({ status: 1, out: "", error: sentence });
    expect(parse((await ferry([...add, "--yes", "--json"])).error)).toEqual({
      error: { code: "link-exists", message: sentence },
    });
    expect(linkAdd).not.toHaveBeenCalled();
  });

  it("that main refuses only when they are made fail with its name", async () => {
    const linkAdd = () => Promise.reject(new FerryError("no-power", "You may not link Two."));
    await running({ linkAdd });
    expect(parse((await ferry([...add, "--yes", "--json"])).error)).toEqual({
      error: { code: "no-power", message: "You may not link Two." },
    });
  });

  it("are removed only after the question", async () => {
    const linkRemove = vi.fn(async () => ({ id: fakeLink().id, dropped: 2 }));
    await running({ linkRemove });
    expect((await ferry(["link", "remove", "Family"])).status).toBe(1);
    expect(linkRemove).not.toHaveBeenCalled();
    const removed = await ferry(["link", "remove", "Family", "--yes"]);
    expect(removed.out).toBe("Removed the link Family. 2 messages still waiting were not copied.");
    expect(linkRemove).toHaveBeenCalledWith({ link: "l1", tell: true });
    await ferry(["link", "remove", "Family", "--quiet", "--yes"]);
    expect(linkRemove).toHaveBeenLastCalledWith({ link: "l1", tell: false });
  });

  it("are renamed", async () => {
    const linkRename = vi.fn(async () => fakeLink({ name: "Cousins" }));
    await running({ linkRename });
    expect((await ferry(["link", "rename", "Family", "Cousins"])).out).toContain("Cousins");
    expect(linkRename).toHaveBeenCalledWith({ link: "Family", name: "Cousins" });
  });
});

describe("wrong usage", () => {
  it.each([
    ["an unknown command", ["sail"], /unknown command/],
    ["a missing argument", ["link", "show"], /missing required argument/],
    ["an unknown option", ["status", "--fast"], /unknown option/],
    ["a room that is none", ["link", "add", "lobby", "!x:y"], /neither a room id/],
    ["two inputs at once", ["login", "--token-stdin", "--password-stdin"], /only one of/],
    ["no homeserver", ["login", "--user", "ana", "--password-stdin"], /--homeserver/],
    ["an unknown place for secrets", ["run", "--secrets", "paper"], /keychain, passphrase, plain-file/],
  ])("ends with exit status 2: %s", async (_what, words, sentence) => {
    const { status, error } = await ferry(words);
    expect(status).toBe(2);
    expect(error).toMatch(sentence);
    expect(parse((await ferry([...words, "--json"])).error)).toMatchObject({ error: { code: "bad-request" } });
  });

  it("is not asking for help or the version", async () => {
    expect(await ferry(["--version"])).toMatchObject({ status: 0, out: "0.1.0", error: "" });
    expect((await ferry(["link", "--help"])).out).toContain("remove");
  });
});
