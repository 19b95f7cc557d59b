import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  attribute,
  cleanName,
  prefixHtml,
  readProfile,
  stripProfileFallback,
  writeProfile,
  type Naming,
} from "../../../main/bridge/attribution.ts";
import { textsIn } from "../../../main/bridge/texts/texts.ts";
import { copyMessage } from "../../../main/bridge/transform.ts";
import type { UserId } from "../../../main/matrix/ids.ts";
import { ATTRIBUTIONS } from "../../../main/matrix/link-settings.ts";
import { PER_MESSAGE_PROFILE } from "../../../main/matrix/unstable.ts";
import { ACCOUNT, contextWith, eventWith } from "./transform-support.ts";

const ANA = "@ana:one.test" as UserId;
const ENGLISH = textsIn("en").copies;

describe("cleanName", () => {
  test.each([
    ["Ana", "Ana"],
    ["  Ana \r\n\t Maria ", "Ana Maria"],
    ["A\u200bn\u200da\u2060\ufeff", "Ana"],
    ["\u202eanA\u2066", "anA"],
    ["\ud800Ana\0", "Ana"],
    ["Ana \u200b Maria", "Ana Maria"],
    ["\u3164", ANA],
    ["\u0301\u0301", ANA],
    ["\ufe0f", ANA],
    ["", ANA],
    ["@room", "@\u2060room"],
    ["@ro\u200bom", "@\u2060room"],
    ["أنا", "أنا"],
    ["Ana 🚢", "Ana 🚢"],
  ])("makes of %j %j", (name, expected) => {
    expect(cleanName(name, ANA)).toBe(expected);
  });

  test("is one short visible line, whatever the name", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (name) => {
        const shown = cleanName(name, ANA);
        expect(Array.from(shown).length).toBeLessThanOrEqual(61); // 60, and the word joiner in "@room"
        expect(shown).toMatch(/[\p{L}\p{N}\p{P}\p{S}]/u);
        expect(shown.replaceAll("@\u2060room", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(shown).toBe(shown.trim());
      }),
    );
  });

  test("keeps a user id whole, so that no two are the same", () => {
    const long = `@${"a".repeat(100)}:one.test` as UserId;
    expect(cleanName(long, long)).toBe(long);
    expect(cleanName("", long)).toBe(long);
    expect(cleanName(`Ana (${long})`, long)).toBe(`Ana (${long})`);
    expect(cleanName(`Ana (${ANA}) and more`, ANA)).toBe(`Ana (${ANA}) and more`);
  });
});

const PLAIN: Naming = { template: "name", room: "Kitchen" };

describe("attribute", () => {
  const profile = { id: "dora", displayName: "Dora", hasFallback: true };

  test("names nobody for the user's own messages, unless they speak for somebody", () => {
    const event = eventWith({}, { sender: ACCOUNT, senderName: "Me" });
    expect(attribute(event, null, ACCOUNT, ENGLISH, PLAIN)).toBeNull();
    expect(attribute(event, { ...profile, displayName: null }, ACCOUNT, ENGLISH, PLAIN)).toBeNull();
    expect(attribute(event, profile, ACCOUNT, ENGLISH, PLAIN)?.name).toBe("Dora via Me");
  });

  test("always names the sender, so that a profile cannot pass for somebody else", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), fc.string(), (displayName, id) => {
        const attribution = attribute(eventWith({}), { id, displayName, hasFallback: true }, ACCOUNT, ENGLISH, PLAIN);
        expect(attribution?.name).toMatch(/(?:^| via )Ana$/);
        expect(attribution?.id).toSatisfy((whole: string) => whole === ANA || whole.startsWith(`${ANA}/`));
      }),
    );
  });

  test("shows an invisible profile as the sender", () => {
    expect(attribute(eventWith({}), { ...profile, displayName: "\u200b" }, ACCOUNT, ENGLISH, PLAIN)).toEqual({
      name: "Ana",
      id: ANA,
    });
  });
});

describe("the name in a copy", () => {
  const named = (template: Naming["template"], senderName: string, room = "Kitchen"): string | undefined =>
    attribute(eventWith({}, { senderName }), null, ACCOUNT, ENGLISH, { template, room })?.name;

  test("is the name alone, or with the room's, or with the Matrix ID", () => {
    expect(named("name", "Ana")).toBe("Ana");
    expect(named("name-room", "Ana")).toBe("Ana (Kitchen)");
    expect(named("name-id", "Ana")).toBe(`Ana (${ANA})`);
  });

  test("says an id once, and no room that has no name", () => {
    expect(named("name-id", `Ana (${ANA})`)).toBe(`Ana (${ANA})`);
    expect(named("name-id", "\u200b")).toBe(ANA);
    expect(named("name-room", "Ana", "\u202e")).toBe("Ana");
  });

  test("is that of whoever speaks for somebody, too", () => {
    const profile = { id: "dora", displayName: "Dora", hasFallback: true };
    const naming: Naming = { template: "name-id", room: "Kitchen" };
    expect(attribute(eventWith({}), profile, ACCOUNT, ENGLISH, naming)?.name).toBe(`Dora via Ana (${ANA})`);
  });

  test("is exactly what the profile says, whatever names there are: clients leave out just that", () => {
    const names = fc.string({ unit: "binary", maxLength: 80 });
    const templates = fc.constantFrom(...ATTRIBUTIONS);
    fc.assert(
      fc.property(names, names, templates, (senderName, room, template) => {
        const event = eventWith({ msgtype: "m.text", body: "hello" }, { senderName: senderName || "x" });
        const { content } = copyMessage(event, contextWith({ naming: { template, room } }));
        const profile = readProfile(content);
        expect(content["body"]).toBe(`${profile?.displayName}: hello`);
        expect(profile?.displayName).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]|@room/u);
        expect(stripProfileFallback(content["body"] as string, profile)).toBe("hello");
      }),
    );
  });
});

test("readProfile is tolerant, and knows the stable name", () => {
  expect(readProfile({})).toBeNull();
  expect(readProfile({ "com.beeper.per_message_profile": [] })).toBeNull();
  expect(readProfile({ "m.per_message_profile": { id: 7, displayname: "", has_fallback: "yes" } })).toEqual({
    id: "",
    displayName: null,
    hasFallback: false,
  });
});

test("stripProfileFallback takes away exactly what the profile announces", () => {
  const profile = { id: "d", displayName: "Dora", hasFallback: true };
  expect(stripProfileFallback("Dora: hi", profile)).toBe("hi");
  expect(stripProfileFallback("Dora hi", profile)).toBe("Dora hi");
  expect(stripProfileFallback("Dora: hi", { ...profile, hasFallback: false })).toBe("Dora: hi");
  expect(stripProfileFallback("Dora: hi", null)).toBe("Dora: hi");
  expect(stripProfileFallback("null: hi", { ...profile, displayName: null })).toBe("null: hi");
});

test("writeProfile names, and shows the picture where there is one", () => {
  const dora = { name: "Dora", id: "d" };
  const named = { id: "d", displayname: "Dora", has_fallback: true };
  expect(writeProfile(dora, null)).toEqual({ [PER_MESSAGE_PROFILE]: named });
  const picture = writeProfile(dora, { url: "mxc://one.test/dora", encryption: null });
  expect(picture).toEqual({ [PER_MESSAGE_PROFILE]: { ...named, avatar_url: "mxc://one.test/dora" } });
});

test("prefixHtml puts the name into a first paragraph, and before any other block", () => {
  const ana = { name: "A<b>", id: ANA };
  const name = "<strong data-mx-profile-fallback>A&lt;b&gt;: </strong>";
  expect(prefixHtml("<p>x</p>", ana)).toBe(`<p>${name}x</p>`);
  expect(prefixHtml("<pre>x</pre>", ana)).toBe(`${name}<pre>x</pre>`);
});
