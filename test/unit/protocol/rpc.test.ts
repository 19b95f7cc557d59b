import { describe, expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { FerryError } from "../../../main/matrix/errors.ts";
import { connect, type Channel, type Client, type Handlers } from "../../../main/protocol/rpc.ts";

const contract = {
  double: { params: z.object({ number: z.number() }), result: z.object({ number: z.number() }) },
  fail: { params: z.object({ how: z.string() }), result: z.object({}) },
  never: { params: z.object({}), result: z.object({}) },
};
const nothing = {};

/** Two channels, each the other's end; what goes over them can be read and written by hand. */
function wire() {
  const listeners: { a?: (text: string) => void; b?: (text: string) => void } = {};
  const frames: string[] = [];
  const a: Channel = {
    send: (text) => {
      frames.push(text);
      queueMicrotask(() => listeners.b?.(text));
    },
    onReceive: (listener) => void (listeners.a = listener),
  };
  const b: Channel = {
    send: (text) => {
      frames.push(text);
      queueMicrotask(() => listeners.a?.(text));
    },
    onReceive: (listener) => void (listeners.b = listener),
  };
  return { a, b, frames, toB: (text: string) => listeners.b?.(text), toA: (text: string) => listeners.a?.(text) };
}

function joined(other: Partial<Handlers<typeof contract>> = {}) {
  const { a, b, ...rest } = wire();
  const handlers: Handlers<typeof contract> = {
    double: async ({ number }) => ({ number: 2 * number }),
    fail: async ({ how }) => {
      if (how === "named")
        throw new FerryError("rate-limited", "Slower.", { retryAfterMs: 7, errcode: "M_LIMIT_EXCEEDED" });
      throw new TypeError("a programming error");
    },
    never: () => new Promise(() => undefined),
    ...other,
  };
  connect(b, contract, handlers, nothing);
  return { ...connect(a, nothing, nothing, contract), ...rest };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

describe("a call", () => {
  test("takes its parameters there and its answer back", async () => {
    const { remote } = joined();
    expect(await Promise.all([remote.double({ number: 2 }), remote.double({ number: 4 })])).toEqual([
      { number: 4 },
      { number: 8 },
    ]);
  });

  test("with parameters that break the contract is refused by the other side, without repeating them", async () => {
    let called = false;
    const { remote } = joined({ double: async () => ({ number: Number((called = true)) }) });
    const failure = remote.double({ number: "my password" } as unknown as { number: number });
    await expect(failure).rejects.toMatchObject({
      code: "bad-request",
      message: expect.not.stringContaining("password") as string,
    });
    await expect(failure).rejects.toThrow("double");
    expect(called).toBe(false);
  });

  test("with an answer that breaks the contract fails on this side", async () => {
    const { remote } = joined({ double: async () => ({ number: "secret" }) as unknown as { number: number } });
    await expect(remote.double({ number: 1 })).rejects.toMatchObject({
      code: "bad-request",
      message: expect.not.stringContaining("secret") as string,
    });
  });

  test("gets only what the contract names", async () => {
    const { remote } = joined({ double: async () => ({ number: 1, token: "secret" }) });
    expect(await remote.double({ number: 1 })).toEqual({ number: 1 });
  });

  test("that fails brings the failure's name and details", async () => {
    const { remote } = joined();
    const failure: unknown = await remote.fail({ how: "named" }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(FerryError);
    expect(failure).toMatchObject({
      ...{ code: "rate-limited", message: "Slower." },
      details: { retryAfterMs: 7, errcode: "M_LIMIT_EXCEEDED" },
    });
  });

  test("that meets a programming error fails as such, without its stack", async () => {
    const { remote, frames } = joined();
    await expect(remote.fail({ how: "else" })).rejects.toMatchObject({ code: "internal" });
    expect(frames.join("\n")).not.toContain("rpc.test.ts");
  });
});

describe("outside of the contract", () => {
  test.each(["unknown", "__proto__", "constructor", "toString", "hasOwnProperty", "then"])(
    "%s is no method",
    async (name) => {
      const { remote } = joined();
      expect(Object.hasOwn(remote, name)).toBe(false);
      const { a, b, frames } = wire();
      let called = false;
      const handlers = { double: async () => ({ number: Number((called = true)) }) };
      connect(b, { double: contract.double }, handlers, nothing);
      const other = connect(a, nothing, nothing, { [name]: { params: z.unknown(), result: z.unknown() } });
      const call = (other.remote as unknown as Record<string, Client<typeof contract>["double"]>)[name];
      if (Object.hasOwn(other.remote, name)) await expect(call?.({ number: 1 })).rejects.toThrow();
      expect(called).toBe(false);
      expect(frames.length).toBeLessThanOrEqual(2);
    },
  );

  test("frames that are none harm nobody", async () => {
    const { remote, toA, toB } = joined();
    const noise = ["", "null", "7", "[]", "{", '"x"', "{}", '{"t":"q"}', '{"t":"q","m":"double","i":"1","a":null}'];
    const more = ['{"t":"s","i":"none","r":{}}', '{"t":"q","m":"__proto__","a":[],"i":"2"}', '{"__proto__":{"t":"q"}}'];
    for (const frame of [...noise, ...more]) {
      toA(frame);
      toB(frame);
    }
    await settled();
    expect(await remote.double({ number: 21 })).toEqual({ number: 42 });
    expect(({} as { t?: string }).t).toBeUndefined();
  });
});

test("a frame that is no call is not answered, so that nothing fails where the other side has gone", async () => {
  const { b, toB } = wire();
  const sent: string[] = [];
  const send = async (text: string): Promise<void> => {
    sent.push(text);
    throw new Error("the page has gone");
  };
  connect({ ...b, send }, contract, {} as Handlers<typeof contract>, nothing);
  for (const frame of ['{"t":"q","i":"1"}', '{"t":"q","i":"1","m":7,"a":[]}', '{"t":"q","i":"1","m":"x"}']) toB(frame);
  await settled();
  expect(sent).toEqual([]);
});

describe("the end of a connection", () => {
  const gone = new FerryError("engine-gone", "It is gone.");

  test("fails a call that is still being posted, and leaves no failure to nobody", async () => {
    const unheard = vi.fn();
    process.on("unhandledRejection", unheard);
    onTestFinished(() => void process.off("unhandledRejection", unheard));
    const slow: Channel = { send: () => new Promise(() => undefined), onReceive: () => undefined };
    const connection = connect(slow, nothing, nothing, contract);
    const call = connection.remote.never({});
    const failed = expect(call).rejects.toMatchObject({ code: "not-running" });
    connection.close(new FerryError("not-running", "Ferry has ended."));
    await failed;
    await settled();
    expect(unheard).not.toHaveBeenCalled();
  });

  test("fails every call under way with its reason, and every later one", async () => {
    const connection = joined();
    const calls = [connection.remote.never({}), connection.remote.never({})];
    await settled();
    connection.close(gone);
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: "engine-gone" });
    await expect(connection.remote.double({ number: 1 })).rejects.toMatchObject({ code: "engine-gone" });
  });

  test("an answer that comes after it harms nobody", async () => {
    let answer: (value: { number: number }) => void = () => undefined;
    const connection = joined({ double: () => new Promise((resolve) => (answer = resolve)) });
    const call = expect(connection.remote.double({ number: 1 })).rejects.toMatchObject({ code: "engine-gone" });
    await settled();
    connection.close(gone);
    answer({ number: 2 });
    await call;
    await settled();
  });

  test.each<[string, () => Promise<void> | void]>([
    ["throws", () => void raise()],
    ["rejects", () => Promise.reject(new Error("closed"))],
  ])("a channel that %s fails the call", async (_name, send) => {
    const { remote } = connect({ send, onReceive: () => undefined }, nothing, nothing, contract);
    await expect(remote.double({ number: 1 })).rejects.toMatchObject({ code: "engine-gone" });
  });
});

function raise(): void {
  throw new Error("closed");
}
