import { HttpApiEvent } from "matrix-js-sdk/lib/http-api/index.js";
import { MatrixClient } from "matrix-js-sdk/lib/client.js";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { FerryError, type FailureCode } from "../../../main/matrix/errors.ts";
import { silenceSdk, silentLogger } from "../../../renderer/engine/silence.ts";
import { TokenKeeper, type Tokens } from "../../../renderer/engine/tokens.ts";

silenceSdk();

/** A homeserver that accepts one access token, and the issuer of its tokens. */
class Scene {
  accepted = "first";
  /** What the issuer gives next; where it fails, the failure. */
  next: (Tokens | FerryError | Error)[] = [];
  storing: (Error | null)[] = [];
  readonly asked: string[] = [];
  readonly stored: Tokens[] = [];
  /** The access token of each request. */
  readonly used: (string | null)[] = [];
  readonly bodies: unknown[] = [];
  ts = 1_000;
  readonly keeper = new TokenKeeper(
    { accessToken: "first", refreshToken: "r1" },
    {
      renew: async (refreshToken) => {
        this.asked.push(refreshToken);
        const given = this.next.shift() ?? new Error("nothing more is given");
        if (given instanceof Error) throw given;
        return given;
      },
      store: async (tokens) => {
        const failure = this.storing.shift();
        if (failure) throw failure;
        this.stored.push(tokens);
        this.accepted = tokens.accessToken;
      },
      send: (input, init) => this.#answer(input, init),
      now: () => this.ts,
    },
  );

  async #answer(_input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const token = new Headers(init?.headers).get("Authorization")?.replace("Bearer ", "") ?? null;
    this.used.push(token);
    this.bodies.push(init?.body);
    if (token === null || token === this.accepted) return Response.json({ user_id: "@me:one.test" });
    return Response.json({ errcode: "M_UNKNOWN_TOKEN", error: "expired", soft_logout: true }, { status: 401 });
  }

  /** A request as the SDK makes it. */
  request(body?: string): Promise<Response> {
    const headers = { Authorization: "Bearer first" };
    return this.keeper.fetch("http://one.test/x", { headers, ...(body === undefined ? {} : { method: "PUT", body }) });
  }
}

const failed = (code: FailureCode, retryAfterMs?: number): FerryError => new FerryError(code, "no", { retryAfterMs });

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});

test("a request goes out as it is while its token holds, and without one it gets none", async () => {
  expect((await scene.request()).status).toBe(200);
  await scene.keeper.fetch("http://one.test/versions");
  expect(scene.used).toEqual(["first", null]);
  expect(scene.asked).toEqual([]);
});

test("a refused token is renewed once for all requests, stored before it is used, and each request goes again", async () => {
  scene.accepted = "second";
  scene.next = [{ accessToken: "second", refreshToken: "r2" }];
  const answers = await Promise.all([scene.request("a"), scene.request("b"), scene.request("c")]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(scene.asked).toEqual(["r1"]);
  expect(scene.stored).toEqual([{ accessToken: "second", refreshToken: "r2" }]);
  expect(scene.used).toEqual(["first", "first", "first", "second", "second", "second"]);
  expect(scene.bodies).toEqual(["a", "b", "c", "a", "b", "c"]);
});

test("an answer without a refresh token leaves the old one in force", async () => {
  scene.accepted = "second";
  scene.next = [{ accessToken: "second" }, { accessToken: "third" }];
  await scene.request();
  scene.accepted = "third";
  await scene.request();
  expect(scene.asked).toEqual(["r1", "r1"]);
  expect(scene.stored.at(-1)).toEqual({ accessToken: "third", refreshToken: "r1" });
});

test("tokens that cannot be stored are not used, and not asked for a second time", async () => {
  scene.accepted = "second";
  scene.next = [{ accessToken: "second", refreshToken: "r2" }];
  scene.storing = [failed("keychain-locked"), null];
  await expect(scene.request()).rejects.toThrow(TypeError);
  expect(scene.used).toEqual(["first"]);
  // At once it is not even tried.
  await expect(scene.request()).rejects.toThrow(TypeError);
  expect(scene.stored).toEqual([]);
  scene.ts += 60_000;
  expect((await scene.request()).status).toBe(200);
  expect(scene.asked).toEqual(["r1"]);
  expect(scene.stored).toEqual([{ accessToken: "second", refreshToken: "r2" }]);
  expect(scene.used).not.toContain("r2");
});

describe("what is not the end of the login looks like a network that is down", () => {
  test.each([
    ["a rate limit", failed("rate-limited", 1000)],
    ["a problem of the issuer", failed("homeserver-error")],
    ["no network", failed("homeserver-unreachable")],
    ["anything unforeseen", new Error("surprise")],
  ])("%s", async (_name, failure) => {
    scene.accepted = "second";
    scene.next = [failure, { accessToken: "second", refreshToken: "r2" }];
    await expect(scene.request()).rejects.toThrow(TypeError);
    scene.ts += 60_000;
    expect((await scene.request()).status).toBe(200);
  });

  test("the issuer is asked more and more seldom, as long as it wishes, and at once after waking up", async () => {
    scene.accepted = "second";
    scene.next = [failed("homeserver-error"), failed("homeserver-error"), failed("rate-limited", 90_000)];
    const afterMs = async (ms: number): Promise<number> => {
      scene.ts += ms;
      await expect(scene.request()).rejects.toThrow(TypeError);
      return scene.asked.length;
    };
    expect(await afterMs(0)).toBe(1);
    expect(await afterMs(999)).toBe(1);
    expect(await afterMs(1)).toBe(2);
    expect(await afterMs(1_999)).toBe(2);
    expect(await afterMs(1)).toBe(3);
    expect(await afterMs(89_999)).toBe(3);
    scene.keeper.wake();
    expect(await afterMs(0)).toBe(4);
  });
});

describe("the end of the login is the homeserver's answer", () => {
  test("where the issuer says so", async () => {
    scene.accepted = "second";
    scene.next = [failed("logged-out")];
    const answer = await scene.request();
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ errcode: "M_UNKNOWN_TOKEN", soft_logout: true });
  });

  test("where there is nothing to renew with", async () => {
    const send = async (): Promise<Response> => Response.json({ errcode: "M_UNKNOWN_TOKEN" }, { status: 401 });
    const renew = vi.fn();
    const keeper = new TokenKeeper({ accessToken: "only" }, { renew, store: vi.fn(), send });
    expect((await keeper.fetch("http://one.test/", { headers: { Authorization: "Bearer only" } })).status).toBe(401);
    expect(renew).not.toHaveBeenCalled();
  });

  test("where a new token is refused too: the device is gone", async () => {
    scene.accepted = "none";
    scene.next = [{ accessToken: "second", refreshToken: "r2" }];
    scene.storing = [];
    const { keeper } = scene;
    const send = scene.request();
    // Storing makes the homeserver accept it; here it never does.
    Object.defineProperty(scene, "accepted", { get: () => "none", set: () => undefined });
    expect((await send).status).toBe(401);
    expect(scene.asked).toEqual(["r1"]);
    expect(keeper.tokens.accessToken).toBe("second");
  });

  test.each([
    ["another refusal", Response.json({ errcode: "M_FORBIDDEN" }, { status: 403 })],
    ["a refusal that is no homeserver's", new Response("<html>", { status: 401 })],
  ])("but not for %s", async (_name, refusal) => {
    const renew = vi.fn();
    const options = { renew, store: vi.fn(), send: async () => refusal };
    const keeper = new TokenKeeper({ accessToken: "first", refreshToken: "r1" }, options);
    const answer = await keeper.fetch("http://one.test/", { headers: { Authorization: "Bearer first" } });
    expect(answer).toBe(refusal);
    expect(renew).not.toHaveBeenCalled();
  });
});

describe("under the SDK", () => {
  const clientOf = (over: Scene): { client: MatrixClient; ended: () => boolean } => {
    const options = { baseUrl: "http://one.test", accessToken: "first", logger: silentLogger };
    const client = new MatrixClient({ ...options, fetchFn: over.keeper.fetch });
    let ended = false;
    client.on(HttpApiEvent.SessionLoggedOut, () => (ended = true));
    return { client, ended: () => ended };
  };

  test("no failed renewal logs out but the last", async () => {
    scene.accepted = "second";
    scene.next = [failed("rate-limited"), failed("logged-out")];
    const { client, ended } = clientOf(scene);
    await expect(client.whoami()).rejects.toMatchObject({ name: "ConnectionError" });
    expect(ended()).toBe(false);
    scene.ts += 60_000;
    await expect(client.whoami()).rejects.toMatchObject({ errcode: "M_UNKNOWN_TOKEN" });
    expect(ended()).toBe(true);
  });

  test("a renewal is not noticed", async () => {
    scene.accepted = "second";
    scene.next = [{ accessToken: "second", refreshToken: "r2" }];
    const { client, ended } = clientOf(scene);
    await expect(client.whoami()).resolves.toEqual({ user_id: "@me:one.test" });
    expect(ended()).toBe(false);
  });
});
