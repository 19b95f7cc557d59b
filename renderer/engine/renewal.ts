import { z } from "zod";
import { FerryError } from "../../main/matrix/errors.ts";
import type { Credentials } from "../../main/protocol/engine.ts";
import { bareClient } from "./bare-client.ts";
import { cookieless } from "./cookieless.ts";
import { toFailure } from "./failures.ts";
import { renewOauth, revokeOauth } from "./oauth.ts";
import { TokenKeeper, type Renewal, type Tokens } from "./tokens.ts";

/** Ends a login that no client has open. What it is renewed to for that is not stored. */
export async function revoke(credentials: Credentials): Promise<Record<string, never>> {
  const renew = renewalOf(credentials);
  await endLogin(credentials, new TokenKeeper(credentials, { renew, store: async () => undefined, send: cookieless }));
  return {};
}

/** Ends the login whose tokens the keeper has: with a token that has run out it could not be ended. */
export async function endLogin({ oauth, homeserver }: Credentials, keeper: TokenKeeper): Promise<void> {
  try {
    if (oauth) await revokeOauth(oauth, keeper.tokens);
    else await bareClient(homeserver, keeper.tokens.accessToken, keeper.fetch).logout(true);
  } catch (error) {
    throw toFailure(error);
  }
}

/** How the tokens of a login are renewed: by its issuer, or by the homeserver itself. */
export function renewalOf({ homeserver, oauth }: Credentials): Renewal {
  return (refreshToken) => (oauth ? renewOauth(oauth, refreshToken) : renewNative(homeserver, refreshToken));
}

/**
 * `POST /refresh` of the client-server API.
 *
 * @throws FerryError `logged-out` where the homeserver says that the login has ended; everything else passes by itself
 */
async function renewNative(homeserver: string, refreshToken: string): Promise<Tokens> {
  try {
    const answer = await bareClient(homeserver).refreshToken(refreshToken);
    const { access_token: accessToken, refresh_token: next } = renewed.parse(answer);
    return { accessToken, ...(next === undefined ? {} : { refreshToken: next }) };
  } catch (error) {
    const failure = toFailure(error);
    // Synapse says of a token that has been used, or has run out, that it is forbidden.
    if (failure.code === "forbidden") throw new FerryError("logged-out", "The login has ended.");
    throw failure;
  }
}

const renewed = z.object({ access_token: z.string().min(1), refresh_token: z.string().min(1).optional() });
