import { afterEach, beforeEach, vi } from "vitest";
import type { OauthClient } from "../../../main/protocol/engine.ts";
import { silenceSdk } from "../../../renderer/engine/silence.ts";

/** A homeserver that leaves its logins to an issuer, as functions of the path. */

silenceSdk();

export const HOMESERVER = "https://matrix.example.org";
export const ISSUER = "https://account.example.org/";
export const CLIENT: OauthClient = {
  ...{ issuer: ISSUER, clientId: "c1" },
  ...{ tokenEndpoint: `${ISSUER}token`, revocationEndpoint: `${ISSUER}revoke` },
};

export interface Asked {
  url: string;
  body: Record<string, unknown>;
  authorization: string | null;
}
/** What is answered: a JSON value, a response, or an error for no answer at all. */
export type Answer = object | (() => object);

export interface Network {
  /** By how a path ends. What is not here, nobody knows. */
  answers: Record<string, Answer>;
  asked: Asked[];
}

/** Puts a network around every test of the file that calls it. */
export function setUpNetwork(answers: () => Record<string, Answer>): Network {
  const network: Network = { answers: {}, asked: [] };
  beforeEach(() => {
    Object.assign(network, { answers: answers(), asked: [] });
    vi.stubGlobal("navigator", { onLine: true });
    vi.stubGlobal("fetch", async (input: RequestInfo | URL, init?: RequestInit) => answerTo(network, input, init));
  });
  afterEach(() => vi.unstubAllGlobals());
  return network;
}

function answerTo(network: Network, input: RequestInfo | URL, init: RequestInit | undefined): Response {
  const url = input instanceof Request ? input.url : input.toString();
  const text = init?.body instanceof URLSearchParams ? JSON.stringify(Object.fromEntries(init.body)) : init?.body;
  const body = typeof text === "string" ? (JSON.parse(text) as Record<string, unknown>) : {};
  network.asked.push({ url, body, authorization: new Headers(init?.headers).get("Authorization") });
  const path = Object.keys(network.answers).find((end) => new URL(url).pathname.endsWith(end));
  const given = path === undefined ? undefined : network.answers[path];
  const answer: unknown = typeof given === "function" ? (given as () => object)() : given;
  if (answer instanceof Error) throw answer;
  if (answer instanceof Response) return answer.clone();
  return answer === undefined ? refusal(404, { errcode: "M_UNRECOGNIZED", error: "no" }) : Response.json(answer);
}

export function refusal(status: number, body: object): Response {
  return Response.json(body, { status });
}
