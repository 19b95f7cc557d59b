import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { removeFolder, temporaryFolder } from "../support/cleanup.ts";
import { runCli, startFerry, type CliResult, type Ferry } from "../support/ferry.ts";
import { twoRooms } from "../support/linked-rooms.ts";
import type { Person } from "../support/person.ts";
import { createWorld, type World } from "../support/world.ts";

let world: World;
let ana: Person;
let jo: Person;
let kitchen: string;
let workshop: string;

beforeAll(async () => {
  world = await createWorld({});
  ({ ana, jo, kitchen, workshop } = await twoRooms(world));
});

afterAll(() => world.end());

/** What a command says when it fails, with `--json`. */
function failure(result: CliResult): { code: string; message: string } {
  expect(result.status).not.toBe(0);
  expect(result.stderr).not.toMatch(/\n\s+at /);
  return (JSON.parse(result.stderr) as { error: { code: string; message: string } }).error;
}

describe("logging in", () => {
  const folders: string[] = [];
  afterEach(() => folders.splice(0).forEach(removeFolder));

  async function login(homeserver: string, password: string): Promise<CliResult> {
    const dataDir = temporaryFolder("ferry-login-");
    folders.push(dataDir);
    const words = ["login", "--homeserver", homeserver, "--user", "kim", "--password-stdin", "--json"];
    return runCli([...words, "--data", dataDir, "--secrets", "plain-file"], { input: `${password}\n` });
  }

  test("with a wrong password", async () => {
    const { code, message } = failure(await login(world.synapse.url, "not it"));
    expect(code).toBe("wrong-password");
    expect(message).not.toContain("not it");
  });

  test("without network", async () => {
    // Nothing listens on the discard port of this machine.
    expect(failure(await login("http://127.0.0.1:9", world.kim.password)).code).toBe("homeserver-unreachable");
  });

  test("at a server that does not exist", async () => {
    expect(["homeserver-not-found", "offline"]).toContain(failure(await login("no.such.invalid", "x")).code);
  });
});

describe("links", () => {
  let ferry: Ferry;
  beforeAll(async () => {
    ferry = await world.loggedInFerry();
  });
  afterAll(() => ferry.stop());

  async function refusal(...rooms: string[]): Promise<{ code: string; message: string }> {
    const result = failure(await ferry.cli("link", "add", ...rooms, "--yes", "--json"));
    expect((await ferry.cli("link", "list", "--json")).json).toEqual([]);
    return result;
  }

  test("with an unknown room", async () => {
    expect((await refusal(kitchen, "#nowhere:ferry.test")).code).toBe("unknown-room");
    expect((await refusal(kitchen, "!nowhere:ferry.test")).code).toBe("not-joined");
  });

  test("with a room that somebody else may speak for, unless they are asked", async () => {
    const anas = await ana.createEncryptedRoom({ name: "Ana's", invite: [world.kim] });
    await world.kim.join(anas);
    const known = async (): Promise<boolean> => (await ferry.cli("rooms", "--json")).stdout.includes(anas);
    await world.kim.waitFor(known, 20_000, "Ferry to know the room");
    const { code, message } = await refusal(kitchen, anas);
    expect(code).toBe("link-needs-consent");
    expect(message).toContain("Ana's");
    expect(await world.kim.state(anas, "org.matrix.msc2923.connection")).toBeNull();
  });

  test("from an encrypted room into one that is not", async () => {
    const open = await world.kim.createRoom({ name: "Open", encrypted: false });
    const known = async (): Promise<boolean> => (await ferry.cli("rooms", "--json")).stdout.includes(open);
    await world.kim.waitFor(known, 20_000, "Ferry to know the room");
    expect((await refusal(kitchen, open)).code).toBe("link-needs-exposure");
  });

  test("with one room only", async () => {
    expect((await refusal(kitchen, kitchen)).code).toBe("link-needs-two-rooms");
  });

  test("a second Ferry with the same data folder", async () => {
    const second = startFerry({ dataDir: world.dataDir });
    await expect(second.waitReady()).rejects.toThrow(/already running/);
    expect((await ferry.cli("status", "--json")).status).toBe(0);
  });
});

describe("while mirroring", () => {
  let ferry: Ferry;
  let link: { id: string };
  beforeAll(async () => {
    ferry = await world.ferry();
    link = await ferry.link([kitchen, workshop]);
  });
  afterAll(async () => {
    await ferry.cli("link", "remove", link.id, "--yes");
    await ferry.stop();
  });

  test(
    "the homeserver goes away and comes back: it is said, and everything follows",
    { timeout: 180_000 },
    async () => {
      await ana.say(kitchen, "before the outage");
      await jo.waitForMessage(workshop, "before the outage");
      await world.synapse.kill();
      const health = async (): Promise<string[]> =>
        ((await ferry.cli("status", "--json")).json as { health: { code: string }[] }).health.map(({ code }) => code);
      await ana.waitFor(async () => (await health()).includes("homeserver-unreachable"), 60_000, "Ferry to say so");
      await world.synapse.restart();
      await ana.waitFor(async () => !(await health()).includes("homeserver-unreachable"), 60_000, "Ferry to be back");
      await ana.say(kitchen, "after the outage");
      await jo.waitForMessage(workshop, "after the outage", 60_000);
      const copies = (await jo.timeline(workshop)).filter((message) => message.body.endsWith("the outage"));
      expect(copies.map((message) => message.body)).toEqual(["Ana: before the outage", "Ana: after the outage"]);
    },
  );

  test("a room takes the right to write away: suspended with the reason, and what was held back follows", async () => {
    // Ana's room, for nobody can take anything from the one who made a room.
    const anas = await ana.createEncryptedRoom({
      name: "Ana's garden",
      invite: [world.kim],
      powerLevels: { users: { [world.kim.userId]: 50 } },
      roomVersion: "12",
    });
    await world.kim.join(anas);
    const known = async (): Promise<boolean> => (await ferry.cli("rooms", "--json")).stdout.includes(anas);
    await world.kim.waitFor(known, 20_000, "Ferry to know the room");
    const garden = await ferry.link([workshop, anas], "--name", "garden");
    const levels = await ana.state(anas, "m.room.power_levels");
    await ana.setState(anas, "m.room.power_levels", "", { ...levels, events_default: 60 });

    await jo.say(workshop, "held back");
    // The other link of the same room does not notice.
    await ana.waitForMessage(kitchen, "held back");
    const view = async () =>
      (await ferry.cli("link", "show", garden.id, "--json")).json as { state: string; reason: string };
    await ana.waitFor(async () => (await view()).state === "suspended", 20_000, "the link to be suspended");
    expect((await view()).reason).toContain("does not let this account");

    await ana.setState(anas, "m.room.power_levels", "", { ...levels });
    await ferry.cli("link", "resume", garden.id);
    await ana.waitForMessage(anas, "held back");
    await ferry.cli("link", "remove", garden.id, "--yes");
  });
});
