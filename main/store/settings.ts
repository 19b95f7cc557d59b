import type { Database } from "./database.ts";

/** What the user has set. What is not set is as it is without it. */
export class SettingStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Whether approvals count whose device cannot be verified. */
  get acceptUnverified(): boolean {
    return this.#database.get("SELECT value FROM settings WHERE name = 'accept-unverified'")?.["value"] === "true";
  }

  setAcceptUnverified(value: boolean): void {
    this.#database.run(
      "INSERT INTO settings (name, value) VALUES ('accept-unverified', ?) " +
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      String(value),
    );
  }
}
