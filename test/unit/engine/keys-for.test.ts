import { describe, expect, test, vi } from "vitest";
import { encryptEvent, setKeysFor } from "../../../renderer/engine/keys-for.ts";
import { DEVICE, fakeClient } from "./trust-support.ts";

function create(isVerified: boolean) {
  let mode = "AllDevicesIsolationMode";
  const seen: string[] = [];
  const client = fakeClient(
    { [DEVICE]: { signed: isVerified } },
    {
      setDeviceIsolationMode: (next: object) => void (mode = next.constructor.name),
      encryptEvent: vi.fn(async () => {
        seen.push(mode);
        await Promise.resolve();
        if (seen.length === 3) throw new Error("no keys");
      }),
    },
  );
  const encrypt = () => encryptEvent(client as never, {} as never, {} as never);
  return { client: client as never, encrypt, seen, mode: () => mode };
}

describe("who gets the keys", () => {
  test("all devices, unless the user wants it otherwise, and from the next message on", async () => {
    const { client, encrypt, seen } = create(true);
    await encrypt();
    setKeysFor(client, "verified");
    await encrypt();
    setKeysFor(client, "all");
    await expect(encrypt()).rejects.toThrow("no keys");
    expect(seen).toEqual(["AllDevicesIsolationMode", "OnlySignedDevicesIsolationMode", "AllDevicesIsolationMode"]);
  });

  test("for reading nobody is left out, not even while something is being encrypted", async () => {
    const { client, encrypt, seen, mode } = create(true);
    setKeysFor(client, "verified");
    const encrypting = encrypt();
    await vi.waitFor(() => expect(seen).toHaveLength(1));
    expect(mode()).toBe("AllDevicesIsolationMode");
    await encrypting;
  });

  test("an unverified device sends nothing to verified ones: they would not take it", async () => {
    const { client, encrypt, seen } = create(false);
    setKeysFor(client, "verified");
    await expect(encrypt()).rejects.toMatchObject({ code: "encryption-failed" });
    expect(seen).toEqual([]);
    setKeysFor(client, "all");
    await encrypt();
    expect(seen).toHaveLength(1);
  });
});
