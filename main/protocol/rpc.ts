import { createBirpc } from "birpc";
import { z } from "zod";
import { asFerryError, FerryError, type FailureCode } from "../matrix/errors.ts";

/** One side's methods: what each takes and what it answers. Everything is validated on arrival, at both ends. */
export type Contract = Record<string, { params: z.ZodType; result: z.ZodType }>;

/** The other side's methods, as this side calls them. A failure arrives as a `FerryError`. */
export type Client<C extends Contract> = {
  [Method in keyof C]: (params: z.input<C[Method]["params"]>) => Promise<z.output<C[Method]["result"]>>;
};

/** This side's methods, as it implements them: parameters have been validated before. */
export type Handlers<C extends Contract> = {
  [Method in keyof C]: (params: z.output<C[Method]["params"]>) => Promise<z.input<C[Method]["result"]>>;
};

/** A way to pass text to one other party, in order. */
export interface Channel {
  send(text: string): Promise<void> | void;
  onReceive(listener: (text: string) => void): void;
}

export interface Connection<Remote extends Contract> {
  remote: Client<Remote>;
  /** Ends the connection: every call under way fails with `error`. */
  close(error: FerryError): void;
}

const failure = z.object({
  code: z.string(),
  message: z.string(),
  details: z.object({ retryAfterMs: z.number().optional(), errcode: z.string().optional() }),
});
const answer = z.union([z.object({ value: z.unknown() }), z.object({ failure })]);

/**
 * Joins two contracts over a channel.
 *
 * There is no time-out here: a call may last as long as what it asks for (a first synchronisation, a send without
 * network), and ends with the connection.
 *
 * @throws FerryError `bad-request` (as a rejection of the call) where parameters or an answer break the contract
 */
export function connect<Local extends Contract, Remote extends Contract>(
  channel: Channel,
  local: Local,
  handlers: Handlers<Local>,
  remote: Remote,
): Connection<Remote> {
  const functions: Record<string, (params: unknown) => Promise<unknown>> = {};
  for (const [method, { params }] of Object.entries(local)) {
    const handler = handlers[method] as (params: unknown) => Promise<unknown>;
    functions[method] = (raw) => respond(method, params, handler, raw);
  }
  let closed: FerryError | null = null;
  /** What was posted last, as long as it is on its way: it never ends where it has arrived. */
  let lost: Promise<never> = new Promise(() => undefined);
  const rpc = createBirpc<typeof functions, typeof functions, false>(functions, {
    // Not waited for: until it has been posted birpc listens to no answer, and would leave the connection's end unheard.
    post: (text: string) => {
      lost = lossOf(channel, text);
      // An answer has nobody to tell: that the other side is gone, the channel's owner notices.
      lost.catch(() => undefined);
    },
    on: (listener: (text: string) => void) => channel.onReceive(listener),
    serialize: JSON.stringify,
    deserialize: parseFrame,
    timeout: -1,
    proxify: false,
    bind: "functions",
    resolver: (name) => (Object.hasOwn(functions, name) ? functions[name] : undefined),
    // A call of this side fails with its error. A frame that is none has nobody to tell.
    onGeneralError: (error, answered) => answered !== undefined || !(error instanceof FerryError),
  });
  const client: Record<string, (params: unknown) => Promise<unknown>> = {};
  for (const [method, { result }] of Object.entries(remote)) {
    client[method] = async (params) => {
      if (closed) throw closed;
      // It is posted before this returns, or not at all.
      const answered = rpc.$call(method, params);
      return unwrap(method, result, await Promise.race([answered, lost]));
    };
  }
  const close = (error: FerryError): void => {
    closed = error;
    rpc.$close(error);
  };
  return { remote: client as Client<Remote>, close };
}

/** Posts a text, and fails where it does not arrive; where it does, nothing follows. */
async function lossOf(channel: Channel, text: string): Promise<never> {
  try {
    await channel.send(text);
  } catch (error) {
    if (error instanceof FerryError) throw error;
    throw new FerryError("engine-gone", "The other part of Ferry is gone; the call did not reach it.");
  }
  return new Promise(() => undefined);
}

/** What birpc's messages look like. Anything else would make it throw where nobody can catch it. */
const frame = z.union([
  z.object({ t: z.literal("q"), m: z.string(), a: z.array(z.unknown()), i: z.string().optional() }),
  z.object({ t: z.literal("s"), i: z.string() }),
]);

/** @throws Error where the text is no frame, before anything looks into it */
export function parseFrame(text: string): unknown {
  const parsed: unknown = JSON.parse(text);
  if (!frame.safeParse(parsed).success) throw new Error("not a frame");
  return parsed;
}

async function respond(
  method: string,
  schema: z.ZodType,
  handler: (params: unknown) => Promise<unknown>,
  raw: unknown,
): Promise<unknown> {
  const params = schema.safeParse(raw);
  if (!params.success) {
    return { failure: { code: "bad-request", message: broken(method, "parameters", params.error), details: {} } };
  }
  try {
    return { value: await handler(params.data) };
  } catch (error) {
    const { code, message, details } = asFerryError(error);
    return { failure: { code, message, details } };
  }
}

function unwrap(method: string, schema: z.ZodType, raw: unknown): unknown {
  const reply = answer.safeParse(raw);
  if (!reply.success) throw new FerryError("bad-request", broken(method, "answer", reply.error));
  if ("failure" in reply.data) {
    const { code, message, details } = reply.data.failure;
    throw new FerryError(code as FailureCode, message, details);
  }
  const value = schema.safeParse(reply.data.value);
  if (!value.success) throw new FerryError("bad-request", broken(method, "answer", value.error));
  return value.data;
}

/** Names the place that breaks the contract, never the value: it may be somebody's message or a secret. */
function broken(method: string, what: string, error: z.ZodError): string {
  const places = error.issues.slice(0, 3).map((issue) => `${issue.path.join(".") || "(whole)"}: ${issue.code}`);
  return `The ${what} of ${method} do not fit its contract (${places.join("; ")}).`;
}
