import type { Person } from "../support/person.ts";
import { median } from "./figures.ts";
import { heard } from "./hearing.ts";
import type { World } from "./world.ts";

const WARM_UP = 5;
const HOP_LIMIT_MS = 30_000;

export interface Latency {
  bareHopMs: number;
  mirroredMs: number;
}

/**
 * From the call that sends a message to the moment that another person's client has it decrypted: within one room, and
 * from room to room through Ferry, in turn. Medians, in milliseconds.
 */
export async function measureLatency(world: World, pairs: number): Promise<Latency> {
  const { ana, jo, hallway, kitchen, workshop } = world;
  const bare: number[] = [];
  const mirrored: number[] = [];
  for (let pair = -WARM_UP; pair < pairs; pair++) {
    const bareMs = await hop(ana, hallway, jo, hallway, `Bare hop ${pair}`);
    const mirroredMs = await hop(ana, kitchen, jo, workshop, `Mirrored ${pair}`);
    if (pair < 0) continue;
    bare.push(bareMs);
    mirrored.push(mirroredMs);
  }
  return { bareHopMs: median(bare), mirroredMs: median(mirrored) };
}

async function hop(from: Person, fromRoom: string, to: Person, toRoom: string, text: string): Promise<number> {
  const there = heard(to, toRoom, [text], HOP_LIMIT_MS);
  const startedAt = performance.now();
  const [arrivedAt] = await Promise.all([there, from.say(fromRoom, text)]);
  return arrivedAt - startedAt;
}
