import type { OwnConditionCode } from "../../../main/matrix/codes.ts";
import type { FailureCode } from "../../../main/matrix/errors.ts";
import type { HealthCondition } from "../../../main/protocol/control.ts";
import { advice, button, NOTHING_TO_DO, type Advice } from "./advice.ts";
import { isFailureCode, sentenceFor } from "./failures.ts";
import { gapWords } from "./gaps.ts";

/** What the window says of a condition. Its button, where it is about a link, opens that link. */
export interface ConditionWords extends Advice {
  title: string;
  sentence: string;
}

/** Stands for main's own sentence, where that names the link, or says how many. */
const AS_TOLD = null;

const OWN: Record<OwnConditionCode, Advice & { title: string; sentence: string | typeof AS_TOLD }> = {
  "clock-wrong": {
    title: "This computer's clock is wrong",
    sentence: AS_TOLD,
    ...advice("Set the clock, best from the network."),
  },
  "link-suspended": { title: "A link has stopped", sentence: AS_TOLD, ...button("Look at this link", "links") },
  "consent-awaited": {
    title: "A link waits for approval",
    sentence: AS_TOLD,
    ...button("See who is asked", "links"),
  },
  "proposal-received": {
    title: "Somebody asks you",
    sentence: AS_TOLD,
    ...button("See what they ask", "proposals"),
  },
  "delivery-failed": {
    title: "Some messages were not delivered",
    sentence: AS_TOLD,
    ...button("See why", "links"),
  },
  "keys-missing": {
    title: "Some messages cannot be read yet",
    sentence:
      "A note stands in their place, and is replaced by the message as soon as this device can read it. " +
      "Verifying this device and connecting the key backup helps.",
    ...button("Look at your keys", "account"),
  },
  "device-unverified": {
    title: "This device is not verified",
    sentence: "Other people's apps may keep messages from this device, and may warn of what it writes.",
    ...button("Verify this device", "account"),
  },
  "update-failed": {
    title: "Ferry could not look for a new version",
    sentence: "It looks again tomorrow.",
    ...NOTHING_TO_DO,
  },
  "update-ready": {
    title: "A new version of Ferry is ready",
    sentence: "It takes this one's place when Ferry ends.",
    ...NOTHING_TO_DO,
  },
};

/** Failures that keep Ferry from working for a while, each with a few words for a list. */
const TITLES: Partial<Record<FailureCode, string>> = {
  offline: "No network",
  "homeserver-unreachable": "Your server cannot be reached",
  "homeserver-error": "Your server has a problem",
  "not-logged-in": "Not logged in",
  "logged-out": "Logged out",
  "disk-full": "The disk is full",
  "keychain-locked": "The keychain is locked",
  "keychain-unavailable": "The keychain cannot be used",
  "database-damaged": "Ferry's own records are damaged",
  "crypto-store": "The keys cannot be read",
  "crypto-store-lost": "The keys are gone",
  "no-browser": "Chrome or Chromium is missing",
  "browser-failed": "A part of Ferry did not start",
  "engine-gone": "A part of Ferry stopped",
};

/** What does not pass by itself. */
const ENGINE_FAULT: ConditionWords = {
  title: "A part of Ferry has stopped",
  sentence:
    "Ferry starts it again and again, and it does not stay. Nothing is lost. If it lasts, restart the computer.",
  ...button("Save a report of the fault", "settings"),
};

/** What to show of a condition. */
export function conditionWords(condition: Omit<HealthCondition, "action">): ConditionWords {
  const { code, severity, text, link } = condition;
  if (code === ("engine-gone" satisfies FailureCode) && severity === "error") return ENGINE_FAULT;
  if (isOwnCode(code)) return { ...OWN[code], sentence: OWN[code].sentence ?? text };
  const gap = gapWords(code);
  // Main's own sentence names the link and the room.
  if (gap !== null) return { title: gap.title, sentence: text, ...button("Look at this link", "links") };
  if (!isFailureCode(code)) return { title: "Ferry needs attention", sentence: text, ...NOTHING_TO_DO };
  const { text: sentence, action, page } = sentenceFor({ code, message: text });
  const leads = link === null ? { action, page } : button("Look at this link", "links");
  return { title: TITLES[code] ?? "Ferry cannot work just now", sentence, ...leads };
}

/** What Ferry tries again at once when the user says that they have seen to it; some of it not before. */
const TRIED_AGAIN: readonly string[] = [
  ...(["offline", "homeserver-unreachable", "homeserver-error", "engine-gone"] satisfies FailureCode[]),
  ...(["keychain-locked", "keychain-unavailable", "no-browser", "browser-failed"] satisfies FailureCode[]),
];

export function canBeTriedAgain(code: string): boolean {
  return TRIED_AGAIN.includes(code);
}

function isOwnCode(code: string): code is OwnConditionCode {
  return Object.hasOwn(OWN, code);
}
