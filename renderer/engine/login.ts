import { AutoDiscovery, AutoDiscoveryAction } from "matrix-js-sdk/lib/autodiscovery.js";
import { MatrixClient } from "matrix-js-sdk/lib/client.js";
import { Method } from "matrix-js-sdk/lib/http-api/index.js";
import { FerryError } from "../../main/matrix/errors.ts";
import { isDeviceId, isUserId } from "../../main/matrix/ids.ts";
import type { Credentials } from "../../main/protocol/engine.ts";
import { clockOffsetOf } from "./clock.ts";
import { cookieless } from "./cookieless.ts";
import { toFailure } from "./failures.ts";
import { silentLogger } from "./silence.ts";

const REQUEST_TIMEOUT_MS = 20_000;

function bareClient(homeserver: string, accessToken?: string): MatrixClient {
  return new MatrixClient({
    baseUrl: homeserver,
    logger: silentLogger,
    fetchFn: cookieless,
    localTimeoutMs: REQUEST_TIMEOUT_MS,
    ...(accessToken === undefined ? {} : { accessToken }),
  });
}

/**
 * Finds a homeserver's base URL: from a URL as it stands, from a server name by `.well-known` (client-server API,
 * "Server discovery").
 */
export async function discover(server: string): Promise<{ homeserver: string }> {
  if (/^https?:\/\//.test(server)) {
    const homeserver = new URL(server).href.replace(/\/+$/, "");
    await versions(homeserver);
    return { homeserver };
  }
  const found = (await AutoDiscovery.findClientConfig(server))["m.homeserver"];
  if (found.state === AutoDiscoveryAction.SUCCESS && found.base_url) {
    return { homeserver: found.base_url.replace(/\/+$/, "") };
  }
  // Without a .well-known file the server name itself is the place to ask.
  const direct = `https://${server}`;
  try {
    await versions(direct);
  } catch (error) {
    if (toFailure(error).code === "offline") throw toFailure(error);
    throw new FerryError(
      "homeserver-not-found",
      `No Matrix homeserver was found for "${server}". Check the spelling, or give its address (https://…).`,
    );
  }
  return { homeserver: direct };
}

async function versions(homeserver: string): Promise<string[]> {
  try {
    const answer = await bareClient(homeserver).http.request<{ versions?: unknown }>(
      Method.Get,
      "/_matrix/client/versions",
      undefined,
      undefined,
      { prefix: "" },
    );
    return Array.isArray(answer.versions) ? answer.versions.filter((version) => typeof version === "string") : [];
  } catch (error) {
    const failure = toFailure(error);
    if (failure.code === "event-refused" || failure.code === "event-not-found" || failure.code === "internal") {
      throw new FerryError("homeserver-not-found", "There is a server at this address, but no Matrix homeserver.");
    }
    throw failure;
  }
}

/** Logs in with a password as a new device (`m.login.password`). */
export async function loginPassword(request: {
  homeserver: string;
  user: string;
  password: string;
  deviceName: string;
}): Promise<Credentials> {
  const client = bareClient(request.homeserver);
  try {
    const { flows } = await client.loginFlows();
    if (!flows.some((flow) => flow.type === "m.login.password")) {
      throw new FerryError("login-unsupported", "This homeserver does not offer to log in with a password.");
    }
    const answer = await client.loginRequest({
      type: "m.login.password",
      identifier: { type: "m.id.user", user: request.user },
      password: request.password,
      initial_device_display_name: request.deviceName,
    });
    return checked(request.homeserver, answer.user_id, answer.device_id, answer.access_token);
  } catch (error) {
    const failure = toFailure(error);
    if (failure.code === "forbidden") {
      throw new FerryError("wrong-password", "The homeserver does not know this name with this password.");
    }
    throw failure;
  }
}

/** Takes over an access token that already exists; the homeserver says whose it is. */
export async function loginToken(request: { homeserver: string; accessToken: string }): Promise<Credentials> {
  try {
    const answer = await bareClient(request.homeserver, request.accessToken).whoami();
    return checked(request.homeserver, answer.user_id, answer.device_id, request.accessToken);
  } catch (error) {
    throw toFailure(error);
  }
}

/** Ends a login. */
export async function revoke({ homeserver, accessToken }: Credentials): Promise<Record<string, never>> {
  try {
    await bareClient(homeserver, accessToken).logout(true);
    return {};
  } catch (error) {
    throw toFailure(error);
  }
}

function checked(homeserver: string, userId: unknown, deviceId: unknown, accessToken: unknown): Credentials {
  if (!isUserId(userId) || !isDeviceId(deviceId) || typeof accessToken !== "string") {
    throw new FerryError("login-unsupported", "The homeserver's answer to the login names no user, device or token.");
  }
  return { homeserver, userId, deviceId, accessToken };
}

/** Whether the homeserver answers and, with a token, how far this machine's clock is from the homeserver's. */
export async function probe(request: {
  homeserver: string;
  accessToken?: string | undefined;
}): Promise<{ versions: string[]; clockOffsetMs: number | null }> {
  const supported = await versions(request.homeserver);
  if (request.accessToken === undefined) return { versions: supported, clockOffsetMs: null };
  const client = bareClient(request.homeserver, request.accessToken);
  try {
    const { joined_rooms: rooms } = await client.getJoinedRooms();
    const room = rooms[0];
    if (room === undefined) return { versions: supported, clockOffsetMs: null };
    const path = `/rooms/${encodeURIComponent(room)}/messages`;
    const page = await client.http.authedRequest<{ chunk?: unknown[] }>(Method.Get, path, { dir: "b", limit: "1" });
    return { versions: supported, clockOffsetMs: clockOffsetOf(page.chunk ?? []) };
  } catch (error) {
    throw toFailure(error);
  }
}
