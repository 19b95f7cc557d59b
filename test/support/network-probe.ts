import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

/** A listener on loopback that nobody is to reach, and everything that a page can try. */

export interface Probe {
  port: number;
  /** Connections so far, also those by which nothing was said. */
  connections(): number;
  /** What was said so far: pieces of what came over connections, and datagrams. */
  messages(): number;
  close(): Promise<void>;
}

/** Listens for TCP and UDP on one port. It answers every request, so that what follows a first answer is seen, too. */
export async function startProbe(): Promise<Probe> {
  let connections = 0;
  let messages = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    socket.on("data", () => {
      messages += 1;
      socket.end("HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const datagrams = createSocket("udp4");
  datagrams.on("message", () => (messages += 1));
  datagrams.bind(port, "127.0.0.1");
  await once(datagrams, "listening");
  return {
    port,
    connections: () => connections,
    messages: () => messages,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      datagrams.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface Attempt {
  name: string;
  /** What the page runs, given the address `http`, and the host and port in it as `host`. */
  script: string;
  /** Whether the page's security policy is to stop it; where it is not, only the window does. */
  inPolicy: boolean;
  /** Whether the page, or another one, is to go where it says: all the others can be tried in one page at once. */
  leaves: boolean;
}

const element = (tag: string, fields: string): string =>
  `document.body.append(Object.assign(document.createElement("${tag}"), ${fields}))`;

const worker = (kind: string): string =>
  `new ${kind}(URL.createObjectURL(new Blob([\`fetch("\${http}", { mode: "no-cors" })\`], { type: "text/javascript" })))`;

const stopped = {
  fetch: `fetch(http, { mode: "no-cors" })`,
  "fetch that outlives the page": `fetch(http, { mode: "no-cors", method: "POST", body: "x", keepalive: true })`,
  XMLHttpRequest: `const request = new XMLHttpRequest(); request.open("GET", http); request.send()`,
  WebSocket: `new WebSocket("ws://" + host)`,
  EventSource: `new EventSource(http)`,
  sendBeacon: `navigator.sendBeacon(http, "x")`,
  WebTransport: `new WebTransport("https://" + host)`,
  "an image": `new Image().src = http`,
  "a picture of a style": `document.body.style.backgroundImage = \`url("\${http}")\``,
  "a stylesheet": element("link", `{ rel: "stylesheet", href: http }`),
  "a script": element("script", `{ src: http }`),
  "a module": `import(http)`,
  "a font": `new FontFace("x", \`url("\${http}")\`).load()`,
  "a film": element("video", `{ src: http }`),
  "an object": element("object", `{ data: http }`),
  "a frame": element("iframe", `{ src: http }`),
  "a link to prefetch": element("link", `{ rel: "prefetch", href: http }`),
  "a link to preload": element("link", `{ rel: "preload", as: "image", href: http }`),
  "a module to preload": element("link", `{ rel: "modulepreload", href: http }`),
  "a form": `const form = Object.assign(document.createElement("form"), { action: http, method: "post" });
    document.body.append(form); form.submit()`,
  "a form for another window": `const form = Object.assign(document.createElement("form"), { action: http, target: "_blank" });
    document.body.append(form); form.submit()`,
  "a ping of a link": `const link = Object.assign(document.createElement("a"), { href: "#here", ping: http });
    document.body.append(link); link.click()`,
  "a worker": worker("Worker"),
  "a shared worker": worker("SharedWorker"),
};

const notCovered = {
  "a link to connect ahead": element("link", `{ rel: "preconnect", href: http }`),
  "another window": `open(http)`,
  "another address": `location.href = http`,
  "a refresh": `document.head.append(Object.assign(document.createElement("meta"), { httpEquiv: "refresh", content: "0; url=" + http }))`,
  "WebRTC over UDP": `const peer = new RTCPeerConnection({ iceServers: [{ urls: "stun:" + host }] });
    peer.createDataChannel("x"); peer.createOffer().then((offer) => peer.setLocalDescription(offer))`,
  "WebRTC over TCP": `const server = { urls: "turn:" + host + "?transport=tcp", username: "x", credential: "x" };
    const peer = new RTCPeerConnection({ iceServers: [server] });
    peer.createDataChannel("x"); peer.createOffer().then((offer) => peer.setLocalDescription(offer))`,
};

const LEAVING = ["a form", "a form for another window", "another window", "another address", "a refresh"];

/** Each way out of a page that there is a name for. */
export const attempts: Attempt[] = [
  ...Object.entries(stopped).map(([name, script]) => ({ name, script, inPolicy: true })),
  ...Object.entries(notCovered).map(([name, script]) => ({ name, script, inPolicy: false })),
].map((attempt) => ({ ...attempt, leaves: LEAVING.includes(attempt.name) }));
