import { asFerryError, type FerryError } from "../../../main/matrix/errors.ts";
import type { SettingsView } from "../../../main/protocol/control.ts";
import type { Ferry } from "./ferry.svelte.ts";

const SHOWN_MS = 5000;

export type SettingName = keyof SettingsView;

/** The settings as main has them, and the changes that are on their way there. Each is saved by itself, at once. */
export class Settings {
  #saved: SettingsView | null = $state.raw(null);
  #changing: Partial<SettingsView> = $state.raw({});
  /** Why the settings could not be read. */
  failure: FerryError | null = $state.raw(null);
  /** What has just been saved. */
  latest: SettingName | null = $state(null);
  /** What could not be saved, and why: it is as it was before. */
  refused: { name: SettingName; failure: FerryError } | null = $state.raw(null);
  readonly #ferry: Ferry;

  constructor(ferry: Ferry) {
    this.#ferry = ferry;
    void this.load();
  }

  /** What is shown: with what is being saved. Null until main has answered. */
  get view(): SettingsView | null {
    return this.#saved && { ...this.#saved, ...this.#changing };
  }

  async load(): Promise<void> {
    try {
      this.#saved = await this.#ferry.main.settings({});
      this.failure = null;
    } catch (error) {
      this.failure = asFerryError(error);
    }
  }

  /** Saves what the user wants last: main takes one change after the other. */
  async change<Name extends SettingName>(name: Name, value: SettingsView[Name]): Promise<void> {
    this.#changing = { ...this.#changing, [name]: value };
    if (this.latest === name) this.latest = null;
    if (this.refused?.name === name) this.refused = null;
    try {
      this.#saved = await this.#ferry.main.settingsChange({ [name]: value });
      this.#tell(name);
    } catch (error) {
      this.refused = { name, failure: asFerryError(error) };
    } finally {
      // Where it has been changed again meanwhile, that is still on its way.
      const isLast = this.#changing[name] === value;
      const others = Object.entries(this.#changing).filter(([each]) => each !== name || !isLast);
      this.#changing = Object.fromEntries(others) as Partial<SettingsView>;
    }
  }

  #tell(name: SettingName): void {
    if (this.refused?.name === name) this.refused = null;
    this.latest = name;
    setTimeout(() => {
      if (this.latest === name) this.latest = null;
    }, SHOWN_MS);
  }
}
