import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openedFile, uploaded } from "../support/files.ts";
import { linkedRooms } from "../support/linked-rooms.ts";
import { createWorld, type World } from "../support/world.ts";

/** Not a word that could be in a file for any other reason. */
const CANARY = "Quetzalcanary7319";

let world: World;

beforeAll(async () => {
  world = await createWorld();
});

afterAll(() => world.end());

test("no file of the data folder ever holds what a message says", async () => {
  const { ana, jo, kitchen, workshop, link, ...started } = await linkedRooms(world);
  let { ferry } = started;

  const message = await ana.say(kitchen, `${CANARY} message`, {
    format: "org.matrix.custom.html",
    formatted_body: `<b>${CANARY}</b> message`,
  });
  const copy = await jo.waitForMessage(workshop, `${CANARY} message`);
  await ana.edit(kitchen, message, `${CANARY} edit`);
  await jo.waitForMessage(workshop, `${CANARY} edit`);
  await jo.reply(workshop, copy.eventId, `${CANARY} reply`);
  await ana.waitForMessage(kitchen, `${CANARY} reply`);
  await ana.react(kitchen, message, `${CANARY}`);
  const reacted = async (): Promise<boolean> =>
    (await jo.timeline(workshop)).some((seen) => seen.reactions.some((reaction) => reaction.key === CANARY));
  await jo.waitFor(reacted, 20_000, "the reaction");

  // A file says it in its name and its bytes, whether it lies on the homeserver encrypted or not.
  for (const encrypted of [true, false]) {
    const bytes = Buffer.from(`${CANARY} in a file\n`.repeat(50_000));
    const named = await uploaded(ana, bytes, { encrypted, type: "text/plain" });
    const body = `${CANARY}-${encrypted}.txt`;
    await ana.sendContent(kitchen, { msgtype: "m.file", body, info: { mimetype: "text/plain" }, ...named });
    const copied = await jo.waitForMessage(workshop, ({ content }) => content["filename"] === body, 30_000, body);
    expect((await openedFile(jo, copied.content)).bytes.equals(bytes)).toBe(true);
  }

  // One that waits in the outbox while Ferry is killed: it is known and owed, but must not be written down.
  await ferry.cli("link", "pause", link);
  await ana.say(kitchen, `${CANARY} waits`);
  const waiting = async (): Promise<boolean> =>
    ((await ferry.cli("status", "--json")).json as { waiting: number }).waiting === 1;
  await ana.waitFor(waiting, 20_000, "the message to be owed");
  expect(findings(world.dataDir)).toEqual([]);
  await ferry.kill();
  expect(findings(world.dataDir)).toEqual([]);

  // The search finds what is there: rooms' events are named in the database, and the log has lines.
  expect(findings(world.dataDir, message)).toContain("ferry.db-wal");
  expect(findings(world.dataDir, "browser-started")).toContain(join("logs", "ferry.log"));

  ferry = await world.ferry();
  await ferry.cli("link", "resume", link);
  await jo.waitForMessage(workshop, `${CANARY} waits`);
  await ferry.stop();
  expect(findings(world.dataDir)).toEqual([]);
});

/** The files that hold a text in UTF-8 or UTF-16. */
function findings(folder: string, text = CANARY): string[] {
  const needles = [Buffer.from(text, "utf8"), Buffer.from(text, "utf16le"), Buffer.from(text, "utf16le").swap16()];
  return files(folder).filter((file) => {
    const bytes = readFileSync(join(folder, file));
    return needles.some((needle) => bytes.includes(needle));
  });
}

/** Regular files only: the control socket and the browser's locks hold nothing. */
function files(folder: string): string[] {
  const listed = execFileSync("find", [folder, "-type", "f", "-printf", "%P\\n"], { encoding: "utf8" });
  const found = listed.split("\n").filter((name) => name !== "");
  expect(found.length).toBeGreaterThan(10);
  expect(readdirSync(join(folder, "profile")).length).toBeGreaterThan(0);
  return found;
}
