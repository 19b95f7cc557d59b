/** What Ferry keeps secret on this machine. */
export const SECRET_NAMES = ["access-token", "refresh-token", "storage-key"] as const;
export type SecretName = (typeof SECRET_NAMES)[number];

/** Where secrets are kept: the system keychain, or what the user chose in its place. */
export interface Secrets {
  readonly kind: "keychain" | "passphrase" | "plain-file";
  /** @returns null where there is no such secret; @throws FerryError `keychain-locked`, `keychain-unavailable`, `wrong-passphrase` */
  get(account: string, name: SecretName): Promise<string | null>;
  set(account: string, name: SecretName, value: string): Promise<void>;
  delete(account: string, name: SecretName): Promise<void>;
}

/** Secrets of which it is remembered, beside them, for which accounts there are any. */
export interface RememberedSecrets extends Secrets {
  /** @throws FerryError `data-folder` */
  accounts(): readonly string[];
}
