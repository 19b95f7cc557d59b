import { request } from "node:http";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FerryError } from "../../../main/matrix/errors.ts";
import type { DeviceId, UserId } from "../../../main/matrix/ids.ts";
import { BrowserLogin, type Begun } from "../../../main/service/browser-login.ts";
import type { StoredAccount } from "../../../main/store/account.ts";

const ACCOUNT: StoredAccount = {
  ...{ userId: "@ana:example.org" as UserId, deviceId: "DEVICE" as DeviceId },
  ...{ homeserver: "https://matrix.example.org", host: "chromium", oauth: null },
};

const isAnswer = (query: URLSearchParams): boolean => query.has("loginToken");
const opened: string[] = [];
const finish = vi.fn(async (answer: URL): Promise<StoredAccount> => {
  if (answer.searchParams.get("loginToken") === "bad") throw new FerryError("login-refused", "no");
  return ACCOUNT;
});
let login: BrowserLogin;
let redirect = "";

async function begin(address = "https://matrix.example.org/login"): Promise<void> {
  await login.begin(isAnswer, async (own): Promise<Begun> => {
    redirect = own;
    return { address, finish };
  });
}

/** A request as a program makes it, which may claim anything. */
function ask(path: string, changes: { method?: string; host?: string } = {}): Promise<number> {
  const { port } = new URL(redirect);
  const headers = { host: changes.host ?? `127.0.0.1:${port}` };
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, method: changes.method ?? "GET", headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on("error", reject);
    asked.end();
  });
}

beforeEach(() => {
  opened.length = 0;
  finish.mockClear();
  login = new BrowserLogin((address) => opened.push(address));
});
afterEach(() => login.cancel());

describe("a login in the browser", () => {
  test("opens the page, and ends with what the browser brings back to an address of this machine", async () => {
    await begin();
    expect(opened).toEqual(["https://matrix.example.org/login"]);
    expect(redirect).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{48}$/);
    const ended = login.end();
    const page = await fetch(`${redirect}?loginToken=good`);
    expect(await page.text()).toContain("You can close this tab and go back to Ferry.");
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(page.headers.get("cache-control")).toBe("no-store");
    expect(page.headers.get("referrer-policy")).toBe("no-referrer");
    expect(await ended).toBe(ACCOUNT);
    expect(finish.mock.calls.map(([answer]) => answer.href)).toEqual([`${redirect}?loginToken=good`]);
  });

  test("tells its end once, also where it was over before it was asked", async () => {
    await begin();
    await fetch(`${redirect}?loginToken=good`);
    expect(await login.end()).toBe(ACCOUNT);
    await expect(login.end()).rejects.toMatchObject({ code: "nothing-begun" });
  });

  test("fails as the login fails", async () => {
    await begin();
    await fetch(`${redirect}?loginToken=bad`);
    await expect(login.end()).rejects.toMatchObject({ code: "login-refused" });
  });

  test("listens to nothing else, and to that only once", async () => {
    await begin();
    const { pathname, port } = new URL(redirect);
    const query = `${pathname}?loginToken=stolen`;
    expect(await ask("/")).toBe(404);
    expect(await ask(`${pathname}0?loginToken=x`)).toBe(404);
    expect(await ask(`/${"0".repeat(48)}?loginToken=x`)).toBe(404);
    expect(await ask(pathname)).toBe(404);
    expect(await ask(`${pathname}?other=x`)).toBe(404);
    expect(await ask(`/${pathname}?loginToken=x`)).toBe(404);
    for (const method of ["POST", "PUT", "HEAD", "OPTIONS", "DELETE"]) expect(await ask(query, { method })).toBe(404);
    // A page on a name that was made to point to this machine (DNS rebinding).
    for (const host of [`attacker.example:${port}`, `localhost:${port}`, "127.0.0.1", `127.0.0.1.:${port}`]) {
      expect(await ask(query, { host })).toBe(404);
    }
    expect(finish).not.toHaveBeenCalled();
    expect(await ask(`${pathname}?loginToken=good`)).toBe(200);
    await expect(ask(`${pathname}?loginToken=replayed`)).rejects.toThrow();
    expect(await login.end()).toBe(ACCOUNT);
    expect(finish).toHaveBeenCalledOnce();
  });

  test("of two answers at the same time takes one", async () => {
    await begin();
    const { pathname } = new URL(redirect);
    const answers = await Promise.allSettled(["a", "b", "c"].map((token) => ask(`${pathname}?loginToken=${token}`)));
    expect(answers.filter((answer) => answer.status === "fulfilled" && answer.value === 200)).toHaveLength(1);
    await login.end();
    expect(finish).toHaveBeenCalledOnce();
  });

  test("is given up by the user, in favour of the next one, and after a while", async () => {
    await begin();
    const first = login.end();
    const abandoned = redirect;
    await begin();
    await expect(first).rejects.toMatchObject({ code: "login-cancelled" });
    await expect(fetch(`${abandoned}?loginToken=good`)).rejects.toThrow();
    const second = login.end();
    login.cancel();
    await expect(second).rejects.toMatchObject({ code: "login-cancelled" });
    await expect(login.end()).rejects.toMatchObject({ code: "nothing-begun" });
    login = new BrowserLogin(() => undefined, 20);
    await begin();
    await expect(login.end()).rejects.toMatchObject({ code: "login-cancelled" });
    await expect(fetch(`${redirect}?loginToken=late`)).rejects.toThrow();
  });

  test.each(["file:///etc/passwd", "javascript:alert(1)", "ssh://example.org", "https:// no"])(
    "is not begun at %s",
    async (address) => {
      await expect(begin(address)).rejects.toMatchObject({ code: "login-unsupported" });
      expect(opened).toEqual([]);
      await expect(fetch(`${redirect}?loginToken=x`)).rejects.toThrow();
    },
  );

  test("leaves nothing open where the server does not let it begin", async () => {
    const failing = login.begin(isAnswer, async (own) => {
      redirect = own;
      throw new FerryError("homeserver-unreachable", "no");
    });
    await expect(failing).rejects.toMatchObject({ code: "homeserver-unreachable" });
    await expect(fetch(`${redirect}?loginToken=x`)).rejects.toThrow();
    await expect(login.end()).rejects.toMatchObject({ code: "nothing-begun" });
  });
});
