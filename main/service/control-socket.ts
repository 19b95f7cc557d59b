import { chmodSync, existsSync, rmSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { FerryError } from "../matrix/errors.ts";
import { controlNotifications, controlRequests, type StatusView } from "../protocol/control.ts";
import { connect, type Client, type Handlers } from "../protocol/rpc.ts";
import { createLineChannel, LONGEST_ANSWER, type LineChannel } from "./line-channel.ts";

/**
 * The control contract over a Unix socket that only the user can open (a named pipe on Windows). Listening there is
 * also what makes a Ferry the one of its data folder.
 */

export interface ControlServer {
  /** Tells every client; one that is slow or broken does not hold up the others. */
  statusChanged: (status: StatusView) => void;
  /** Answers what is under way, then lets go of the clients and removes the socket. */
  close(): Promise<void>;
}

export interface ControlConnection {
  client: Client<typeof controlRequests>;
  /** Resolves when the connection has ended, from either side. */
  closed: Promise<void>;
  close(): void;
}

type Notifications = Handlers<typeof controlNotifications>;
type StatusListener = (status: StatusView) => void;

/** How long two Ferrys that start at once wait for each other, in milliseconds. */
const CLAIM_TIMEOUT_MS = 5000;

const SQLITE_BUSY = 5;

/** How long `close` waits for clients to take what they were sent, in milliseconds. */
const CLOSE_TIMEOUT_MS = 1000;

/**
 * Listens on the control socket.
 *
 * @throws FerryError `already-running` where another Ferry listens there; `data-folder` where nobody can
 */
export async function serveControl(options: {
  path: string;
  handlers: Handlers<typeof controlRequests>;
}): Promise<ControlServer> {
  const clients = new Map<LineChannel, Client<typeof controlNotifications>>();
  const server = createServer((socket) => {
    const channel = createLineChannel(socket);
    const connection = connect(channel, controlRequests, options.handlers, controlNotifications);
    clients.set(channel, connection.remote);
    void channel.closed.then(() => {
      clients.delete(channel);
      connection.close(new FerryError("not-running", "The client of the control socket has gone."));
    });
  });
  await claim(server, options.path);
  return {
    statusChanged: (status) => {
      for (const remote of clients.values()) {
        // A client that has gone, or does not understand, misses a notification and nothing else.
        remote.statusChanged(status).catch(() => undefined);
      }
    },
    close: () => closeServer(server, [...clients.keys()]),
  };
}

/**
 * Connects to the Ferry that listens on a control socket.
 *
 * @param onStatus hears of every change of the status
 * @throws FerryError `not-running` where nobody listens; calls fail with it too when Ferry ends meanwhile
 */
export async function connectControl(path: string, onStatus: StatusListener = () => {}): Promise<ControlConnection> {
  const channel = createLineChannel(await open(path), LONGEST_ANSWER);
  const handlers: Notifications = {
    statusChanged: async (status) => {
      onStatus(status);
      return {};
    },
    show: async () => ({}),
  };
  const connection = connect(channel, controlNotifications, handlers, controlRequests);
  const gone = channel.closed.then(() => {
    throw new FerryError("not-running", "Ferry ended before it answered.");
  });
  // Nobody may be waiting for an answer when the connection ends.
  gone.catch(() => undefined);
  return {
    client: untilGone(connection.remote, gone),
    closed: channel.closed,
    close: () => channel.end(),
  };
}

/** Lets every call fail when the connection ends: what waits in it would wait for ever. */
function untilGone(remote: Client<typeof controlRequests>, gone: Promise<never>): Client<typeof controlRequests> {
  const calls = Object.entries(remote).map(([method, call]) => [
    method,
    (params: never) => Promise.race([call(params), gone]),
  ]);
  return Object.fromEntries(calls) as Client<typeof controlRequests>;
}

function open(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.once("connect", () => {
      socket.removeAllListeners("error");
      resolve(socket);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      const absent = error.code === "ENOENT" || error.code === "ECONNREFUSED" || error.code === "ENOTSOCK";
      if (absent) reject(new FerryError("not-running", "Ferry is not running."));
      else reject(new FerryError("data-folder", `Ferry's control socket cannot be opened (${error.message}).`));
    });
  });
}

/**
 * Does something that no Ferry may be running for, and lets none begin meanwhile.
 *
 * @returns null where one is running, and nothing was done
 * @throws FerryError `data-folder`
 */
export async function whileUnclaimed<Result>(path: string, action: () => Promise<Result>): Promise<Result | null> {
  // A pipe's name cannot be taken without listening there.
  const unlock = process.platform === "win32" ? () => undefined : lock(`${path}.lock`);
  try {
    return (await answers(path)) ? null : await action();
  } finally {
    unlock();
  }
}

/**
 * Takes the path of a socket, which one process at a time can have. A file left behind by one that was killed is
 * removed, but only when nobody answers there, and under a lock: of two that start at once, neither removes the other's
 * new socket.
 *
 * @throws FerryError `already-running` where another process has it; `data-folder` where nobody can
 */
export async function claim(server: Server, path: string): Promise<void> {
  if (process.platform === "win32") {
    // A pipe's name is free again when its owner ends, and taken names are refused by the system itself.
    await listen(server, path);
    return;
  }
  const unlock = lock(`${path}.lock`);
  try {
    if (existsSync(path)) {
      if (await answers(path)) throw alreadyRunning();
      rmSync(path, { force: true });
    }
    await listen(server, path);
  } finally {
    unlock();
  }
}

function alreadyRunning(): FerryError {
  return new FerryError("already-running", "Ferry is already running with this data folder.");
}

/** SQLite's lock is one of the operating system's: it ends with the process, however that ends. */
function lock(path: string): () => void {
  try {
    const database = new DatabaseSync(path);
    database.exec(`PRAGMA busy_timeout = ${CLAIM_TIMEOUT_MS}; BEGIN EXCLUSIVE`);
    chmodSync(path, 0o600);
    return () => database.close();
  } catch (error) {
    // Another one starts, or deletes what there was, and takes its time.
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) throw alreadyRunning();
    throw new FerryError("data-folder", `Ferry cannot write its data folder: ${(error as Error).message}.`);
  }
}

async function answers(path: string): Promise<boolean> {
  try {
    (await open(path)).destroy();
    return true;
  } catch (error) {
    if (error instanceof FerryError && error.code === "not-running") return false;
    throw error;
  }
}

/** The umask, and not a later chmod, makes the mode 0600: there is no moment in which others could connect. */
function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") reject(alreadyRunning());
      else reject(new FerryError("data-folder", `Ferry cannot open its control socket: ${error.message}.`));
    });
    const before = process.umask(0o177);
    try {
      server.listen(path, () => {
        server.removeAllListeners("error");
        // Running out of file descriptors costs a client its connection, and nothing else.
        server.on("error", () => undefined);
        resolve();
      });
    } finally {
      process.umask(before);
    }
  });
}

async function closeServer(server: Server, clients: readonly LineChannel[]): Promise<void> {
  const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const client of clients) client.end();
  const late = setTimeout(() => {
    for (const client of clients) client.destroy();
  }, CLOSE_TIMEOUT_MS);
  await stopped;
  clearTimeout(late);
}
