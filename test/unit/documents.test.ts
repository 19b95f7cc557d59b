import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { termsHash, type Link } from "../../main/bridge/link.ts";
import { startNotice } from "../../main/bridge/notice.ts";
import { roomHash, transactionIdOf, writeBareOrigin, writeOrigin } from "../../main/bridge/origin.ts";
import type { Poll } from "../../main/bridge/poll.ts";
import { answerContent, writeProposal, type ProposalContent } from "../../main/bridge/proposal.ts";
import { elsewhereText, votesLine } from "../../main/bridge/tally.ts";
import { copyEdit, copyMessage, copyReaction, type CopyContext } from "../../main/bridge/transform.ts";
import type { JsonObject, SourceEvent } from "../../main/matrix/event.ts";
import type { EventId, LinkId, RoomId, UserId } from "../../main/matrix/ids.ts";
import * as unstable from "../../main/matrix/unstable.ts";
import type { controlRequests } from "../../main/protocol/control.ts";
import { connectionContent } from "../../main/service/connection.ts";
import { namesOfUnion, valuesOfField } from "../support/source.ts";

/** The documents say what the code does: no code, name, command, file or example is missing or made up. */

const ROOT = join(import.meta.dirname, "..", "..");
const PAGES = [
  ...["README.md", "CONTRIBUTING.md", "CHANGELOG.md"],
  ...["docs", "docs/decisions"].flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => name.endsWith(".md"))
      .map((name) => `${folder}/${name}`),
  ),
];

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

/** The codes in the first column of the table below a heading of the page. */
function codesBelow(heading: string): string[] {
  const section =
    read("docs/errors.md")
      .split(/^## /m)
      .find((part) => part.startsWith(`${heading}\n`)) ?? "";
  return [...section.matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1] ?? "");
}

describe("docs/errors.md names every code, and no other", () => {
  test.each([
    ["Failures", namesOfUnion("main/matrix/errors.ts", "FailureCode")],
    ["What is left out", namesOfUnion("main/matrix/codes.ts", "SkipReason")],
    ["Conditions", valuesOfField("main/service/health.ts", "code")],
  ])("%s", (heading, codes) => {
    expect(codes.length).toBeGreaterThan(5);
    expect(codesBelow(heading).toSorted()).toEqual(codes.toSorted());
  });
});

/** The command for each control method; null where only programs ask. A new method has to be decided on here. */
const COMMANDS: Record<keyof typeof controlRequests, string | null> = {
  status: "ferry status",
  loginPassword: "ferry login",
  loginToken: "ferry login",
  logout: "ferry logout",
  rooms: "ferry rooms",
  linkPlan: "ferry link add",
  linkAdd: "ferry link add",
  linkPropose: "ferry link propose",
  linkApprove: "ferry link approve",
  linkWithdraw: "ferry link withdraw",
  proposals: "ferry proposals",
  proposalApprove: "ferry link approve",
  proposalDecline: "ferry link decline",
  settings: "ferry settings",
  settingsChange: "ferry settings",
  linkList: "ferry link list",
  linkShow: "ferry link show",
  linkPause: "ferry link pause",
  linkResume: "ferry link resume",
  linkRemove: "ferry link remove",
  outbox: "ferry outbox",
  outboxRetry: "ferry outbox retry",
  outboxDismiss: "ferry outbox dismiss",
  doctor: "ferry doctor",
  idle: null,
  memory: null,
  wake: null,
  loginMethods: null,
  loginBrowser: null,
  loginBrowserEnd: null,
  loginBrowserCancel: null,
  deleteData: "ferry delete-data",
  security: "ferry security",
  verifyRecovery: "ferry verify",
  verifyStart: "ferry verify",
  verifyAccept: "ferry verify",
  verifyConfirm: "ferry verify",
  verifyCancel: null,
  securitySetUp: null,
  recoveryKeyWritten: null,
  diagnosticsSave: "ferry diagnostics",
  linksExport: "ferry link export",
  roomAvatar: null,
  memberNames: null,
  linkRename: "ferry link rename",
  linkSet: "ferry link set",
  linkMessages: null,
  pauseAll: "ferry pause",
  resumeAll: "ferry resume",
  quit: "ferry stop",
};

test.each(Object.entries(COMMANDS))("docs/command.md has a heading for the control method %s", (_method, command) => {
  const headings = read("docs/command.md").match(/^### .*$/gm) ?? [];
  if (command !== null) expect(headings.filter((line) => line.includes(`\`${command}`))).not.toEqual([]);
});

test.each(Object.values(unstable))("docs/protocol.md explains %s", (name) => {
  expect(read("docs/protocol.md")).toContain(`\`${name}\``);
});

describe("what the pages name exists", () => {
  test.each(PAGES)("%s", (page) => {
    const text = read(page);
    const named = [...text.matchAll(/`((?:main|renderer|test|docs|\.ci)\/[\w./-]+)`/g)].map((match) => match[1] ?? "");
    const linked = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map((match) =>
      join(dirname(page), match[1] ?? ""),
    );
    expect([...named, ...linked].filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

const KIM = "@kim:example.org" as UserId;
const ANA = "@ana:example.org" as UserId;
const KITCHEN = "!kitchen:example.org" as RoomId;
const WORKSHOP = "!workshop:example.org" as RoomId;
const LINK = {
  id: "TfS-X5AAWase" as LinkId,
  name: "House",
  direction: "two-way",
  tells: [] as Link["tells"],
  termsHash: termsHash({ rooms: [KITCHEN, WORKSHOP], direction: "two-way", carrier: KIM, tells: [] }),
  rooms: [
    { roomId: KITCHEN, name: "Kitchen", suspended: null },
    { roomId: WORKSHOP, name: "Workshop", suspended: null },
  ],
} as Link;

const PROPOSED: ProposalContent = {
  ...{ link: LINK.id, linkName: LINK.name, code: "K7QF2MXA", terms: LINK.termsHash, carrier: KIM },
  ...{ direction: "two-way", peers: ["Kitchen"], tells: [], expiresTs: Date.UTC(2026, 11, 8) },
  gains: ["3 people who are not in “Workshop”, and whoever its admins invite"],
};

function written(eventId: string, content: JsonObject): SourceEvent {
  return {
    ...{ roomId: KITCHEN, eventId: eventId as EventId, sender: ANA, senderName: "Ana", type: "m.room.message" },
    ...{ originServerTs: 0, content, encrypted: true, roomEncrypted: true },
  };
}

function contextOf({ eventId }: SourceEvent, kind: string): CopyContext {
  const transaction = transactionIdOf(eventId, WORKSHOP, kind);
  const ends = { sender: ANA, carrier: KIM, room: roomHash(WORKSHOP) };
  return {
    account: KIM,
    mentionable: new Set(["@jo:example.org" as UserId]),
    relation: { kind: "none" },
    marker: writeOrigin({ transaction, link: LINK.id, sourceEvent: eventId, ...ends }),
    allowRoomMention: false,
    mayAttach: true,
    avatar: null,
    naming: { template: "name", room: "Kitchen" },
    language: "en",
  };
}

function examples(): unknown[] {
  const mentions = { user_ids: ["@jo:example.org"] };
  const bread = written("$bread", { msgtype: "m.text", body: "Jo: bread is ready", "m.mentions": mentions });
  const burnt = written("$burnt", {
    "m.new_content": { msgtype: "m.text", body: "bread is burnt" },
    "m.relates_to": { rel_type: "m.replace", event_id: "$bread" },
  });
  const copy = "$copy" as EventId;
  const marker = writeBareOrigin(transactionIdOf(`start:${LINK.id}`, WORKSHOP, "notice"));
  const asked = writeBareOrigin(transactionIdOf(`propose:${PROPOSED.code}`, WORKSHOP, "notice"));
  const names = { linkName: LINK.name, thisRoom: "Workshop", otherRooms: ["Kitchen"] };
  return [
    copyMessage(bread, contextOf(bread, "copy")),
    copyReaction("👍", copy, writeBareOrigin(transactionIdOf("$thumb", WORKSHOP, "reaction"))),
    copyEdit(burnt, copy, contextOf(burnt, "edit")),
    startNotice({ account: KIM, link: LINK.id, ...names, direction: "two-way", tells: [], language: "en", marker }),
    votesExample(copy),
    connectionContent(LINK, WORKSHOP, KIM, "active"),
    writeProposal(PROPOSED, {
      ...{ thisRoom: "Workshop", approvers: ["@jo:example.org" as UserId] },
      ...{ day: "2026-12-08", language: "en", marker: asked },
    }),
    answerContent(PROPOSED, "$proposal" as EventId, "approved"),
  ];
}

function votesExample(poll: EventId): unknown {
  const [soup, stew] = [
    { id: "1", text: "Soup" },
    { id: "2", text: "Stew" },
  ];
  const asked: Poll = {
    ...{ form: "unstable", question: "", disclosed: true, maxSelections: 1, answers: [soup, stew] },
  };
  const count = {
    people: 3,
    byAnswer: new Map([
      ["1", 2],
      ["2", 1],
    ]),
  };
  const marker = writeBareOrigin(transactionIdOf("$vote", WORKSHOP, "votes"));
  return votesLine({ link: LINK.id, poll, line: null, body: elsewhereText(asked, count, "en"), marker });
}

test("the question in docs/consent.md is what Ferry asks", () => {
  const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim();
  const shown = [...read("docs/consent.md").matchAll(/^>(.*)$/gm)].map((match) => match[1] ?? "").join("\n");
  const gains = ["14 people who are not in “Workshop”", "whoever the admins of “Kitchen” invite"];
  const said = { thisRoom: "Workshop", approvers: [], day: "2026-12-08", language: "en", marker: {} } as const;
  const body = writeProposal({ ...PROPOSED, gains }, said).content["body"];
  const parts = shown.split("…").map(oneLine);
  expect(parts).toHaveLength(2);
  for (const part of parts) expect(oneLine(body as string)).toContain(part);
});

test("the examples in docs/protocol.md are what the code writes", () => {
  const shown = [...read("docs/protocol.md").matchAll(/^```json\n([\s\S]*?)^```$/gm)];
  expect(shown.map((match) => JSON.parse(match[1] ?? "") as unknown)).toEqual(examples());
});
