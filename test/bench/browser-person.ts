import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import { build } from "vite";
import { readFileSync } from "node:fs";
import { findChromium } from "../../main/host/find-chromium.ts";
import { atEnd, removeFolder, temporaryFolder } from "../support/cleanup.ts";
import type { PageClient, PageLogin } from "./page/client.ts";

const HEARING_LIMIT_MS = 30_000;
const TYPES: Record<string, string> = { html: "text/html", js: "text/javascript", wasm: "application/wasm" };

/** A person whose client is a page in a browser of their own, which keeps its keys on disk, as web clients do. */
export interface BrowserPerson {
  logIn(login: PageLogin): Promise<void>;
  createRoom(invite: string): Promise<string>;
  join(roomId: string): Promise<void>;
  /** @returns when it was called, as `Date.now()` */
  say(roomId: string, body: string): Promise<number>;
  /** @returns when a message that ends so was there, decrypted, as `Date.now()` */
  heard(roomId: string, ending: string): Promise<number>;
  end(): Promise<void>;
}

/** Where the built page is served, on loopback. */
export interface PageServer {
  url: string;
  end(): void;
}

/** Builds the page and serves it. */
export async function servePage(): Promise<PageServer> {
  const folder = temporaryFolder("ferry-bench-page-");
  const forget = atEnd(() => removeFolder(folder));
  await build({
    root: join(import.meta.dirname, "page"),
    configFile: false,
    logLevel: "error",
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: "chrome130",
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 9_999,
    },
  });
  const server: Server = createServer((request, response) => {
    const name = request.url === "/" ? "index.html" : decodeURIComponent(request.url ?? "").replaceAll("..", "");
    try {
      const body = readFileSync(join(folder, name));
      response.setHeader("content-type", TYPES[name.split(".").at(-1) ?? ""] ?? "application/octet-stream");
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const end = (): void => {
    server.closeAllConnections();
    server.close();
    forget();
    removeFolder(folder);
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, end };
}

/** Opens a browser on the page, with the settings that Ferry's has. */
export async function openBrowserPerson(url: string): Promise<BrowserPerson> {
  const profile = temporaryFolder("ferry-bench-browser-");
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findChromium(),
    headless: true,
    chromiumSandbox: process.getuid?.() !== 0,
    args: ["--disable-quic", "--disable-gpu"],
  });
  const forget = atEnd(() => removeFolder(profile));
  await context.grantPermissions(["local-network-access"], { origin: new URL(url).origin });
  const page = await context.newPage();
  const listeners = new Set<(roomId: string, body: string, ts: number) => void>();
  await page.exposeFunction("heard", (roomId: string, body: string, ts: number) => {
    for (const listener of listeners) listener(roomId, body, ts);
  });
  await page.goto(url);
  return personIn(page, context, listeners, () => {
    forget();
    removeFolder(profile);
  });
}

type Listener = (roomId: string, body: string, ts: number) => void;

function personIn(page: Page, context: BrowserContext, listeners: Set<Listener>, clean: () => void): BrowserPerson {
  const ask = <Method extends keyof PageClient>(method: Method, ...words: unknown[]): Promise<unknown> =>
    page.evaluate(([name, given]) => (window.client[name] as (...all: unknown[]) => Promise<unknown>)(...given), [
      method,
      words,
    ] as const);
  return {
    logIn: async (login) => void (await ask("logIn", login)),
    createRoom: async (invite) => (await ask("createRoom", invite)) as string,
    join: async (roomId) => void (await ask("join", roomId)),
    say: async (roomId, body) => (await ask("say", roomId, body)) as number,
    heard: (roomId, ending) =>
      new Promise((resolve, reject) => {
        const limit = setTimeout(() => reject(new Error(`Nobody heard “${ending}”.`)), HEARING_LIMIT_MS);
        const listener: Listener = (room, body, ts) => {
          if (room !== roomId || !body.endsWith(ending)) return;
          clearTimeout(limit);
          listeners.delete(listener);
          resolve(ts);
        };
        listeners.add(listener);
      }),
    end: async () => {
      await context.close();
      clean();
    },
  };
}
