/** How long a request may take that says nothing of it itself, in milliseconds. */
const LONGEST_MS = 20_000;

/** `fetch` without cookies: the page may stand on the homeserver's origin, and has no use for what it would keep here. */
export function cookieless(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  return fetch(input, { ...init, credentials: "omit" });
}

/** Keeps cookies, and requests without an end, from the parts of the SDK that cannot be given a `fetch` of their own. */
export function refuseCookies(): void {
  const { fetch: fetchOfPage } = globalThis;
  globalThis.fetch = (input, init) =>
    fetchOfPage(input, { signal: AbortSignal.timeout(LONGEST_MS), ...init, credentials: "omit" });
}
