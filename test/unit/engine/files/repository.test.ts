import { MatrixClient } from "matrix-js-sdk/lib/client.js";
import { describe, expect, test, vi } from "vitest";
import { FileProblem, Repository } from "../../../../renderer/engine/files/repository.ts";
import { silenceSdk, silentLogger } from "../../../../renderer/engine/silence.ts";

silenceSdk();

const HOMESERVER = "https://one.test";
const URI = "mxc://two.test/file" as const;

type Answer = (url: URL, init: RequestInit | undefined) => Response | Promise<Response>;

function repositoryOn(answer: Answer): { repository: Repository; asked: string[] } {
  const asked: string[] = [];
  const send: typeof fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : String(input));
    asked.push(`${init?.method ?? "GET"} ${url.pathname}${url.search}`);
    return answer(url, init);
  };
  const client = new MatrixClient({ baseUrl: HOMESERVER, accessToken: "token", fetchFn: send, logger: silentLogger });
  return { repository: new Repository(client, send), asked };
}

function refusal(status: number, errcode: string): Response {
  return Response.json({ errcode, error: "no" }, { status });
}

async function read(repository: Repository, most = 1_000): Promise<Buffer> {
  const chunks = [];
  for await (const chunk of repository.download(URI, most)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function outcome(action: Promise<unknown>): Promise<string> {
  try {
    await action;
    return "done";
  } catch (error) {
    return error instanceof FileProblem ? error.failure : (error as { code: string }).code;
  }
}

describe("a download", () => {
  test("asks with the login, and says nothing of where it comes from", async () => {
    let headers = new Headers();
    const { repository, asked } = repositoryOn((_, init) => {
      headers = new Headers(init?.headers);
      return new Response("bytes");
    });
    expect((await read(repository)).toString()).toBe("bytes");
    expect(asked).toEqual(["GET /_matrix/client/v1/media/download/two.test/file"]);
    expect(headers.get("authorization")).toBe("Bearer token");
  });

  test("of a homeserver from before authenticated media goes the older way", async () => {
    const { repository, asked } = repositoryOn((url) =>
      url.pathname.includes("/v1/media/") ? refusal(404, "M_UNRECOGNIZED") : new Response("bytes"),
    );
    expect((await read(repository)).toString()).toBe("bytes");
    expect(asked.at(-1)).toBe("GET /_matrix/media/v3/download/two.test/file");
  });

  test.each<[string, Response, string]>([
    ["that is not there", refusal(404, "M_NOT_FOUND"), "file-missing"],
    ["that is not shown to the account", refusal(403, "M_FORBIDDEN"), "file-missing"],
    ["that makes no sense to the homeserver", refusal(400, "M_UNKNOWN"), "file-missing"],
    ["that is too large for the homeserver to get", refusal(502, "M_TOO_LARGE"), "file-too-large"],
    ["of a server that does not answer", refusal(502, "M_UNKNOWN"), "file-unavailable"],
    ["that is still being uploaded", refusal(504, "M_NOT_YET_UPLOADED"), "file-unavailable"],
    ["behind a proxy that is down", new Response("<h1>Bad gateway</h1>", { status: 502 }), "file-unavailable"],
    ["too many", refusal(429, "M_LIMIT_EXCEEDED"), "rate-limited"],
    ["after the login has ended", refusal(401, "M_UNKNOWN_TOKEN"), "logged-out"],
    [
      "that is announced to be too large",
      new Response("x", { headers: { "content-length": "1001" } }),
      "file-too-large",
    ],
    ["that is larger than it was announced", new Response("x".repeat(1_001)), "file-too-large"],
    ["of nothing", new Response(""), "done"],
  ])("%s", async (_, response, expected) => {
    expect(await outcome(read(repositoryOn(() => response).repository))).toBe(expected);
  });

  test("that breaks off in the middle may work later", async () => {
    const { repository } = repositoryOn(() => {
      let sent = 0;
      const body = new ReadableStream<Uint8Array>({
        pull: (controller) => {
          if (sent++ === 0) controller.enqueue(new Uint8Array(10));
          else controller.error(new TypeError("network error"));
        },
      });
      return new Response(body);
    });
    expect(await outcome(read(repository))).toBe("homeserver-unreachable");
  });

  test("of which nothing comes any more is given up, and may work later", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { repository } = repositoryOn(
      (_, init) =>
        new Promise((_resolve, reject) => {
          init?.signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
        }),
    );
    const reading = outcome(read(repository));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await reading).toBe("homeserver-unreachable");
    vi.useRealTimers();
  });
});

describe("an upload", () => {
  const file = new Blob(["bytes"], { type: "image/png" });

  test("says the type, and the name only where it is given", async () => {
    let type = null as string | null;
    const { repository, asked } = repositoryOn((_, init) => {
      type = new Headers(init?.headers).get("content-type");
      return Response.json({ content_uri: "mxc://one.test/new" });
    });
    expect(await repository.upload(file, null)).toBe("mxc://one.test/new");
    expect(await repository.upload(file, "a cat.png")).toBe("mxc://one.test/new");
    expect(asked).toEqual(["POST /_matrix/media/v3/upload", "POST /_matrix/media/v3/upload?filename=a+cat.png"]);
    expect(type).toBe("image/png");
  });

  test.each<[string, Response, string]>([
    ["too large", refusal(413, "M_TOO_LARGE"), "file-too-large"],
    ["not allowed", refusal(403, "M_FORBIDDEN"), "file-refused"],
    ["refused for another reason", refusal(400, "M_BAD_JSON"), "file-refused"],
    ["too often", refusal(429, "M_LIMIT_EXCEEDED"), "rate-limited"],
    ["while the homeserver has a problem", refusal(500, "M_UNKNOWN"), "homeserver-error"],
    ["and put nowhere", Response.json({ content_uri: "https://evil.test/x" }), "homeserver-error"],
  ])("that is %s", async (_, response, expected) => {
    expect(await outcome(repositoryOn(() => response).repository.upload(file, null))).toBe(expected);
  });
});

describe("what the homeserver takes", () => {
  test("is asked for once", async () => {
    const { repository, asked } = repositoryOn(() => Response.json({ "m.upload.size": 5 }));
    expect([await repository.limit(), await repository.limit()]).toEqual([5, 5]);
    expect(asked).toEqual(["GET /_matrix/client/v1/media/config"]);
  });

  test("is everything where it does not say", async () => {
    expect(await repositoryOn(() => Response.json({ "m.upload.size": "many" })).repository.limit()).toBe(Infinity);
    const old = repositoryOn(() => refusal(404, "M_UNRECOGNIZED"));
    expect(await old.repository.limit()).toBe(Infinity);
    expect(old.asked).toHaveLength(2);
  });
});
