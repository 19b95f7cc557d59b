import { setTimeout as delay } from "node:timers/promises";
import type { SeenMessage } from "../support/person.ts";
import type { Side, Stage, Tell } from "./stage.ts";

/** What arrived of what was sent one way. */
export interface DirectionTotals {
  from: string;
  to: string;
  sent: number;
  arrived: number;
  duplicates: number;
  out_of_order: number;
  median_latency_ms: number | null;
}

/** What arrived of what was sent both ways. Latency: from before the send to readable in the other room. */
export interface Totals {
  sent: number;
  arrived: number;
  duplicates: number;
  out_of_order: number;
  undecryptable: number;
  median_latency_ms: number | null;
  directions: DirectionTotals[];
}

/** When each message was handed over for sending, by its number; milliseconds since 1970. */
type Departures = Map<number, number>;

/** Without any further arrival for this long, what is missing is taken as lost, in milliseconds. */
const STALL_LIMIT_MS = 60_000;
/** How long to look for duplicates after the last arrival, in milliseconds. */
const AFTERMATH_MS = 1500;

/**
 * Ana and Jo send `count` messages each, both at once, each the next one as soon as the homeserver has the last.
 * Counts what comes out in the other room, as read by the other person's own client.
 */
export async function crossBothWays({ kitchen, workshop }: Stage, count: number, tell: Tell): Promise<Totals> {
  tell(`Ana and Jo send ${count} messages each, at the same time …`);
  const fromKitchen: Departures = new Map();
  const fromWorkshop: Departures = new Map();
  await Promise.all([sendAll(kitchen, count, fromKitchen), sendAll(workshop, count, fromWorkshop)]);
  await untilArrived(kitchen, workshop, count, tell);
  const [atKitchen, atWorkshop] = await Promise.all([look(kitchen), look(workshop)]);
  const latencies: number[] = [];
  const directions = [
    countDirection(kitchen, workshop, fromKitchen, atWorkshop, latencies),
    countDirection(workshop, kitchen, fromWorkshop, atKitchen, latencies),
  ];
  const sum = (field: "sent" | "arrived" | "duplicates" | "out_of_order"): number =>
    directions.reduce((total, direction) => total + direction[field], 0);
  return {
    sent: sum("sent"),
    arrived: sum("arrived"),
    duplicates: sum("duplicates"),
    out_of_order: sum("out_of_order"),
    undecryptable: [...atKitchen, ...atWorkshop].filter(({ undecryptable }) => undecryptable).length,
    median_latency_ms: median(latencies),
    directions,
  };
}

/** Whether everything arrived once, in order and readable. */
export function isClean(totals: Totals): boolean {
  const { sent, arrived, duplicates, out_of_order: outOfOrder, undecryptable } = totals;
  return arrived === sent && duplicates === 0 && outOfOrder === 0 && undecryptable === 0;
}

async function sendAll({ room, person }: Side, count: number, departures: Departures): Promise<void> {
  for (let number = 1; number <= count; number += 1) {
    departures.set(number, Date.now());
    await person.say(room, `Crossing ${markOf(person.name, number)}`);
  }
}

function markOf(name: string, number: number): string {
  return `[${name} ${number}]`;
}

function numberOf(name: string, { body }: SeenMessage): number | null {
  const number = /\[(\w+) (\d+)\]/.exec(body);
  return number?.[1] === name ? Number(number[2]) : null;
}

function look({ room, person }: Side): Promise<SeenMessage[]> {
  return person.timeline(room);
}

/** The numbers of the other one's messages, in the order in which they stand here. */
function arrivals(name: string, seen: readonly SeenMessage[]): number[] {
  return seen.map((message) => numberOf(name, message)).filter((number) => number !== null);
}

async function untilArrived(one: Side, other: Side, count: number, tell: Tell): Promise<void> {
  let arrived = -1;
  let lastArrival = Date.now();
  for (;;) {
    const [atOne, atOther] = await Promise.all([look(one), look(other)]);
    const inOne = new Set(arrivals(other.person.name, atOne)).size;
    const inOther = new Set(arrivals(one.person.name, atOther)).size;
    if (inOne + inOther > arrived) lastArrival = Date.now();
    arrived = inOne + inOther;
    if (arrived === 2 * count) break;
    if (Date.now() - lastArrival > STALL_LIMIT_MS) {
      tell(`Nothing has arrived for ${STALL_LIMIT_MS / 1000} s: ${2 * count - arrived} messages are missing.`);
      return;
    }
    await delay(100);
  }
  await delay(AFTERMATH_MS);
}

function countDirection(
  from: Side,
  to: Side,
  departures: Departures,
  seen: readonly SeenMessage[],
  latencies: number[],
): DirectionTotals {
  const numbers = arrivals(from.person.name, seen);
  const own: number[] = [];
  for (const message of seen) {
    const departure = departures.get(numberOf(from.person.name, message) ?? 0);
    if (departure !== undefined && message.seenTs !== null) own.push(message.seenTs - departure);
  }
  latencies.push(...own);
  const arrived = new Set(numbers).size;
  return {
    from: from.name,
    to: to.name,
    sent: departures.size,
    arrived,
    duplicates: numbers.length - arrived,
    out_of_order: countOutOfOrder(numbers),
    median_latency_ms: median(own),
  };
}

/** How many stand behind one with a higher number. */
function countOutOfOrder(numbers: readonly number[]): number {
  let highest = 0;
  let count = 0;
  for (const number of numbers) {
    if (number < highest) count += 1;
    highest = Math.max(highest, number);
  }
  return count;
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}
