// First: it silences the SDK before that is loaded.
import "./quiet-sdk.ts";
import { CryptoEvent } from "matrix-js-sdk/lib/crypto-api/index.js";
import {
  VerificationPhase,
  VerificationRequestEvent,
  VerifierEvent,
  type ShowSasCallbacks,
  type VerificationRequest,
  type Verifier,
} from "matrix-js-sdk/lib/crypto-api/verification.js";
import type { Person } from "./person.ts";
import { until } from "./until.ts";

/** The other device of somebody who compares emoji: what is shown there, and what they press. */
export class EmojiPeer {
  readonly request: VerificationRequest;
  #verifier: Verifier | null = null;
  #shown: ShowSasCallbacks | null = null;

  constructor(request: VerificationRequest) {
    this.request = request;
    request.on(VerificationRequestEvent.Change, () => this.#look());
    this.#look();
  }

  /** Asks the account's other devices. */
  static async ask(person: Person): Promise<EmojiPeer> {
    const crypto = person.client.getCrypto();
    if (!crypto) throw new Error(`${person.name}'s client has no encryption.`);
    return new EmojiPeer(await crypto.requestOwnUserVerification());
  }

  /** Waits until another device asks this one. Call it before that can happen. */
  static asked(person: Person): Promise<EmojiPeer> {
    return new Promise((resolve) => {
      person.client.once(CryptoEvent.VerificationRequestReceived, (request) => resolve(new EmojiPeer(request)));
    });
  }

  /** The emoji, once they are shown. */
  async emoji(): Promise<string[]> {
    const shown = await until(
      () => this.#shown,
      30_000,
      () => "The other device shows no emoji.",
    );
    return (shown.sas.emoji ?? []).map(([symbol]) => symbol);
  }

  async press(matches: boolean): Promise<void> {
    await this.emoji();
    if (matches) await this.#shown?.confirm();
    else this.#shown?.mismatch();
  }

  async isOver(phase: VerificationPhase.Done | VerificationPhase.Cancelled): Promise<void> {
    await until(
      () => this.request.phase === phase,
      30_000,
      () => `The other device's comparison is in phase ${this.request.phase}.`,
    );
  }

  #look(): void {
    const verifier = this.request.phase === VerificationPhase.Started ? this.request.verifier : undefined;
    if (verifier === undefined || verifier === this.#verifier) return;
    this.#verifier = verifier;
    verifier.on(VerifierEvent.ShowSas, (shown) => (this.#shown = shown));
    // That it was cancelled stands in the request.
    verifier.verify().catch(() => undefined);
  }
}
