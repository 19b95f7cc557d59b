import { isObject, type JsonObject, type SourceEvent } from "../matrix/event.ts";
import { isUserId, type UserId } from "../matrix/ids.ts";
import { cleanHtml } from "./html.ts";
import type { CopyContext } from "./transform.ts";

/** How many users one event may have looked up in the destination. */
const MAX_MENTIONS = 100;

/** How many bytes the ids of those whom a copy mentions may have together: an edit names them twice. */
const MAX_MENTION_BYTES = 8000;

const HTML_FORMAT = "org.matrix.custom.html";

/**
 * Every user that an event mentions in `m.mentions` or names by a link, at most 100: those whom the caller has to look
 * up in both rooms (and, for a reply to a copy, the original's author besides).
 */
export function mentionedUsers(event: SourceEvent): UserId[] {
  const replacement = event.content["m.new_content"];
  const contents = isObject(replacement) ? [event.content, replacement] : [event.content];
  const users = new Set<UserId>();
  for (const content of contents) for (const user of listedUsers(content)) users.add(user);
  for (const content of contents) for (const user of linkedUsers(content)) users.add(user);
  return [...users].slice(0, MAX_MENTIONS);
}

/**
 * Writes a copy's `m.mentions`: always an object, so that the push rules that look for names in the text do not apply
 * (specification, "User and room mentions").
 *
 * @param content of the source event, or its `m.new_content`
 * @param isRevision whether this is the outer content of an edit, where what is not listed is not meant
 */
export function copyMentions(
  content: JsonObject,
  event: SourceEvent,
  context: CopyContext,
  isRevision: boolean,
): JsonObject {
  const isListed = content["m.mentions"] !== undefined;
  // A client from before m.mentions says by a link whom it means.
  const meant = isListed || isRevision ? listedUsers(content) : linkedUsers(content);
  const users = new Set<UserId>();
  for (const user of meant) {
    // Whoever replies to a copy mentions, by the specification, the account that sent it, and means its author.
    const person = user === context.account ? originalSender(context) : user;
    if (person === null || person === context.account || person === event.sender) continue;
    if (context.mentionable.has(person)) users.add(person);
  }
  const mentions: JsonObject = {};
  if (users.size > 0) mentions["user_ids"] = fitting([...users].slice(0, MAX_MENTIONS));
  const listed = content["m.mentions"];
  if (context.allowRoomMention && isObject(listed) && listed["room"] === true) mentions["room"] = true;
  return mentions;
}

function fitting(users: UserId[]): UserId[] {
  let bytes = 0;
  return users.filter((user) => (bytes += new TextEncoder().encode(JSON.stringify(user)).length) <= MAX_MENTION_BYTES);
}

function originalSender({ relation }: CopyContext): UserId | null {
  return relation.kind === "reply" || relation.kind === "thread" ? (relation.originalSender ?? null) : null;
}

function listedUsers(content: JsonObject): UserId[] {
  const mentions = content["m.mentions"];
  const users = isObject(mentions) ? mentions["user_ids"] : [];
  return Array.isArray(users) ? users.filter(isUserId) : [];
}

function linkedUsers(content: JsonObject): UserId[] {
  const { format, formatted_body: html } = content;
  if (format !== HTML_FORMAT || typeof html !== "string") return [];
  const users = new Set<UserId>();
  const keepUser = (user: UserId): boolean => {
    users.add(user);
    return true;
  };
  cleanHtml(html, { keepUser, allowRoomMention: true, dropProfileFallback: false });
  return [...users];
}
