import { MatrixError } from "matrix-js-sdk/lib/http-api/errors.js";
import { z } from "zod";
import { bareClient } from "./bare-client.ts";
import { toFailure } from "./failures.ts";
import { oauthMetadata } from "./oauth.ts";

/** Nobody chooses from more. */
const MOST_PROVIDERS = 30;
const LONGEST_NAME = 80;

/** What a homeserver says of an identity provider (client-server API, "Client login via SSO"). */
const provider = z.object({ id: z.string().regex(/^[A-Za-z0-9._~-]{1,255}$/), name: z.string().trim().min(1) });

export interface Methods {
  password: boolean;
  sso: { id: string | null; name: string }[];
  oauth: boolean;
}

/** What a homeserver offers to log in with. */
export async function loginMethods(homeserver: string): Promise<Methods> {
  const [flows, metadata] = await Promise.all([flowsOf(homeserver), oauthMetadata(homeserver)]);
  const sso = flows.find(({ type }) => type === "m.login.sso");
  return {
    password: flows.some(({ type }) => type === "m.login.password"),
    sso: sso === undefined ? [] : providersOf(sso, new URL(homeserver).host),
    oauth: metadata !== null,
  };
}

const flow = z.looseObject({ type: z.string() });
type Flow = z.output<typeof flow>;

async function flowsOf(homeserver: string): Promise<Flow[]> {
  try {
    const { flows } = await bareClient(homeserver).loginFlows();
    return z.array(flow).catch([]).parse(flows);
  } catch (error) {
    // Where all of it is left to OAuth 2.0 there is nothing here.
    if (error instanceof MatrixError && (error.httpStatus === 404 || error.errcode === "M_UNRECOGNIZED")) return [];
    throw toFailure(error);
  }
}

function providersOf(sso: Flow, host: string): Methods["sso"] {
  const listed = Array.isArray(sso["identity_providers"]) ? sso["identity_providers"].slice(0, MOST_PROVIDERS) : [];
  const known = listed.flatMap((one: unknown) => {
    const parsed = provider.safeParse(one);
    return parsed.success ? [{ id: parsed.data.id, name: parsed.data.name.slice(0, LONGEST_NAME) }] : [];
  });
  return known.length > 0 ? known : [{ id: null, name: host }];
}

/** Where `m.login.sso` begins (client-server API, "Client login via SSO"). */
export function ssoAddress(request: { homeserver: string; provider: string | null; redirect: string }) {
  const chosen = request.provider === null ? undefined : encodeURIComponent(request.provider);
  return { address: bareClient(request.homeserver).getSsoLoginUrl(request.redirect, "sso", chosen) };
}
