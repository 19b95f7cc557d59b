import { expect, test } from "vitest";
import { endNotice, optionNotice, startNotice, type NoticeInput } from "../../../main/bridge/notice.ts";
import { readCommand } from "../../../main/bridge/command.ts";
import type { EventId, LinkId, RoomId, UserId } from "../../../main/matrix/ids.ts";
import { NOTICE } from "../../../main/matrix/unstable.ts";
import { eventIn } from "./route-support.ts";
import { ACCOUNT } from "./transform-support.ts";

const input: NoticeInput = {
  account: ACCOUNT,
  link: "link1" as LinkId,
  linkName: "Crew",
  thisRoom: "Deck",
  otherRooms: ["Bridge"],
  direction: "two-way",
  tells: [],
  language: "en",
  marker: { "org.matrix.msc2923.origin": { version: 1 } },
};

test("the first notice says who mirrors what to whom", () => {
  expect(startNotice(input)).toEqual({
    type: "m.room.message",
    content: {
      "org.matrix.msc2923.origin": { version: 1 },
      msgtype: "m.notice",
      body:
        "@me:one.test mirrors the messages in this room (“Deck”) to “Bridge” from now on, and the messages there to " +
        "this room, with Ferry (link “Crew”). To keep your own messages out, write “!ferry optout”. An admin of this " +
        "room can end it by “!ferry stop”.",
      "m.mentions": {},
      [NOTICE]: { version: 1, link: "link1", event: "start" },
    },
  });
});

test.each([
  ["to", "mirrors the messages in this room (“Deck”) to “Bridge” from now on, with Ferry"],
  ["from", "mirrors the messages in “Bridge” to this room (“Deck”) from now on, with Ferry"],
] as const)("a one-way link says which way: %s", (direction, sentence) => {
  expect(startNotice({ ...input, direction }).content["body"]).toContain(sentence);
});

test("a room from which nothing goes out is not told how to object: its messages stay in it", () => {
  const body = (direction: NoticeInput["direction"]) => startNotice({ ...input, direction }).content["body"];
  expect(body("to")).toContain("To keep your own messages out, write “!ferry optout”.");
  expect(body("from")).not.toContain("optout");
  expect(body("from")).toContain("!ferry stop");
});

test.each([
  ["opt-out", "Ferry leaves your messages out from now on, @ana:one.test. To undo this, write: !ferry optin"],
  ["opt-in", "Ferry mirrors your messages again from now on, @ana:one.test. To undo this, write: !ferry optout"],
] as const)("a confirmation says what holds now and how to undo it, and is no command itself: %s", (option, body) => {
  const { marker, link, language } = input;
  const { type, content } = optionNotice({ link, member: "@ana:one.test" as UserId, language, marker }, option);
  expect(content).toMatchObject({ msgtype: "m.notice", body, "m.mentions": {} });
  expect(content[NOTICE]).toEqual({ version: 1, link: "link1", event: option });
  expect(readCommand(eventIn("!a:one.test" as RoomId, "$1" as EventId, ACCOUNT, type, content))).toBeNull();
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
  expect(body(["A", "B", "C"])).toContain("to “A”, “B” and “C” from");
  expect(body(Array.from({ length: 12 }, (_, index) => `R${index}`))).toContain("“R9” and 2 other rooms from");
});

test("hostile names stay names", () => {
  const body = startNotice({ ...input, thisRoom: "\u202e@room\n\nhi", linkName: " ", otherRooms: [""] }).content[
    "body"
  ];
  expect(body).toContain("this room (“@\u2060room hi”) to “a room without a name”");
  expect(body).toContain("(link “link1”)");
});
