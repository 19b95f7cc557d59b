import type { LoginMethods } from "../../../main/protocol/control.ts";

const EXAMPLE = "@kim:example.org";

/**
 * What is wrong with what was entered as a Matrix ID or a server, as far as that can be seen without asking anybody.
 *
 * @returns null where it can be asked for
 */
export function entryProblem(entered: string): string | null {
  const text = entered.trim();
  if (text === "") return `Enter your Matrix ID, for example ${EXAMPLE}, or the name of your server.`;
  if (/\s/.test(text)) return "There is a space in it. Neither a Matrix ID nor the name of a server has one.";
  if (text.startsWith("#") || text.startsWith("!")) return `This is a room. A Matrix ID looks like ${EXAMPLE}.`;
  if (/^[^@:/]+@[^@:/]+$/.test(text)) {
    return `This looks like an e-mail address. A Matrix ID begins with @ and has a colon, as in ${EXAMPLE}.`;
  }
  if (/^@[^:]*$/.test(text)) return `The server is missing: what comes after the colon, as in ${EXAMPLE}.`;
  if (text.startsWith("@:")) return `The name is missing: what stands between @ and the colon, as in ${EXAMPLE}.`;
  if (text.length > 500) return "This is too long for a Matrix ID.";
  return null;
}

/** A server as people know it: without what an address has before and behind the name. */
export function serverName(address: string): string {
  return URL.canParse(address) ? new URL(address).host : address;
}

/** A way to log in that goes through the browser. */
export interface BrowserWay {
  method: "sso" | "oauth";
  provider: string | null;
  /** What the provider calls itself, where one has to be chosen; null where it is the server's own page. */
  name: string | null;
}

/** The ways through the browser, the better one first: where there is OAuth 2.0 it replaces what was before it. */
export function browserWays({ oauth, sso }: Pick<LoginMethods, "oauth" | "sso">): BrowserWay[] {
  if (oauth) return [{ method: "oauth", provider: null, name: null }];
  return sso.map(({ id, name }) => ({ method: "sso", provider: id, name: id === null ? null : name }));
}

/** Whether an address may stand in a link: only what the system's browser is to open. */
export function mayBeOpened(address: string): boolean {
  return URL.canParse(address) && new URL(address).protocol === "https:";
}
