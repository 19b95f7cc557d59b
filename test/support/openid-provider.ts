import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Provider, type Configuration } from "oidc-provider";

/** A real OpenID provider on loopback. Its login page takes every name with any password. */
export interface OpenidProvider {
  readonly issuer: string;
  readonly provider: Provider;
  stop(): Promise<void>;
}

/** The client that a homeserver is, which logs its users in by this provider. */
export const SYNAPSE_CLIENT = { id: "synapse", secret: "not-much-of-a-secret" };

/** Of everything that it gives out, in seconds. */
export const LIFETIMES = { AccessToken: 600, Grant: 3600, IdToken: 600, Interaction: 600, Session: 3600 };

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Starts a provider, and waits until it listens.
 *
 * @param configure oidc-provider's configuration, which may need the issuer's address
 * @param around what answers a request in place of the provider (answers whether it does), and what runs around its own
 */
export async function startOpenidProvider(
  configure: (issuer: string) => Configuration,
  around: {
    before?: (request: IncomingMessage, response: ServerResponse) => boolean;
    middleware?: Parameters<Provider["use"]>[0];
  } = {},
): Promise<OpenidProvider> {
  let answer: Answer = (_request, response) => void response.writeHead(503).end();
  const server = createServer((request, response) => {
    if (around.before?.(request, response) !== true) answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = quietly(() => new Provider(issuer, configure(issuer)));
  if (around.middleware) provider.use(around.middleware);
  const callback = provider.callback();
  answer = (request, response) => void callback(request, response);
  return { issuer, provider, stop: () => stop(server) };
}

/** A provider for a homeserver's single sign-on: Synapse is its one client, and comes back to `homeserver`. */
export function startSsoProvider(homeserver: string): Promise<OpenidProvider> {
  return startOpenidProvider(() => ({
    clients: [
      {
        client_id: SYNAPSE_CLIENT.id,
        client_secret: SYNAPSE_CLIENT.secret,
        redirect_uris: [`${homeserver}/_synapse/client/oidc/callback`],
        grant_types: ["authorization_code"],
        response_types: ["code"],
      },
    ],
    cookies: { keys: ["a test's"] },
    findAccount: (_context, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    ttl: LIFETIMES,
  }));
}

async function stop(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, "close");
}

/** It says on standard output that this is no configuration to go online with. */
function quietly<Result>(action: () => Result): Result {
  const { info, warn } = console;
  console.info = console.warn = () => undefined;
  try {
    return action();
  } finally {
    Object.assign(console, { info, warn });
  }
}
