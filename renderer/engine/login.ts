import { AutoDiscovery, AutoDiscoveryAction } from "matrix-js-sdk/lib/autodiscovery.js";
import { Method } from "matrix-js-sdk/lib/http-api/index.js";
import { FerryError } from "../../main/matrix/errors.ts";
import type { DeviceId } from "../../main/matrix/ids.ts";
import type { Credentials } from "../../main/protocol/engine.ts";
import { bareClient, checkedLogin } from "./bare-client.ts";
import { clockOffsetOf } from "./clock.ts";
import { toFailure } from "./failures.ts";

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

interface LoginRequest {
  homeserver: string;
  deviceName: string;
  /** To go on as this device; null for a new one. */
  deviceId: DeviceId | null;
}

const deviceOf = ({ deviceName, deviceId }: LoginRequest) => ({
  initial_device_display_name: deviceName,
  ...(deviceId === null ? {} : { device_id: deviceId }),
});

/** Logs in with a password (`m.login.password`). */
export async function loginPassword(request: LoginRequest & { user: string; password: string }): Promise<Credentials> {
  const client = bareClient(request.homeserver);
  try {
    const { flows } = await client.loginFlows();
    if (!flows.some((flow) => flow.type === "m.login.password")) {
      throw new FerryError("login-unsupported", "This homeserver does not offer to log in with a password.");
    }
    const identifier = { type: "m.id.user", user: request.user };
    const asked = { type: "m.login.password", identifier, password: request.password, ...deviceOf(request) };
    const answer = await client.loginRequest(asked);
    const credentials = checkedLogin(request.homeserver, answer);
    if (answer.expires_in_ms === undefined) return credentials;
    // This token would end by itself: the same device gets one that can be renewed. Not asked for at first, for then
    // homeservers give tokens that have to be renewed every few minutes to all who ask.
    const renewable = await client.loginRequest({ ...asked, device_id: credentials.deviceId, refresh_token: true });
    return checkedLogin(request.homeserver, renewable);
  } catch (error) {
    const failure = toFailure(error);
    if (failure.code === "forbidden") {
      throw new FerryError("wrong-password", "The homeserver does not know this name with this password.");
    }
    throw failure;
  }
}

/** Logs in with what came back from single sign-on (`m.login.token`). */
export async function loginSso(request: LoginRequest & { loginToken: string }): Promise<Credentials> {
  try {
    // The token of single sign-on is good for one try: what can be renewed has to be asked for at once.
    const asked = { type: "m.login.token", token: request.loginToken, refresh_token: true, ...deviceOf(request) };
    return checkedLogin(request.homeserver, await bareClient(request.homeserver).loginRequest(asked));
  } catch (error) {
    const failure = toFailure(error);
    if (failure.code === "forbidden") {
      throw new FerryError("login-refused", "The login took too long, or was used already. Try again.");
    }
    throw failure;
  }
}

/** Takes over an access token that already exists; the homeserver says whose it is. */
export async function loginToken(request: { homeserver: string; accessToken: string }): Promise<Credentials> {
  try {
    const whose = await bareClient(request.homeserver, request.accessToken).whoami();
    return checkedLogin(request.homeserver, { ...whose, access_token: request.accessToken });
  } catch (error) {
    throw toFailure(error);
  }
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
