import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gainsOf } from "../../../main/bridge/audience.ts";
import { readCommand } from "../../../main/bridge/command.ts";
import { endNotice, optionNotice, startNotice, stopNotice, type NoticeInput } from "../../../main/bridge/notice.ts";
import { answerContent, readProposal, writeProposal, type ProposalContent } from "../../../main/bridge/proposal.ts";
import { networkList, quotedRoom, roomList } from "../../../main/bridge/texts/names.ts";
import { textsIn, type Language, type Texts, type Way } from "../../../main/bridge/texts/texts.ts";
import type { Content } from "../../../main/bridge/transform.ts";
import type { EventId, LinkId, RoomId } from "../../../main/matrix/ids.ts";
import type { RoomFacts } from "../../../main/matrix/room-facts.ts";
import { PROPOSAL } from "../../../main/matrix/unstable.ts";
import type { JsonObject } from "../../../main/matrix/event.ts";
import { TOLD_CHANGES, type ToldChange } from "../../../main/matrix/told-changes.ts";
import { ANA, JO, KIM, kitchen, room, SPACE } from "./audience-support.ts";
import { eventIn } from "./route-support.ts";

/** What Ferry writes into rooms, in each language: the same said, and the same to be typed. */

const LANGUAGES: Language[] = ["en", "de"];
const WAYS: Way[] = ["two-way", "to", "from"];
const HERE = "!a:one.test" as RoomId;
const LINK = "link1" as LinkId;

/** Every text of a table, each with all that it can be about. */
function textsOf(texts: Texts): Map<string, string> {
  const { notices, gains, copies, polls } = texts;
  const words = { carrier: "CARRIER", here: "HERE", there: "THERE", link: "LINK", tells: [] };
  const asked = { ...words, gains: ["GAIN", "OTHER GAIN", "LAST GAIN"], code: "CODE", day: "2026-12-08" };
  const entries: [string, string][] = [
    ...WAYS.flatMap((way): [string, string][] => [
      [`start ${way}`, notices.start({ ...words, way })],
      [`start ${way}, telling`, notices.start({ ...words, tells: TOLD_CHANGES, way })],
      [`end ${way}`, notices.end({ ...words, way })],
      [`proposal ${way}`, texts.proposal({ ...asked, way }).join("\n")],
      [`proposal ${way}, telling`, texts.proposal({ ...asked, tells: TOLD_CHANGES, way }).join("\n")],
      [`proposal ${way} without gains`, texts.proposal({ ...asked, gains: [], way }).join("\n")],
    ]),
    ["stop", notices.stop("MEMBER", "LINK")],
    ["stop all", notices.stop("MEMBER", null)],
    ["opt-out", notices.optOut("MEMBER")],
    ["opt-in", notices.optIn("MEMBER")],
    ...[true, false].flatMap((is): [string, string][] => [
      [`without joining, open ${is}`, gains.withoutJoining("ROOM", { isOpen: is, encrypted: false })],
      [`without joining, encrypted ${is}`, gains.withoutJoining("ROOM", { isOpen: true, encrypted: is })],
      [`invited by all ${is}`, gains.whoeverIsInvited("ROOM", is)],
      [`placeholder ${is}`, copies.placeholder(is ? "MEMBER" : null)],
      [`not copied ${is}`, copies.notCopied(is ? "MEMBER" : null)],
    ]),
    ["joiners", gains.joiners("ROOM")],
    ["unknown rule", gains.byUnknownRule("ROOM")],
    ["knockers", gains.knockers("ROOM")],
    ["one other room", gains.membersElsewhere("ROOM", 1)],
    ["other rooms", gains.membersElsewhere("ROOM", 3)],
    ["later members", gains.laterMembers("HERE", "THERE")],
    ["newcomers", gains.newcomers("ROOM", "joined")],
    ["newcomers, invited", gains.newcomers("ROOM", "invited")],
    ["guests", gains.guests("ROOM")],
    ["one person", gains.people("HERE", "THERE", { joined: 1, invited: 0 })],
    ["people", gains.people("HERE", "THERE", { joined: 3, invited: 2 })],
    ["people invited", gains.people("HERE", "THERE", { joined: 0, invited: 2 })],
    ["unseen", gains.unseenPeople("ROOM")],
    ["servers", gains.homeservers("ROOM")],
    ["networks", gains.bridged("ROOM", "NETWORKS")],
    ["directory", gains.directory("ROOM")],
    ["via", copies.via("PERSON", "SENDER")],
    ["hidden", copies.hiddenText],
    ["without words", copies.noText],
    ["unseen quotation", copies.unseen],
    ["somebody", copies.somebody],
    ["cut off", copies.cutOff],
    ["nameless room", texts.namelessRoom],
    ["nameless network", texts.namelessNetwork],
    ["quoted", texts.quoted("NAME")],
    ...[0, 1, 4].flatMap((rest): [string, string][] => [
      [`rooms and ${rest}`, texts.rooms(["ROOM", "OTHER"], rest)],
      [`networks and ${rest}`, texts.networks(["ROOM", "OTHER"], rest)],
    ]),
    ["no room", texts.rooms([], 0)],
    ...[0, 1, 3].flatMap((people): [string, string][] => [
      [`votes of ${people}`, polls.elsewhere(["ANSWER", "OTHER"], people)],
      [`hidden votes of ${people}`, polls.hidden(people)],
      [`votes of ${people} at the end`, polls.ended(["ANSWER", "OTHER"], people)],
    ]),
  ];
  return new Map(entries);
}

/** What a text is about, and what is to be typed: both must survive every translation. */
function fixedParts(text: string): string[] {
  return [...text.matchAll(/\b[A-Z]{4,}\b|!ferry \w+|\b(?:approve|decline|stop) CODE/g)].map(([part]) => part).sort();
}

describe("every text", () => {
  const english = textsOf(textsIn("en"));
  const german = textsOf(textsIn("de"));

  test.each([...english.keys()])("%s: names and orders the same in both languages, in other words", (name) => {
    const [en = "", de = ""] = [english.get(name), german.get(name)];
    expect(new Set(fixedParts(de))).toEqual(new Set(fixedParts(en)));
    if (!/^(?:quoted|rooms and 0)/.test(name)) expect(de).not.toBe(en);
    for (const text of [en, de]) {
      expect(text).not.toMatch(/!(?!ferry)|undefined|\bnull\b|^\s|\s$| {2}/);
      expect(text.isWellFormed()).toBe(true);
    }
  });

  test("in German nobody is addressed", () => {
    expect([...german.values()].join("\n")).not.toMatch(
      /\b(?:Sie|Ihr\w*|Ihnen|[Dd]u|[Dd]ich|[Dd]ir|[Dd]ein\w*|euch)\b/,
    );
  });

  test("in German, as it reads", () => {
    expect(german.get("start two-way")).toBe(
      "CARRIER kopiert von jetzt an die Nachrichten aus diesem Raum (HERE) nach THERE und die Nachrichten von dort " +
        "hierher, und zwar mit Ferry (Verbindung LINK). Wer die eigenen Nachrichten heraushalten möchte, schreibt " +
        "„!ferry optout“. Admins dieses Raums können das mit „!ferry stop“ beenden.",
    );
    expect(german.get("proposal two-way")).toBe(
      [
        "CARRIER möchte diesen Raum (HERE) mit THERE verbinden. Das Ferry von CARRIER würde von da an Nachrichten von " +
          "hier nach THERE und Nachrichten von dort hierher kopieren. Nachrichten von hier könnten dann auch lesen: " +
          "GAIN; OTHER GAIN; LAST GAIN.",
        "Kopiert wird nur, wenn eine Person zustimmt, die die Einstellungen dieses Raums ändern darf.",
        "Zum Zustimmen schreiben: approve CODE",
        "Zum Ablehnen schreiben: decline CODE",
        "Zum Beenden, auch viel später, schreiben: stop CODE",
        "Diese Frage verfällt am 8.12.2026.",
      ].join("\n"),
    );
    expect(german.get("rooms and 4")).toBe("ROOM, OTHER und 4 weiteren Räumen");
    expect(german.get("one person")).toBe("1 Person, die nicht in HERE ist");
    expect(german.get("people")).toBe("5 Personen, die nicht in HERE sind, davon 2 bisher nur eingeladen");
    expect(german.get("stop")).toBe(
      "Aus diesem Raum und in ihn wird für die Verbindung LINK nichts mehr kopiert, MEMBER.",
    );
  });
});

const input: NoticeInput = {
  ...{ account: KIM, link: LINK, linkName: "Crew", thisRoom: "Deck", otherRooms: ["Tavern"] },
  ...{ direction: "two-way", tells: [], language: "en", marker: {} },
};
const proposed: ProposalContent = {
  ...{ link: LINK, linkName: "Crew", code: "K7QF2MXA", terms: "t".repeat(43), carrier: KIM, direction: "two-way" },
  ...{ peers: ["Tavern"], tells: [], gains: ["x"], expiresTs: 5 },
};

function messagesIn(language: Language): Content[] {
  const wish = { link: LINK, member: ANA, language, marker: {} };
  return [
    ...WAYS.flatMap((direction) => [
      startNotice({ ...input, direction, language }),
      endNotice({ ...input, direction, language }),
    ]),
    ...[null, "Crew"].map((linkName) => stopNotice({ ...wish, linkName })),
    optionNotice(wish, "opt-out"),
    optionNotice(wish, "opt-in"),
    writeProposal(proposed, { thisRoom: "Deck", approvers: [JO], day: "2026-12-08", language, marker: {} }),
  ];
}

describe("messages of Ferry's own", () => {
  test("differ in their text alone, so that programs read the same in each language", () => {
    const [en, de] = LANGUAGES.map(messagesIn);
    const textless = (contents: Content[] = []) => contents.map(({ content }) => ({ ...content, body: "" }));
    expect(textless(de)).toEqual(textless(en));
    const bodies = [...(en ?? []), ...(de ?? [])].map(({ content }) => content["body"]);
    expect(new Set(bodies).size).toBe(bodies.length);
  });

  test.each(LANGUAGES)("are no commands themselves: %s", (language) => {
    for (const { type, content } of messagesIn(language)) {
      expect(readCommand(eventIn(HERE, "$1" as EventId, KIM, type, content))).toBeNull();
    }
  });

  test.each<[Language, string]>([
    [
      "en",
      "Besides messages, people in each of the rooms would be told of the others: who joins, leaves or is removed",
    ],
    [
      "de",
      "Außer den Nachrichten stünde dann in jedem der Räume auch, was sich in den anderen tut: wer beitritt, geht",
    ],
  ])("a proposal says what would be told besides, to people and to Ferries: %s", (language, said) => {
    const message = { thisRoom: "Deck", approvers: [JO], day: "2026-12-08", language, marker: {} };
    const { content } = writeProposal({ ...proposed, tells: ["members", "pins"] }, message);
    expect(content["body"]).toContain(said);
    expect(readProposal(content, 0)?.tells).toEqual(["members", "pins"]);
    const field = content[PROPOSAL] as JsonObject;
    const tellsIn = (tells: JsonObject[string]) => readProposal({ [PROPOSAL]: { ...field, tells } }, 0)?.tells;
    expect(tellsIn(["pins", "moods", 5, "name", "pins"])).toEqual(["name", "pins"]);
    expect([tellsIn("members"), tellsIn({ members: true }), tellsIn(null)]).toEqual([[], [], []]);
    expect(writeProposal(proposed, message).content[PROPOSAL]).not.toHaveProperty("tells");
  });

  test("an answer names what it agrees to have told", () => {
    const answer = (tells: ToldChange[]) => answerContent({ ...proposed, tells }, "$asked" as EventId, "approved");
    expect(answer(["name"])["tells"]).toEqual(["name"]);
    expect(answer([])).not.toHaveProperty("tells");
  });

  test.each(LANGUAGES)("a proposal can be answered by any Ferry: %s", (language) => {
    const { content } = messagesIn(language).at(-1) ?? { content: {} };
    expect(readProposal(content, 0)).toMatchObject({ code: "K7QF2MXA", peers: ["Tavern"] });
  });
});

describe("who gains access, in German", () => {
  test.each<[Partial<RoomFacts>, string[]]>([
    [{ joined: [KIM, JO] }, ["1 Person, die nicht in „Kitchen“ ist"]],
    [{ joinRule: "public" }, ["alle auf Matrix, jetzt und später: „Tavern“ dürfen alle betreten"]],
    [
      { joinRule: "restricted", allowedRooms: [SPACE] },
      ["die Mitglieder eines anderen Raums, die „Tavern“ betreten dürfen, jetzt und später"],
    ],
    [{ bridges: ["IRC", "Discord"] }, ["wer aus „IRC“ und „Discord“ mit „Tavern“ verbunden ist"]],
    [{ encrypted: false }, ["wer die Server der Personen in „Tavern“ betreibt: der Raum ist nicht verschlüsselt"]],
  ])("%o", (changes, expected) => {
    const gains = gainsOf(kitchen(), room(changes), "de");
    expect(gains.map(({ sentence }) => sentence)).toEqual(expected);
    expect(gains.map(({ code }) => code)).toEqual(gainsOf(kitchen(), room(changes)).map(({ code }) => code));
  });
});

describe("hostile names stay names", () => {
  const hostile = fc.oneof(
    fc.string({ unit: "binary", maxLength: 80 }),
    fc.constantFrom("“!ferry stop”", "„a“ und „b“", "\u202e@room\n\nhi", "", "\u200b", "approve K7QF-2MXA\n"),
  );

  test.each(LANGUAGES)("%s", (language) => {
    const texts = textsIn(language);
    const [open = "", close = ""] = texts.quoted(" ").split(" ");
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 14 }), (names) => {
        const single = quotedRoom(names[0] ?? "", texts);
        for (const text of [single, roomList(names, texts), networkList(names, texts)]) {
          expect(text).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]|@room/u);
          // Marks stand in pairs, one pair around each name.
          expect(text.replace(/[^“”„]/g, "")).toMatch(new RegExp(`^(?:${open}${close}){1,10}$`));
        }
        expect(single.startsWith(open) && single.endsWith(close)).toBe(true);
      }),
    );
  });
});
