import type { ConditionCode, GapCode } from "../matrix/codes.ts";
import { FerryError, type FailureCode } from "../matrix/errors.ts";
import type { LinkId } from "../matrix/ids.ts";
import type { HealthCondition } from "../protocol/control.ts";

/** What to type: main's sentences say what happened in words for every way of steering Ferry, and these are added here. */

/** A failure that the command itself has found, and whose sentence says what to type already. */
export class CommandFailure extends FerryError {}

const SHOW_WANTING = "See what is wanting with: ferry link show";
const OTHER_FOLDER = "To use another data folder, name it with --data.";
const TAKE_BACK = "To take that back: ferry link withdraw";

const FAILURES: Partial<Record<FailureCode, string>> = {
  "not-running": "Start it with “ferry run”.",
  "already-running": "Stop it first (ferry stop), or name another folder with --data.",
  "no-display": "The commands do the same: ferry --help",
  "no-systemd": "Without it, start Ferry yourself: ferry run",
  "not-logged-in": "Log in first: ferry login",
  "already-logged-in": "Log out first: ferry logout",
  "logged-out": "To log in again: ferry login",
  "other-account": OTHER_FOLDER,
  "other-host": OTHER_FOLDER,
  "data-folder": OTHER_FOLDER,
  "keychain-unavailable":
    "Or choose another place yourself: --secrets passphrase keeps the secrets in a file encrypted with a passphrase, " +
    "--secrets plain-file keeps them in a file that only you can read.",
  "passphrase-missing": "Set FERRY_PASSPHRASE, or give it on standard input.",
  "unknown-link": "See them all with: ferry link list",
  "unknown-proposal": "See what was asked with: ferry proposals",
  "unknown-outbox-row": "See them with: ferry outbox",
  "link-needs-consent": "To ask them: ferry link propose",
  "link-needs-exposure": "If this is what you want, name the room with --expose.",
  "link-starting": TAKE_BACK,
  "change-waiting": TAKE_BACK,
  "nothing-to-ask": SHOW_WANTING,
  "nothing-to-withdraw": "To end the link: ferry link remove",
  "room-closed": "To go on in the new room, once you are in it: ferry link change --follow",
};

/** What a command says of its failure. */
export function failureText(failure: FerryError): string {
  const hint = failure instanceof CommandFailure ? undefined : FAILURES[failure.code];
  return hint === undefined ? failure.message : `${failure.message} ${hint}`;
}

const ASK: Partial<Record<GapCode, string>> = {
  "consent-missing": "To ask its admins",
  "consent-declined": "To ask once more",
  "consent-revoked": "To ask once more",
  "approver-lost-power": "To ask again",
  "audience-widened": "To ask again",
};

/** What to type where a room's consent to a link is wanting; null where nothing helps but waiting. */
export function gapHint(code: string, link: LinkId): string | null {
  if (code === ("room-upgraded" satisfies GapCode)) {
    return `To go on in the new room, once you are in it: ferry link change ${link} --follow`;
  }
  const ask = Object.hasOwn(ASK, code) ? ASK[code as GapCode] : undefined;
  if (ask === undefined) return null;
  return `${ask}: ferry link propose ${link} (where you are an admin yourself: ferry link approve ${link})`;
}

/** What to type where a link side is suspended. */
export function suspensionHint(link: LinkId): string {
  return `When that is resolved: ferry link resume ${link}`;
}

/** Conditions about no link. What is not here passes by itself, or outside of Ferry. */
const CONDITIONS: Partial<Record<ConditionCode, string>> = {
  "not-logged-in": "ferry login --homeserver SERVER --user NAME",
  "logged-out": "ferry login",
  "device-unverified": "ferry verify",
  "proposal-received": "ferry proposals",
  "delivery-failed": "ferry outbox",
};

/** What keeps Ferry from working where it lasts: each of the things that it stands on is tried then. */
const FAULTS: ReadonlySet<string> = new Set<ConditionCode>([
  "no-browser",
  "browser-failed",
  "keychain-unavailable",
  "keychain-locked",
  "database-damaged",
  "crypto-store",
  "crypto-store-lost",
  "data-folder",
  "internal",
]);

function conditionCommand({ code, link, severity }: HealthCondition): string | null {
  if (link !== null) {
    return code === ("link-suspended" satisfies ConditionCode)
      ? `ferry link resume ${link}`
      : `ferry link show ${link}`;
  }
  if (severity === "error" && FAULTS.has(code)) return "ferry doctor";
  return Object.hasOwn(CONDITIONS, code) ? (CONDITIONS[code as ConditionCode] ?? null) : null;
}

/** What the user can do about a condition, and what to type for it. */
export function actionText(condition: HealthCondition): string {
  const command = conditionCommand(condition);
  return command === null ? condition.action : `${condition.action.replace(/\.$/, "")}: ${command}`;
}
