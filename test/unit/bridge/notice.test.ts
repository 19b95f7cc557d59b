import { expect, test } from "vitest";
import { endNotice, startNotice, type NoticeInput } from "../../../main/bridge/notice.ts";
import type { LinkId } from "../../../main/matrix/ids.ts";
import { NOTICE } from "../../../main/matrix/unstable.ts";
import { ACCOUNT } from "./transform-support.ts";

const input: NoticeInput = {
  account: ACCOUNT,
  link: "link1" as LinkId,
  linkName: "Crew",
  thisRoom: "Deck",
  otherRooms: ["Bridge"],
  direction: "two-way",
  marker: { "org.matrix.msc2923.origin": { version: 1 } },
};

test("the first notice says who mirrors what to whom", () => {
  expect(startNotice(input)).toEqual({
    type: "m.room.message",
    content: {
      "org.matrix.msc2923.origin": { version: 1 },
      msgtype: "m.notice",
      body:
        "Messages in this room (“Deck”) are mirrored to “Bridge” from now on, and messages there are mirrored here. " +
        "@me:one.test carries them with Ferry (link “Crew”).",
      "m.mentions": {},
      [NOTICE]: { version: 1, link: "link1", event: "start" },
    },
  });
});

test.each([
  ["to", "Messages in this room (“Deck”) are mirrored to “Bridge” from now on."],
  ["from", "Messages in “Bridge” are mirrored to this room (“Deck”) from now on."],
] as const)("a one-way link says which way: %s", (direction, sentence) => {
  expect(startNotice({ ...input, direction }).content["body"]).toContain(sentence);
});

test("the last notice says that it is over", () => {
  const { content } = endNotice(input);
  expect(content["body"]).toBe(
    "Messages in this room (“Deck”) are no longer mirrored to “Bridge”, nor messages there to here. " +
      "@me:one.test carried them with Ferry (link “Crew”).",
  );
  expect(content[NOTICE]).toEqual({ version: 1, link: "link1", event: "end" });
});

test("several rooms are named, very many are counted", () => {
  const body = (otherRooms: string[]) => startNotice({ ...input, direction: "to", otherRooms }).content["body"];
  expect(body(["A", "B", "C"])).toContain("mirrored to “A”, “B” and “C” from");
  expect(body(Array.from({ length: 12 }, (_, index) => `R${index}`))).toContain("“R9” and 2 other rooms from");
});

test("hostile names stay names", () => {
  const body = startNotice({ ...input, thisRoom: "\u202e@room\n\nhi", linkName: " ", otherRooms: [""] }).content[
    "body"
  ];
  expect(body).toContain("this room (“@\u2060room hi”) are mirrored to “a room without a name”");
  expect(body).toContain("(link “link1”)");
});
