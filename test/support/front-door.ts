import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { atEnd } from "./cleanup.ts";

/** When something is done about a request: before the homeserver hears of it, or when it has answered and nobody knows. */
export type Moment = "request" | "answer";

/** A way to a homeserver at which one stands and does something just when a certain request passes. */
export interface FrontDoor {
  /** What stands for the homeserver's own address. */
  readonly url: string;
  /**
   * At the next request that fits, calls `action`, and then cuts off whoever asks: nothing passes of that request from
   * this moment on.
   *
   * @returns resolves when that has been, and what the action answered with has resolved
   */
  atNext(fits: (method: string, path: string) => boolean, moment: Moment, action?: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

interface Wait {
  fits: (method: string, path: string) => boolean;
  moment: Moment;
  act: () => Promise<void>;
}

/** Opens a way to the homeserver at `behind`, on loopback. */
export async function openFrontDoor(behind: string): Promise<FrontDoor> {
  const waits = new Set<Wait>();
  const take = (method: string, path: string): Wait | undefined => {
    const found = [...waits].find(({ fits }) => fits(method, path));
    if (found) waits.delete(found);
    return found;
  };
  const server = createServer((asked, answer) => {
    const { method = "", url: path = "" } = asked;
    const wait = take(method, path);
    const cut = (): void => void wait?.act().finally(() => answer.destroy());
    if (wait?.moment === "request") return cut();
    passOn(asked, answer, behind, wait && cut);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const end = (): void => {
    server.close();
    server.closeAllConnections();
  };
  const forget = atEnd(end);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    atNext: (fits, moment, action = async () => undefined) =>
      new Promise((resolve, reject) => waits.add({ fits, moment, act: () => action().then(resolve, reject) })),
    stop: async () => {
      end();
      forget();
    },
  };
}

/** @param instead is called in place of passing the answer on */
function passOn(asked: IncomingMessage, answer: ServerResponse, behind: string, instead?: () => void): void {
  const { method, url: path, headers } = asked;
  const onward = request(`${behind}${path}`, { method, headers }, (answered) => {
    if (instead) {
      answered.resume();
      return instead();
    }
    answer.writeHead(answered.statusCode ?? 502, answered.headers);
    answered.pipe(answer);
  });
  // Whoever goes away takes the other side along.
  onward.on("error", () => answer.destroy());
  answer.on("close", () => onward.destroy());
  asked.pipe(onward);
}
