import type { SecurityView, StatusView } from "../../../main/protocol/control.ts";
import { counted } from "./numbers.ts";

/** Something that is the case, and what it means. */
export interface Fact {
  label: string;
  more: string;
  isGood: boolean;
}

/** Whether this device is verified, and what that does. */
export function verifiedFact(verified: boolean | null): Fact {
  if (verified === null)
    return { label: "Whether this device is verified is not known yet", more: "Ferry asks your server.", isGood: true };
  if (verified) {
    return {
      label: "This device is verified",
      more: "Other people's apps trust this device with their messages.",
      isGood: true,
    };
  }
  return {
    label: "This device is not verified",
    more: "Other people's apps may hide their messages from it, and may warn of what it writes.",
    isGood: false,
  };
}

const BACKUPS: Record<SecurityView["backup"], Fact> = {
  connected: {
    label: "Key backup is connected",
    more: "What is needed to read your messages is kept on your server, locked with your recovery key. What this device is missing, it finds there.",
    isGood: true,
  },
  "not-connected": {
    label: "Key backup is not connected",
    more: "Your account has a key backup, but this device cannot open it yet. Messages that it has no keys for stay unreadable.",
    isGood: false,
  },
  missing: {
    label: "No key backup",
    more: "Your account has no key backup. If you lose your devices, nobody can read your older messages any more.",
    isGood: false,
  },
};

/** The account's key backup as this device sees it. */
export function backupFact(backup: SecurityView["backup"]): Fact {
  return BACKUPS[backup];
}

const SECRETS: Record<SecurityView["secrets"], Fact> = {
  keychain: {
    label: "Secrets are kept in this computer's keychain",
    more: "It is locked with your login to this computer.",
    isGood: true,
  },
  passphrase: {
    label: "Secrets are kept in a file, locked with your passphrase",
    more: "Without the passphrase nobody can use it, and Ferry cannot start.",
    isGood: true,
  },
  "plain-file": {
    label: "Secrets are kept in a file that is not locked",
    more: "Whoever can read your files can use your account. This was chosen when Ferry was started.",
    isGood: false,
  },
};

/** Where what Ferry must keep secret is kept. */
export function secretsFact(secrets: SecurityView["secrets"]): Fact {
  return SECRETS[secrets];
}

/** "12 messages", with those that could not be delivered; null where nothing is owed. */
export function owedInAll({ waiting, failed }: Pick<StatusView, "waiting" | "failed">): string | null {
  return waiting + failed === 0 ? null : counted(waiting + failed, "message");
}
