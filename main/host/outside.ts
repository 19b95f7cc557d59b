/** Whether a link may be handed to the system's browser: https, without a name and password in it. */
export function mayOpenOutside(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  return url.protocol === "https:" && url.username === "" && url.password === "";
}

/** The one link of the settings page that leads outside: to where a login goes on in the system's browser. */
export interface LoginLink {
  /** Main has handed the page this address. */
  hand: (address: string) => void;
  /** Whether the page may have the system's browser open an address: any other could carry something out. */
  allows: (address: string) => boolean;
}

export function createLoginLink(): LoginLink {
  let handed: string | null = null;
  return {
    hand: (address) => {
      handed = URL.canParse(address) ? new URL(address).href : null;
    },
    allows: (address) => mayOpenOutside(address) && new URL(address).href === handed,
  };
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
