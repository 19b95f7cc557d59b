import { writeWords, type Kind } from "./kind.ts";

/** The kinds of text that stay what they are. */
const TEXTS: readonly unknown[] = ["m.text", "m.notice", "m.emote"];

/** Kinds of `m.room.message` and types of event that are between two devices or two people, and end with them. */
const NEVER =
  /^(?:m|org\.matrix|io\.element)\.(?:key\.verification|call|rtc)(?:\.|$)|^org\.matrix\.msc\d+\.(?:call|rtc)(?:\.|$)/;

/** Types that are copied in ways of their own, or cannot be read; a body in one of them is nobody's message. */
const NO_MESSAGES = ["m.reaction", "m.room.redaction", "m.room.encrypted"];

/** Whether an event is part of a verification or a call: nobody elsewhere could take part in it. */
export function isCallOrVerification(type: string, msgtype: unknown): boolean {
  if (type === "m.room.message") return typeof msgtype === "string" && NEVER.test(msgtype);
  return NEVER.test(type);
}

/** Text, notices and emotes; and of every other kind of message what its sender has put there to be read instead. */
export const text: Kind = (type, content, { words }) => {
  const { msgtype, body } = content;
  if (typeof body !== "string" || isCallOrVerification(type, msgtype)) return null;
  if (NO_MESSAGES.includes(type)) return null;
  const isText = type === "m.room.message" && TEXTS.includes(msgtype);
  if (!isText && body.trim() === "") return null;
  return {
    type: "m.room.message",
    message: words(content),
    write: (message) => ({ msgtype: isText ? (msgtype as string) : "m.text", ...writeWords(message) }),
    files: [],
    isText: true,
  };
};
