import type { Ferry } from "../support/ferry.ts";
import { median } from "./figures.ts";
import { heard } from "./hearing.ts";
import type { World } from "./world.ts";

const ROUNDS = 3;
const START_LIMIT_MS = 60_000;

export interface Starting {
  readyMs: number;
  toFirstCopyMs: number;
  /** The Ferry of the last round, which runs on. */
  ferry: Ferry;
}

/** From the start of Ferry's process to its being ready, and to the arrival of the message that it has missed. */
export async function measureStarting(world: World): Promise<Starting> {
  const ready: number[] = [];
  const firstCopy: number[] = [];
  for (let round = 1; ; round++) {
    const text = `Before start ${round}`;
    await world.ana.say(world.kitchen, text);
    const startedAt = performance.now();
    const copied = heard(world.jo, world.workshop, [text], START_LIMIT_MS);
    const ferry = world.start();
    const readyAt = ferry.waitReady().then(() => performance.now());
    const [copiedAt, becameReadyAt] = await Promise.all([copied, readyAt]);
    ready.push(becameReadyAt - startedAt);
    firstCopy.push(copiedAt - startedAt);
    if (round === ROUNDS) return { readyMs: median(ready), toFirstCopyMs: median(firstCopy), ferry };
    await ferry.stop();
  }
}
