import { beforeEach, expect, test, vi } from "vitest";
import { FerryError } from "../../../main/matrix/errors.ts";
import type { RoomId, UserId } from "../../../main/matrix/ids.ts";
import type { FileReference, MxcUri } from "../../../main/matrix/media.ts";
import type { engineRequests } from "../../../main/protocol/engine.ts";
import type { Client } from "../../../main/protocol/rpc.ts";
import { Avatars } from "../../../main/service/avatars.ts";
import { eventWith } from "../bridge/transform-support.ts";

type Engine = Client<typeof engineRequests>;

const ACCOUNT = "@me:one.test" as UserId;
const ANA = "@ana:one.test" as UserId;
const PICTURE: MxcUri = "mxc://one.test/ana";
const CARRIED: FileReference = {
  url: "mxc://one.test/small",
  encryption: { key: "k".repeat(43), iv: "i".repeat(22), sha256: "h".repeat(43) },
};
const roomId = "!there:one.test" as RoomId;
const encrypted = { roomId, encrypted: true };

const carryFiles = vi.fn<Engine["carryFiles"]>();
let avatars: Avatars;
let now = 0;

beforeEach(() => {
  carryFiles.mockReset().mockResolvedValue([CARRIED]);
  avatars = new Avatars({
    account: () => ACCOUNT,
    engine: () => ({ carryFiles }) as unknown as Engine,
    now: () => now,
  });
});

const by = (sender: UserId, senderAvatar?: MxcUri) => eventWith({}, { sender, senderAvatar });

test("a picture is carried into an encrypted room once, drawn anew and encrypted", async () => {
  const both = await Promise.all([avatars.of(by(ANA, PICTURE), encrypted), avatars.of(by(ANA, PICTURE), encrypted)]);
  expect(both).toEqual([CARRIED, CARRIED]);
  expect(await avatars.of(by(ANA, PICTURE), encrypted)).toEqual(CARRIED);
  expect(carryFiles).toHaveBeenCalledOnce();
  expect(carryFiles.mock.calls[0]?.[0]).toMatchObject({
    ...{ roomId, mustEncrypt: true },
    files: [{ source: { avatar: PICTURE } }],
  });
});

test("into another room it is carried anew", async () => {
  await avatars.of(by(ANA, PICTURE), encrypted);
  await avatars.of(by(ANA, PICTURE), { roomId: "!other:one.test" as RoomId, encrypted: true });
  expect(carryFiles).toHaveBeenCalledTimes(2);
});

test("on one server, in the clear, it is named as it is", async () => {
  const open = { roomId, encrypted: false };
  expect(await avatars.of(by(ANA, PICTURE), open)).toEqual({ url: PICTURE, encryption: null });
  expect(carryFiles).not.toHaveBeenCalled();
});

test("in the clear, but from another server, it is carried", async () => {
  const open = { roomId, encrypted: false };
  await avatars.of(by("@bea:two.test" as UserId, "mxc://two.test/bea"), open);
  await avatars.of(by(ANA, "mxc://two.test/ana"), open);
  expect(carryFiles.mock.calls.map(([{ mustEncrypt }]) => mustEncrypt)).toEqual([false, false]);
});

test("whoever has none, and the user, have none in copies", async () => {
  expect(await avatars.of(by(ANA), encrypted)).toBeNull();
  expect(await avatars.of(by(ACCOUNT, PICTURE), encrypted)).toBeNull();
  expect(carryFiles).not.toHaveBeenCalled();
});

test.each([
  ["cannot be had or drawn", async () => [{ failure: "file-missing" as const }]],
  ["cannot be uploaded", () => Promise.reject(new FerryError("homeserver-unreachable", "It does not answer."))],
])("one that %s holds up nothing, and is tried again after ten minutes, not with every copy", async (_what, fail) => {
  carryFiles.mockImplementation(fail);
  now = 1_000;
  for (let copy = 0; copy < 3; copy++) expect(await avatars.of(by(ANA, PICTURE), encrypted)).toBeNull();
  expect(carryFiles).toHaveBeenCalledOnce();
  carryFiles.mockResolvedValue([CARRIED]);
  now += 599_000;
  expect(await avatars.of(by(ANA, PICTURE), encrypted)).toBeNull();
  now += 1_000;
  expect(await avatars.of(by(ANA, PICTURE), encrypted)).toEqual(CARRIED);
  now += 3_600_000;
  expect(await avatars.of(by(ANA, PICTURE), encrypted)).toEqual(CARRIED);
  expect(carryFiles).toHaveBeenCalledTimes(2);
});
