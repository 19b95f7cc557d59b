import type { MatrixClient } from "matrix-js-sdk/lib/client.js";
import { CryptoEvent } from "matrix-js-sdk/lib/crypto-api/index.js";
import type { engineNotifications } from "../../main/protocol/engine.ts";
import type { Client } from "../../main/protocol/rpc.ts";
import type { Keyring } from "./keyring.ts";
import { isVerified, ownIds } from "./own-device.ts";
import { verifyRecovery } from "./recovery.ts";
import { setUpSecurity, type NewKey } from "./security-set-up.ts";
import { Verification } from "./verification.ts";
import { noteWritten } from "./written-key.ts";

/** How far this device is trusted, and all that changes it. Tells main whenever something has changed. */
export class Trust {
  readonly #verification: Verification;
  readonly #client: MatrixClient;
  readonly #keyring: Keyring;
  readonly #main: Pick<Client<typeof engineNotifications>, "trust" | "log">;
  #told = "";
  #telling: Promise<void> = Promise.resolve();
  #settingUp: Promise<NewKey> | null = null;

  /** @param keyring whose callbacks the client has been made with */
  constructor(client: MatrixClient, keyring: Keyring, main: Pick<Client<typeof engineNotifications>, "trust" | "log">) {
    this.#client = client;
    this.#keyring = keyring;
    this.#main = main;
    this.#verification = new Verification(client, () => void this.#look());
  }

  /** Once the crypto store is open. */
  start(): void {
    const { user } = ownIds(this.#client);
    const ofUser = (changed: string): void => {
      if (changed === user) void this.#look();
    };
    this.#client.on(CryptoEvent.DevicesUpdated, (users) => users.forEach(ofUser));
    this.#client.on(CryptoEvent.UserTrustStatusChanged, ofUser);
    this.#client.on(CryptoEvent.KeysChanged, () => void this.#look());
    this.#verification.listen();
    void this.#look();
  }

  /** Does something about the comparison of emoji. When it is done, main has been told how that stands. */
  async compare(action: (verification: Verification) => Promise<void>): Promise<Record<string, never>> {
    await action(this.#verification);
    await this.#look();
    return {};
  }

  /** See `verifyRecovery` of the contract. */
  async recover(secret: string): Promise<void> {
    const backupFailure = await verifyRecovery(this.#client, this.#keyring, secret);
    await this.#look();
    if (backupFailure === null) return;
    const fields = { code: backupFailure.code };
    // The device is verified all the same; that the backup is not connected stands in `security`.
    await this.#main.log({ level: "warn", event: "backup-not-connected", fields });
  }

  /** See `securitySetUp` of the contract. */
  setUp(password: string | null): Promise<NewKey> {
    // Of two at once each would make a key, and only the later one would open anything.
    this.#settingUp ??= this.#setUp(password).finally(() => (this.#settingUp = null));
    return this.#settingUp;
  }

  async #setUp(password: string | null): Promise<NewKey> {
    const made = await setUpSecurity(this.#client, this.#keyring, password);
    await this.#look();
    return made;
  }

  /** See `recoveryKeyWritten` of the contract. */
  written(keyId: string): Promise<void> {
    return noteWritten(this.#client, keyId);
  }

  /** One look after the other, so that main hears them in order. */
  #look(): Promise<void> {
    // The crypto layer is closed, or main is gone: then this page ends, and the next one looks again.
    this.#telling = this.#telling.then(() => this.#tell()).catch(() => undefined);
    return this.#telling;
  }

  async #tell(): Promise<void> {
    const state = { verified: await isVerified(this.#client), verification: this.#verification.view };
    const text = JSON.stringify(state);
    if (text === this.#told) return;
    await this.#main.trust(state);
    this.#told = text;
  }
}
