import { isUserId, type UserId } from "../matrix/ids.ts";

/** What a link points to, as far as it matters here; `user` is null where a link names no valid user id. */
export type Permalink = { kind: "user"; user: UserId | null } | { kind: "other"; href: string };

const MATRIX_TO = "https://matrix.to/#/";

/**
 * Reads a matrix.to link or a `matrix:` URI (specification, appendix "URIs"). Null for any other address, and for a
 * `matrix:` URI that breaks the grammar. A link to a room or an event comes back as a matrix.to link, since `matrix:`
 * is not among the schemes that the specification permits in formatted bodies.
 */
export function readPermalink(href: string): Permalink | null {
  if (/^matrix:/i.test(href)) return readMatrixUri(href);
  if (!URL.canParse(href)) return null;
  const url = new URL(href);
  if (!/^https?:$/.test(url.protocol) || !/^(www\.)?matrix\.to\.?$/.test(url.hostname)) return null;
  const path = decode(url.hash.replace(/^#\/?/, "").replace(/\?.*$/s, ""));
  if (path === null || !path.startsWith("@")) return { kind: "other", href };
  // The name before the colon may contain a slash in old user ids; a server's name never does.
  const user = /^@[^:]*:[^/]*/s.exec(path)?.[0];
  return { kind: "user", user: isUserId(user) ? user : null };
}

/** The matrix.to link to a user. */
export function userLink(user: UserId): string {
  return MATRIX_TO + encode(user);
}

function readMatrixUri(href: string): Permalink | null {
  const [path = "", query = ""] = href.slice("matrix:".length).replace(/#.*$/s, "").split("?", 2);
  const parts = path
    .replace(/^\/\/[^/]*\//, "")
    .split("/")
    .map(decode);
  const [kind, name, eventKind, event] = parts;
  if (!name || parts.length > 4) return null;
  if (kind === "u" || kind === "user") {
    const user = `@${name}`;
    return { kind: "user", user: isUserId(user) ? user : null };
  }
  const sigil = kind === "roomid" ? "!" : kind === "r" || kind === "room" ? "#" : null;
  if (sigil === null) return null;
  const isEvent = (eventKind === "e" || eventKind === "event") && Boolean(event);
  if (parts.length > 2 && !isEvent) return null;
  const target = encode(sigil + name) + (isEvent ? `/${encode(`$${event}`)}` : "");
  const via = query.split("&").filter((parameter) => /^via=[\w.:%[\]-]+$/.test(parameter));
  return { kind: "other", href: MATRIX_TO + target + (via.length > 0 ? `?${via.join("&")}` : "") };
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null; // not percent-encoded text, so no identifier either
  }
}

function encode(identifier: string): string {
  return encodeURIComponent(identifier.toWellFormed())
    .replaceAll("%40", "@")
    .replaceAll("%3A", ":")
    .replaceAll("%24", "$");
}
