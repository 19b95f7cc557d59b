import type { accountRequests } from "../protocol/control.ts";
import type { Handlers } from "../protocol/rpc.ts";
import type { Account } from "./account.ts";
import type { Engine } from "./engine.ts";

type Methods =
  "security" | "verifyRecovery" | "verifyStart" | "verifyAccept" | "verifyConfirm" | "verifyCancel" | "securitySetUp";

/** How far this device is trusted: the engine's to know and to change. */
export function securityHandlers(
  parts: () => { account: Account; engine: Engine },
): Pick<Handlers<typeof accountRequests>, Methods> {
  const remote = () => parts().engine.remote;
  const view = async () => ({ ...(await remote().security({})), secrets: parts().account.secretsKind });
  return {
    security: view,
    verifyRecovery: async ({ secret }) => {
      await remote().verifyRecovery({ secret });
      return view();
    },
    verifyStart: () => remote().verifyStart({}),
    verifyAccept: () => remote().verifyAccept({}),
    verifyConfirm: ({ matches }) => remote().verifyConfirm({ matches }),
    verifyCancel: () => remote().verifyCancel({}),
    securitySetUp: ({ password }) => remote().securitySetUp({ password }),
  };
}
