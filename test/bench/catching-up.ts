import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { atEnd, endProcess } from "../support/cleanup.ts";
import type { BareSends } from "./bare-sender.ts";
import { heard } from "./hearing.ts";
import { engineAndMain, type Memory } from "./memory.ts";
import { watchProcessor } from "./processor.ts";
import { rest, type World } from "./world.ts";

/** How many messages are on their way at once while those that Ferry misses are sent. */
const LANES = 5;
const MESSAGE_LIMIT_MS = 500;

export interface CatchingUp {
  /** From the line that says that Ferry is ready, and from the start of its process, to the last copy's arrival. */
  catchUpMs: number;
  catchUpFromStartMs: number;
  bareSendsMs: number;
  memoryAfter: Memory | null;
  /** Milliseconds of processor time for each message while Ferry caught up, by kind of process. */
  processorMs: ReadonlyMap<string, number>;
}

/**
 * The time for messages that Ferry has missed to arrive, against the time that the same account needs to send as many:
 * one half of these before and the other after, so that what the machine does besides hits both.
 */
export async function measureCatchingUp(world: World, messages: number): Promise<CatchingUp> {
  const texts = Array.from({ length: messages }, (_, index) => `Message ${index}`);
  const half = Math.floor(messages / 2);
  const before = await sendBare(world, texts.slice(0, half));
  await sendMissed(world, texts);
  await rest();
  const caughtUp = await catchUp(world, texts);
  const after = await sendBare(world, texts.slice(half));
  return { ...caughtUp, bareSendsMs: before + after };
}

async function catchUp(world: World, texts: readonly string[]): Promise<Omit<CatchingUp, "bareSendsMs">> {
  const startedAt = performance.now();
  const last = heard(world.jo, world.workshop, texts, 60_000 + texts.length * MESSAGE_LIMIT_MS);
  const ferry = world.start();
  const readyAt = ferry.waitReady().then(() => performance.now());
  const processor = readyAt.then(() => watchProcessor([ferry.dataDir, world.synapse.dataDir]));
  const [lastAt, ready] = await Promise.all([last, readyAt]);
  const processorMs = new Map([...(await processor)()].map(([kind, ms]) => [kind, ms / texts.length]));
  await rest();
  const memoryAfter = engineAndMain(ferry);
  await ferry.stop();
  await rest();
  return { catchUpMs: lastAt - ready, catchUpFromStartMs: lastAt - startedAt, memoryAfter, processorMs };
}

async function sendMissed({ ana, kitchen }: World, texts: readonly string[]): Promise<void> {
  const waiting = [...texts];
  const lane = async (): Promise<void> => {
    for (let text = waiting.shift(); text !== undefined; text = waiting.shift()) await ana.say(kitchen, text);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

/** Has an ordinary client of Kim's send, in a process of its own. @returns how long that took, in milliseconds */
async function sendBare({ synapse, kim, jo, yard }: World, texts: string[]): Promise<number> {
  const child = fork(join(import.meta.dirname, "bare-sender.ts"));
  const forget = atEnd(() => endProcess(child.pid, "SIGKILL"));
  const order: BareSends = { homeserver: synapse.url, user: kim.name, password: kim.password, roomId: yard, texts };
  const limitMs = 60_000 + texts.length * MESSAGE_LIMIT_MS;
  const arrived = texts.length === 0 ? Promise.resolve(0) : heard(jo, yard, texts, limitMs);
  const ended = once(child, "exit").then(([status]) => {
    throw new Error(`The client that sends bare messages ended with ${String(status)}.`);
  });
  const answered = once(child, "message") as Promise<[{ tookMs: number }]>;
  child.send(order);
  const [[{ tookMs }]] = await Promise.race([Promise.all([answered, arrived]), ended]);
  ended.catch(() => undefined);
  forget();
  await rest();
  return tookMs;
}
