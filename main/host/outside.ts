/** Whether a link may be handed to the system's browser: https, without a name and password in it. */
export function mayOpenOutside(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  return url.protocol === "https:" && url.username === "" && url.password === "";
}

/**
 * Whether an address that a homeserver has named for logging in may be handed to the system's browser. Homeservers on
 * this machine or at home may have no https; anything that is no web page could start any program.
 */
export function mayOpenForLogin(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, username, password } = new URL(address);
  return (protocol === "https:" || protocol === "http:") && username === "" && password === "";
}
