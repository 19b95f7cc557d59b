import { isObject } from "../../main/matrix/event.ts";
import { PER_MESSAGE_PROFILE } from "../../main/matrix/unstable.ts";
import type { SeenMessage } from "../support/person.ts";
import type { Side } from "./stage.ts";

const COLUMN = 54;

/** Both rooms beside each other, each as its person's own client decrypts and shows it. */
export async function sideBySide(left: Side, right: Side): Promise<string> {
  const columns = await Promise.all([column(left), column(right)]);
  const height = Math.max(...columns.map((lines) => lines.length));
  const rows = Array.from({ length: height }, (_, row) =>
    columns
      .map((lines) => pad(lines[row] ?? ""))
      .join(" │ ")
      .trimEnd(),
  );
  return rows.join("\n");
}

async function column({ room, name, person }: Side): Promise<string[]> {
  const joined = person.client.getRoom(room)?.getJoinedMembers() ?? [];
  const members = new Map(joined.map((member) => [member.userId, member.name]));
  const messages = await person.timeline(room);
  const byId = new Map(messages.map((message) => [message.eventId, message]));
  const nameOf = (userId: string): string => members.get(userId) ?? userId;
  const lines = messages.flatMap((message) => describe(message, byId, nameOf).flatMap((line) => wrap(line)));
  const viewer = nameOf(person.userId);
  return [`${name}, as ${viewer} sees it`, "─".repeat(COLUMN), ...lines];
}

/** As a client shows it that knows per-message profiles: the profile's name, and the fallback left out. */
function describe(
  message: SeenMessage,
  byId: ReadonlyMap<string, SeenMessage>,
  nameOf: (userId: string) => string,
): string[] {
  const { author, text } = authorAndText(message, nameOf);
  const target = message.replyTo === null ? undefined : byId.get(message.replyTo);
  const quoted = target && authorAndText(target, nameOf);
  return [
    ...(quoted ? [`  ┌ ${quoted.author}: ${short(quoted.text)}`] : []),
    `${author}: ${text}${message.edited ? " (edited)" : ""}`,
    ...message.reactions.map(({ key, sender }) => `  ${key} ${nameOf(sender)}`),
  ];
}

/** The beginning of what is replied to, as clients show it. */
function short(text: string): string {
  const [line = "", ...rest] = text.split("\n");
  return line.length <= COLUMN && rest.length === 0 ? line : `${line.slice(0, COLUMN)}…`;
}

function authorAndText(message: SeenMessage, nameOf: (userId: string) => string): { author: string; text: string } {
  const account = nameOf(message.sender);
  if (message.redacted) return { author: account, text: "(removed)" };
  if (message.undecryptable) return { author: account, text: "(cannot be decrypted)" };
  const profile = message.content[PER_MESSAGE_PROFILE];
  const person = isObject(profile) ? profile["displayname"] : undefined;
  if (typeof person !== "string") return { author: account, text: message.body };
  const fallback = `${person}: `;
  const text = message.body.startsWith(fallback) ? message.body.slice(fallback.length) : message.body;
  return { author: `${person} (through ${account})`, text };
}

function wrap(text: string): string[] {
  const indent = /^ */.exec(text)?.[0] ?? "";
  const lines: string[] = [];
  let line = "";
  for (const word of text.trim().split(/\s+/)) {
    const longer = line === "" ? indent + word : `${line} ${word}`;
    if (line !== "" && longer.length > COLUMN) {
      lines.push(line);
      line = `${indent}  ${word}`;
    } else line = longer;
  }
  return [...lines, line];
}

function pad(text: string): string {
  // An emoji takes two columns of a terminal.
  const width = [...text].reduce((sum, letter) => sum + (/\p{Extended_Pictographic}/u.test(letter) ? 2 : 1), 0);
  return text + " ".repeat(Math.max(0, COLUMN - width));
}
