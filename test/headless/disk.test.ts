import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { removeFolder, temporaryFolder } from "../support/cleanup.ts";
import { startFerry } from "../support/ferry.ts";
import { twoRooms } from "../support/linked-rooms.ts";
import type { Person } from "../support/person.ts";
import { createWorld, type World } from "../support/world.ts";

/** A disk that is full, and one that has damaged what was on it. */

let world: World;
let ana: Person;
let jo: Person;
let kitchen: string;
let workshop: string;

beforeAll(async () => {
  world = await createWorld();
  ({ ana, jo, kitchen, workshop } = await twoRooms(world));
});

afterAll(() => world.end());

test("a full disk is said, nothing is lost, and it goes on by itself", { timeout: 240_000 }, async (context) => {
  const folder = temporaryFolder("ferry-disk-");
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=96m,mode=0700", "tmpfs", folder], { stdio: "pipe" });
  } catch {
    removeFolder(folder);
    context.skip("mounting a small tmpfs needs root");
  }
  const ferry = startFerry({ dataDir: join(folder, "data") });
  try {
    await ferry.waitReady();
    await world.logIn(ferry);
    await ferry.link([kitchen, workshop]);
    await ana.say(kitchen, "room on the disk");
    await jo.waitForMessage(workshop, "room on the disk");

    fill(join(folder, "ballast"));
    for (let index = 0; index < 20; index++) await ana.say(kitchen, `full ${index}`);
    const health = async (): Promise<string[]> =>
      ((await ferry.cli("status", "--json")).json as { health: { code: string }[] }).health.map(({ code }) => code);
    await ana.waitFor(async () => (await health()).includes("disk-full"), 60_000, "Ferry to say that the disk is full");
    rmSync(join(folder, "ballast"));

    await jo.waitForMessage(workshop, "full 19", 120_000);
    const copies = (await jo.timeline(workshop)).filter((message) => message.body.includes(": full "));
    expect(copies.map((message) => message.body)).toEqual(
      Array.from({ length: 20 }, (_, index) => `Ana: full ${index}`),
    );
    expect(copies.filter((message) => message.undecryptable)).toEqual([]);
  } finally {
    await ferry.kill();
    execFileSync("umount", ["-l", folder]);
    removeFolder(folder);
  }
});

test("a damaged database is said, and the file is left as it is", async () => {
  const dataDir = temporaryFolder("ferry-damaged-");
  const first = startFerry({ dataDir });
  await first.waitReady();
  await first.stop();
  const file = join(dataDir, "ferry.db");
  const bytes = readFileSync(file);
  bytes.fill(0x5a, 5_000, 9_000);
  writeFileSync(file, bytes);
  const before = createHash("sha256").update(bytes).digest("hex");

  const second = startFerry({ dataDir });
  await expect(second.waitReady()).rejects.toThrow(/damaged/);
  expect(second.output()).not.toMatch(/\n\s+at /);
  expect(createHash("sha256").update(readFileSync(file)).digest("hex")).toBe(before);
  removeFolder(dataDir);
});

/** Takes up every byte that is left. */
function fill(file: string): void {
  mkdirSync(join(file, ".."), { recursive: true });
  const descriptor = openSync(file, "w");
  try {
    for (let size = 1 << 20; size >= 1;) {
      try {
        if (writeSync(descriptor, Buffer.alloc(size, 1)) < size) size >>= 1;
      } catch {
        size >>= 1;
      }
    }
  } finally {
    closeSync(descriptor);
  }
  expect(statSync(file).size).toBeGreaterThan(0);
}
