import { Method } from "matrix-js-sdk/lib/http-api/index.js";
import { ClientPrefix, MediaPrefix } from "matrix-js-sdk/lib/http-api/prefix.js";
import { parseErrorResponse } from "matrix-js-sdk/lib/http-api/utils.js";
import type { MatrixClient } from "matrix-js-sdk/lib/client.js";
import { FerryError } from "../../../main/matrix/errors.ts";
import type { FileFailure } from "../../../main/matrix/codes.ts";
import { isMxcUri, type MxcUri } from "../../../main/matrix/media.ts";
import { toFailure } from "../failures.ts";

/** A download of which nothing has come for so long has failed, in milliseconds. */
const SILENCE_MS = 60_000;
/** The slowest upload that is waited for, in bytes a millisecond. */
const SLOWEST_UPLOAD = 16;
/** What the homeserver takes is asked for again after this, in milliseconds. */
const LIMIT_HOLDS_MS = 3_600_000;

/** A file cannot be had, or is not taken, for good. */
export class FileProblem extends Error {
  readonly failure: FileFailure;

  constructor(failure: FileFailure) {
    super(failure);
    this.failure = failure;
  }
}

/** The homeserver's content repository (client-server API, "Content repository"). */
export class Repository {
  readonly #client: MatrixClient;
  readonly #fetch: typeof fetch;
  #limit: { bytes: number; untilTs: number } | null = null;

  /** @param send like `fetch`, and gives every request that bears an access token the one that holds */
  constructor(client: MatrixClient, send: typeof fetch) {
    this.#client = client;
    this.#fetch = send;
  }

  /** The largest file that the homeserver takes, in bytes. */
  async limit(): Promise<number> {
    if (this.#limit === null || this.#limit.untilTs < Date.now()) {
      const config = await this.#config();
      const size: unknown = config["m.upload.size"];
      const bytes = typeof size === "number" && size >= 0 ? size : Infinity;
      this.#limit = { bytes, untilTs: Date.now() + LIMIT_HOLDS_MS };
    }
    return this.#limit.bytes;
  }

  async #config(): Promise<Record<string, unknown>> {
    for (const authenticated of [true, false]) {
      try {
        return await this.#client.getMediaConfig(authenticated);
      } catch (error) {
        // A homeserver from before version 1.11 of the specification.
        if (toFailure(error).details.errcode !== "M_UNRECOGNIZED") throw toFailure(error);
      }
    }
    return {};
  }

  /**
   * @param most more than this is not read, whatever was announced
   * @throws FileProblem, FerryError `file-unavailable` where the homeserver cannot get it now
   */
  async *download(uri: MxcUri, most: number): AsyncGenerator<Uint8Array> {
    const silence = new Silence();
    try {
      const response = await this.#open(uri, silence.signal);
      if (Number(response.headers.get("content-length")) > most) throw new FileProblem("file-too-large");
      let length = 0;
      for await (const chunk of response.body ?? []) {
        silence.heard();
        length += chunk.length;
        if (length > most) throw new FileProblem("file-too-large");
        yield chunk;
      }
    } catch (error) {
      if (error instanceof FileProblem || error instanceof FerryError) throw error;
      // A network that breaks off in the middle is no error of the SDK's.
      throw new FerryError("homeserver-unreachable", "The homeserver broke off a download.");
    } finally {
      silence.end();
    }
  }

  async #open(uri: MxcUri, signal: AbortSignal): Promise<Response> {
    const path = uri.slice("mxc://".length).split("/").map(encodeURIComponent).join("/");
    const prefixes = [`${ClientPrefix.V1}/media`, MediaPrefix.V3];
    for (const prefix of prefixes) {
      const url = this.#client.http.getUrl(`/download/${path}`, undefined, prefix);
      const headers = { authorization: `Bearer ${this.#client.getAccessToken() ?? ""}` };
      // The browser's cache is on disk.
      const response = await this.#fetch(url, { headers, signal, referrerPolicy: "no-referrer", cache: "no-store" });
      if (response.ok) return response;
      const error = toFailure(parseErrorResponse(response, await response.text()));
      if (error.details.errcode === "M_UNRECOGNIZED") continue;
      throw ofDownload(error, response.status);
    }
    throw new FileProblem("file-missing");
  }

  /** @throws FileProblem, FerryError */
  async upload(file: Blob, name: string | null): Promise<MxcUri> {
    try {
      const answer = await this.#client.http.authedRequest<{ content_uri?: unknown }>(
        Method.Post,
        "/upload",
        name === null ? undefined : { filename: name },
        file,
        {
          prefix: MediaPrefix.V3,
          headers: { "Content-Type": file.type },
          localTimeoutMs: SILENCE_MS + file.size / SLOWEST_UPLOAD,
        },
      );
      if (isMxcUri(answer.content_uri)) return answer.content_uri;
    } catch (error) {
      throw ofUpload(toFailure(error));
    }
    throw new FerryError("homeserver-error", "The homeserver accepted a file but did not say where it is.");
  }
}

function ofDownload(error: FerryError, status: number): Error {
  if (error.code === "rate-limited" || error.code === "logged-out") return error;
  if (error.details.errcode === "M_TOO_LARGE") return new FileProblem("file-too-large");
  if (status < 500) return new FileProblem("file-missing");
  return new FerryError("file-unavailable", "The homeserver cannot get a file now, perhaps from another server.");
}

function ofUpload(error: FerryError): Error {
  if (error.details.errcode === "M_TOO_LARGE") return new FileProblem("file-too-large");
  const isOfFile = error.code === "event-refused" || error.code === "forbidden" || error.code === "event-not-found";
  return isOfFile ? new FileProblem("file-refused") : error;
}

/** Ends a request of which nothing is heard any more. */
class Silence {
  readonly #controller = new AbortController();
  #timer = this.#start();

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  heard(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  /** Whatever is still to come of it is not wanted. */
  end(): void {
    clearTimeout(this.#timer);
    this.#controller.abort();
  }

  #start(): ReturnType<typeof setTimeout> {
    return setTimeout(() => this.#controller.abort(), SILENCE_MS);
  }
}
