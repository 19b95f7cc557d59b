import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { JsonObject, SourceEvent } from "../../../main/matrix/event.ts";
import type { EventId, RoomId, UserId } from "../../../main/matrix/ids.ts";
import { describe } from "../../../main/bridge/describe.ts";
import { mentionedUsers } from "../../../main/bridge/mentions.ts";
import {
  copyEdit,
  copyMessage,
  copyReaction,
  isMirrored,
  lateEdit,
  placeholder,
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
    | "mentionedUsers";
  event: Partial<SourceEvent> & { content: JsonObject };
  context?: Partial<Omit<CopyContext, "destinationMembers">> & { destinationMembers?: UserId[] };
  key?: string;
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
    destinationMembers: new Set(sample.context?.destinationMembers ?? []),
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
  }
}

const cases = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());

test.each(cases.map((entry) => entry.name))("sample %s", (name) => {
  const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, name, file), "utf8"));
  expect(run(read("input.json") as Sample)).toEqual(read("expected.json"));
});
