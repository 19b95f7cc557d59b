import { contentSecurityPolicy, readPageFile, type PageName } from "../host/page-files.ts";
import { FerryError } from "../matrix/errors.ts";

/** The scheme that the pages are served on: two origins, so that neither can reach the other's storage. */
export const SCHEME = "ferry";

/** Where a page starts. */
export function pageUrl(page: PageName): string {
  return `${SCHEME}://${page}/index.html`;
}

/** Which of Ferry's pages an address belongs to, or null. Node gives `ferry:` no origin of its own to compare. */
export function pageOf(address: string | null | undefined): PageName | null {
  if (!address || !URL.canParse(address)) return null;
  const url = new URL(address);
  if (url.protocol !== `${SCHEME}:` || url.port !== "" || url.username !== "" || url.password !== "") return null;
  return url.hostname === "engine" || url.hostname === "settings" ? url.hostname : null;
}

/**
 * Checks what a page may connect to: origins, or, while the homeserver is still to be found, a bare `https:` or `http:`
 * and this machine's own ports.
 *
 * @throws FerryError `bad-request` where an entry is anything else: it would rewrite the page's security policy
 */
export function checkSources(sources: readonly string[]): string[] {
  return sources.map((source) => {
    if (/^https?:$|^http:\/\/(?:127\.0\.0\.1|localhost):\*$/.test(source)) return source;
    const url = URL.canParse(source) ? new URL(source) : null;
    if (url !== null && /^https?:\/\/[A-Za-z0-9.:[\]_-]+$/.test(url.origin)) return url.origin;
    throw new FerryError("bad-request", "The engine page can only be allowed web addresses (https://…).");
  });
}

/**
 * Whether an address lies within what a page may connect to, as its security policy reads the same list. Addresses
 * without a host (`data:`, `blob:`) lead nowhere.
 *
 * @param sources as `checkSources` gives them
 */
export function isWithin(sources: readonly string[], address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, origin } = new URL(address);
  if (!/^(https?|wss?|ftp):$/.test(protocol)) return protocol !== "file:";
  return sources.some((source) => [origin, protocol, `${protocol}//${hostname}:*`].includes(source));
}

/**
 * Answers a page's requests for its own files, for `protocol.handle`: its index and the assets, nothing else.
 *
 * @param folder where the built pages are
 * @param connect what the page may connect to, asked for each answer
 */
export function createPageHandler(page: PageName, folder: string, connect: () => readonly string[]) {
  return async (request: Pick<Request, "url" | "method">): Promise<Response> => {
    if (request.method !== "GET") return closed(page, 405);
    if (pageOf(request.url) !== page) return closed(page, 404);
    const file = await readPageFile(folder, page, new URL(request.url).pathname, { connect: connect() });
    if (file === null) return closed(page, 404);
    // Names of hosts in a page would be looked up ahead, which no security policy covers.
    return new Response(new Uint8Array(file.body), { headers: { ...file.headers, "x-dns-prefetch-control": "off" } });
  };
}

/** An answer without a file still belongs to the page's origin, so it carries the policy too. */
function closed(page: PageName, status: number): Response {
  return new Response(null, {
    status,
    headers: { "content-security-policy": contentSecurityPolicy(page, { connect: [] }) },
  });
}
