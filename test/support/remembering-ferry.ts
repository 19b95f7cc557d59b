import { FerryError } from "../../main/matrix/errors.ts";
import type {
  controlRequests,
  SecurityView,
  SettingsView,
  StatusView,
  Verification,
} from "../../main/protocol/control.ts";
import type { Handlers } from "../../main/protocol/rpc.ts";
import { fakeHandlers, fakeSecurity, fakeSettings, fakeStatus } from "./fake-control.ts";
import { showWindow } from "./kept-window.ts";
import type { SettingsPage } from "./settings-page.ts";

export const PASSWORD = "correct horse battery staple";
export const RECOVERY = "EsTc 5rr7 CAnn Yh3x 9uKm 4bQw";
export const NEW_KEY = "EsTx A1b2 C3d4 E5f6 G7h8 J9k1 L2m3 N4p5 Q6r7 S8t9 U1v2 W3x4";
export const BROWSER_ADDRESS = "https://account.example.org/authorize?state=abc";

const EMOJI = ["Dog", "Cat", "Lion", "Horse", "Unicorn", "Pig", "Santa"].map((name, index) => ({
  symbol: String.fromCodePoint(0x1f436 + index),
  name,
}));

type ControlHandlers = Handlers<typeof controlRequests>;

/** Nobody has ever logged in. */
export function loggedOut(changes: Partial<StatusView> = {}): StatusView {
  const nobody = { userId: null, deviceId: null, homeserver: null, verified: null, links: 0 };
  return fakeStatus({ ...nobody, connection: "logged-out", summary: "Not logged in", ...changes });
}

/** For somebody who has just installed it, with an account that is used elsewhere. */
export function newcomer(security: Partial<SecurityView> = {}): RememberingFerry {
  const ferry = new RememberingFerry();
  ferry.status = loggedOut();
  ferry.security = fakeSecurity({ verified: false, backup: "not-connected", ...security });
  return ferry;
}

/** A Ferry without Matrix that remembers: logging in, verifying and setting change what it answers next. */
export class RememberingFerry {
  status: StatusView = fakeStatus({ links: 0 });
  security: SecurityView = fakeSecurity();
  settings: SettingsView = fakeSettings();
  browserAddress = BROWSER_ADDRESS;
  /** Whether the homeserver is told when somebody signs out. */
  hearsLogout = true;
  /** What it has been asked, in order, without what is asked by the page itself whenever something changes. */
  readonly asked: [method: string, params: unknown][] = [];
  window: SettingsPage | null = null;
  #browser: PromiseWithResolvers<void> | null = null;

  /** Opens the window on it. */
  async open(changes: Partial<ControlHandlers> = {}): Promise<SettingsPage> {
    const handlers = fakeHandlers({ linkList: async () => [], ...this.#handlers(), ...changes });
    const recorded = Object.entries(handlers).map(([method, answer]) => [method, this.#record(method, answer)]);
    this.window = await showWindow(Object.fromEntries(recorded) as ControlHandlers);
    return this.window;
  }

  /** What it was asked by one method. */
  askedOf(method: keyof ControlHandlers): unknown[] {
    return this.asked.filter(([name]) => name === method).map(([, params]) => params);
  }

  tell(changes: Partial<StatusView>): void {
    this.status = { ...this.status, ...changes };
    this.window?.statusChanged(this.status);
  }

  tellVerification(changes: Partial<Verification> | null): void {
    const usual: Verification = { state: "waiting", device: null, emoji: [], reason: null };
    this.tell({ verification: changes && { ...usual, ...changes } });
  }

  compare(): void {
    this.tellVerification({ state: "comparing", device: "Phone", emoji: EMOJI });
  }

  /** The login in the browser comes back. */
  comeBack(failure?: FerryError): void {
    if (failure) this.#browser?.reject(failure);
    else this.#browser?.resolve();
  }

  #record(method: string, answer: unknown): (params: unknown) => Promise<unknown> {
    return (params) => {
      if (!["status", "linkList", "proposals", "security", "settings"].includes(method)) {
        this.asked.push([method, params]);
      }
      return (answer as (params: unknown) => Promise<unknown>)(params);
    };
  }

  #logIn() {
    const { userId, deviceId, homeserver } = fakeStatus();
    this.tell({ userId, deviceId, homeserver, connection: "online", verified: this.security.verified });
    return fakeHandlers().loginToken({ homeserver: "", accessToken: "" });
  }

  #verify(): SecurityView {
    this.security = {
      ...this.security,
      ...{ verified: true, crossSigning: true, backup: "connected", recovery: true },
    };
    this.tell({ verified: true });
    return this.security;
  }

  #handlers(): Partial<ControlHandlers> {
    return {
      status: async () => this.status,
      security: async () => this.security,
      settings: async () => this.settings,
      settingsChange: async (changes) => (this.settings = { ...this.settings, ...changes } as SettingsView),
      loginPassword: async ({ password }) => {
        if (password !== PASSWORD) throw new FerryError("wrong-password", "The password is wrong.");
        return this.#logIn();
      },
      loginBrowser: async () => {
        this.#browser = Promise.withResolvers();
        return { address: this.browserAddress };
      },
      loginBrowserEnd: async () => {
        await this.#browser?.promise;
        return this.#logIn();
      },
      loginBrowserCancel: async () => {
        this.#browser?.reject(new FerryError("login-cancelled", "The login was cancelled."));
        return {};
      },
      logout: async () => {
        this.tell(loggedOut({ links: this.status.links }));
        return { loggedOut: this.hearsLogout };
      },
      verifyRecovery: async ({ secret }) => {
        if (secret !== RECOVERY) throw new FerryError("wrong-recovery-key", "This is not the recovery key.");
        return this.#verify();
      },
      verifyStart: async () => {
        this.tellVerification({});
        return {};
      },
      verifyAccept: async () => {
        this.tellVerification({});
        return {};
      },
      verifyConfirm: async ({ matches }) => {
        if (!matches) this.tellVerification({ state: "cancelled", reason: "The emoji were not the same." });
        else {
          this.#verify();
          this.tellVerification({ state: "done", device: "Phone" });
        }
        return {};
      },
      verifyCancel: async () => {
        this.tellVerification(null);
        return {};
      },
      securitySetUp: async ({ password }) => {
        if (password !== PASSWORD) throw new FerryError("wrong-password", "The homeserver asks for the password.");
        this.#verify();
        return { recoveryKey: NEW_KEY, keyId: "k1" };
      },
    };
  }
}
