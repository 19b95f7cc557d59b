import { describe, expect, it, vi } from "vitest";
import { FerryError } from "../../main/matrix/errors.ts";
import type { StatusView, Verification } from "../../main/protocol/control.ts";
import { parse, setUpCli, world } from "../support/cli-world.ts";
import { fakeHandlers, fakeSecurity, fakeStatus } from "../support/fake-control.ts";

const { ferry, running } = setUpCli();

const EMOJI = ["Dog", "Cat", "Lion", "Horse", "Unicorn", "Pig", "Elephant"].map((name) => ({ symbol: "🐶", name }));

function stands(state: Verification["state"], changes: Partial<Verification> = {}): Verification {
  return { state, device: "Kim's phone", emoji: state === "comparing" ? EMOJI : [], reason: null, ...changes };
}

/** A status that goes on by one with each look; the last one stays. */
function going(...views: (Verification | null)[]): () => Promise<StatusView> {
  let look = 0;
  return async () => fakeStatus({ verification: views[Math.min(look++, views.length - 1)] ?? null });
}

describe("ferry security", () => {
  it("says how far this device is trusted", async () => {
    const view = fakeSecurity({ verified: false, backup: "not-connected", otherDevices: 2, deviceName: "Fe\u202erry" });
    await running({ security: async () => view });
    const { status, out } = await ferry(["security"]);
    expect(status).toBe(0);
    expect(out).toContain("ferry verify");
    expect(out).toContain("2 devices");
    expect(out).toContain("which this device cannot use");
    expect(out).not.toContain("\u202e");
    expect(parse((await ferry(["security", "--json"])).out)).toMatchObject({ verified: false, other_devices: 2 });
  });
});

describe("ferry verify", () => {
  it("takes the recovery key from standard input, or asks for it unseen", async () => {
    const verifyRecovery = vi.fn(fakeHandlers().verifyRecovery);
    await running({ verifyRecovery });
    const { status, out } = await ferry(["verify"], world({}, {}, ["EsTx A1b2"]));
    expect(status).toBe(0);
    expect(out).toMatch(/^Verified +yes$/m);
    expect(verifyRecovery).toHaveBeenLastCalledWith({ secret: "EsTx A1b2" });
    await ferry(["verify"], world({ interactive: true }, {}, [" my passphrase "]));
    expect(verifyRecovery).toHaveBeenLastCalledWith({ secret: " my passphrase " });
  });

  it("asks nobody where there is nothing to ask with", async () => {
    const verifyRecovery = vi.fn(fakeHandlers().verifyRecovery);
    await running({ verifyRecovery });
    expect((await ferry(["verify"])).status).toBe(2);
    expect(verifyRecovery).not.toHaveBeenCalled();
  });

  it("opens a Ferry where none runs", async () => {
    const stop = vi.fn(async () => undefined);
    const verifyRecovery = vi.fn(fakeHandlers().verifyRecovery);
    const surroundings = world({}, { stop, handlers: fakeHandlers({ verifyRecovery }) }, ["key"]);
    expect((await ferry(["verify", "--secrets", "plain-file"], surroundings)).status).toBe(0);
    expect(verifyRecovery).toHaveBeenCalledOnce();
    expect(stop).toHaveBeenCalledOnce();
  });

  it("says what is wrong", async () => {
    const verifyRecovery = () => Promise.reject(new FerryError("wrong-recovery-key", "That is not it."));
    await running({ verifyRecovery });
    expect(await ferry(["verify"], world({}, {}, ["key"]))).toMatchObject({ status: 1, error: "That is not it." });
  });
});

describe("ferry verify --emoji", () => {
  const words = ["verify", "--emoji"];
  const asking = (answer: boolean, askYesOrNo = vi.fn(async () => answer)) => {
    return { askYesOrNo, surroundings: world({ interactive: true, askYesOrNo }) };
  };

  it("asks the other devices, shows the emoji and says what the user says of them", async () => {
    const [verifyStart, verifyConfirm] = [vi.fn(async () => ({})), vi.fn(async () => ({}))];
    const status = going(
      null,
      stands("waiting"),
      stands("waiting"),
      stands("comparing"),
      stands("waiting"),
      stands("done"),
    );
    await running({ status, verifyStart, verifyConfirm });
    const { surroundings, askYesOrNo } = asking(true);
    const { status: ended, out } = await ferry(words, surroundings);
    expect(ended).toBe(0);
    expect(verifyStart).toHaveBeenCalledOnce();
    expect(askYesOrNo).toHaveBeenCalledOnce();
    expect(verifyConfirm).toHaveBeenCalledExactlyOnceWith({ matches: true });
    for (const { name } of EMOJI) expect(out).toContain(name);
    expect(out).toContain("Kim's phone");
    expect(out).toMatch(/^Verified +yes$/m);
  });

  it("takes up what another device has asked", async () => {
    const [verifyStart, verifyAccept] = [vi.fn(async () => ({})), vi.fn(async () => ({}))];
    await running({ status: going(stands("asked"), stands("asked"), stands("done")), verifyStart, verifyAccept });
    expect((await ferry(words, asking(true).surroundings)).status).toBe(0);
    expect(verifyAccept).toHaveBeenCalledOnce();
    expect(verifyStart).not.toHaveBeenCalled();
  });

  it("says why it was broken off, also while it asked", async () => {
    const reason = "The emoji were not the same.";
    const verifyConfirm = vi.fn(async () => ({}));
    await running({
      status: going(null, stands("comparing"), stands("comparing"), stands("cancelled", { reason })),
      verifyConfirm,
    });
    const { status, error } = await ferry(words, asking(false).surroundings);
    expect({ status, error }).toEqual({ status: 1, error: reason });
    expect(verifyConfirm).toHaveBeenCalledExactlyOnceWith({ matches: false });
  });

  it("says so where it lapsed while the user was looking", async () => {
    const verifyConfirm = () => Promise.reject(new FerryError("nothing-to-verify", "Nobody waits."));
    const late = stands("cancelled", { reason: "Nobody answered in time." });
    await running({ status: going(null, stands("comparing"), stands("comparing"), late), verifyConfirm });
    expect((await ferry(words, asking(true).surroundings)).error).toBe("Nobody answered in time.");
  });

  it("needs a terminal", async () => {
    await running();
    expect((await ferry(words)).status).toBe(2);
    expect((await ferry([...words, "--json"], asking(true).surroundings)).status).toBe(2);
  });
});
