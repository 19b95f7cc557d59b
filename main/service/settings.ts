import { FerryError } from "../matrix/errors.ts";
import type { SettingsView, settingRequests } from "../protocol/control.ts";
import type { Handlers } from "../protocol/rpc.ts";
import type { StoredSettings } from "../store/settings.ts";
import type { Store } from "../store/store.ts";

/** What is both set by the user and kept by Ferry itself, not by the system. */
const SHOWN = [
  ...(["acceptUnverified", "notifyProposals", "notifyStopped", "notifyFailed", "catchUpHours"] as const),
  ...(["largestFileMb", "keysFor", "noticeLanguage", "logLevel"] as const),
];
type Shown = Pick<StoredSettings, (typeof SHOWN)[number]>;

/** The desktop's notifications among them. */
const NOTICES = ["notifyProposals", "notifyStopped", "notifyFailed"] as const;
const NO_NOTICES = { notifyProposals: null, notifyStopped: null, notifyFailed: null };

/** Starting Ferry with the user's session. The system keeps it, so the system is asked how it is. */
export interface Autostart {
  /** Null where it cannot be arranged. */
  get(): Promise<boolean | null>;
  /** @throws FerryError `data-folder`, `disk-full` where it cannot be written down */
  set(on: boolean): Promise<void>;
}

/** Looking for new versions of Ferry, in an installation that can replace itself. */
export interface Updates {
  /** Begins or ends it. Until it has been turned on nothing is looked for. */
  turn(on: boolean): void;
  /** Whether the last time failed, or a new version waits for Ferry to end. */
  state(): "failed" | "ready" | null;
}

/** What of the settings is not in the database, or does something outside of it. */
export interface SystemSettings {
  autostart?: Autostart | undefined;
  /** Undefined where this installation does not replace itself. */
  updates?: Updates | undefined;
  /** Whether this Ferry shows desktop notifications. */
  showsNotices?: boolean;
}

/** What takes effect at once besides being stored. */
export interface SettingEffects {
  keysFor: (keysFor: StoredSettings["keysFor"]) => Promise<void>;
  logLevel: (level: StoredSettings["logLevel"]) => void;
}

/** What the user sets. */
export function settingHandlers(
  parts: () => { store: Store },
  { autostart, updates, showsNotices = false }: SystemSettings,
  effects: SettingEffects,
): Pick<Handlers<typeof settingRequests>, "settings" | "settingsChange"> {
  const view = async (): Promise<SettingsView> => {
    const settings = parts().store.settings.all;
    const shown = SHOWN.map((name) => [name, settings[name]]);
    return {
      ...(Object.fromEntries(shown) as Shown),
      ...(showsNotices ? {} : NO_NOTICES),
      startAtLogin: (await autostart?.get()) ?? null,
      updates: updates === undefined ? null : settings.updates,
    };
  };
  return {
    settings: view,
    settingsChange: async (changes) => {
      const { startAtLogin, updates: look } = changes;
      const updater = typeof look === "boolean" ? possible(updates, "replace itself by a new version") : null;
      const notices = NOTICES.filter((name) => typeof changes[name] === "boolean");
      if (notices.length > 0) possible(showsNotices || undefined, "show desktop notifications");
      // What the system refuses fails before anything is stored.
      if (typeof startAtLogin === "boolean") await turnAutostart(autostart, startAtLogin);
      const { settings } = parts().store;
      const given = SHOWN.filter((name) => changes[name] !== undefined && !isUnset(name, changes[name]));
      const shown = Object.fromEntries(given.map((name) => [name, changes[name]])) as Partial<Shown>;
      settings.change(updater === null ? shown : { ...shown, updates: look === true });
      updater?.turn(settings.all.updates);
      effects.logLevel(settings.all.logLevel);
      if (changes.keysFor !== undefined) await effects.keysFor(changes.keysFor);
      return view();
    },
  };
}

/** What is null because there is none of it here is passed back as it was shown. */
function isUnset(name: (typeof SHOWN)[number], value: unknown): boolean {
  return value === null && (NOTICES as readonly string[]).includes(name);
}

/** @throws FerryError `autostart-refused` where the system says afterwards that it is not so */
async function turnAutostart(autostart: Autostart | undefined, on: boolean): Promise<void> {
  const system = possible(autostart, "be started with the computer");
  await system.set(on);
  if ((await system.get()) === on) return;
  throw new FerryError(
    "autostart-refused",
    `The system did not take over that Ferry is ${on ? "" : "not "}to be started with the computer. ` +
      "Look into the system's own settings for what is started when you log in.",
  );
}

function possible<Part>(part: Part | undefined, what: string): Part {
  if (part === undefined) throw new FerryError("bad-request", `Ferry cannot ${what} here. Nothing has been changed.`);
  return part;
}
