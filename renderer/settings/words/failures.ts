import type { FailureCode } from "../../../main/matrix/errors.ts";
import { advice, button, NOTHING_TO_DO, type Advice } from "./advice.ts";

/** What the window says of a failure. */
export interface FailureWords extends Advice {
  text: string;
}

/** Stands for main's own sentence, where that names what the failure is about: a room, a link, a person. */
const AS_TOLD = null;

type Words = Advice & { text: string | typeof AS_TOLD };

const DISK = "Free some space. Ferry goes on by itself.";
const RESTART = "Quit Ferry and start it again.";

/** Reaching the server, and the account. */
const ACCOUNT = {
  offline: {
    text: "This computer is not connected to a network. What waits will follow as soon as it is.",
    ...advice("Check this computer's network."),
  },
  "homeserver-unreachable": {
    text: "Your server does not answer. What waits will follow as soon as it does.",
    ...advice("Check this computer's network. If that works, the server itself may be down."),
  },
  "homeserver-not-found": {
    text: "There is no Matrix server under this name.",
    ...advice("Check the spelling. It is the part of your Matrix ID after the colon."),
  },
  "homeserver-error": {
    text: "Your server has a problem of its own. Ferry will try again by itself.",
    ...NOTHING_TO_DO,
  },
  "file-unavailable": {
    text: "Your server cannot get a file now, perhaps because another server does not answer. Ferry tries again some times, and then says in the file's place that it is missing.",
    ...NOTHING_TO_DO,
  },
  "rate-limited": {
    text: "Your server asks Ferry to slow down. Ferry waits as long as it was told.",
    ...advice("Wait a moment and try again."),
  },
  "not-logged-in": { text: "Nobody is logged in.", ...button("Log in", "login") },
  "already-logged-in": { text: AS_TOLD, ...button("Open Account", "account") },
  "wrong-password": {
    text: "The server does not know this name with this password.",
    ...advice("Check both, and whether Caps Lock is on."),
  },
  "login-unsupported": {
    text: "This server does not offer to log in this way.",
    ...advice("Choose another way to log in."),
  },
  "login-refused": {
    text: "The server did not accept what came back from your browser. Perhaps it took too long.",
    ...advice("Log in once more, and finish it in the browser."),
  },
  "login-cancelled": {
    text: "The login in your browser was not finished. Nothing was changed.",
    ...advice("Log in once more when you like."),
  },
  "nothing-begun": {
    text: "No login is under way in your browser.",
    ...advice("Start the login here, and then go on in the browser."),
  },
  "logged-out": {
    text: "Your server no longer accepts this login. Your links are kept, and so is what still waits.",
    ...button("Log in again", "login"),
  },
  "other-account": { text: AS_TOLD, ...NOTHING_TO_DO },
  "wrong-recovery-key": {
    text: "This is not the recovery key or passphrase of this account.",
    ...advice("Check it, and try again. Nothing was changed."),
  },
  "no-recovery-key": { text: AS_TOLD, ...NOTHING_TO_DO },
  "no-other-device": { text: AS_TOLD, ...NOTHING_TO_DO },
  "nothing-to-verify": {
    text: "No other device waits for this any more.",
    ...advice("Start comparing again."),
  },
  "verification-cancelled": { text: AS_TOLD, ...NOTHING_TO_DO },
  "already-set-up": {
    text: "This account has been secured by another app already. Ferry changed nothing.",
    ...advice("Verify this device with the recovery key, or by comparing emoji."),
  },
  "confirmation-unknown": {
    text: "Your server wants this confirmed in a way that Ferry does not know. Nothing was changed.",
    ...advice("Set up recovery in another Matrix app, then verify this device with it."),
  },
} satisfies Partial<Record<FailureCode, Words>>;

/** Rooms, and single messages. */
const ROOMS = {
  "unknown-room": { text: AS_TOLD, ...NOTHING_TO_DO },
  "not-a-room": { text: AS_TOLD, ...NOTHING_TO_DO },
  "not-joined": {
    text: "You are not in this room.",
    ...advice("Join it in your Matrix app, then try again."),
  },
  "no-power": { text: AS_TOLD, ...advice("Ask an admin of the room.") },
  forbidden: {
    text: "Your server does not let you do that in this room.",
    ...advice("Ask an admin of the room whether you may write there."),
  },
  "event-not-found": {
    text: "The message is not there any more, or you may not see it any more.",
    ...NOTHING_TO_DO,
  },
  "event-refused": {
    text: "Your server refused this message for good. Ferry has set it aside.",
    ...advice("Try once more, or dismiss it."),
  },
  "duplicate-reaction": { text: "You have already reacted with this there.", ...NOTHING_TO_DO },
  "encryption-failed": {
    text: "The message could not be encrypted. Ferry waits and will try again.",
    ...NOTHING_TO_DO,
  },
  "encryption-gone": {
    text: "The server says that this room is not encrypted any more, and it was. Ferry sends nothing into it.",
    ...advice("Ask the room's admins what happened before you go on."),
  },
  "maybe-sent": {
    text: "Ferry was sending this when your last login ended, and cannot see whether it arrived.",
    ...advice("Look into the room. If it is missing, try again; if it is there, dismiss it."),
  },
  "key-missing": {
    text: "Ferry cannot read this message: what is needed to decrypt it is not on this device.",
    ...advice("Dismiss it, or ask its sender to send it again."),
  },
} satisfies Partial<Record<FailureCode, Words>>;

/** Making and changing links, and what people have agreed to. */
const LINKS = {
  "unknown-link": { text: "This link is not there any more.", ...button("See your links", "links") },
  "link-needs-two-rooms": { text: "A link joins at least two different rooms.", ...advice("Pick another room.") },
  "link-exists": { text: AS_TOLD, ...button("See your links", "links") },
  "link-starting": { text: AS_TOLD, ...advice("Wait until the link has begun.") },
  "link-needs-confirmation": {
    text: "Something changed while you were looking. Nothing was done.",
    ...advice("Look again at how it is now."),
  },
  "link-needs-consent": { text: AS_TOLD, ...advice("Ask the room's admins.") },
  "link-needs-exposure": { text: AS_TOLD, ...advice("Confirm this for the room, or leave the room out.") },
  "asked-today": { text: AS_TOLD, ...advice("Wait until tomorrow.") },
  "nothing-to-ask": { text: AS_TOLD, ...NOTHING_TO_DO },
  "nothing-to-withdraw": { text: AS_TOLD, ...NOTHING_TO_DO },
  "unknown-proposal": {
    text: "This proposal is not there any more.",
    ...button("See the proposals", "proposals"),
  },
  "change-waiting": { text: AS_TOLD, ...advice("Wait until its rooms have answered, or take the change back.") },
  "room-closed": { text: AS_TOLD, ...NOTHING_TO_DO },
  "proposal-over": { text: AS_TOLD, ...NOTHING_TO_DO },
  "proposal-sending": { text: AS_TOLD, ...advice("Try again in a moment.") },
  "consent-unread": {
    text: "Ferry has not looked at this room since it started.",
    ...advice("Wait a moment. Ferry goes on by itself."),
  },
  "another-ferry": { text: AS_TOLD, ...NOTHING_TO_DO },
  "unknown-outbox-row": { text: "This message does not wait any more.", ...NOTHING_TO_DO },
} satisfies Partial<Record<FailureCode, Words>>;

/** This computer, and mistakes. */
const MACHINE = {
  "not-running": { text: "Ferry is not running any more.", ...advice("Start Ferry again.") },
  "already-running": { text: "Ferry is already running.", ...advice("Use the window that is open already.") },
  "no-browser": {
    text: "Ferry needs Chrome or Chromium on this computer, and found neither.",
    ...advice("Install one of them and start Ferry again."),
  },
  "no-display": { text: AS_TOLD, ...NOTHING_TO_DO },
  "no-systemd": { text: AS_TOLD, ...NOTHING_TO_DO },
  "browser-failed": { text: "A part of Ferry did not start.", ...advice(RESTART) },
  "engine-gone": { text: "A part of Ferry stopped. Ferry is starting it again.", ...NOTHING_TO_DO },
  "other-host": { text: AS_TOLD, ...NOTHING_TO_DO },
  "keychain-unavailable": {
    text: "This computer's keychain cannot be used, so Ferry has no safe place for its secrets.",
    ...advice("Install or start a keychain, such as GNOME Keyring or KWallet, and try again."),
  },
  "keychain-locked": {
    text: "This computer's keychain is locked, so Ferry cannot read its secrets. Nothing was changed.",
    ...advice("Unlock the keychain, and try again."),
  },
  "wrong-passphrase": {
    text: "This is not the passphrase that Ferry's secrets are kept under.",
    ...advice("Try the passphrase again."),
  },
  "passphrase-missing": {
    text: "Ferry's secrets are kept under a passphrase, and it was not given.",
    ...advice("Start Ferry again and give the passphrase."),
  },
  "database-damaged": { text: AS_TOLD, ...NOTHING_TO_DO },
  "database-newer": {
    text: "A newer version of Ferry was used here before. This one has changed nothing.",
    ...advice("Install the newer version again."),
  },
  "disk-full": {
    text: "The disk is full. Ferry copies nothing until there is room. What is missed meanwhile will follow.",
    ...advice(DISK),
  },
  "crypto-store": {
    text: "The keys to your messages can not be read just now. Nothing was deleted.",
    ...advice("Wait a moment. If it stays like this, quit Ferry and start it again."),
  },
  "crypto-store-lost": {
    text: "The keys of this login are gone. Your links are kept, and so is what still waits.",
    ...button("Sign out, then log in again", "account"),
  },
  "data-folder": { text: AS_TOLD, ...NOTHING_TO_DO },
  "file-not-written": { text: AS_TOLD, ...NOTHING_TO_DO },
  "autostart-refused": { text: AS_TOLD, ...NOTHING_TO_DO },
  "bad-request": { text: "Ferry did not understand that. Nothing was done.", ...advice(RESTART) },
  internal: {
    text: "Something went wrong inside Ferry. Nothing was lost.",
    ...button("Save a report of the fault", "settings"),
  },
} satisfies Partial<Record<FailureCode, Words>>;

/** A new code has no words here until this no longer fits. */
const WORDS: Record<FailureCode, Words> = { ...ACCOUNT, ...ROOMS, ...LINKS, ...MACHINE };

/**
 * What to show of a failure that main has answered with.
 *
 * @param failure its `message` is main's own sentence; shown where it says more than the code does
 */
export function sentenceFor(failure: { code: string; message: string }): FailureWords {
  if (!isFailureCode(failure.code)) return { text: failure.message, ...NOTHING_TO_DO };
  const { text, action, page } = WORDS[failure.code];
  return { text: text ?? failure.message, action, page };
}

export function isFailureCode(code: string): code is FailureCode {
  return Object.hasOwn(WORDS, code);
}
