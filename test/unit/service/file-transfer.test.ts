import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FerryError } from "../../../main/matrix/errors.ts";
import type { LinkId } from "../../../main/matrix/ids.ts";
import type { JsonObject } from "../../../main/matrix/event.ts";
import { writeEncryptedFile, type FileReference } from "../../../main/matrix/media.ts";
import { LINK, linkBetween } from "../link-support.ts";
import { A, B, C, cleanUp, message, NOW, openBench, pass, stopTheClock, type Bench } from "./races-support.ts";

/** What becomes of a message with files, whatever becomes of the files. */

beforeEach(stopTheClock);
afterEach(cleanUp);

const ENCRYPTION = { key: "k".repeat(43), iv: "i".repeat(22), sha256: "h".repeat(43) };
const SOURCE = writeEncryptedFile("mxc://one.test/source", ENCRYPTION);
const THERE: FileReference = { url: "mxc://one.test/there", encryption: { ...ENCRYPTION, key: "n".repeat(43) } };
const SMALL: FileReference = { url: "mxc://one.test/small", encryption: ENCRYPTION };

const info = { w: 4, h: 3, thumbnail_file: SOURCE, thumbnail_info: { w: 2, h: 1 } };
const content: JsonObject = { msgtype: "m.image", body: "look", filename: "cat.png", file: SOURCE, info };
const picture = message(A, "$picture", "", { content });
const unavailable = new FerryError("file-unavailable", "Not now.");

type Carry = Bench["engine"]["carryFiles"];

function benchWith(carryFiles: Carry): { ferry: Bench; carry: ReturnType<typeof vi.fn<Carry>> } {
  const ferry = openBench();
  const carry = vi.fn(carryFiles);
  ferry.engine.carryFiles = carry;
  ferry.sender.start();
  return { ferry, carry };
}

test("they are named in the copy once they are there, and are asked for with what the destination needs", async () => {
  const { ferry, carry } = benchWith(async () => [THERE, SMALL]);
  ferry.receive(picture);
  await pass();
  const sent = ferry.sentInto(B);
  expect(carry).toHaveBeenCalledExactlyOnceWith({
    ...{ roomId: B, transactionId: sent.transactionId, mustEncrypt: true, mostBytes: null },
    files: [
      { source: { url: "mxc://one.test/source", encryption: ENCRYPTION }, mimetype: null, size: null, name: "cat.png" },
      expect.objectContaining({ source: { url: "mxc://one.test/source", encryption: ENCRYPTION } }),
    ],
  });
  expect(sent.content).toMatchObject({
    file: writeEncryptedFile("mxc://one.test/there", { ...ENCRYPTION, key: "n".repeat(43) }),
    info: { w: 4, thumbnail_file: writeEncryptedFile("mxc://one.test/small", ENCRYPTION), thumbnail_info: { w: 2 } },
  });
  expect(JSON.stringify(sent.content)).not.toContain("one.test/source");
});

test("a picture goes without its thumbnail where that cannot be had", async () => {
  const { ferry } = benchWith(async () => [THERE, { failure: "file-missing" }]);
  ferry.receive(picture);
  await pass();
  expect(ferry.sentInto(B).content["info"]).toEqual({ w: 4, h: 3 });
  expect(ferry.store.links.totalCount("file-missing")).toBe(0);
});

test("where the file cannot be had a sentence goes in its place, once, and what follows goes on", async () => {
  const { ferry } = benchWith(async () => [{ failure: "file-damaged" }, SMALL]);
  ferry.receive(picture, message(A, "$next", "next"));
  await pass();
  const [told, next, ...more] = ferry.wordsIn(B);
  expect(told).toMatch(/^Ana: The file “cat.png” was not copied: it is damaged.*\n\nlook$/s);
  expect([next, more]).toEqual(["Ana: next", []]);
  expect(ferry.store.links.totalCount("file-damaged")).toBe(1);
  expect(ferry.store.outbox.counts()).toEqual({ waiting: 0, failed: 0 });
});

test("a file that is told of is counted, once, where its sentence is only found after Ferry has died", async () => {
  const { ferry } = benchWith(async () => [{ failure: "file-damaged" }, SMALL]);
  // It arrives, and nobody hears of it.
  const carryOut = ferry.engine.send;
  ferry.engine.send = async (request) => {
    await carryOut(request);
    throw new FerryError("homeserver-unreachable", "No answer.");
  };
  ferry.receive(picture);
  await pass(200);
  const sent = ferry.sentInto(B);
  expect(ferry.store.links.totalCount("file-damaged")).toBe(0);
  const next = await ferry.restart("DEVICE");
  next.engine.ownEvents = async () => [sent];
  next.sender.start();
  await pass();
  expect(next.sent).toEqual([]);
  expect(next.store.ledger.origin(B, sent.eventId)).toMatchObject({ sourceEvent: picture.eventId });
  expect([next.store.links.totalCount("copied"), next.store.links.totalCount("file-damaged")]).toEqual([1, 1]);
});

test("what may have been told of in words is not sent as a file later", async () => {
  let isThere = false;
  const { ferry } = benchWith(async () => [isThere ? THERE : { failure: "file-missing" }, SMALL]);
  vi.spyOn(ferry.engine, "send").mockRejectedValueOnce(new FerryError("homeserver-unreachable", "No."));
  ferry.receive(picture);
  await pass(200);
  isThere = true;
  await pass(10_000);
  expect(ferry.wordsIn(B)).toEqual([expect.stringContaining("the homeserver does not have it")]);
  expect(ferry.store.links.totalCount("file-missing")).toBe(1);
});

test("a homeserver that cannot be reached holds the line until it can be", async () => {
  let isDown = true;
  const { ferry } = benchWith(async () => {
    if (isDown) throw new FerryError("homeserver-unreachable", "It does not answer.");
    return [THERE, SMALL];
  });
  ferry.receive(picture, message(A, "$next", "next"));
  await pass(3_600_000);
  expect(ferry.sent).toEqual([]);
  isDown = false;
  await pass(120_000);
  expect(ferry.sent.map(({ content: { msgtype } }) => msgtype)).toEqual(["m.image", "m.text"]);
});

test("a file that another server does not give is waited for some minutes, and then told of", async () => {
  const { ferry, carry } = benchWith(async () => {
    throw unavailable;
  });
  ferry.receive(picture, message(A, "$next", "next"));
  await pass(60_000);
  expect(ferry.sent).toEqual([]);
  await pass(600_000);
  expect(ferry.wordsIn(B)[0]).toContain("the homeserver does not have it");
  expect(ferry.wordsIn(B)).toHaveLength(2);
  expect(carry.mock.calls.length).toBe(9);
});

test("the next message's files are carried while the one before is under way, and it sends them at its turn", async () => {
  const { ferry, carry } = benchWith(async () => [THERE, SMALL]);
  const answer = ferry.holdAnswers();
  ferry.receive(message(A, "$first", "first"), picture);
  await pass();
  expect([ferry.wordsIn(B), carry.mock.calls.length]).toEqual([["Ana: first"], 1]);
  answer();
  await pass();
  expect(ferry.sentInto(B).content).toHaveProperty("file");
  // The engine knows by the transaction that it is the same.
  expect(carry.mock.calls[1]).toEqual(carry.mock.calls[0]);
});

describe("while a large file is under way", () => {
  const other = linkBetween([A, C], { id: "other" as LinkId });

  test.each([
    ["is there", async () => [THERE, SMALL]],
    ["cannot be had now", () => Promise.reject(unavailable)],
  ])("its link says how far it has come, until it %s", async (_what, end: () => ReturnType<Carry>) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const ferry = openBench([linkBetween([A, B]), other]);
    ferry.engine.carryFiles = async ({ transactionId }) => {
      ferry.largeFiles.note({ transactionId, fetchedBytes: 40_000_000, bytes: 100_000_000 });
      await promise;
      return end();
    };
    ferry.sender.start();
    ferry.store.links.setState(other.id, "paused");
    ferry.receive(picture);
    await pass();
    const said = "Carrying a file of 100 MB: 40 % fetched";
    expect([ferry.largeFiles.sentence(), ferry.largeFiles.sentence(LINK)]).toEqual([said, said]);
    expect(ferry.largeFiles.sentence(other.id)).toBeNull();
    resolve();
    await pass(100);
    expect(ferry.largeFiles.sentence()).toBeNull();
  });
});

describe("while a file is under way", () => {
  /** @returns the bench with the transfer begun, and what ends it */
  async function underWay(): Promise<{ ferry: Bench; carry: ReturnType<typeof vi.fn<Carry>>; arrive: () => void }> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { ferry, carry } = benchWith(async () => promise.then(() => [THERE, SMALL]));
    ferry.receive(picture);
    await pass();
    expect([carry.mock.calls.length, ferry.sent.length]).toEqual([1, 0]);
    return { ferry, carry, arrive: resolve };
  }

  test("a link that is paused sends nothing, and sends it once it goes on", async () => {
    const { ferry, arrive } = await underWay();
    ferry.store.links.setState(LINK, "paused");
    arrive();
    await pass();
    expect(ferry.sent).toEqual([]);
    ferry.store.links.setState(LINK, "active");
    ferry.sender.wake();
    await pass();
    expect(ferry.sent).toHaveLength(1);
  });

  test("Ferry ends: the next one carries it again, and sends it under the same transaction", async () => {
    const { ferry, carry, arrive } = await underWay();
    const [first] = carry.mock.calls;
    const ending = ferry.restart("DEVICE");
    arrive();
    const next = await ending;
    const again = vi.fn<Carry>(async () => [SMALL, THERE]);
    next.engine.carryFiles = again;
    next.sender.start();
    await pass();
    const transactions = [...ferry.sent, ...next.sent].map(({ transactionId }) => transactionId);
    expect(new Set(transactions)).toEqual(new Set([first?.[0].transactionId]));
  });
});

test("a text that is too long is cut where its file is refused", async () => {
  const { ferry, carry } = benchWith(async () => [{ failure: "file-refused" }]);
  ferry.receive(message(A, "$long", "a long story ".repeat(5_000), { originServerTs: NOW }));
  await pass();
  expect(carry.mock.calls[0]?.[0].files).toMatchObject([{ source: { text: expect.any(String) as string } }]);
  expect(ferry.sentInto(B).content).toMatchObject({ msgtype: "m.text" });
  expect(ferry.wordsIn(B)[0]).toMatch(/too long to be mirrored\.\)$/);
});
