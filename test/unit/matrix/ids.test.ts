import { describe, expect, test } from "vitest";
import * as ids from "../../../main/matrix/ids.ts";

const LONG = "x".repeat(254);

describe("identifiers", () => {
  test.each<[string, (value: unknown) => boolean, string[], unknown[]]>([
    [
      "room id",
      ids.isRoomId,
      ["!abc:one.test", "!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM"],
      ["#a:one.test", "!", "!a b:c", `!${LONG}x`],
    ],
    ["room alias", ids.isRoomAlias, ["#room:one.test", "#räume:one.test"], ["#room", "!a:b", "#a\n:b"]],
    [
      "event id",
      ids.isEventId,
      ["$abc", "$abc:one.test", "$Rqnc-F-dvnEYJTyHq_iKxU2bZ1CI92-kuZq3a5lr5Zg"],
      ["abc", "$", "$a\0b", "$\ud800"],
    ],
    [
      "user id",
      ids.isUserId,
      ["@ana:one.test", "@:one.test", "@a/b=c:[::1]:8448"],
      ["@ana", "ana:one.test", "@a b:c", "@\udfff:c"],
    ],
    ["device id", ids.isDeviceId, ["ABC", "a device"], ["", "x".repeat(256)]],
    ["transaction id", ids.isTransactionId, ["ferry.Ab_-", "1"], ["", "a/b", "a b", "ä", "x".repeat(256)]],
    ["link id", ids.isLinkId, ["abc_-9"], ["", "a.b", "x".repeat(65)]],
  ])("%s", (_name, is, right, wrong) => {
    for (const value of right) expect(is(value), String(value)).toBe(true);
    for (const value of [...wrong, null, undefined, 7, {}, ["!a:b"]])
      expect(is(value), JSON.stringify(value)).toBe(false);
  });

  test("the length counts in bytes, as homeservers count", () => {
    expect(ids.isRoomId(`!${"ä".repeat(127)}`)).toBe(true);
    expect(ids.isRoomId(`!${"ä".repeat(128)}`)).toBe(false);
  });

  test("a localpart ends at the first colon", () => {
    expect(ids.localpart("@ana:one.test:8448" as ids.UserId)).toBe("ana");
    expect(ids.localpart("@:one.test" as ids.UserId)).toBe("");
  });
});
