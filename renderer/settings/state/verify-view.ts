import type { SecurityView, Verification } from "../../../main/protocol/control.ts";

/**
 * What is to be shown of verifying this device. `stuck`: the account is secured, and neither a recovery key nor a
 * device that could vouch for this one is there. `write-down`: the recovery key that has just been made. `finishing`: the
 * emoji were the same, and the server has yet to say that this device is verified.
 */
export type VerifyView =
  "loading" | "failed" | "verified" | "set-up" | "write-down" | "recovery" | "emoji" | "finishing" | "stuck" | "skip";

/** What the user has asked for, where it is not what is shown by itself. */
export type Chosen = "recovery" | "emoji" | "set-up" | "skip" | null;

export interface VerifyFacts {
  security: SecurityView | null;
  isVerified: boolean;
  hasFailed: boolean;
  verification: Verification | null;
  chosen: Chosen;
  /** Whether a recovery key waits to be written down, or is just being made. */
  hasNewKey: boolean;
  isMakingKey: boolean;
}

/** Decides it from what is known and what the user has chosen. */
export function verifyView(facts: VerifyFacts): VerifyView {
  const { security, verification, chosen } = facts;
  if (facts.hasNewKey) return "write-down";
  if (facts.isMakingKey) return "set-up";
  if (verification?.state === "waiting" || verification?.state === "comparing") return "emoji";
  // Why it ended is shown to whoever was comparing, and takes nobody away from something else.
  if (verification?.state === "cancelled" && chosen === "emoji") return "emoji";
  if (verification?.state === "done" && !facts.isVerified && chosen === "emoji") return "finishing";
  if (chosen === "skip") return "skip";
  if (security === null) return facts.hasFailed ? "failed" : "loading";
  if (facts.isVerified) return chosen === "recovery" || chosen === "set-up" ? chosen : "verified";
  if (!security.crossSigning) return "set-up";
  if (chosen === "emoji") return "emoji";
  if (security.recovery) return "recovery";
  return security.otherDevices > 0 ? "emoji" : "stuck";
}
