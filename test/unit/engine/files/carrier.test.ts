import type { MatrixClient } from "matrix-js-sdk/lib/client.js";
import { MatrixClient as Client } from "matrix-js-sdk/lib/client.js";
import { expect, test } from "vitest";
import type { RoomId, TransactionId } from "../../../../main/matrix/ids.ts";
import type { FileProgress } from "../../../../main/protocol/files.ts";
import { Avatars } from "../../../../renderer/engine/avatar.ts";
import { FileCarrier, type CarryRequest } from "../../../../renderer/engine/files/carrier.ts";
import { silenceSdk, silentLogger } from "../../../../renderer/engine/silence.ts";

silenceSdk();

/** What the homeserver is asked for, and when it answers. */
interface Homeserver {
  carrier: FileCarrier;
  /** Downloads and uploads, in order: `down name`, `up`. */
  asked: string[];
  /** Answers the oldest request that waits. */
  answer: (response?: Response) => Promise<void>;
  /** How far large files have come, as it is told. */
  told: FileProgress[];
}

function homeserver(): Homeserver {
  const asked: string[] = [];
  const told: FileProgress[] = [];
  const waiting: ((response: Response) => void)[] = [];
  const usual: Response[] = [];
  const send: typeof fetch = async (input) => {
    const { pathname } = new URL(input instanceof Request ? input.url : String(input));
    if (pathname.endsWith("/config")) return Response.json({ "m.upload.size": 50_000_000 });
    const isUpload = pathname.endsWith("/upload");
    asked.push(isUpload ? "up" : `down ${pathname.split("/").at(-1)}`);
    usual.push(isUpload ? Response.json({ content_uri: `mxc://one.test/new${asked.length}` }) : new Response("bytes"));
    return new Promise((resolve) => waiting.push(resolve));
  };
  const main = {
    carrying: async (progress: FileProgress) => {
      told.push(progress);
      return {};
    },
  };
  const client: MatrixClient = new Client({
    baseUrl: "https://one.test",
    accessToken: "token",
    fetchFn: send,
    logger: silentLogger,
  });
  // Whether a room is encrypted is the crypto layer's to say.
  Object.assign(client, { getCrypto: () => ({ isEncryptionEnabledInRoom: async () => true }) });
  return {
    asked,
    told,
    carrier: new FileCarrier(client, new Avatars(client), main, send),
    answer: async (response) => {
      while (waiting.length === 0) await settled();
      const ordinary = usual.shift();
      waiting.shift()?.(response ?? ordinary ?? new Response());
      await settled();
    },
  };
}

function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

function request(transaction: string, size: number | null, name = "a"): CarryRequest {
  const source = { url: `mxc://two.test/${name}` as const, encryption: null };
  return {
    ...{ roomId: "!there:one.test" as RoomId, transactionId: transaction as TransactionId },
    ...{ mustEncrypt: true, mostBytes: null, files: [{ source, mimetype: null, size, name }] },
  };
}

test("two requests for one transaction, at once or one after the other, upload once", async () => {
  const { carrier, asked, answer } = homeserver();
  const both = [carrier.carry(request("t1", 5)), carrier.carry(request("t1", 5))];
  await answer();
  await answer();
  const [one, two] = await Promise.all(both);
  expect(one).toEqual(two);
  expect(await carrier.carry(request("t1", 5))).toEqual(one);
  expect(asked).toEqual(["down a", "up"]);
});

test("what failed is tried anew", async () => {
  const { carrier, asked, answer } = homeserver();
  const first = carrier.carry(request("t1", 5));
  await answer(Response.json({ errcode: "M_NOT_FOUND" }, { status: 404 }));
  expect(await first).toEqual([{ failure: "file-missing" }]);
  const second = carrier.carry(request("t1", 5));
  await answer();
  await answer();
  expect(await second).toEqual([{ url: "mxc://one.test/new3", encryption: expect.any(Object) as object }]);
  expect(asked).toEqual(["down a", "down a", "up"]);
});

test("large files go one at a time, and small ones past them", async () => {
  const { carrier, asked, answer } = homeserver();
  const large = [carrier.carry(request("t1", 9_000_000, "l1")), carrier.carry(request("t2", 9_000_000, "l2"))];
  const small = carrier.carry(request("t3", 5, "s"));
  while (asked.length < 2) await settled();
  expect(asked.toSorted()).toEqual(["down l1", "down s"]);
  // l1 down, s down, l1 up, s up: only then the second large one begins.
  for (let step = 0; step < 4; step += 1) await answer();
  await Promise.all([large[0], small]);
  while (asked.length < 5) await settled();
  expect(asked.slice(2)).toEqual(["up", "up", "down l2"]);
  await answer();
  await answer();
  expect(await large[1]).toHaveLength(1);
});

test("a large one that fails lets the next one go", async () => {
  const { carrier, asked, answer } = homeserver();
  const failing = expect(carrier.carry(request("t1", 9_000_000, "l1"))).rejects.toMatchObject({
    code: "file-unavailable",
  });
  const second = carrier.carry(request("t2", 9_000_000, "l2"));
  await answer(Response.json({ errcode: "M_UNKNOWN" }, { status: 502 }));
  await failing;
  await answer();
  await answer();
  expect(await second).toHaveLength(1);
  expect(asked).toEqual(["down l1", "down l2", "up"]);
});

test("one that is said to be too large is not even asked for", async () => {
  const { carrier, asked } = homeserver();
  expect(await carrier.carry(request("t1", 50_000_001))).toEqual([{ failure: "file-too-large" }]);
  expect(asked).toEqual([]);
});

test.each([
  ["its size is known", 9_000_000, 9_000_000],
  ["nobody has said how large it is", null, null],
  ["it is larger than was said", 5, null],
])("of a large file is told how far it has come, and that it is being sent on: %s", async (_what, size, known) => {
  const { carrier, answer, told, asked } = homeserver();
  const carried = carrier.carry(request("t1", size));
  await answer(new Response(new Uint8Array(9_000_000)));
  while (asked.length < 2) await settled();
  const [first, ...others] = told;
  expect(first).toEqual({ transactionId: "t1", fetchedBytes: expect.any(Number) as number, bytes: known });
  expect(others.at(-1)).toEqual({ transactionId: "t1", fetchedBytes: 9_000_000, bytes: 9_000_000 });
  await answer();
  await carried;
});

test("of a small one nothing is told", async () => {
  const { carrier, answer, told } = homeserver();
  const carried = carrier.carry(request("t1", 8_000_000));
  await answer(new Response(new Uint8Array(8_000_000)));
  await answer();
  expect([await carried, told]).toEqual([[expect.any(Object)], []]);
});
