import { once } from "node:events";
import { createConnection } from "node:net";
import { join } from "node:path";
import type { WebContents } from "electron";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { z } from "zod";
import { createPageChannel, TO_MAIN } from "../../../main/desktop/ipc.ts";
import { controlNotifications, controlRequests } from "../../../main/protocol/control.ts";
import { engineNotifications, engineRequests } from "../../../main/protocol/engine.ts";
import { connect, type Channel, type Contract, type Handlers } from "../../../main/protocol/rpc.ts";
import { serveControl, type ControlServer } from "../../../main/service/control-socket.ts";
import { bridgePage } from "../../../main/service/page-bridge.ts";
import { FakeContents } from "../../desktop/fakes.ts";
import { temporaryFolder } from "../../support/cleanup.ts";
import { HUGE, methodsOf, rightFor, valuesOf, wrongFor } from "../../support/contract-cases.ts";
import { describeOnUnix } from "../../support/on-unix.ts";

/** Every method of both contracts refuses everything that its schema does not name, by every way that leads to it. */

type Spies<C extends Contract> = Record<keyof C, ReturnType<typeof vi.fn<(params: unknown) => Promise<object>>>>;

function spiesOf<C extends Contract>(contract: C): Spies<C> {
  return Object.fromEntries(Object.keys(contract).map((method) => [method, vi.fn(async () => ({}))])) as never;
}

const soon = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 4_000, interval: 2 });

/** Somebody who writes frames by hand. */
interface Caller {
  say(frame: string): void;
  heard: string[];
}

/** A channel of which the caller has the other end. */
function byHand(): { channel: Channel; caller: Caller } {
  const heard: string[] = [];
  let tell: (text: string) => void = () => undefined;
  const channel: Channel = { send: (text) => void heard.push(text), onReceive: (listener) => (tell = listener) };
  return { channel, caller: { heard, say: (frame) => tell(frame) } };
}

let calls = 0;
const frameOf = (method: string, ...values: unknown[]): string =>
  JSON.stringify({ t: "q", m: method, a: values, i: String((calls += 1)) });

/** Every wrong call of a method, as a frame, with what is wrong. */
function wrongFrames([method, params]: ReturnType<typeof methodsOf>[number]): [what: string, frame: string][] {
  return [
    ["nothing at all", frameOf(method)],
    ...[...wrongFor(params)].map(({ what, params: value }) => [what, frameOf(method, value)] as [string, string]),
  ];
}

/** Says each frame and expects that it is refused. The answers to earlier frames may still come between. */
async function refused(caller: Caller, frames: [what: string, frame: string][]): Promise<void> {
  const start = caller.heard.length;
  for (const [, frame] of frames) caller.say(frame);
  const ids = frames.map(([, frame]) => (JSON.parse(frame) as { i: string }).i);
  const codes = (): (string | undefined)[] => {
    const answers = new Map(
      caller.heard.slice(start).map((text) => {
        const { i, r } = JSON.parse(text) as { i: string; r?: { failure?: { code: string } } };
        return [i, r?.failure?.code ?? "no refusal"];
      }),
    );
    return ids.map((id) => answers.get(id));
  };
  await soon(() => expect(codes()).not.toContain(undefined));
  const named = codes().map((code, index) => [frames[index]?.[0], code]);
  expect(named).toEqual(frames.map(([what]) => [what, "bad-request"]));
}

const CONTRACTS: [string, Contract][] = [
  ["control requests", controlRequests],
  ["control notifications", controlNotifications],
  ["engine requests", engineRequests],
  ["engine notifications", engineNotifications],
];

describe.each(CONTRACTS)("%s", (_name, contract) => {
  const spies = spiesOf(contract);
  const { channel, caller } = byHand();
  connect(channel, contract, spies as never, {});
  beforeEach(() => vi.clearAllMocks());

  test.each(methodsOf(contract))("%s takes what is right", async (method, params) => {
    caller.say(frameOf(method, rightFor(params)));
    await soon(() => expect(spies[method]).toHaveBeenCalledOnce());
  });

  test.each(methodsOf(contract))("%s refuses what is not", async (method, params) => {
    const frames = wrongFrames([method, params]);
    // Instead of all: nothing, null, a truth, two numbers, three texts, two lists.
    expect(frames.length).toBeGreaterThanOrEqual(10);
    await refused(caller, frames);
    expect(spies[method]).not.toHaveBeenCalled();
  });

  test.each(methodsOf(contract))("%s gets nothing that is not in its schema", async (method, params) => {
    const right = JSON.stringify(rightFor(params));
    const extra = `"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"extra":1`;
    const value = right === "{}" ? `{${extra}}` : `{${extra},${right.slice(1)}`;
    caller.say(`{"t":"q","m":"${method}","i":"extra-${method}","a":[${value}]}`);
    await soon(() => expect(caller.heard.some((text) => text.includes(`"extra-${method}"`))).toBe(true));
    for (const [given] of spies[method]?.mock.calls ?? []) {
      const names = Object.getOwnPropertyNames(given);
      expect(names.filter((name) => ["__proto__", "constructor", "extra"].includes(name))).toEqual([]);
      expect(Object.getPrototypeOf(given)).toBe(Object.prototype);
    }
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

test.each(methodsOf(controlRequests))("%s has a limit to every text and list that it takes", (_method, params) => {
  const tooMuch = (schema: z.ZodType): unknown[] => {
    const right = rightFor(schema);
    return [HUGE, Array.isArray(right) ? new Array(20_000).fill(right[0]) : HUGE];
  };
  const unlimited = [...valuesOf(params)].filter(([, schema]) =>
    tooMuch(schema).some((value) => schema.safeParse(value).success),
  );
  expect(unlimited.map(([path]) => path)).toEqual([]);
});

describeOnUnix("over the control socket", () => {
  const spies = spiesOf(controlRequests);
  const path = join(temporaryFolder("ferry-contract-"), "control.sock");
  let server: ControlServer;
  let caller: Caller;
  const page = byHand();
  let end: () => void;

  beforeAll(async () => {
    server = await serveControl({ path, handlers: spies as unknown as Handlers<typeof controlRequests> });
    const socket = createConnection(path);
    await once(socket, "connect");
    const heard: string[] = [];
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      const lines = (text + chunk).split("\n");
      text = lines.pop() ?? "";
      heard.push(...lines);
    });
    caller = { heard, say: (frame) => socket.write(`${frame}\n`) };
    const { bridge } = await bridgePage(path, async () => ({ channel: page.channel }));
    end = () => {
      bridge.close();
      socket.destroy();
    };
  });
  beforeEach(() => vi.clearAllMocks());
  afterAll(async () => {
    end();
    await server.close();
  });

  test.each(methodsOf(controlRequests))("%s refuses what is not right", async (method, params) => {
    await refused(caller, wrongFrames([method, params]));
    expect(spies[method as keyof typeof spies]).not.toHaveBeenCalled();
  });

  test.each(methodsOf(controlRequests))(
    "%s is refused to the page in the window before the socket",
    async (method, params) => {
      await refused(page.caller, wrongFrames([method, params]));
      expect(spies[method as keyof typeof spies]).not.toHaveBeenCalled();
      page.caller.say(frameOf(method, rightFor(params)));
      await soon(() => expect(spies[method as keyof typeof spies]).toHaveBeenCalledOnce());
    },
  );

  test("a page cannot say several things at once", async () => {
    const hidden = frameOf("quit", {});
    const before = page.caller.heard.length;
    page.caller.say(`${frameOf("status", {})}\n${hidden}`);
    page.caller.say(`\n${hidden}\n`.repeat(2));
    page.caller.say(frameOf(`status\n${hidden}\n`, {}));
    page.caller.say(frameOf("linkShow", { link: `l1\n${hidden}\n` }));
    await soon(() => expect(page.caller.heard.length).toBeGreaterThan(before));
    await soon(() => expect(spies.linkShow).toHaveBeenCalledOnce());
    expect(spies.linkShow).toHaveBeenCalledWith({ link: `l1\n${hidden}\n` });
    expect(spies.quit).not.toHaveBeenCalled();
    expect(spies.status).not.toHaveBeenCalled();
  });
});

describe("over Electron's channel", () => {
  const spies = spiesOf(controlRequests);
  const contents = new FakeContents();
  contents.mainFrame = { url: "ferry://settings/index.html" };
  const refusals: string[] = [];
  const channel = createPageChannel(contents as unknown as WebContents, "settings", (why) => refusals.push(why));
  connect(channel, controlRequests, spies as unknown as Handlers<typeof controlRequests>, controlNotifications);
  const own = contents.mainFrame;
  const caller: Caller = {
    say: (frame) => void contents.ipc.emit(TO_MAIN, { sender: contents, senderFrame: own }, frame),
    get heard() {
      return contents.sent.map(([, text]) => String(text));
    },
  };
  beforeEach(() => vi.clearAllMocks());

  const senders: [string, { sender: unknown; senderFrame: { url: string } | null }][] = [
    ["another page", { sender: new FakeContents(), senderFrame: own }],
    ["a frame inside", { sender: contents, senderFrame: { url: own.url } }],
    ["a frame that is gone", { sender: contents, senderFrame: null }],
  ];

  test.each(methodsOf(controlRequests))("%s is refused to everybody but the page", async (method, params) => {
    const frame = frameOf(method, rightFor(params));
    refusals.length = 0;
    for (const [, sender] of senders) contents.ipc.emit(TO_MAIN, sender, frame);
    contents.mainFrame = { url: "https://settings/" };
    contents.ipc.emit(TO_MAIN, { sender: contents, senderFrame: contents.mainFrame }, frame);
    contents.mainFrame = own;
    expect(refusals).toEqual(["wrong-sender", "wrong-frame", "wrong-frame", "wrong-origin"]);
    await refused(caller, wrongFrames([method, params]));
    expect(spies[method as keyof typeof spies]).not.toHaveBeenCalled();
    caller.say(frame);
    await soon(() => expect(spies[method as keyof typeof spies]).toHaveBeenCalledOnce());
  });
});
