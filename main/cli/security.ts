import { FerryError } from "../matrix/errors.ts";
import type { SecurityView, Verification } from "../protocol/control.ts";
import { askSecret, finish } from "./account.ts";
import type { Context } from "./environment.ts";
import { toJson } from "./json.ts";
import { openSession, type ControlClient } from "./session.ts";
import { counted, foreign, table } from "./text.ts";

/** `ferry verify` and `ferry security`: they work whether Ferry is running or not. */

/** How often Ferry is asked how the comparison stands, in milliseconds. */
const POLL_MS = 200;

export interface VerifyOptions {
  emoji?: boolean | undefined;
}

/** Says how far this device is trusted. */
export async function security(context: Context): Promise<number> {
  const session = await openSession(context);
  const view = await finish(session, () => session.client.security({}));
  printSecurity(context, view);
  return 0;
}

/** Verifies this device. */
export async function verify(context: Context, { emoji }: VerifyOptions): Promise<number> {
  const ask = emoji ? compareEmoji(context) : await recovery(context);
  const session = await openSession(context);
  const view = await finish(session, () => ask(session.client));
  printSecurity(context, view);
  return 0;
}

function printSecurity({ environment, settings }: Context, view: SecurityView): void {
  environment.print(settings.json ? toJson(view) : securityText(view));
}

async function recovery(context: Context): Promise<(client: ControlClient) => Promise<SecurityView>> {
  const secret = await askSecret(context, "Recovery key or passphrase: ");
  return (client) => client.verifyRecovery({ secret });
}

/** Asks the other devices, or takes up what one of them has asked, and shows the emoji. */
function compareEmoji(context: Context): (client: ControlClient) => Promise<SecurityView> {
  const { environment, settings } = context;
  if (!environment.interactive || settings.json) {
    throw new FerryError("bad-request", "There is no terminal to show emoji at. Verify with the recovery key instead.");
  }
  return async (client) => {
    await begin(context, client);
    for (;;) {
      const verification = await next(client);
      if (verification === null || verification.state === "cancelled") {
        throw new FerryError("verification-cancelled", verification?.reason ?? "It was broken off.");
      }
      if (verification.state === "done") return client.security({});
      environment.print(emojiText(verification));
      const matches = await environment.askYesOrNo("Does the other device show the same, in the same order?");
      // Meanwhile it may have been broken off, which is said next.
      await client.verifyConfirm({ matches }).catch(ignoreLapsed);
      await waitWhile(client, ({ state }) => state === "comparing");
    }
  };
}

async function begin({ environment }: Context, client: ControlClient): Promise<void> {
  const { verification } = await client.status({});
  if (verification?.state === "asked") await client.verifyAccept({});
  else {
    await client.verifyStart({});
    environment.print("Open another device that you are logged in on, and accept there what it asks.");
  }
  await waitWhile(client, ({ state }) => state === "asked");
}

/** How it stands once there is something to show. */
async function next(client: ControlClient): Promise<Verification | null> {
  return waitWhile(client, ({ state }) => state === "asked" || state === "waiting");
}

async function waitWhile(
  client: ControlClient,
  isSo: (verification: Verification) => boolean,
): Promise<Verification | null> {
  for (;;) {
    const { verification } = await client.status({});
    if (verification === null || !isSo(verification)) return verification;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function ignoreLapsed(error: unknown): void {
  if (!(error instanceof FerryError && error.code === "nothing-to-verify")) throw error;
}

function emojiText({ emoji, device }: Verification): string {
  const rows = emoji.map(({ symbol, name }) => [`  ${symbol}`, foreign(name)]);
  return [`Compare with ${foreign(device ?? "the other device")}:`, table(rows)].join("\n");
}

/** `ferry security` */
function securityText(view: SecurityView): string {
  const name = view.deviceName === null ? "" : ` (${foreign(view.deviceName)})`;
  const backups = {
    missing: "the account has none",
    connected: "connected",
    "not-connected": "there is one, which this device cannot use",
  };
  return table([
    ["Device", `${foreign(view.deviceId)}${name}`],
    ["Verified", view.verified ? "yes" : "no: verify it with “ferry verify”"],
    ["Fingerprint", foreign(view.fingerprint ?? "unknown")],
    ["Account secured", view.crossSigning ? "yes" : "no"],
    ["Recovery key", view.recovery ? "yes" : "no"],
    ["Key backup", backups[view.backup]],
    ["Other devices", `${counted(view.otherDevices, "device")} that could compare emoji`],
    ["Secrets kept in", view.secrets],
  ]);
}
