import { describe, expect, test } from "vitest";
import type { Json } from "../../../main/matrix/event.ts";
import { isMxcUri, readFileReference, writeEncryptedFile } from "../../../main/matrix/media.ts";

const URL = "mxc://one.test/file" as const;
const ENCRYPTION = { key: "k".repeat(43), iv: "i".repeat(22), sha256: "h".repeat(43) };
const FILE = writeEncryptedFile(URL, ENCRYPTION);

describe("an address of the content repository", () => {
  test.each(["mxc://one.test/abc", "mxc://one.test:8448/A-b_9", "mxc://[::1]:8448/x", "mxc://127.0.0.1/x.y"])(
    "%s is one",
    (uri) => expect(isMxcUri(uri)).toBe(true),
  );

  test.each<unknown>([
    ...["mxc://one.test", "mxc://one.test/", "mxc:///x", "mxc://one.test/a/b", "mxc://one.test/..", "mxc://../x"],
    ...["mxc://./x", "mxc://one.test/a?b", "mxc://one.test/a#b", "mxc://one.test/%2e%2e", "https://one.test/x"],
    ...["mxc://one test/x", " mxc://one.test/x", "mxc://one.test/x\n", `mxc://one.test/${"x".repeat(300)}`, 7, null],
  ])("%j is none", (uri) => expect(isMxcUri(uri)).toBe(false));
});

describe("a file in a content", () => {
  test("lies in the clear, or is encrypted", () => {
    expect(readFileReference(URL, undefined)).toEqual({ url: URL, encryption: null });
    expect(readFileReference(undefined, FILE)).toEqual({ url: URL, encryption: ENCRYPTION });
  });

  test("with padding is the same", () => {
    const padded = { ...FILE, iv: `${ENCRYPTION.iv}==`, hashes: { sha256: `${ENCRYPTION.sha256}=` } };
    expect(readFileReference(undefined, padded)).toEqual({ url: URL, encryption: ENCRYPTION });
  });

  test.each<[string, Json]>([
    ["of another version", { ...FILE, v: "v1" }],
    ["with another cipher", { ...FILE, key: { kty: "oct", alg: "A256GCM", k: ENCRYPTION.key } }],
    ["without a key", { ...FILE, key: null }],
    ["with a short key", { ...FILE, key: { kty: "oct", alg: "A256CTR", k: "short" } }],
    ["without a hash", { ...FILE, hashes: {} }],
    ["with a short beginning", { ...FILE, iv: "AA" }],
    ["somewhere else", { ...FILE, url: "https://evil.test/x" }],
    ["that is a list", [FILE]],
    ["that is nothing", null],
  ])("%s is none, and what lies beside it in the clear is not taken for it", (_, file) => {
    expect(readFileReference(URL, file)).toBeNull();
  });
});
