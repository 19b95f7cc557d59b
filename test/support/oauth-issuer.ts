import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Configuration, KoaContextWithOIDC } from "oidc-provider";
import { LIFETIMES, startOpenidProvider, type OpenidProvider } from "./openid-provider.ts";
import { OpenidStore } from "./openid-store.ts";

const API = "urn:matrix:client:api:*";
const DEVICE = "urn:matrix:client:device:";
/** A client of the issuer's own, whose tokens do not run out in the middle of a test. */
const LASTING_CLIENT = "lasting";

type Moment = "request" | "answer";

/**
 * What a homeserver leaves its logins to: a real OAuth 2.0 server, oidc-provider, which speaks to Synapse as the Matrix
 * Authentication Service does (it introspects tokens here, and is told of accounts and devices).
 */
export class OauthIssuer {
  readonly #secret: string;
  readonly #store = new OpenidStore();
  readonly #actions: { moment: Moment; action: () => void }[] = [];
  #started: OpenidProvider | null = null;
  #homeserver = "";
  #asked = 0;
  #refusal: { status: number; body: string } | null = null;

  /** @param secret what the homeserver and the issuer know */
  constructor(secret: string) {
    this.#secret = secret;
  }

  /** @param accessTokenSeconds how long an access token lasts */
  async start(accessTokenSeconds: number): Promise<void> {
    this.#started = await startOpenidProvider((url) => configurationOf(url, this.#store, accessTokenSeconds), {
      before: (request, response) => this.#before(request, response),
      middleware: async (context, next) => {
        await next();
        // Not there where the request is none that the provider knows.
        const { oidc } = context as Partial<KoaContextWithOIDC>;
        const token = oidc?.entities.AccessToken;
        if (oidc?.route !== "token" || token === undefined) return;
        await this.#makeDevice(token.accountId, deviceIn(token.scope));
      },
    });
  }

  stop(): Promise<void> {
    return this.#running.stop();
  }

  get url(): string {
    return this.#running.issuer;
  }

  /** Requests for tokens so far. */
  get asked(): number {
    return this.#asked;
  }

  /** Names the homeserver, whose accounts and devices it makes from now on. */
  serve(homeserver: string): void {
    this.#homeserver = homeserver;
  }

  async register(name: string): Promise<void> {
    await this.#tell("provision_user", { localpart: name, set_displayname: name });
  }

  /** Gives somebody's device an access token that lasts, past any login page. */
  async tokenFor(name: string, deviceId: string): Promise<string> {
    await this.#makeDevice(name, deviceId);
    const { provider } = this.#running;
    const client = await provider.Client.find(LASTING_CLIENT);
    if (!client) throw new Error("The issuer has lost its own client.");
    const grantId = await new provider.Grant({ accountId: name, clientId: LASTING_CLIENT }).save();
    const scope = `${API} ${DEVICE}${deviceId}`;
    return new provider.AccessToken({ accountId: name, client, grantId, scope, gty: "authorization_code" }).save();
  }

  /** Answers the next request for tokens so, without looking at it. */
  refuseNext(status: number, body: string): void {
    this.#refusal = { status, body };
  }

  /** Calls this at the next request for tokens: before it is looked at, or when its answer has gone. */
  atNext(moment: Moment, action: () => void): void {
    this.#actions.push({ moment, action });
  }

  /** Ends everything that this account was given at the login page. */
  endAll(name: string): void {
    this.#store.forgetAccount(name, LASTING_CLIENT);
  }

  /** Whether a refresh token is still good. */
  async knows(refreshToken: string): Promise<boolean> {
    return (await this.#running.provider.RefreshToken.find(refreshToken))?.isValid === true;
  }

  get #running(): OpenidProvider {
    if (!this.#started) throw new Error("The issuer has not been started.");
    return this.#started;
  }

  /** Answers what is asked beside OAuth 2.0 itself, and notes what is asked for tokens. */
  #before(request: IncomingMessage, response: ServerResponse): boolean {
    // As the specification wants it of every endpoint: clients may be pages.
    response.setHeader("Access-Control-Allow-Origin", "*");
    if (request.method === "OPTIONS") {
      response.writeHead(204, { "Access-Control-Allow-Headers": "*", "Access-Control-Allow-Methods": "*" }).end();
      return true;
    }
    const path = request.url?.split("?")[0];
    if (path === "/oauth2/introspect") {
      this.#introspect(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
      return true;
    }
    return path === "/token" && this.#noteToken(response);
  }

  #noteToken(response: ServerResponse): boolean {
    this.#asked += 1;
    this.#act("request");
    response.once("close", () => this.#act("answer"));
    const refusal = this.#refusal;
    this.#refusal = null;
    if (refusal) response.writeHead(refusal.status, { "Content-Type": "application/json" }).end(refusal.body);
    return refusal !== null;
  }

  #act(moment: Moment): void {
    const index = this.#actions.findIndex((waiting) => waiting.moment === moment);
    if (index >= 0) this.#actions.splice(index, 1)[0]?.action();
  }

  async #introspect(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [body] = (await once(request.setEncoding("utf8"), "data")) as [string];
    if (request.headers.authorization !== `Bearer ${this.#secret}`) return void response.writeHead(401).end();
    const token = new URLSearchParams(body).get("token") ?? "";
    const found = await this.#running.provider.AccessToken.find(token);
    if (found) this.#store.used(token);
    const { accountId: username, scope, remainingTTL: expires_in } = found ?? {};
    const answer = found?.isValid ? { active: true, scope, username, sub: username, expires_in } : { active: false };
    response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(answer));
  }

  async #makeDevice(name: string, deviceId: string | undefined): Promise<void> {
    await this.#tell("upsert_device", { localpart: name, device_id: deviceId });
  }

  async #tell(path: string, body: object): Promise<void> {
    const headers = { "Content-Type": "application/json", Authorization: `Bearer ${this.#secret}` };
    const request = { method: "POST", headers, body: JSON.stringify(body) };
    const answer = await fetch(`${this.#homeserver}/_synapse/mas/${path}`, request);
    if (!answer.ok) throw new Error(`Synapse refused ${path}: ${await answer.text()}`);
  }
}

function deviceIn(scope = ""): string | undefined {
  const wanted = scope.split(" ").find((one) => one.startsWith(DEVICE));
  return wanted?.slice(DEVICE.length);
}

function configurationOf(issuer: string, store: OpenidStore, accessTokenSeconds: number): Configuration {
  const resource = `${issuer}/matrix`;
  const devices = new Set<string>();
  return {
    adapter: store.adapter,
    clients: [
      {
        ...{ client_id: LASTING_CLIENT, client_secret: "unused", redirect_uris: ["https://unused.invalid/"] },
        grant_types: ["authorization_code"],
      },
    ],
    cookies: { keys: ["a test's"] },
    // Synapse wants it, and shows it to clients.
    discovery: { account_management_uri: `${issuer}/account` },
    clientBasedCORS: () => true,
    findAccount: (_context, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    expiresWithSession: async () => false,
    issueRefreshToken: async (_context, client) => client.grantTypeAllowed("refresh_token"),
    rotateRefreshToken: true,
    features: {
      registration: { enabled: true },
      revocation: {
        enabled: true,
        allowedPolicy: async (_context, client, token) => token.clientId === client.clientId,
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        useGrantedResource: async () => true,
        getResourceServerInfo: async (context) => {
          const wanted = context.oidc.params?.["scope"];
          for (const one of typeof wanted === "string" ? wanted.split(" ") : []) {
            if (one.startsWith(DEVICE)) devices.add(one);
          }
          return { scope: [API, ...devices].join(" "), accessTokenFormat: "opaque" as const };
        },
      },
    },
    ttl: {
      ...LIFETIMES,
      AccessToken: (_context, token) => (token.clientId === LASTING_CLIENT ? 86_400 : accessTokenSeconds),
      RefreshToken: 3600,
    },
  };
}
