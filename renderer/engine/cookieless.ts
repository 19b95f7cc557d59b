/** `fetch` without cookies: the page may stand on the homeserver's origin, and has no use for what it would keep here. */
export function cookieless(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  return fetch(input, { ...init, credentials: "omit" });
}
