import fc from "fast-check";
import { expect, test } from "vitest";
import { Fuzz, TIMEOUT_MS } from "./fuzz-check.ts";
import { anything, anyText, field, hostileContext, hostileEvent, object, surroundings } from "./fuzz-support.ts";
import { EFFORT } from "../../support/effort.ts";

const address = field(
  "mxc://one.test/abc",
  "mxc://one.test/../x",
  "mxc://one.test/a?b",
  "https://evil.test/x",
  "mxc://\ud800/x",
);
const SHA = "5UzTK9UGvbW8Vzw3pl6mFEZPRsjRkzq8v3dd1zZXz5E";
const file = object({
  url: address,
  v: field("v2", "v1", 2),
  iv: field("w+sE15fzSc0AAAAAAAAAAA", "short", "w+sE15fzSc0AAAAAAAAAAA==", "\ud800".repeat(22)),
  hashes: object({ sha256: field(SHA, `${SHA}=`, "x") }),
  key: object({
    ...{ kty: field("oct"), alg: field("A256CTR"), ext: field(true), key_ops: field(["decrypt"]) },
    k: field("aWF6-32KGYaC3A_FEUCk1Bt0JA37zP0wrStgmdCaW-0", "x"),
  }),
});
const measures = {
  mimetype: field("image/png", "text/html", "a/b;c", "x", "\ud800/x"),
  size: field(1234, 2 ** 53, 1e300),
  w: field(640, 0.5, 1e7),
  h: field(480, -1),
};
const info = object({
  ...measures,
  duration: field(1000, 12.3, 2 ** 60),
  thumbnail_url: address,
  thumbnail_file: file,
  thumbnail_info: object(measures),
  "xyz.amorgan.blurhash": field("LEHV6nWB2yk8pyo0adR*.7kCMdnj", "<script>"),
  is_animated: field(true, false),
  "org.matrix.msc4230.is_animated": field(true),
});
const place = field(
  "geo:51.5,-0.12;u=35",
  "geo:1,2,3;crs=wgs84",
  "geo:91,0",
  "geo:1,2;x=\ud800",
  "javascript:x()",
  "geo:1e3,2",
);
const media = {
  msgtype: field("m.image", "m.file", "m.audio", "m.video", "m.location"),
  body: fc.oneof({ weight: 9, arbitrary: anyText }, { weight: 1, arbitrary: anything }),
  filename: field("photo.jpg", "@room.txt", "a\u202egnp.exe", "x".repeat(1000), "\0"),
  format: field("org.matrix.custom.html"),
  formatted_body: field("<b>caption</b>", "<script>x()</script>"),
  url: address,
  file,
  info,
  "page.codeberg.everypizza.msc4193.spoiler": field(true, false),
  "page.codeberg.everypizza.msc4193.spoiler.reason": field("why", "\ud800", "x".repeat(3000)),
  geo_uri: place,
  "org.matrix.msc3488.location": object({
    uri: place,
    description: field("home", "@room", "x".repeat(2000)),
    zoom: field(1),
  }),
  "org.matrix.msc3488.asset": object({ type: field("m.self", "m.pin", "m.other") }),
  "org.matrix.msc3488.ts": field(1_700_000_000_000, 0.5, 2 ** 60),
  "org.matrix.msc1767.text": field("secret"),
  "org.matrix.msc3245.voice": field({}, { secret: 1 }),
  "org.matrix.msc1767.audio": object({
    duration: field(1000, 0.5),
    waveform: field(
      [0, 512, 1024],
      [0.5, -1, "x", null, 1e9],
      Array.from({ length: 3000 }, () => 7),
    ),
  }),
};

test(
  "files and places, whole and broken",
  () => {
    const fuzz = new Fuzz();
    const content = fc.record(
      { ...media, ...surroundings, "m.new_content": object(media) },
      { requiredKeys: ["msgtype", "body"] },
    );
    const types = ["m.room.message", "m.room.message", "m.sticker"];
    fuzz.run(2_500 * EFFORT, hostileEvent(content, types), hostileContext);
    expect(fuzz.events).toBeGreaterThanOrEqual(2_500 * EFFORT);
    expect(fuzz.average).toBeLessThan(50);
  },
  TIMEOUT_MS,
);
