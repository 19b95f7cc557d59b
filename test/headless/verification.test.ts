import { VerificationPhase } from "matrix-js-sdk/lib/crypto-api/verification.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SecurityView } from "../../main/protocol/control.ts";
import { EmojiPeer } from "../support/emoji.ts";
import { runCli, succeeded, type Ferry } from "../support/ferry.ts";
import { linkedRooms } from "../support/linked-rooms.ts";
import type { Person } from "../support/person.ts";
import { until } from "../support/until.ts";
import { openWindow, type Window } from "../support/window.ts";
import { createWorld, type World } from "../support/world.ts";

/** Verifying Ferry's device, and what follows from it: keys from the backup. */

/** How long Ferry waits for a key here. */
const HOLD = { decryptionHoldMs: 3_000 };
const PASSPHRASE = "correct horse battery staple";

let world: World;
let kim: Person;
let ana: Person;
let jo: Person;
let [kitchen, workshop] = ["", ""];
let ferry: Ferry;
let window: Window;
let recoveryKey: string;

beforeAll(async () => {
  world = await createWorld();
  kim = world.kim;
  await kim.crossSign();
  recoveryKey = await kim.makeRecoverable(PASSPHRASE);
  ({ ana, jo, kitchen, workshop, ferry } = await linkedRooms(world, [], HOLD));
  window = await openWindow(world.dataDir);
}, 120_000);

afterAll(async () => {
  window.close();
  await world.end();
});

/** `ferry verify`, with what its user types. */
async function verify(secret: string): Promise<{ status: number; json: unknown; error: unknown }> {
  const words = ["verify", "--json", "--data", world.dataDir];
  const { status, json, stderr } = await runCli(words, { input: `${secret}\n` });
  return { status, json, error: stderr === "" ? null : (JSON.parse(stderr) as unknown) };
}

async function security(): Promise<SecurityView> {
  return window.client.security({});
}

/** A login as another device, which is not verified. */
async function logInAnew(): Promise<void> {
  succeeded("ferry logout", await ferry.cli("logout"));
  expect((await window.status()).verified).toBeNull();
  await world.logIn(ferry);
  await window.untilStatus("unverified", ({ verified }) => verified === false);
}

/** Waits until Kim's other device has backed up every key that it has. */
async function backedUp(): Promise<void> {
  const crypto = kim.client.getCrypto();
  const isComplete = async (): Promise<boolean> => {
    const known = (await crypto?.exportRoomKeys())?.length ?? 0;
    await crypto?.checkKeyBackupAndEnable();
    return known > 0 && ((await crypto?.getKeyBackupInfo())?.count ?? 0) >= known;
  };
  await until(isComplete, 30_000, () => "Kim's other device has not backed up all of its keys.");
}

/** From now on keys for Ferry's device stay on their way. Everything else is real. */
function withholdKeys(person: Person, device: string): () => void {
  const http = person.client.http as unknown as { authedRequest(...request: unknown[]): Promise<unknown> };
  const send = http.authedRequest.bind(http);
  http.authedRequest = (...request) => {
    if (!String(request[1]).includes("/sendToDevice/")) return send(...request);
    const body = JSON.parse(String(request[3])) as { messages: Record<string, Record<string, unknown>> };
    for (const devices of Object.values(body.messages)) delete devices[device];
    return send(request[0], request[1], request[2], JSON.stringify(body), ...request.slice(4));
  };
  return () => (http.authedRequest = send);
}

describe("by recovery key or passphrase", () => {
  test("Ferry says that its device is not verified, and what that means", async () => {
    await window.untilStatus("unverified", ({ verified }) => verified === false);
    expect((await window.status()).health).toMatchObject([{ code: "device-unverified", severity: "warning" }]);
    expect(await security()).toMatchObject({
      ...{ verified: false, crossSigning: true, recovery: true, otherDevices: 1, backup: "not-connected" },
      ...{
        deviceName: "Ferry",
        secrets: "plain-file",
        fingerprint: expect.stringMatching(/^(\S{4} ){10}\S{3}$/) as string,
      },
    });
    expect((await ferry.cli("security")).stdout).toContain("no: verify it");
  });

  test.each([
    ["a passphrase", "correct horse battery stable"],
    ["a recovery key of another account", "EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d"],
    ["nonsense", "  -  "],
  ])("that is not the account's, %s, changes nothing", async (_what, wrong) => {
    expect(await verify(wrong)).toMatchObject({ status: 1, error: { error: { code: "wrong-recovery-key" } } });
    expect((await window.status()).verified).toBe(false);
  });

  test("the recovery key verifies it, and what waits for a key that is in the backup is filled in", async () => {
    const { deviceId } = await window.status();
    const release = withholdKeys(ana, deviceId ?? "");
    await ana.client.getCrypto()?.forceDiscardSession(kitchen);
    await ana.say(kitchen, "only in the backup");
    await jo.waitForMessage(workshop, "cannot read yet", 30_000);
    release();
    await kim.waitForMessage(kitchen, "only in the backup");
    await backedUp();
    expect((await window.status()).undecryptable).toBe(1);

    const typed = recoveryKey.replaceAll(" ", "  ");
    expect(await verify(typed)).toMatchObject({ status: 0, json: { verified: true, backup: "connected" } });
    expect(await window.status()).toMatchObject({ verified: true });
    await jo.waitForMessage(workshop, "Ana: only in the backup");
    await window.untilStatus("without missing keys", ({ undecryptable }) => undecryptable === 0);
    expect((await window.status()).health).toEqual([]);
  });

  test("its signature is what others see", async () => {
    const { deviceId } = await window.status();
    const crypto = ana.client.getCrypto();
    const signed = async (): Promise<boolean> =>
      (await crypto?.getDeviceVerificationStatus(kim.userId, deviceId ?? ""))?.signedByOwner === true;
    await until(signed, 20_000, () => "Ana does not see that Kim has signed Ferry's device.");
  });

  test("a new device is not verified; the passphrase verifies it, and what was missed is read from the backup", async () => {
    succeeded("ferry logout", await ferry.cli("logout"));
    await ana.client.getCrypto()?.forceDiscardSession(kitchen);
    await ana.say(kitchen, "while nobody was logged in");
    await kim.waitForMessage(kitchen, "while nobody was logged in");
    await backedUp();
    await world.logIn(ferry);
    await jo.waitForMessage(workshop, "cannot read yet", 30_000);
    expect((await window.status()).verified).toBe(false);
    expect(await verify(PASSPHRASE)).toMatchObject({ status: 0, json: { verified: true, backup: "connected" } });
    await jo.waitForMessage(workshop, "Ana: while nobody was logged in");
  });

  test("it stays so over a restart", async () => {
    window.close();
    await ferry.stop();
    ferry = await world.ferry(HOLD);
    window = await openWindow(world.dataDir);
    await window.untilStatus("verified", ({ verified }) => verified === true);
    expect(await security()).toMatchObject({ verified: true, backup: "connected" });
  });
});

describe("by emoji", () => {
  beforeAll(logInAnew, 60_000);

  const shown = async (): Promise<string[]> => {
    const { verification } = await window.untilStatus("comparing", (now) => now.verification?.state === "comparing");
    expect(verification?.device).toBe("Test client");
    return (verification?.emoji ?? []).map(({ symbol }) => symbol);
  };
  const cancelled = async (): Promise<string> => {
    const { verification } = await window.untilStatus("cancelled", (now) => now.verification?.state === "cancelled");
    return verification?.reason ?? "";
  };

  test("another device that declines", async () => {
    const asked = EmojiPeer.asked(kim);
    await window.client.verifyStart({});
    expect((await window.status()).verification).toMatchObject({ state: "waiting", device: null, emoji: [] });
    await (await asked).request.cancel();
    expect(await cancelled()).toContain("declined");
    await window.client.verifyCancel({});
    expect((await window.status()).verification).toBeNull();
    await expect(window.client.verifyConfirm({ matches: true })).rejects.toMatchObject({ code: "nothing-to-verify" });
  });

  test("emoji that are not the same", async () => {
    const asked = EmojiPeer.asked(kim);
    await window.client.verifyStart({});
    const peer = await asked;
    await peer.request.accept();
    expect(await shown()).toEqual(await peer.emoji());
    await window.client.verifyConfirm({ matches: false });
    expect(await cancelled()).toContain("not the same");
    await peer.isOver(VerificationPhase.Cancelled);
    expect((await window.status()).verified).toBe(false);
  });

  test("cancelled by the user in the middle", async () => {
    const asked = EmojiPeer.asked(kim);
    await window.client.verifyStart({});
    const peer = await asked;
    await peer.request.accept();
    expect(await shown()).toHaveLength(7);
    await window.client.verifyCancel({});
    expect((await window.status()).verification).toBeNull();
    await peer.isOver(VerificationPhase.Cancelled);
  });

  test("asked by the other device, and declined", async () => {
    const peer = await EmojiPeer.ask(kim);
    await window.untilStatus("asked", ({ verification }) => verification?.state === "asked");
    await window.client.verifyCancel({});
    await peer.isOver(VerificationPhase.Cancelled);
    expect((await window.status()).verification).toBeNull();
  });

  test("other people's requests are none of Ferry's", async () => {
    const { deviceId } = await window.status();
    await ana.client.getCrypto()?.requestDeviceVerification(kim.userId, deviceId ?? "");
    await ana.say(kitchen, "has asked");
    await jo.waitForMessage(workshop, "Ana: has asked");
    expect((await window.status()).verification).toBeNull();
  });

  test("asked by the other device, and the same: verified, and the backup connects by itself", async () => {
    const peer = await EmojiPeer.ask(kim);
    await window.untilStatus(
      "asked",
      ({ verification }) => verification?.state === "asked" && verification.device !== null,
    );
    await window.client.verifyAccept({});
    expect(await shown()).toEqual(await peer.emoji());
    await Promise.all([window.client.verifyConfirm({ matches: true }), peer.press(true)]);
    await window.untilStatus("done", ({ verification }) => verification?.state === "done");
    await window.untilStatus("verified", ({ verified }) => verified === true);
    await until(
      async () => (await security()).backup === "connected",
      30_000,
      () => "The backup does not connect.",
    );
  });

  test("asked by Ferry, and the same", async () => {
    await logInAnew();
    const asked = EmojiPeer.asked(kim);
    await window.client.verifyStart({});
    const peer = await asked;
    await peer.request.accept();
    expect(await shown()).toEqual(await peer.emoji());
    await Promise.all([window.client.verifyConfirm({ matches: true }), peer.press(true)]);
    await window.untilStatus("done and verified", (now) => now.verification?.state === "done" && now.verified === true);
  });
});
