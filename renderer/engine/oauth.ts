import { HTTPError, safeGetRetryAfterMs } from "matrix-js-sdk/lib/http-api/errors.js";
import { OAuth2, OAuth2HTTPError, type ValidatedAuthMetadata } from "matrix-js-sdk/lib/oauth/index.js";
import { secureRandomString } from "matrix-js-sdk/lib/randomstring.js";
import { z } from "zod";
import { FerryError } from "../../main/matrix/errors.ts";
import type { DeviceId } from "../../main/matrix/ids.ts";
import { isServerAddress } from "../../main/protocol/values.ts";
import { oauthClient, type Credentials, type OauthClient } from "../../main/protocol/engine.ts";
import { bareClient, checkedLogin } from "./bare-client.ts";
import { toFailure } from "./failures.ts";
import { silentLogger } from "./silence.ts";
import type { Tokens } from "./tokens.ts";

/**
 * Logging in by OAuth 2.0 (client-server API, "OAuth 2.0 API"): the authorisation code grant with PKCE, as a public
 * client that registers itself for each login.
 */

/** What an issuer is told about Ferry besides its name: the proposal that it implements. No `_` in it, which some refuse. */
const CLIENT_URI = "https://github.com/matrix-org/matrix-spec-proposals/pull/2923";
const STATE_LENGTH = 32;
const DEVICE_ID_LENGTH = 10;

/** RFC 9207, which the SDK does not know. */
interface IssuerNames {
  authorization_response_iss_parameter_supported?: unknown;
}

/** What has to be known when the browser comes back. */
const loginContext = z.object({
  client: oauthClient,
  redirect: z.string(),
  state: z.string(),
  codeVerifier: z.string(),
  deviceId: z.string(),
  /** Whether the issuer names itself in what comes back (RFC 9207). */
  namesIssuer: z.boolean(),
});
type LoginContext = z.output<typeof loginContext>;

/**
 * How a homeserver lets log in by OAuth 2.0.
 *
 * @returns null where it does not, or only in a way that is not safe
 * @throws FerryError `offline`, `homeserver-unreachable`
 */
export async function oauthMetadata(homeserver: string): Promise<ValidatedAuthMetadata | null> {
  let metadata: ValidatedAuthMetadata;
  try {
    metadata = await bareClient(homeserver).getAuthMetadata();
  } catch (error) {
    const failure = toFailure(error);
    if (failure.code === "offline" || failure.code === "homeserver-unreachable") throw failure;
    return null;
  }
  const { issuer, authorization_endpoint, registration_endpoint, token_endpoint, revocation_endpoint } = metadata;
  const asked = [issuer, authorization_endpoint, registration_endpoint, token_endpoint, revocation_endpoint];
  return asked.every(isServerAddress) ? metadata : null;
}

/** See `oauthAddress` of the contract. */
export async function oauthAddress(request: {
  homeserver: string;
  redirect: string;
  deviceId: DeviceId | null;
}): Promise<{ address: string; context: string }> {
  const metadata = await oauthMetadata(request.homeserver);
  if (!metadata) {
    throw new FerryError("login-unsupported", "This homeserver does not offer to log in with its account page.");
  }
  const { redirect } = request;
  const clientId = await register(metadata, redirect);
  const deviceId = request.deviceId ?? secureRandomString(DEVICE_ID_LENGTH).toUpperCase();
  const oauth = new OAuth2(metadata, { clientId, deviceId }, silentLogger);
  const state = secureRandomString(STATE_LENGTH);
  const client: OauthClient = { issuer: metadata.issuer, clientId, ...endpointsOf(metadata) };
  const { authorization_response_iss_parameter_supported: namesIssuer } = metadata as ValidatedAuthMetadata &
    IssuerNames;
  const { codeVerifier } = oauth.context;
  const context: LoginContext = { client, redirect, state, codeVerifier, deviceId, namesIssuer: namesIssuer === true };
  const address = await oauth.generateAuthorizationCodeGrantUrl(state, redirect, "query");
  return { address, context: JSON.stringify(context) };
}

async function register(metadata: ValidatedAuthMetadata, redirect: string): Promise<string> {
  try {
    const asked = { client_name: "Ferry", client_uri: CLIENT_URI, application_type: "native" as const };
    const grants: [string, string] = ["authorization_code", "refresh_token"];
    return await OAuth2.registerClient(
      metadata,
      { ...asked, redirect_uris: [redirect], grant_types: grants },
      silentLogger,
    );
  } catch (error) {
    if (error instanceof Error && error.cause !== undefined) throw unreachable();
    throw new FerryError("login-unsupported", "The homeserver's account page does not accept Ferry as an application.");
  }
}

/** See `loginOauth` of the contract. */
export async function loginOauth(request: {
  homeserver: string;
  context: string;
  answer: string;
}): Promise<Credentials> {
  const context = loginContext.parse(JSON.parse(request.context));
  const { client, deviceId } = context;
  const tokens = await exchange(context, codeOf(new URL(request.answer).searchParams, context));
  const { homeserver } = request;
  try {
    const whose = await bareClient(homeserver, tokens.accessToken).whoami();
    const { accessToken, refreshToken } = tokens;
    const credentials = checkedLogin(homeserver, {
      ...{ user_id: whose.user_id, device_id: whose.device_id, access_token: accessToken, refresh_token: refreshToken },
    });
    // Another device's keys are not in this device's store.
    if (credentials.deviceId !== deviceId) {
      throw new FerryError("login-unsupported", "The homeserver has not made the device that Ferry asked for.");
    }
    return { ...credentials, oauth: client };
  } catch (error) {
    // Nobody would use these tokens. Where they cannot be revoked either, they end by themselves.
    await revokeOauth(client, tokens).catch(() => undefined);
    const failure = toFailure(error);
    if (failure.code !== "logged-out") throw failure;
    throw new FerryError(
      "login-refused",
      "The homeserver does not accept what its own account page gave out. Try again.",
    );
  }
}

/**
 * What came back is the answer to what was asked (RFC 6749, section 4.1.2), from whom it was asked (RFC 9207).
 *
 * @throws FerryError `login-refused`
 */
function codeOf(answer: URLSearchParams, { state, client, namesIssuer }: LoginContext): string {
  const issuer = answer.get("iss") ?? (namesIssuer ? null : client.issuer);
  if (answer.get("state") !== state || issuer !== client.issuer) {
    throw new FerryError("login-refused", "What the browser brought back does not belong to this login. Try again.");
  }
  const code = answer.get("code");
  if (code === null || code === "" || answer.has("error")) {
    throw new FerryError("login-refused", "The login was not completed in the browser. Try again.");
  }
  return code;
}

async function exchange({ client, codeVerifier, redirect }: LoginContext, code: string): Promise<Tokens> {
  try {
    const oauth = new OAuth2(asMetadata(client), { clientId: client.clientId, codeVerifier }, silentLogger);
    return tokensOf(await oauth.completeAuthorizationCodeGrant(code, redirect));
  } catch (error) {
    if (isRefusal(error)) {
      throw new FerryError("login-refused", "The login took too long, or was used already. Try again.");
    }
    throw failureOf(error);
  }
}

/**
 * The refresh token grant (RFC 6749, section 6).
 *
 * @throws FerryError `logged-out` where the issuer says that the login has ended; everything else passes by itself
 */
export async function renewOauth(client: OauthClient, refreshToken: string): Promise<Tokens> {
  try {
    const oauth = new OAuth2(asMetadata(client), { clientId: client.clientId }, silentLogger);
    return tokensOf(await oauth.performRefreshTokenGrant(refreshToken));
  } catch (error) {
    if (hasEnded(error)) throw new FerryError("logged-out", "The login has ended.");
    throw failureOf(error);
  }
}

/**
 * Ends a login at its issuer (RFC 7009).
 *
 * @throws FerryError `logged-out` where the issuer has ended it already; others where it cannot be done now
 */
export async function revokeOauth(client: OauthClient, tokens: Tokens): Promise<void> {
  const oauth = new OAuth2(asMetadata(client), { clientId: client.clientId }, silentLogger);
  try {
    // First what could make new ones.
    if (tokens.refreshToken !== undefined) await oauth.revokeToken(tokens.refreshToken, "refresh_token");
    await oauth.revokeToken(tokens.accessToken, "access_token");
  } catch (error) {
    if (hasEnded(error)) throw new FerryError("logged-out", "The login has ended.");
    throw failureOf(error);
  }
}

function tokensOf(answer: { access_token: string; refresh_token?: string }): Tokens {
  const { access_token: accessToken, refresh_token: refreshToken } = answer;
  return { accessToken, ...(refreshToken === undefined || refreshToken === "" ? {} : { refreshToken }) };
}

function endpointsOf(metadata: ValidatedAuthMetadata): Pick<OauthClient, "tokenEndpoint" | "revocationEndpoint"> {
  return { tokenEndpoint: metadata.token_endpoint, revocationEndpoint: metadata.revocation_endpoint };
}

/** What the SDK wants to know of an issuer; of all that, only these two are asked. */
function asMetadata({ issuer, tokenEndpoint, revocationEndpoint }: OauthClient): ValidatedAuthMetadata {
  return {
    issuer,
    token_endpoint: tokenEndpoint,
    revocation_endpoint: revocationEndpoint,
    authorization_endpoint: "",
    registration_endpoint: "",
    code_challenge_methods_supported: [],
    grant_types_supported: [],
    response_modes_supported: [],
    response_types_supported: [],
  };
}

/** Whether the issuer itself refuses (RFC 6749, section 5.2), and does not just ask to come back later. */
function isRefusal(error: unknown): error is OAuth2HTTPError {
  return error instanceof OAuth2HTTPError && (error.httpStatus === 400 || error.httpStatus === 401);
}

/** The issuer does not know the login any more, or has forgotten the client that it was made for. */
const ENDED: ReadonlySet<string | undefined> = new Set(["invalid_grant", "invalid_client", "unauthorized_client"]);

function hasEnded(error: unknown): boolean {
  return isRefusal(error) && ENDED.has(error.error);
}

/** For all that its user knows, the issuer is a part of the homeserver. */
function failureOf(error: unknown): FerryError {
  if (!(error instanceof HTTPError)) return unreachable();
  if (error.httpStatus === 429) {
    const retryAfterMs = safeGetRetryAfterMs(error, 1000);
    return new FerryError("rate-limited", "The homeserver's account page asks to slow down.", { retryAfterMs });
  }
  const text = `The homeserver's account page has a problem of its own (status ${error.httpStatus ?? 0}).`;
  return new FerryError("homeserver-error", text);
}

function unreachable(): FerryError {
  return new FerryError("homeserver-unreachable", "The homeserver's account page does not answer.");
}
