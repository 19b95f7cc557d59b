import type { Database } from "./database.ts";

/** What the user can set and Ferry keeps; what the system keeps (starting at login) is not here. */
export interface StoredSettings {
  /** Whether approvals count whose device cannot be verified. */
  acceptUnverified: boolean;
  /** Everything is stopped, whatever the single links are set to. */
  everythingPaused: boolean;
  notifyProposals: boolean;
  notifyStopped: boolean;
  notifyFailed: boolean;
  /** What is older than this when Ferry sees it is left out, in hours; null for no limit. */
  catchUpHours: number | null;
  /** Larger files are only told of, in megabytes; null where only the homeserver's own limit holds. */
  largestFileMb: number | null;
  keysFor: "all" | "verified";
  noticeLanguage: "en" | "de";
  logLevel: "info" | "debug";
  updates: boolean;
}

/** What has not been set is as it is without it. */
const DEFAULTS: StoredSettings = {
  acceptUnverified: false,
  everythingPaused: false,
  notifyProposals: true,
  notifyStopped: true,
  notifyFailed: true,
  catchUpHours: null,
  largestFileMb: null,
  keysFor: "all",
  noticeLanguage: "en",
  logLevel: "info",
  updates: false,
};

/** What the user has set. */
export class SettingStore {
  readonly #database: Database;
  /** Asked for with every event and every copy, and changed a few times a year. */
  #current: StoredSettings;

  constructor(database: Database) {
    this.#database = database;
    this.#current = this.#read();
  }

  get all(): Readonly<StoredSettings> {
    return this.#current;
  }

  /** Stores what is given, all or nothing of it, and leaves the rest as it is. Not inside of another transaction. */
  change(changes: Partial<StoredSettings>): void {
    this.#database.transaction(() => {
      for (const [name, value] of Object.entries(changes)) {
        this.#database.run(
          "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
          hyphenated(name),
          JSON.stringify(value),
        );
      }
    });
    this.#current = this.#read();
  }

  #read(): StoredSettings {
    const rows = new Map(
      this.#database.all("SELECT name, value FROM settings").map((row) => [row["name"], row["value"] as string]),
    );
    const stored = Object.keys(DEFAULTS).flatMap((name) => {
      const value = rows.get(hyphenated(name));
      return value === undefined ? [] : [[name, JSON.parse(value) as unknown]];
    });
    return { ...DEFAULTS, ...(Object.fromEntries(stored) as Partial<StoredSettings>) };
  }
}

function hyphenated(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
