import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Ferry } from "../support/ferry.ts";
import { succeeded } from "../support/ferry.ts";
import { asThumbnail, openedFile, uploaded, type OpenedFile } from "../support/files.ts";
import { ferryBetween, threeRooms } from "../support/linked-rooms.ts";
import type { Person, SeenMessage } from "../support/person.ts";
import { pause } from "../support/talking.ts";
import { createWorld, type World } from "../support/world.ts";

/** The smallest picture there is: clients look at the bytes as well. */
const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);

let world: World;
let ferry: Ferry;
let ana: Person;
let jo: Person;
let lu: Person;
let kitchen: string;
let workshop: string;
/** Lu's room is not encrypted. */
let square: string;

beforeAll(async () => {
  world = await createWorld();
  ({ ana, jo, lu, kitchen, workshop, square } = await threeRooms(world));
  ferry = await ferryBetween(world, { kitchen, workshop, square });
});

afterAll(() => world.end());

const BLURHASH = "LEHV6nWB2yk8pyo0adR*.7kCMdnj";
const MIB = 1 << 20;

/** What is sent, besides its file; `bytes` of it are made up. */
const KINDS: Record<string, { bytes: number; content: Record<string, unknown>; thumbnail?: boolean }> = {
  "a picture with a caption": {
    bytes: 0,
    thumbnail: true,
    content: {
      msgtype: "m.image",
      body: "see the cat",
      filename: "cat.png",
      format: "org.matrix.custom.html",
      formatted_body: "see the <em>cat</em>",
      info: { mimetype: "image/png", w: 1, h: 1, "xyz.amorgan.blurhash": BLURHASH },
    },
  },
  "a picture behind a spoiler": {
    bytes: 100,
    content: { msgtype: "m.image", body: "end.png", "page.codeberg.everypizza.msc4193.spoiler": true },
  },
  "a file of several pieces": {
    bytes: 3 * MIB + 5,
    content: { msgtype: "m.file", body: "plan.pdf", info: { mimetype: "application/pdf", size: 3 * MIB + 5 } },
  },
  "a large file": { bytes: 9 * MIB, content: { msgtype: "m.file", body: "all.zip", info: { size: 9 * MIB } } },
  sound: { bytes: 7_000, content: { msgtype: "m.audio", body: "song.ogg", info: { duration: 4_000 } } },
  "a voice message": {
    bytes: 5_000,
    content: {
      msgtype: "m.audio",
      body: "voice.ogg",
      info: { mimetype: "audio/ogg", duration: 1_500 },
      "org.matrix.msc3245.voice": {},
      "org.matrix.msc1767.audio": { duration: 1_500, waveform: [0, 512, 1024] },
    },
  },
  "a video": {
    bytes: 20_000,
    thumbnail: true,
    content: { msgtype: "m.video", body: "trip.mp4", info: { w: 640, h: 360, duration: 9_000 } },
  },
};

interface Sent {
  content: Record<string, unknown>;
  file: Buffer;
  thumbnail: Buffer | null;
  reference: OpenedFile;
}

async function send(person: Person, room: string, kind: string, encrypted: boolean, type?: string): Promise<Sent> {
  const { bytes, content, thumbnail } = KINDS[kind] ?? { bytes: 10, content: {} };
  const file = bytes === 0 ? PIXEL : randomBytes(bytes);
  const small = thumbnail === true ? Buffer.concat([PIXEL, randomBytes(4)]) : null;
  const named = await uploaded(person, file, { encrypted });
  const info = {
    ...(content["info"] as object | undefined),
    ...(small && { ...asThumbnail(await uploaded(person, small, { encrypted })), thumbnail_info: { w: 1, h: 1 } }),
  };
  const sent = { ...content, ...named, info };
  await person.sendContent(room, sent, type);
  return { content: sent, file, thumbnail: small, reference: await openedFile(person, sent) };
}

function digest(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** A copy of a file: the message that Ferry has sent with that name. */
async function copyOf(person: Person, room: string, name: string): Promise<SeenMessage> {
  const fits = ({ content, sender }: SeenMessage): boolean =>
    content["filename"] === name && sender === world.kim.userId;
  return person.waitForMessage(room, fits, 30_000, `the copy of ${name}`);
}

function besidesFiles(info: unknown): [string, unknown][] {
  const fields = Object.entries(info as Record<string, unknown>);
  return fields.filter(([name]) => name !== "thumbnail_url" && name !== "thumbnail_file").toSorted();
}

/** From each sort of room into each sort. */
const WAYS = [
  ["encrypted", "encrypted"],
  ["encrypted", "unencrypted"],
  ["unencrypted", "encrypted"],
] as const;

describe.each(Object.keys(KINDS))("%s", (kind) => {
  const name = (KINDS[kind]?.content["filename"] ?? KINDS[kind]?.content["body"]) as string;

  test("arrives as what it was in every room, each with a file of its own", { timeout: 90_000 }, async () => {
    const sent = await send(ana, kitchen, kind, true);
    const copies: OpenedFile[] = [];
    for (const [person, room, encrypted] of [
      [jo, workshop, true],
      [lu, square, false],
    ] as const) {
      const copy = await copyOf(person, room, name);
      await expectSame(person, copy, sent, encrypted);
      copies.push(await openedFile(person, copy.content));
    }
    const all = [sent.reference, ...copies];
    expect(new Set(all.map(({ uri }) => uri)).size, "addresses").toBe(3);
    expect(copies.map(({ key }) => key === null)).toEqual([false, true]);
    expect(copies[0]?.key).not.toBe(sent.reference.key);
  });
});

async function expectSame(person: Person, copy: SeenMessage, sent: Sent, encrypted: boolean): Promise<void> {
  const { content } = copy;
  expect(copy.encrypted).toBe(encrypted);
  expect(content["file"] === undefined).toBe(!encrypted);
  expect(content["url"] === undefined).toBe(encrypted);
  expect(content["msgtype"]).toBe(sent.content["msgtype"]);
  const caption = sent.content["filename"] === undefined ? "" : (sent.content["body"] as string);
  expect(content["body"]).toBe(`Ana: ${caption}`);
  expect(content["com.beeper.per_message_profile"]).toMatchObject({ displayname: "Ana" });
  for (const field of Object.keys(sent.content).filter((field) => field.includes("msc")))
    expect(content[field]).toEqual(sent.content[field]);
  expect(digest((await openedFile(person, content)).bytes)).toBe(digest(sent.file));
  expect(besidesFiles(content["info"])).toEqual(besidesFiles(sent.content["info"]));
  if (sent.thumbnail === null) return;
  const thumbnail = await openedFile(person, content["info"] as Record<string, unknown>, "thumbnail_");
  expect(digest(thumbnail.bytes)).toBe(digest(sent.thumbnail));
}

test.each(WAYS)("a file crosses from a room that is %s to one that is %s", async (from, to) => {
  const [sender, room] = from === "encrypted" ? ([ana, kitchen] as const) : ([lu, square] as const);
  const [reader, destination] = to === "encrypted" ? ([jo, workshop] as const) : ([lu, square] as const);
  const body = `${from} to ${to}.bin`;
  const bytes = randomBytes(1_000);
  const named = await uploaded(sender, bytes, { encrypted: from === "encrypted", type: "image/png" });
  await sender.sendContent(room, { msgtype: "m.file", body, info: { mimetype: "image/png" }, ...named });
  const { content } = await copyOf(reader, destination, body);
  const opened = await openedFile(reader, content);
  expect(digest(opened.bytes)).toBe(digest(bytes));
  expect(opened.key === null).toBe(to === "unencrypted");
});

describe("a sticker", () => {
  test("of the user's own stays one", async () => {
    await sticker(world.kim, "wave");
    const isIt = ({ type, body }: SeenMessage): boolean => type === "m.sticker" && body === "wave";
    const copy = await jo.waitForMessage(workshop, isIt, 30_000, "the sticker");
    expect(digest((await openedFile(jo, copy.content)).bytes)).toBe(digest(PIXEL));
  });

  test("of somebody else is a picture that says whose it is", async () => {
    await sticker(ana, "nod");
    const copy = await copyOf(jo, workshop, "nod");
    expect(copy.content).toMatchObject({ msgtype: "m.image", body: "Ana: ", filename: "nod" });
    expect(digest((await openedFile(jo, copy.content)).bytes)).toBe(digest(PIXEL));
  });

  async function sticker(person: Person, body: string): Promise<void> {
    const named = await uploaded(person, PIXEL, { encrypted: true });
    await person.sendContent(kitchen, { body, info: { w: 1, h: 1 }, ...named }, "m.sticker");
  }
});

test("a new caption is an edit of the copy, with the file", async () => {
  const named = await uploaded(ana, PIXEL, { encrypted: true });
  const content = (body: string) => ({ msgtype: "m.image", body, filename: "boat.png", ...named });
  const original = await ana.sendContent(kitchen, content("a bote"));
  await jo.waitForMessage(workshop, "Ana: a bote");
  await ana.sendContent(kitchen, {
    ...content("* a boat"),
    "m.new_content": content("a boat"),
    "m.relates_to": { rel_type: "m.replace", event_id: original },
  });
  const copy = await jo.waitForMessage(workshop, "Ana: a boat", 30_000);
  expect(copy.edited).toBe(true);
  expect(digest((await openedFile(jo, copy.content)).bytes)).toBe(digest(PIXEL));
});

test("whoever has a picture has it in the copies, small and encrypted, and not from where it was", async () => {
  const named = (await uploaded(ana, PIXEL, { encrypted: false, type: "image/png" })) as { url: string };
  await ana.client.setAvatarUrl(named.url);
  // The homeserver tells the rooms of it a little later.
  const isTold = async () => (await ana.state(kitchen, "m.room.member", ana.userId))?.["avatar_url"] === named.url;
  await ana.waitFor(isTold, 20_000, "the own picture in the room");
  const profiles: Record<string, unknown>[] = [];
  for (const words of ["with my picture", "and once more"]) {
    await ana.say(kitchen, words);
    const copy = await jo.waitForMessage(workshop, `Ana: ${words}`);
    profiles.push(copy.content["com.beeper.per_message_profile"] as Record<string, unknown>);
  }
  const picture = await openedFile(jo, profiles[0] ?? {}, "avatar_");
  expect(picture.bytes.subarray(1, 4).toString()).toBe("PNG");
  expect(picture.key).not.toBeNull();
  expect(picture.uri).not.toBe(named.url);
  expect(profiles[1]?.["avatar_file"]).toEqual(profiles[0]?.["avatar_file"]);
  const open = await lu.waitForMessage(square, "Ana: and once more");
  expect(open.content["com.beeper.per_message_profile"]).toMatchObject({ avatar_url: named.url });
});

test("a text that is too long for an event comes with the whole of it as a file", async () => {
  // As it is sent, it just fits; its copy has a name before it, and formatting.
  const body = `the story begins ${"and goes on ".repeat(3_700)}and ends`;
  await ana.say(kitchen, body);
  for (const [person, room] of [
    [jo, workshop],
    [lu, square],
  ] as const) {
    const copy = await copyOf(person, room, "message.txt");
    expect(copy.content["msgtype"]).toBe("m.file");
    expect(copy.body).toMatch(/^Ana: the story begins and goes on .*The file has all of it\.\)$/s);
    expect((await openedFile(person, copy.content)).bytes.toString()).toBe(`Ana: ${body}`);
  }
});

describe("a file that cannot be carried", () => {
  test("because somebody has changed it is told of, once, and what follows goes on", async () => {
    const named = (await uploaded(ana, PIXEL, { encrypted: true })) as { file: { hashes: { sha256: string } } };
    named.file.hashes.sha256 = named.file.hashes.sha256.replace(/^./, (first) => (first === "A" ? "B" : "A"));
    await ana.sendContent(kitchen, { msgtype: "m.image", body: "look", filename: "bad.png", ...named });
    await ana.say(kitchen, "after the bad one");
    await expectTold("The file “bad.png” was not copied: it is damaged, or somebody has changed it.", "look");
    await jo.waitForMessage(workshop, "Ana: after the bad one");
  });

  test("because the homeserver does not have it is told of", async () => {
    const named = await uploaded(ana, PIXEL, { encrypted: true });
    const gone = JSON.parse(JSON.stringify(named).replace(/mxc:[^"]*/, `mxc://${serverName()}/gone`)) as object;
    await ana.sendContent(kitchen, { msgtype: "m.file", body: "gone.pdf", info: { size: 2_000 }, ...gone });
    await expectTold("The file “gone.pdf” (2 kB) could not be copied: the homeserver does not have it.");
  });

  test("because it is larger than the user wants is told of, whatever it is said to be", async () => {
    succeeded("ferry settings", await ferry.cli("settings", "--largest-file", "1"));
    const large = await uploaded(ana, randomBytes(1_500_000), { encrypted: true });
    await ana.sendContent(kitchen, { msgtype: "m.file", body: "big.zip", info: { size: 1_500_000 }, ...large });
    await expectTold("The file “big.zip” (1.5 MB) is too large to be copied.");
    await ana.sendContent(kitchen, { msgtype: "m.file", body: "liar.zip", info: { size: 10 }, ...large });
    await expectTold("The file “liar.zip” (10 B) is too large to be copied.");
    succeeded("ferry settings", await ferry.cli("settings", "--largest-file", "none"));
  });

  test("is counted by its reason", async () => {
    const { json } = await ferry.cli("link", "show", "House", "--json");
    const { skipped } = json as { skipped: { reason: string; count: number }[] };
    const counts = Object.fromEntries(skipped.map(({ reason, count }) => [reason, count]));
    expect(counts).toMatchObject({ "file-damaged": 2, "file-missing": 2, "file-too-large": 4 });
  });

  function serverName(): string {
    return ana.userId.slice(ana.userId.indexOf(":") + 1);
  }

  async function expectTold(sentence: string, caption?: string): Promise<void> {
    const copy = await jo.waitForMessage(workshop, sentence, 30_000);
    const whole = `Ana: ${sentence} It was sent in “Kitchen”.${caption === undefined ? "" : `\n\n${caption}`}`;
    expect(copy.content).toMatchObject({ msgtype: "m.notice", body: whole });
    await pause(500);
    expect((await jo.timeline(workshop)).filter(({ body }) => body.includes(sentence))).toHaveLength(1);
  }
});
