import type { Host } from "../host/host.ts";
import type { DeviceId, UserId } from "../matrix/ids.ts";
import type { Database, Row } from "./database.ts";

/** Of a login by OAuth 2.0: as which client, and where its tokens are refreshed and revoked. */
export interface StoredOauth {
  issuer: string;
  clientId: string;
  tokenEndpoint: string;
  revocationEndpoint: string;
}

export interface StoredAccount {
  userId: UserId;
  deviceId: DeviceId;
  homeserver: string;
  /** Which host holds the crypto store: the device lives there and nowhere else. */
  host: Host["kind"];
  oauth: StoredOauth | null;
}

/** Whose Ferry this is. The access token and the crypto store's key are not here but in the keychain. */
export class AccountStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  get(): StoredAccount | null {
    const row = this.#database.get("SELECT * FROM account");
    if (!row) return null;
    return {
      userId: row["user_id"] as UserId,
      deviceId: row["device_id"] as DeviceId,
      homeserver: row["homeserver"] as string,
      host: row["host"] as Host["kind"],
      oauth: oauthOf(row),
    };
  }

  /** Another device takes the place of the one before, if there was one. */
  set({ userId, deviceId, homeserver, host, oauth }: StoredAccount): void {
    this.#database.transaction(() => {
      this.#database.run(
        "INSERT OR REPLACE INTO account (id, user_id, device_id, homeserver, host) VALUES (1, ?, ?, ?, ?)",
        ...[userId, deviceId, homeserver, host],
      );
      this.setOauth(oauth);
    });
  }

  /** The same device has logged in again, perhaps in another way. */
  setOauth(oauth: StoredOauth | null): void {
    const { issuer = null, clientId = null, tokenEndpoint = null, revocationEndpoint = null } = oauth ?? {};
    this.#database.run(
      "UPDATE account SET oauth_issuer = ?, oauth_client = ?, oauth_token_endpoint = ?, oauth_revocation_endpoint = ?",
      ...[issuer, clientId, tokenEndpoint, revocationEndpoint],
    );
  }

  /** The device's public signing key; null before the crypto store was first opened. */
  get deviceKey(): string | null {
    return (this.#database.get("SELECT device_key FROM account")?.["device_key"] as string | null | undefined) ?? null;
  }

  setDeviceKey(deviceKey: string): void {
    this.#database.run("UPDATE account SET device_key = ?", deviceKey);
  }

  /** Forgets the login. Links, ledger and outbox stay for the next one. */
  clear(): void {
    this.#database.run("DELETE FROM account");
  }

  /** Notes that Ferry runs; @returns whether the run before ended in order */
  begin(): boolean {
    const row = this.#database.get("SELECT ended_in_order FROM account");
    this.#database.run("UPDATE account SET ended_in_order = 0");
    return row?.["ended_in_order"] !== 0;
  }

  end(): void {
    this.#database.run("UPDATE account SET ended_in_order = 1");
  }
}

function oauthOf(row: Row): StoredOauth | null {
  if (row["oauth_issuer"] === null) return null;
  return {
    issuer: row["oauth_issuer"] as string,
    clientId: row["oauth_client"] as string,
    tokenEndpoint: row["oauth_token_endpoint"] as string,
    revocationEndpoint: row["oauth_revocation_endpoint"] as string,
  };
}
