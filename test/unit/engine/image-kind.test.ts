import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { imageKind } from "../../../renderer/engine/image-kind.ts";

const bytes = (...parts: (string | number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === "string" ? [...Buffer.from(part, "latin1")] : part)));

const HEADS: [string, Uint8Array, unknown][] = [
  [
    "a PNG",
    readFileSync(join(import.meta.dirname, "../../../assets/tray/paused@2x.png")),
    { type: "image/png", width: 48, height: 48 },
  ],
  ["a GIF", bytes("GIF89a", [0x40, 0x01, 0xf0, 0x00]), { type: "image/gif", width: 320, height: 240 }],
  [
    "a WebP with loss",
    bytes("RIFF", [0, 0, 0, 0], "WEBPVP8 ", [0, 0, 0, 0, 0, 0, 0, 0x9d, 0x01, 0x2a], [0x40, 0x41, 0xf0, 0x00]),
    { type: "image/webp", width: 320, height: 240 },
  ],
  [
    "a WebP without loss",
    bytes("RIFF", [0, 0, 0, 0], "WEBPVP8L", [0, 0, 0, 0, 0x2f], [0x3f, 0xc1, 0x3b, 0x00]),
    { type: "image/webp", width: 320, height: 240 },
  ],
  [
    "an extended WebP",
    bytes("RIFF", [0, 0, 0, 0], "WEBPVP8X", [0, 0, 0, 0, 0, 0, 0, 0], [0x3f, 0x01, 0x00, 0xef, 0x00, 0x01]),
    { type: "image/webp", width: 320, height: 65_776 },
  ],
  [
    "a JPEG",
    bytes([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2], [0xff, 0xc4, 0, 3, 9], [0xff, 0xc2, 0, 11, 8, 0, 240, 1, 0x40, 3]),
    { type: "image/jpeg", width: 320, height: 240 },
  ],
];

describe("what an image is, by its first bytes", () => {
  test.each(HEADS)("%s", (_name, head, expected) => {
    expect(imageKind(head)).toEqual(expected);
  });

  test.each(HEADS)("%s that is cut off in its head is none", (_name, head) => {
    for (let length = 0; length < 10; length++) expect(imageKind(head.slice(0, length))).toBeNull();
  });

  test.each([
    ["SVG", bytes('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ["HTML", bytes("<!DOCTYPE html><script>")],
    ["BMP", bytes("BM", [0, 0, 0, 0], "padding to be long enough")],
    ["RIFF of another kind", bytes("RIFF", [0, 0, 0, 0], "WAVEfmt padding to be long enough")],
    ["a WebP of a kind to come", bytes("RIFF", [0, 0, 0, 0], "WEBPVP9X padding to be long enough")],
    ["a JPEG without a frame", bytes([0xff, 0xd8, 0xff, 0xe0, 0, 2, 0, 0, 0, 0])],
    ["nothing", bytes()],
  ])("%s is none", (_name, head) => {
    expect(imageKind(head)).toBeNull();
  });

  test("no bytes keep it busy or break it", () => {
    fc.assert(
      fc.property(fc.constantFrom(...HEADS), fc.uint8Array({ maxLength: 200 }), fc.nat(40), ([, head], noise, at) => {
        const kind = imageKind(Uint8Array.from([...head.slice(0, at), ...noise]));
        expect(kind === null || kind.width >= 0).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
