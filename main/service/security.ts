import { FerryError } from "../matrix/errors.ts";
import type { accountRequests, SecurityView } from "../protocol/control.ts";
import type { Handlers } from "../protocol/rpc.ts";
import type { EngineClient, KeysFor } from "../protocol/engine.ts";
import type { Account } from "./account.ts";
import type { Engine } from "./engine.ts";

interface SecurityParts {
  account: Pick<Account, "stored" | "isOpen" | "secretsKind">;
  engine: Pick<Engine, "remote">;
}

/** From the next message on. An engine that is not open is opened with the setting. */
export async function applyKeysFor({ account, engine }: SecurityParts, keysFor: KeysFor): Promise<void> {
  if (account.isOpen) await engine.remote.keysFor({ keysFor });
}

type Methods =
  | "security"
  | "verifyRecovery"
  | "verifyStart"
  | "verifyAccept"
  | "verifyConfirm"
  | "verifyCancel"
  | "securitySetUp"
  | "recoveryKeyWritten";

/**
 * How far this device is trusted: the engine's to know and to change. Each fails with `not-logged-in`, and with
 * `engine-gone` while the engine is being opened.
 */
export function securityHandlers(parts: () => SecurityParts): Pick<Handlers<typeof accountRequests>, Methods> {
  const remote = (): EngineClient => {
    const { account, engine } = parts();
    if (account.stored === null) {
      throw new FerryError("not-logged-in", "Ferry is not logged in.");
    }
    if (!account.isOpen) {
      throw new FerryError("engine-gone", "Ferry is still opening this account's keys. Try again in a moment.");
    }
    return engine.remote;
  };
  const view = async (): Promise<SecurityView> => ({
    ...(await remote().security({})),
    secrets: parts().account.secretsKind,
  });
  return {
    security: view,
    verifyRecovery: async ({ secret }) => {
      await remote().verifyRecovery({ secret });
      return view();
    },
    verifyStart: async () => remote().verifyStart({}),
    verifyAccept: async () => remote().verifyAccept({}),
    verifyConfirm: async ({ matches }) => remote().verifyConfirm({ matches }),
    verifyCancel: async () => remote().verifyCancel({}),
    securitySetUp: async ({ password }) => remote().securitySetUp({ password }),
    recoveryKeyWritten: async ({ keyId }) => remote().recoveryKeyWritten({ keyId }),
  };
}
