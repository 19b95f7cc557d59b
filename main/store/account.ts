import type { Host } from "../host/host.ts";
import type { DeviceId, UserId } from "../matrix/ids.ts";
import type { Database } from "./database.ts";

export interface StoredAccount {
  userId: UserId;
  deviceId: DeviceId;
  homeserver: string;
  /** Which host holds the crypto store: the device lives there and nowhere else. */
  host: Host["kind"];
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
    };
  }

  set(account: StoredAccount): void {
    this.#database.run(
      "INSERT OR REPLACE INTO account (id, user_id, device_id, homeserver, host) VALUES (1, ?, ?, ?, ?)",
      account.userId,
      account.deviceId,
      account.homeserver,
      account.host,
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
