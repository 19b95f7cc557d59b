import { FerryError } from "../matrix/errors.ts";
import type { SettingsView, settingRequests } from "../protocol/control.ts";
import type { Handlers } from "../protocol/rpc.ts";
import type { StoredSettings } from "../store/settings.ts";
import type { Store } from "../store/store.ts";

/** What is both set by the user and kept by Ferry itself, not by the system. */
const SHOWN = [
  ...(["acceptUnverified", "notifyProposals", "notifyStopped", "notifyFailed", "catchUpHours"] as const),
  ...(["keysFor", "noticeLanguage", "logLevel"] as const),
];
type Shown = Pick<StoredSettings, (typeof SHOWN)[number]>;

/** What the user sets, and files that Ferry writes for them. */
export function settingHandlers(parts: () => { store: Store }): Handlers<typeof settingRequests> {
  const view = (): SettingsView => {
    const settings = parts().store.settings.all;
    const shown = SHOWN.map((name) => [name, settings[name]]);
    return { ...(Object.fromEntries(shown) as Shown), startAtLogin: null, updates: null };
  };
  return {
    settings: async () => view(),
    settingsChange: async (changes) => {
      const given = SHOWN.filter((name) => changes[name] !== undefined).map((name) => [name, changes[name]]);
      parts().store.settings.change(Object.fromEntries(given) as Partial<Shown>);
      return view();
    },
    diagnosticsSave: async () => {
      throw new FerryError("internal", "Not yet.");
    },
    linksExport: async () => {
      throw new FerryError("internal", "Not yet.");
    },
  };
}
