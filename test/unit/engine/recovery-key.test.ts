import { deriveRecoveryKeyFromPassphrase, encodeRecoveryKey } from "matrix-js-sdk/lib/crypto-api/index.js";
import { describe, expect, test } from "vitest";
import { toStorageKey } from "../../../renderer/engine/recovery-key.ts";

const KEY = Uint8Array.from({ length: 32 }, (_, index) => index * 7);
const WRITTEN = encodeRecoveryKey(KEY) ?? "";
const INFO = { algorithm: "m.pbkdf2", salt: "salt", iterations: 1_000 };
const wrong = { code: "wrong-recovery-key" };

describe("a recovery key", () => {
  test.each([
    ["as it is shown", WRITTEN],
    ["without spaces", WRITTEN.replaceAll(" ", "")],
    ["over several lines, with tabs", `\n${WRITTEN.replaceAll(" ", "\t\n ")} \r\n`],
  ])("is taken %s, whether there is a passphrase or not", async (_how, typed) => {
    expect(await toStorageKey(typed, INFO)).toEqual(KEY);
    expect(await toStorageKey(typed, undefined)).toEqual(KEY);
  });

  test("with a slip of the pen is a wrong one where there is no passphrase", async () => {
    const slipped = WRITTEN.replace(/.$/, (last) => (last === "A" ? "B" : "A"));
    for (const typed of [slipped, WRITTEN.slice(0, -1), "", "0OIl", "correct horse"]) {
      await expect(toStorageKey(typed, undefined)).rejects.toMatchObject(wrong);
    }
  });
});

describe("a passphrase", () => {
  test("is turned into the key as its description says, every character of it counting", async () => {
    const expected = await deriveRecoveryKeyFromPassphrase(" correct  horse ", "salt", 1_000);
    expect(await toStorageKey(" correct  horse ", INFO)).toEqual(expected);
    expect(await toStorageKey(" correct  horse ", { ...INFO, bits: 256 })).toEqual(expected);
    expect(await toStorageKey("correct horse", INFO)).not.toEqual(expected);
  });

  test.each<[string, unknown]>([
    ["of another kind", { ...INFO, algorithm: "m.argon2" }],
    ["without a salt", { ...INFO, salt: undefined }],
    ["of another length", { ...INFO, bits: 128 }],
    ["that would take for ever", { ...INFO, iterations: 1e12 }],
    ["that costs nothing", { ...INFO, iterations: 0 }],
    ["with half an iteration", { ...INFO, iterations: 1.5 }],
    ["that is no object", "m.pbkdf2"],
  ])("%s is none", async (_name, info) => {
    await expect(toStorageKey("correct horse", info)).rejects.toMatchObject(wrong);
  });
});
