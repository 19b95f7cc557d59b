import type { Credentials } from "../protocol/engine.ts";
import type { AccountStore, StoredAccount } from "../store/account.ts";
import type { Device, LoginSecrets, Tokens } from "./login-secrets.ts";

/** What makes two logins one, and keeping the one that has just been made. */

export function isSameDevice(one: Device, other: Device): boolean {
  return one.userId === other.userId && one.deviceId === other.deviceId;
}

/** Whether two base URLs are one, however they are spelled. */
export function isSameServer(one: string, other: string): boolean {
  return new URL(one).href === new URL(other).href;
}

/** Whether two logins have one crypto store: the same device, on the same homeserver, in the same host's profile. */
function isSameStore(one: StoredAccount, other: StoredAccount): boolean {
  return isSameDevice(one, other) && one.host === other.host && isSameServer(one.homeserver, other.homeserver);
}

export function credentialsOf({ userId, deviceId, homeserver, oauth }: StoredAccount, tokens: Tokens): Credentials {
  return { userId, deviceId, homeserver, ...tokens, ...(oauth === null ? {} : { oauth }) };
}

/**
 * Stores a new login, in the keychain and as the account. Dies the process in here, it has to be made again.
 *
 * @returns whether it goes on with the crypto store of the one before
 * @throws FerryError of the keychain, `disk-full`: then a new device has left no secret
 */
export async function keepLogin(
  accounts: AccountStore,
  secrets: LoginSecrets,
  account: StoredAccount,
  tokens: Tokens,
): Promise<boolean> {
  const previous = accounts.get();
  if (previous !== null && isSameStore(previous, account)) {
    // Before the tokens: the old ones are refused beside the new client as they have been, and the login is made again.
    // New ones beside the old client would be refused too, with a login that is alive.
    accounts.setOauth(account.oauth);
    await secrets.storeLogin(account, tokens, true);
    return true;
  }
  try {
    await secrets.storeLogin(account, tokens, false);
    accounts.set(account);
  } catch (error) {
    // Why it could not be kept is what the user has to know; a keychain that cannot forget is the same keychain.
    if (previous === null || !isSameDevice(previous, account)) await secrets.forget(account).catch(() => undefined);
    throw error;
  }
  return false;
}
