import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FerryError } from "../../main/matrix/errors.ts";
import { connectControl, serveControl, type ControlServer } from "../../main/service/control-socket.ts";
import { fakeHandlers, fakeStatus } from "../support/fake-control.ts";
import { describeOnUnix } from "../support/on-unix.ts";

let folder: string;
let path: string;
const servers: ControlServer[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ferry-socket-"));
  path = join(folder, "control.sock");
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function serve(handlers = fakeHandlers()): Promise<ControlServer> {
  const server = await serveControl({ path, handlers });
  servers.push(server);
  return server;
}

async function openRaw(): Promise<Socket> {
  const socket = createConnection(path);
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

describeOnUnix("the control socket", () => {
  it("is for the user alone, and is gone after the end", async () => {
    const server = await serve();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await server.close();
    expect(existsSync(path)).toBe(false);
  });

  it("answers several clients, tells all of them, and passes on failures by name", async () => {
    const server = await serve(
      fakeHandlers({
        linkShow: async ({ link }) => {
          throw new FerryError("unknown-link", `There is no link ${link}.`);
        },
      }),
    );
    const heard: string[] = [];
    const one = await connectControl(path, ({ summary }) => heard.push(`one ${summary}`));
    const two = await connectControl(path, ({ summary }) => heard.push(`two ${summary}`));
    expect(await one.client.status({})).toEqual(fakeStatus());
    await expect(two.client.linkShow({ link: "l9" })).rejects.toMatchObject({
      code: "unknown-link",
      message: "There is no link l9.",
    });
    server.statusChanged(fakeStatus({ summary: "Paused" }));
    await expect.poll(() => heard.sort()).toEqual(["one Paused", "two Paused"]);
    one.close();
    await one.closed;
    expect(await two.client.rooms({})).toEqual([]);
    two.close();
  });

  it.each([
    ["garbage", "hello\n"],
    ["JSON that is no message", "null\n[]\n"],
    ["too long a line", `${"x".repeat(1_000_001)}\n`],
    ["too long a line that never ends", "x".repeat(2_000_000)],
  ])("cuts off a client that sends %s, and no other", async (_what, text) => {
    await serve();
    const good = await connectControl(path);
    const bad = await openRaw();
    const closed = new Promise<void>((resolve) => bad.once("close", () => resolve()));
    bad.resume().write(text);
    await closed;
    expect(await good.client.status({})).toEqual(fakeStatus());
    good.close();
  });

  it("understands lines that come in pieces, and several at once", async () => {
    await serve();
    const raw = await openRaw();
    const request = (id: string) => `${JSON.stringify({ t: "q", i: id, m: "rooms", a: [{}] })}\n`;
    const all = request("1") + request("2");
    let answers = "";
    raw.on("data", (chunk: Buffer) => (answers += chunk.toString()));
    raw.write(all.slice(0, 10));
    await new Promise((resolve) => setTimeout(resolve, 20));
    raw.write(all.slice(10));
    await expect.poll(() => answers.trim().split("\n").length).toBe(2);
    raw.destroy();
  });

  it("refuses parameters and methods outside the contract without harm", async () => {
    await serve();
    const raw = await openRaw();
    let answers = "";
    raw.on("data", (chunk: Buffer) => (answers += chunk.toString()));
    raw.write(`${JSON.stringify({ t: "q", i: "1", m: "linkShow", a: [{ link: 7 }] })}\n`);
    raw.write(`${JSON.stringify({ t: "q", i: "2", m: "constructor", a: [] })}\n`);
    await expect.poll(() => answers.trim().split("\n").length).toBe(2);
    expect(answers).toContain("bad-request");
    raw.destroy();
  });

  it("says that Ferry is not running where nobody listens", async () => {
    await expect(connectControl(path)).rejects.toMatchObject({ code: "not-running" });
    await leaveStaleSocket();
    await expect(connectControl(path)).rejects.toMatchObject({ code: "not-running" });
  });

  it("takes over the socket of a Ferry that was killed, and never that of one that runs", async () => {
    await leaveStaleSocket();
    await serve();
    await expect(serveControl({ path, handlers: fakeHandlers() })).rejects.toMatchObject({ code: "already-running" });
    const client = await connectControl(path);
    expect(await client.client.status({})).toEqual(fakeStatus());
    client.close();
  });

  it("fails what waits for an answer when Ferry ends", async () => {
    const server = await serve(fakeHandlers({ rooms: () => new Promise(() => undefined) }));
    const client = await connectControl(path);
    const waiting = client.client.rooms({});
    const failed = expect(waiting).rejects.toMatchObject({ code: "not-running" });
    await client.client.status({});
    await server.close();
    await failed;
    await client.closed;
  });

  it("delivers an answer that is on its way when Ferry ends", async () => {
    const ended = Promise.withResolvers<void>();
    const server = await serve(
      fakeHandlers({
        quit: async () => {
          setImmediate(() => void server.close().then(ended.resolve));
          return {};
        },
      }),
    );
    const client = await connectControl(path);
    await expect(client.client.quit({})).resolves.toEqual({});
    await ended.promise;
  });

  it("does not wait for a client that does not read", async () => {
    const server = await serve();
    const deaf = await openRaw();
    deaf.pause();
    for (let count = 0; count < 3; count += 1) server.statusChanged(fakeStatus({ summary: "x".repeat(500_000) }));
    const good = await connectControl(path);
    expect(await good.client.status({})).toEqual(fakeStatus());
    good.close();
    await server.close();
    deaf.destroy();
  });
});

/** What a SIGKILL leaves behind. */
async function leaveStaleSocket(): Promise<void> {
  const script = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  await once(spawn(process.execPath, ["-e", script]), "exit");
  expect(existsSync(path)).toBe(true);
}
