import type { accountRequests } from "../protocol/control.ts";
import type { Handlers } from "../protocol/rpc.ts";
import type { StoredAccount } from "../store/account.ts";
import type { Login } from "./login.ts";

type Methods =
  "loginMethods" | "loginPassword" | "loginToken" | "loginBrowser" | "loginBrowserEnd" | "loginBrowserCancel";

/** Logging in, for whoever steers Ferry. */
export function loginHandlers(parts: () => { login: Login }): Pick<Handlers<typeof accountRequests>, Methods> {
  return {
    loginMethods: ({ server }) => parts().login.methods(server.trim()),
    loginPassword: async (request) => accountView(await parts().login.password(request)),
    loginToken: async (request) => accountView(await parts().login.token(request)),
    loginBrowser: (request) => parts().login.begin(request),
    loginBrowserEnd: async () => accountView(await parts().login.end()),
    loginBrowserCancel: async () => {
      parts().login.cancel();
      return {};
    },
  };
}

function accountView({ userId, deviceId, homeserver }: StoredAccount) {
  return { userId, deviceId, homeserver };
}
