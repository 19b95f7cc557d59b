import { EventEmitter } from "node:events";
import {
  VerificationPhase as Phase,
  VerificationRequestEvent,
  VerifierEvent,
} from "matrix-js-sdk/lib/crypto-api/verification.js";
import { vi } from "vitest";

/** A comparison of emoji as far as Ferry sees it; no cryptography in it. */

export const SEVEN = [..."🐶🐱🦁🐎🦄🐷🐘"].map((symbol): [string, string] => [symbol, "An animal"]);

class FakeVerifier extends EventEmitter {
  readonly callbacks = { sas: { emoji: SEVEN }, confirm: vi.fn(async () => undefined), mismatch: vi.fn() };
  readonly verify = vi.fn(() => new Promise<void>(() => undefined));
  getShowSasCallbacks = () => null;
  show(): void {
    this.emit(VerifierEvent.ShowSas, this.callbacks);
  }
}

export class FakeRequest extends EventEmitter {
  phase = Phase.Requested;
  isSelfVerification = true;
  otherDeviceId: string | undefined = "PHONE";
  cancellationCode: string | null = null;
  verifier: FakeVerifier | undefined;
  readonly sas = new FakeVerifier();
  readonly accept = vi.fn(async () => this.become(Phase.Ready));
  readonly cancel = vi.fn(async () => this.become(Phase.Cancelled));
  otherPartySupportsMethod = vi.fn(() => true);
  startVerification = vi.fn(async () => this.sas);
  get pending(): boolean {
    return this.phase !== Phase.Done && this.phase !== Phase.Cancelled;
  }
  become(phase: Phase): void {
    this.phase = phase;
    this.emit(VerificationRequestEvent.Change);
  }
}
