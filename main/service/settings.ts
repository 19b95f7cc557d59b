import { FerryError } from "../matrix/errors.ts";
import type { SettingsView, settingRequests } from "../protocol/control.ts";
import type { Handlers } from "../protocol/rpc.ts";
import type { Store } from "../store/store.ts";

/** What the user sets, and files that Ferry writes for them. */
export function settingHandlers(parts: () => { store: Store }): Handlers<typeof settingRequests> {
  const view = (): SettingsView => {
    const { everythingPaused, ...settings } = parts().store.settings.all;
    return { ...settings, startAtLogin: null, updates: null };
  };
  return {
    settings: async () => view(),
    settingsChange: async ({ startAtLogin, updates, ...changes }) => {
      const given = Object.entries(changes).filter(([, value]) => value !== undefined);
      parts().store.settings.change(Object.fromEntries(given));
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
