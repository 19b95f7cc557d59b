import { MatrixClient } from "matrix-js-sdk/lib/client.js";
import { FerryError } from "../../main/matrix/errors.ts";
import { isDeviceId, isUserId } from "../../main/matrix/ids.ts";
import type { Credentials } from "../../main/protocol/engine.ts";
import { cookieless } from "./cookieless.ts";
import { silentLogger } from "./silence.ts";

const REQUEST_TIMEOUT_MS = 20_000;

/** A client for single requests: it has no store and does not synchronise. */
export function bareClient(homeserver: string, accessToken?: string, fetchFn: typeof fetch = cookieless): MatrixClient {
  return new MatrixClient({
    baseUrl: homeserver,
    logger: silentLogger,
    fetchFn,
    localTimeoutMs: REQUEST_TIMEOUT_MS,
    ...(accessToken === undefined ? {} : { accessToken }),
  });
}

/** What a homeserver has answered to a login, or to the question whose a token is. */
export interface LoginAnswer {
  user_id?: unknown;
  device_id?: unknown;
  access_token?: unknown;
  refresh_token?: unknown;
}

/** @throws FerryError `login-unsupported` where the answer does not name a user, a device and a token */
export function checkedLogin(homeserver: string, answer: LoginAnswer): Credentials {
  const { user_id: userId, device_id: deviceId, access_token: accessToken, refresh_token: refreshToken } = answer;
  if (!isUserId(userId) || !isDeviceId(deviceId) || typeof accessToken !== "string" || accessToken === "") {
    throw new FerryError("login-unsupported", "The homeserver's answer to the login names no user, device or token.");
  }
  const renewal = typeof refreshToken === "string" && refreshToken !== "" ? { refreshToken } : {};
  return { homeserver, userId, deviceId, accessToken, ...renewal };
}
