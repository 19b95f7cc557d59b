import { FerryError } from "../matrix/errors.ts";
import type { UserId } from "../matrix/ids.ts";

/** What keeps a login from being made or opened, in words. */

export function diskFull(): FerryError {
  return new FerryError(
    "disk-full",
    "The disk is full. Ferry mirrors nothing until there is room; what is missed meanwhile will follow.",
  );
}

export function secretsLost(): FerryError {
  return new FerryError(
    "keychain-locked",
    "The secrets of this login are not in the keychain. Nothing has been deleted. Open the keychain that they are in, " +
      "or give this login up: log out, and log in again.",
  );
}

export function otherHost(host: string): FerryError {
  const name = host === "electron" ? "the desktop application" : "Chromium";
  return new FerryError("other-host", `This login was made with ${name}, where its keys are. Start Ferry that way.`);
}

export function otherAccount(carrier: UserId): FerryError {
  return new FerryError("other-account", `This is the Ferry of ${carrier}. Log in as ${carrier}.`);
}

export function cancelled(): FerryError {
  return new FerryError("login-cancelled", "The login in the browser was not completed. Nothing was changed.");
}
