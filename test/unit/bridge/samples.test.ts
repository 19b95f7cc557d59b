import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { FileFailure } from "../../../main/matrix/codes.ts";
import type { JsonObject, SourceEvent } from "../../../main/matrix/event.ts";
import type { EventId, RoomId, UserId } from "../../../main/matrix/ids.ts";
import { describe } from "../../../main/bridge/describe.ts";
import { unsupported } from "../../../main/bridge/kinds/all.ts";
import { mentionedUsers } from "../../../main/bridge/mentions.ts";
import { readPoll } from "../../../main/bridge/poll.ts";
import { replacedEvent } from "../../../main/bridge/route.ts";
import { withoutFile } from "../../../main/bridge/stand-in.ts";
import { countElsewhere, countVotes, elsewhereText, endText, type Vote } from "../../../main/bridge/tally.ts";
import type { Language } from "../../../main/bridge/texts/texts.ts";
import {
  copyEdit,
  copyMessage,
  copyReaction,
  isMirrored,
  lateEdit,
  placeholder,
  type Content,
  type CopyContext,
} from "../../../main/bridge/transform.ts";

/**
 * One folder a case: `input.json` says what to call with what, `expected.json` what comes out. `event` and `context`
 * name only what the case is about; the rest is as below.
 */
interface Sample {
  call:
    | "copyMessage"
    | "copyEdit"
    | "lateEdit"
    | "placeholder"
    | "copyReaction"
    | "describe"
    | "isMirrored"
    | "mentionedUsers"
    /** What a message comes to whose file cannot be had, by copyMessage or, of an edit, by copyEdit. */
    | "withoutFile"
    /** Why it is not copied. */
    | "unsupported"
    | "tally";
  event: Partial<SourceEvent> & { content: JsonObject };
  context?: Partial<Omit<CopyContext, "mentionable">> & { mentionable?: UserId[] };
  key?: string;
  failure?: FileFailure;
  /** Of a poll's votes, here and elsewhere; `event` is the poll. */
  votes?: Vote[];
}

const folder = join(import.meta.dirname, "../../samples");
const target = "$copy" as EventId;
const marker: JsonObject = { "org.matrix.msc2923.origin": { version: 1 } };

function eventOf(sample: Sample): SourceEvent {
  return {
    roomId: "!source:one.test" as RoomId,
    eventId: "$event" as EventId,
    sender: "@ana:one.test" as UserId,
    senderName: "Ana",
    type: "m.room.message",
    originServerTs: 1_700_000_000_000,
    encrypted: true,
    roomEncrypted: true,
    ...sample.event,
  };
}

function contextOf(sample: Sample): CopyContext {
  return {
    account: "@me:one.test" as UserId,
    relation: { kind: "none" },
    marker,
    allowRoomMention: false,
    mayAttach: true,
    avatar: null,
    naming: { template: "name", room: "Kitchen" },
    language: "en",
    ...sample.context,
    mentionable: new Set(sample.context?.mentionable ?? []),
  };
}

function run(sample: Sample): unknown {
  const event = eventOf(sample);
  const context = contextOf(sample);
  switch (sample.call) {
    case "copyMessage":
      return copyMessage(event, context);
    case "copyEdit":
      return copyEdit(event, target, context);
    case "lateEdit":
      return lateEdit(event, target, context);
    case "placeholder":
      return placeholder(event, context);
    case "copyReaction":
      return copyReaction(sample.key ?? "", target, context.marker);
    case "describe":
      return describe(event, context.language);
    case "isMirrored":
      return isMirrored(event);
    case "mentionedUsers":
      return mentionedUsers(event);
    case "withoutFile":
      return copyWithoutFile(event, context, sample.failure ?? "file-missing");
    case "unsupported":
      return unsupported(event);
    case "tally":
      return tally(event, sample.votes ?? [], context.language);
  }
}

function copyWithoutFile(event: SourceEvent, context: CopyContext, failure: FileFailure): Content {
  const told = withoutFile(event, { failure, room: "Kitchen", language: context.language });
  const without = { ...context, mayAttach: false };
  return replacedEvent(event) === null ? copyMessage(told, without) : copyEdit(told, target, without);
}

/** What is told in the room of a poll before its end, and at it. */
function tally({ type, content, roomId }: SourceEvent, votes: Vote[], language: Language): unknown {
  const poll = readPoll(type, content);
  if (poll === null) throw new Error("the sample's event is no poll");
  return {
    elsewhere: elsewhereText(poll, countElsewhere(poll, votes, roomId), language),
    end: endText(poll, countVotes(poll, votes), language),
  };
}

const cases = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());

test.each(cases.map((entry) => entry.name))("sample %s", (name) => {
  const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, name, file), "utf8"));
  expect(run(read("input.json") as Sample)).toEqual(read("expected.json"));
});
