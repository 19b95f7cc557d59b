import type { MatrixClient } from "matrix-js-sdk/lib/client.js";
import { CryptoEvent } from "matrix-js-sdk/lib/crypto-api/index.js";
import {
  VerificationPhase,
  VerificationRequestEvent,
  VerifierEvent,
  type ShowSasCallbacks,
  type VerificationRequest,
  type Verifier,
} from "matrix-js-sdk/lib/crypto-api/verification.js";
import { FerryError } from "../../main/matrix/errors.ts";
import type { Verification as View } from "../../main/protocol/account-views.ts";
import { queryDeviceKeys } from "./device-keys.ts";
import { toFailure } from "./failures.ts";
import { isSigned, isVerified, ownIds } from "./own-device.ts";
import { countOtherDevices } from "./security.ts";
import { cryptoBackend } from "./source-event.ts";

/** A device's name is whatever somebody has called it. */
const LONGEST_NAME = 100;

/** The one way of comparing that Ferry knows. */
export const EMOJI = "m.sas.v1";

/** Compares emoji with another device of the account, one at a time (client-server API, "Key verification framework"). */
export class Verification {
  readonly #client: MatrixClient;
  readonly #onChange: () => void;
  #view: View | null = null;
  #request: VerificationRequest | null = null;
  /** What compares, once either side has begun. */
  #verifier: Verifier | null = null;
  #emoji: ShowSasCallbacks | null = null;
  #hasBegun = false;
  #starting: Promise<void> | null = null;
  /** How often `cancel` was called: what was being started before the last call is not wanted any more. */
  #cancels = 0;

  constructor(client: MatrixClient, onChange: () => void) {
    this.#client = client;
    this.#onChange = onChange;
  }

  /** How it stands; null where there is none. */
  get view(): View | null {
    return this.#view;
  }

  listen(): void {
    this.#client.on(CryptoEvent.VerificationRequestReceived, (request) => this.#receive(request));
  }

  /** See `verifyStart` of the contract. */
  start(): Promise<void> {
    if (this.#starting !== null) return this.#starting;
    const starting = this.#start().finally(() => {
      if (this.#starting === starting) this.#starting = null;
    });
    this.#starting = starting;
    return starting;
  }

  async #start(): Promise<void> {
    const cancels = this.#cancels;
    // Right after a login nothing is known of them yet.
    await queryDeviceKeys(this.#client, [ownIds(this.#client).user]).catch((error: unknown) => {
      throw toFailure(error);
    });
    if ((await countOtherDevices(this.#client)) === 0) {
      throw new FerryError(
        "no-other-device",
        "This account has no other verified device to compare emoji with. Use the recovery key instead.",
      );
    }
    if (cancels !== this.#cancels) return;
    await this.#end();
    try {
      const request = await cryptoBackend(this.#client).requestOwnUserVerification();
      if (cancels !== this.#cancels) return void (await decline(request));
      this.#follow(request);
      this.#show({ state: "waiting" });
    } catch (error) {
      throw toFailure(error);
    }
  }

  /** See `verifyAccept` of the contract. */
  async accept(): Promise<void> {
    const request = this.#request;
    if (request === null || this.#view?.state !== "asked") throw nothingToVerify();
    this.#show({ ...this.#view, state: "waiting" });
    try {
      await request.accept();
    } catch (error) {
      // The other device still asks: the user can try again, or decline.
      if (this.#request === request && request.pending) this.#show({ ...this.#view, state: "asked" });
      throw toFailure(error);
    }
  }

  /** See `verifyConfirm` of the contract. */
  async confirm(matches: boolean): Promise<void> {
    const emoji = this.#emoji;
    if (emoji === null || this.#view?.state !== "comparing") throw nothingToVerify();
    if (!matches) return emoji.mismatch();
    this.#show({ ...this.#view, state: "waiting", emoji: [] });
    try {
      await emoji.confirm();
    } catch (error) {
      throw toFailure(error);
    }
  }

  /** See `verifyCancel` of the contract. */
  cancel(): Promise<void> {
    this.#cancels += 1;
    this.#starting = null;
    return this.#end();
  }

  async #end(): Promise<void> {
    const request = this.#request;
    this.#request = null;
    this.#show(null);
    if (request?.pending === true) await decline(request);
  }

  /** Others' requests are not for Ferry: whom the user trusts is said elsewhere. */
  #receive(request: VerificationRequest): void {
    if (!request.isSelfVerification) return;
    if (request.phase === VerificationPhase.Cancelled) return this.#crossed();
    // What the user is looking at is not exchanged under their eyes.
    if (this.#request?.pending === true) return void decline(request);
    this.#follow(request);
    this.#show({ state: "asked" });
    void this.#nameDevice(request);
  }

  /** The crypto library cancels both where this device and another have asked at once. */
  #crossed(): void {
    if (this.#request === null && this.#view?.state !== "cancelled") return;
    this.#request = null;
    this.#show({ ...this.#shown, state: "cancelled", emoji: [], reason: CROSSED });
  }

  #follow(request: VerificationRequest): void {
    this.#request = request;
    this.#verifier = null;
    this.#emoji = null;
    this.#hasBegun = false;
    request.on(VerificationRequestEvent.Change, () => {
      if (request !== this.#request) return;
      this.#step(request).catch((error: unknown) => this.#giveUp(request, toFailure(error)));
    });
  }

  async #step(request: VerificationRequest): Promise<void> {
    switch (request.phase) {
      case VerificationPhase.Ready:
        return this.#begin(request);
      case VerificationPhase.Started:
        if (request.verifier) this.#compare(request, request.verifier);
        return;
      case VerificationPhase.Done:
        this.#request = null;
        return this.#show({ ...this.#shown, state: "done", emoji: [] });
      case VerificationPhase.Cancelled:
        this.#request = null;
        return this.#show({ ...this.#shown, state: "cancelled", emoji: [], reason: reasonOf(request) });
      case VerificationPhase.Unsent:
      case VerificationPhase.Requested:
        return;
    }
  }

  /** Both sides may begin at once; the crypto library settles who has. */
  async #begin(request: VerificationRequest): Promise<void> {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    await this.#nameDevice(request);
    if (!request.otherPartySupportsMethod(EMOJI)) throw new FerryError("no-other-device", CANNOT_COMPARE);
    if (!(await this.#isOneTrusted(request))) {
      throw new FerryError(
        "no-other-device",
        "That device is not verified itself. Use one that is, or the recovery key.",
      );
    }
    if (request.phase === VerificationPhase.Ready) this.#compare(request, await request.startVerification(EMOJI));
  }

  /** Two devices of which neither is verified would have nothing to give each other. */
  async #isOneTrusted(request: VerificationRequest): Promise<boolean> {
    if (await isVerified(this.#client)) return true;
    return request.otherDeviceId !== undefined && isSigned(this.#client, request.otherDeviceId);
  }

  #compare(request: VerificationRequest, verifier: Verifier): void {
    if (this.#verifier === verifier) return;
    this.#verifier = verifier;
    const shown = verifier.getShowSasCallbacks();
    if (shown) this.#showEmoji(request, shown);
    else verifier.on(VerifierEvent.ShowSas, (emoji) => this.#showEmoji(request, emoji));
    verifier.verify().catch((error: unknown) => {
      // Where it was cancelled the request says so itself.
      if (request.pending) this.#giveUp(request, toFailure(error));
    });
  }

  #showEmoji(request: VerificationRequest, callbacks: ShowSasCallbacks): void {
    const emoji = callbacks.sas.emoji;
    if (request !== this.#request || !emoji) return;
    this.#emoji = callbacks;
    this.#show({ ...this.#shown, state: "comparing", emoji: emoji.map(([symbol, name]) => ({ symbol, name })) });
  }

  #giveUp(request: VerificationRequest, failure: FerryError): void {
    if (request !== this.#request) return;
    this.#request = null;
    const reason = failure.code === "internal" ? BROKEN_OFF : failure.message;
    this.#show({ ...this.#shown, state: "cancelled", emoji: [], reason });
    if (request.pending) void decline(request);
  }

  async #nameDevice(request: VerificationRequest): Promise<void> {
    const id = request.otherDeviceId;
    if (id === undefined) return;
    const { user } = ownIds(this.#client);
    const devices = (await cryptoBackend(this.#client).getUserDeviceInfo([user])).get(user);
    const name = [...(devices?.get(id)?.displayName?.trim() ?? "")].slice(0, LONGEST_NAME).join("");
    if (request === this.#request && this.#view) this.#show({ ...this.#view, device: name || id });
  }

  get #shown(): Partial<View> {
    return this.#view ?? {};
  }

  #show(view: (Partial<View> & Pick<View, "state">) | null): void {
    this.#view = view && { device: null, emoji: [], reason: null, ...view };
    this.#onChange();
  }
}

/** Where the other side does not hear it, it notices at the latest when the request lapses. */
async function decline(request: VerificationRequest): Promise<void> {
  await request.cancel().catch(() => undefined);
}

const CANNOT_COMPARE = "The other device cannot compare emoji. Use the recovery key instead.";
const BROKEN_OFF = "It was broken off. Try again.";
const CROSSED = "Both devices asked at the same time. Try again, on one of them.";
const DIFFERENT =
  "The emoji were not the same, so this device was not verified. Try again; if they differ once more, somebody may be listening in.";

/** Codes of `m.key.verification.cancel`, in words. */
const REASONS: Record<string, string> = {
  "m.user": "The other device declined.",
  "m.timeout": "Nobody answered in time. Try again.",
  "m.accepted": "It was done on another of your devices.",
  "m.unknown_method": CANNOT_COMPARE,
  "m.mismatched_sas": DIFFERENT,
  "m.mismatched_commitment": DIFFERENT,
  "m.key_mismatch": DIFFERENT,
  "m.user_mismatch": DIFFERENT,
};

function reasonOf({ cancellationCode }: VerificationRequest): string {
  return REASONS[cancellationCode ?? ""] ?? BROKEN_OFF;
}

function nothingToVerify(): FerryError {
  return new FerryError("nothing-to-verify", "No device waits for this. Start the comparison again.");
}
