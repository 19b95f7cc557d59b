import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { FerryError } from "../matrix/errors.ts";
import { cancelled } from "./account-failures.ts";

/** An address on this machine at which a login in the system's browser ends (RFC 8252, section 7.3). */
export interface Loopback {
  /** `http://127.0.0.1:PORT/…`; who does not know its last part is refused. */
  readonly redirect: string;
  /** The whole address with which the browser came back. Rejects with `login-cancelled`. */
  readonly answer: Promise<URL>;
  /** Ends it; `answer` rejects where nothing has come. */
  close(): void;
}

/** `m.login.sso` has no `state` to tell an answer by, so the path itself is the secret. No `_`, which some issuers refuse. */
const PATH_BYTES = 24;
const REQUEST_LIMIT_MS = 10_000;
const LONGEST_REQUEST_BYTES = 8192;

/**
 * Listens on this machine only, for one request: the first that the browser makes at `redirect` with an answer in its
 * query. Everything else gets nothing: another path, another method, another host's name for this machine (a page
 * whose name was made to point here).
 *
 * @param isAnswer whether a query is an answer at all
 * @param limitMs after so long nothing is waited for any more, in milliseconds
 */
export async function openLoopback(isAnswer: (query: URLSearchParams) => boolean, limitMs: number): Promise<Loopback> {
  const path = `/${randomBytes(PATH_BYTES).toString("hex")}`;
  const server = createServer({ requestTimeout: REQUEST_LIMIT_MS, maxHeaderSize: LONGEST_REQUEST_BYTES });
  const port = await listen(server);
  const host = `127.0.0.1:${port}`;
  let settle: { resolve: (answer: URL) => void; reject: (error: FerryError) => void } | null = null;
  const answer = new Promise<URL>((resolve, reject) => (settle = { resolve, reject }));
  // Who asks for the answer later is told all the same.
  answer.catch(() => undefined);
  const end = (action: (waiting: NonNullable<typeof settle>) => void): void => {
    clearTimeout(limit);
    const waiting = settle;
    settle = null;
    if (waiting) action(waiting);
  };
  const cancel = (): void => {
    end(({ reject }) => reject(cancelled()));
    server.close();
    server.closeAllConnections();
  };
  const limit = setTimeout(cancel, limitMs).unref();
  server.on("request", (request, response) => {
    const address = settle === null ? null : answerIn(request, host, path);
    if (address === null || !isAnswer(address.searchParams)) return refuse(response);
    end(({ resolve }) => resolve(address));
    server.close();
    show(response, address.searchParams.has("error") ? NOT_COMPLETED : COMPLETED);
  });
  return { redirect: `http://${host}${path}`, answer, close: cancel };
}

async function listen(server: Server): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
  } catch {
    throw new FerryError("internal", "This computer lets no program listen for the browser. Log in in another way.");
  }
  return (server.address() as AddressInfo).port;
}

/** The address asked for, where the request is the browser's own at the expected place. */
function answerIn({ method, url, headers }: IncomingMessage, host: string, path: string): URL | null {
  if (method !== "GET" || headers.host !== host || url === undefined || !url.startsWith(`${path}?`)) return null;
  const address = `http://${host}${url}`;
  return URL.canParse(address) ? new URL(address) : null;
}

const HEADERS = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  connection: "close",
};

function refuse(response: ServerResponse): void {
  response.writeHead(404, { ...HEADERS, "content-security-policy": "default-src 'none'" }).end();
}

const COMPLETED = "You can close this tab and go back to Ferry.";
const NOT_COMPLETED = "The login was not completed. You can close this tab and go back to Ferry.";

/** A page that does nothing, and that nothing can be put into. */
function show(response: ServerResponse, sentence: string): void {
  const policy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  const head = '<meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>Ferry</title>';
  const headers = { ...HEADERS, "content-type": "text/html; charset=utf-8", "content-security-policy": policy };
  response.writeHead(200, headers).end(`<!doctype html><html lang="en">${head}<p>${sentence}</p></html>\n`);
}
