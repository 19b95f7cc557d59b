import { CryptoEvent } from "matrix-js-sdk/lib/crypto-api/index.js";
import { VerificationPhase as Phase } from "matrix-js-sdk/lib/crypto-api/verification.js";
import { describe, expect, test, vi } from "vitest";
import { queryDeviceKeys } from "../../../renderer/engine/device-keys.ts";
import { Verification } from "../../../renderer/engine/verification.ts";
import { fakeClient, type FakeDevice } from "./trust-support.ts";
import { FakeRequest, SEVEN } from "./verification-support.ts";

vi.mock("../../../renderer/engine/device-keys.ts", () => ({ queryDeviceKeys: vi.fn(async () => undefined) }));

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

function create(devices: Record<string, FakeDevice> = { PHONE: { signed: true, name: " Kim's phone " } }) {
  const requests: FakeRequest[] = [];
  const make = (): FakeRequest => {
    const request = new FakeRequest();
    requests.push(request);
    return request;
  };
  const requesting = vi.fn(async (made: typeof make) => made());
  const client = fakeClient(devices, { requestOwnUserVerification: () => requesting(make) });
  const verification = new Verification(client as never, () => undefined);
  verification.listen();
  const ask = async (changes: Partial<FakeRequest> = {}): Promise<FakeRequest> => {
    const request = Object.assign(new FakeRequest(), changes);
    client.emit(CryptoEvent.VerificationRequestReceived, request);
    await settle();
    return request;
  };
  const begin = async (): Promise<FakeRequest> => {
    await verification.start();
    const request = requests.at(-1);
    if (!request) throw new Error("nobody was asked");
    return request;
  };
  const comparing = async (): Promise<FakeRequest> => {
    const request = await begin();
    request.become(Phase.Ready);
    await settle();
    request.sas.show();
    return request;
  };
  return { client, verification, requests, requesting, ask, begin, comparing, view: () => verification.view };
}

const nothing = { code: "nothing-to-verify" };

describe("asking other devices", () => {
  test("needs one that is verified", async () => {
    const { verification, view } = create({
      PHONE: { signed: false },
      STORED: { signed: true, dehydrated: true },
      FERRY: { signed: true },
    });
    await expect(verification.start()).rejects.toMatchObject({ code: "no-other-device" });
    expect(view()).toBeNull();
  });

  test("waits, names the device that answers, compares, waits again, and is done", async () => {
    const { verification, begin, view } = create();
    const request = await begin();
    expect(view()).toEqual({ state: "waiting", device: null, emoji: [], reason: null });
    request.become(Phase.Ready);
    await settle();
    expect(view()).toMatchObject({ state: "waiting", device: "Kim's phone" });
    expect(request.startVerification).toHaveBeenCalledExactlyOnceWith("m.sas.v1");
    request.sas.show();
    expect(view()).toMatchObject({ state: "comparing", emoji: SEVEN.map(([symbol, name]) => ({ symbol, name })) });
    await verification.confirm(true);
    expect(request.sas.callbacks.confirm).toHaveBeenCalledOnce();
    expect(view()).toMatchObject({ state: "waiting", emoji: [] });
    request.become(Phase.Done);
    expect(view()).toEqual({ state: "done", device: "Kim's phone", emoji: [], reason: null });
    await verification.cancel();
    expect(view()).toBeNull();
    expect(request.cancel).not.toHaveBeenCalled();
  });

  test("twice at once asks once; again later gives the first one up", async () => {
    const { verification, requests, view } = create();
    await Promise.all([verification.start(), verification.start()]);
    expect(requests).toHaveLength(1);
    await verification.start();
    expect(requests[0]?.cancel).toHaveBeenCalledOnce();
    expect(view()).toMatchObject({ state: "waiting", reason: null });
    expect(requests).toHaveLength(2);
  });

  test("takes part where the other device has begun", async () => {
    const { begin, view } = create();
    const request = await begin();
    request.verifier = request.sas;
    request.become(Phase.Started);
    request.become(Phase.Started);
    await settle();
    expect(request.sas.verify).toHaveBeenCalledOnce();
    expect(request.startVerification).not.toHaveBeenCalled();
    request.sas.show();
    expect(view()?.state).toBe("comparing");
  });
});

describe("giving up what is only being started", () => {
  test("while the homeserver is asked for the devices", async () => {
    const { verification, requests, view } = create();
    let answer: () => void = () => undefined;
    vi.mocked(queryDeviceKeys).mockReturnValueOnce(new Promise((resolve) => (answer = resolve)));
    const starting = verification.start();
    await verification.cancel();
    answer();
    await starting;
    expect([requests, view()]).toEqual([[], null]);
    await verification.start();
    expect(view()?.state).toBe("waiting");
  });

  test("while the request goes out; starting again asks anew", async () => {
    const { verification, requests, requesting, view } = create();
    let sent: () => void = () => undefined;
    requesting.mockImplementationOnce(async (make) => {
      await new Promise<void>((resolve) => (sent = resolve));
      return make();
    });
    const first = verification.start();
    await settle();
    await verification.cancel();
    const second = verification.start();
    sent();
    await Promise.all([first, second]);
    expect(requests.map(({ pending }) => pending).sort()).toEqual([false, true]);
    expect(view()?.state).toBe("waiting");
  });
});

describe("being asked", () => {
  test("while a comparison is under way changes nothing of it", async () => {
    const { comparing, ask, view, verification } = create();
    const request = await comparing();
    const other = await ask();
    expect(other.cancel).toHaveBeenCalledOnce();
    expect(view()?.state).toBe("comparing");
    await verification.confirm(true);
    expect(request.sas.callbacks.confirm).toHaveBeenCalledOnce();
  });

  test("waits for the user, who accepts", async () => {
    const { ask, verification, view } = create();
    const request = await ask();
    expect(view()).toEqual({ state: "asked", device: "Kim's phone", emoji: [], reason: null });
    expect(request.accept).not.toHaveBeenCalled();
    await verification.accept();
    await settle();
    expect(view()).toMatchObject({ state: "waiting", device: "Kim's phone" });
    expect(request.startVerification).toHaveBeenCalledOnce();
    await expect(verification.accept()).rejects.toMatchObject(nothing);
  });

  test("or declines", async () => {
    const { ask, verification, view } = create();
    const request = await ask();
    await verification.cancel();
    expect(request.cancel).toHaveBeenCalledOnce();
    expect(view()).toBeNull();
  });

  test("is still being asked where the answer did not go out", async () => {
    const { ask, verification, view } = create();
    const request = await ask();
    request.accept.mockRejectedValue(new TypeError("no network"));
    await expect(verification.accept()).rejects.toMatchObject({ code: "internal" });
    expect(view()?.state).toBe("asked");
  });

  test("by somebody else is nothing", async () => {
    const { ask, view } = create();
    await ask({ isSelfVerification: false });
    expect(view()).toBeNull();
  });

  test.each([
    ["  ", "PHONE"],
    ["📱".repeat(500), "📱".repeat(100)],
  ])("a device that calls itself %j is called something that can be shown", async (name, shown) => {
    const { ask, view } = create({ PHONE: { signed: true, name } });
    await ask();
    expect(view()?.device).toBe(shown);
  });
});

describe("what ends it", () => {
  test.each([
    ["m.user", "declined"],
    ["m.timeout", "in time"],
    ["m.accepted", "another of your devices"],
    ["m.unknown_method", "cannot compare"],
    ["m.mismatched_sas", "not the same"],
    ["m.key_mismatch", "not the same"],
    ["m.something.new", "broken off"],
    [null, "broken off"],
  ])("%s is said in words", async (cancellationCode, words) => {
    const { comparing, view } = create();
    Object.assign(await comparing(), { cancellationCode }).become(Phase.Cancelled);
    expect(view()).toMatchObject({ state: "cancelled", emoji: [], device: "Kim's phone" });
    expect(view()?.reason).toContain(words);
    expect(view()?.reason).toMatch(/^[A-Z].*\.$/);
  });

  test("emoji that differ are told to the other side; nothing is confirmed any more", async () => {
    const { comparing, verification } = create();
    const request = await comparing();
    await verification.confirm(false);
    expect(request.sas.callbacks.mismatch).toHaveBeenCalledOnce();
    expect(request.sas.callbacks.confirm).not.toHaveBeenCalled();
    request.become(Phase.Cancelled);
    await expect(verification.confirm(true)).rejects.toMatchObject(nothing);
  });

  test("a device that cannot compare, or that is as unverified as this one, is refused", async () => {
    const incapable = create();
    const request = await incapable.begin();
    request.otherPartySupportsMethod.mockReturnValue(false);
    request.become(Phase.Ready);
    await settle();
    expect(incapable.view()).toMatchObject({ state: "cancelled" });
    expect(incapable.view()?.reason).toContain("cannot compare");
    expect(request.cancel).toHaveBeenCalledOnce();

    const strange = create({ PHONE: { signed: false }, FERRY: { signed: false } });
    const asked = await strange.ask();
    await strange.verification.accept();
    await settle();
    expect(strange.view()?.reason).toContain("not verified itself");
    expect(asked.startVerification).not.toHaveBeenCalled();
  });

  test("a new device is helped by this one, where this one is verified", async () => {
    const { ask, verification } = create({ PHONE: { signed: false }, FERRY: { signed: true } });
    const request = await ask();
    await verification.accept();
    await settle();
    expect(request.startVerification).toHaveBeenCalledOnce();
  });

  test("a failure on the way is said, and the other side does not wait in vain", async () => {
    const { begin, view } = create();
    const request = await begin();
    request.startVerification.mockRejectedValue(new Error("wasm: unreachable"));
    request.become(Phase.Ready);
    await settle();
    expect(view()).toMatchObject({ state: "cancelled", reason: "It was broken off. Try again." });
    expect(request.cancel).toHaveBeenCalledOnce();
  });

  test("two devices that ask at once are told so", async () => {
    const { begin, ask, view } = create();
    const request = await begin();
    Object.assign(request, { cancellationCode: "m.user" }).become(Phase.Cancelled);
    await ask({ phase: Phase.Cancelled });
    expect(view()?.reason).toContain("at the same time");
  });

  test("what becomes of a request that was given up changes nothing", async () => {
    const { begin, verification, view } = create();
    const request = await begin();
    await verification.cancel();
    request.become(Phase.Done);
    request.sas.show();
    expect(view()).toBeNull();
    await expect(verification.confirm(true)).rejects.toMatchObject(nothing);
  });
});
