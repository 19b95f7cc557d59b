import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli, succeeded, type Ferry } from "../support/ferry.ts";
import { linkedRooms } from "../support/linked-rooms.ts";
import { loginDevice, type Person } from "../support/person.ts";
import { until } from "../support/until.ts";
import { openWindow, type Window } from "../support/window.ts";
import { createWorld, type World } from "../support/world.ts";

/** Who gets keys, and securing an account that never was. */

let world: World;
let ana: Person;
let jo: Person;
let [kitchen, workshop] = ["", ""];
let ferry: Ferry;
let window: Window;
let recoveryKey: string;

beforeAll(async () => {
  world = await createWorld();
  await world.kim.crossSign();
  recoveryKey = await world.kim.makeRecoverable();
  ({ ana, jo, kitchen, workshop, ferry } = await linkedRooms(world));
  window = await openWindow(world.dataDir);
  await ana.crossSign();
  await jo.crossSign();
}, 120_000);

afterAll(async () => {
  window.close();
  await world.end();
});

describe("keys for verified devices only", () => {
  test("what an unverified Ferry would send waits, and goes once it is verified", async () => {
    await window.client.settingsChange({ keysFor: "verified" });
    await jo.say(workshop, "patience");
    const waits = async (): Promise<boolean> =>
      (await window.client.outbox({ failedOnly: false })).some(({ reason }) => reason?.includes("not verified itself"));
    await until(waits, 30_000, () => "Nothing waits for Ferry's device to be verified.");
    const input = `${recoveryKey}\n`;
    succeeded("ferry verify", await runCli(["verify", "--data", ferry.dataDir], { input }));
    await ana.waitForMessage(kitchen, "Jo: patience");
  });

  test("an unverified device gets no key, is read all the same, and gets keys again with “all”", async () => {
    await window.client.settingsChange({ keysFor: "all" });
    const phone = await loginDevice(world.synapse, ana.name);
    try {
      await jo.say(workshop, "for all one");
      await phone.waitForMessage(kitchen, "for all one");
      await window.client.settingsChange({ keysFor: "verified" });
      await jo.say(workshop, "for verified ones");
      const { eventId } = await ana.waitForMessage(kitchen, "for verified ones");
      const onPhone = await phone.waitForMessage(kitchen, (message) => message.eventId === eventId);
      await phone.say(kitchen, "from the phone");
      await jo.waitForMessage(workshop, "Ana: from the phone");
      await window.client.settingsChange({ keysFor: "all" });
      await jo.say(workshop, "for all two");
      await phone.waitForMessage(kitchen, "for all two");
      expect(onPhone.undecryptable).toBe(true);
      const now = (await phone.timeline(kitchen)).find((message) => message.eventId === eventId);
      expect(now?.undecryptable).toBe(true);
    } finally {
      await phone.stop();
    }
  });
});

test("an account that has nothing is secured, and never twice", { timeout: 180_000 }, async () => {
  const noa = await world.person("noa", "Noa");
  const hers = await world.ferryOf(noa);
  const control = await openWindow(hers.dataDir);
  try {
    expect(await control.client.security({})).toMatchObject({
      ...{ verified: false, crossSigning: false, recovery: false, backup: "missing", otherDevices: 0 },
    });
    await expect(control.client.verifyRecovery({ secret: "x" })).rejects.toMatchObject({ code: "no-recovery-key" });
    await expect(control.client.verifyStart({})).rejects.toMatchObject({ code: "no-other-device" });
    const lost = await control.client.securitySetUp({ password: noa.password });
    expect(await control.client.security({})).toMatchObject({
      ...{ verified: true, crossSigning: true, recovery: false, backup: "connected" },
    });
    expect((await control.status()).verified).toBe(true);
    // The window was closed before the key was written down.
    const made = await control.client.securitySetUp({ password: null });
    const { keyId } = lost;
    await expect(control.client.recoveryKeyWritten({ keyId })).rejects.toMatchObject({ code: "wrong-recovery-key" });
    await control.client.recoveryKeyWritten({ keyId: made.keyId });
    expect(await control.client.security({})).toMatchObject({ verified: true, recovery: true, backup: "connected" });
    const again = control.client.securitySetUp({ password: noa.password });
    await expect(again).rejects.toMatchObject({ code: "already-set-up" });

    succeeded("ferry logout", await hers.cli("logout"));
    await hers.login(world.synapse.url, noa.name, noa.password);
    const old = control.client.verifyRecovery({ secret: lost.recoveryKey });
    await expect(old).rejects.toMatchObject({ code: "wrong-recovery-key" });
    const view = await control.client.verifyRecovery({ secret: made.recoveryKey });
    expect(view).toMatchObject({ verified: true, backup: "connected" });
    await expect(control.client.securitySetUp({ password: null })).rejects.toMatchObject({ code: "already-set-up" });
  } finally {
    control.close();
  }
});
