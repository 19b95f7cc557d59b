import { passwordOf } from "../support/person.ts";
import { openBrowserPerson, servePage, type BrowserPerson } from "./browser-person.ts";
import { median } from "./figures.ts";
import type { Latency } from "./latency.ts";
import { rest, type World } from "./world.ts";

const WARM_UP = 5;

/**
 * As `measureLatency`, between people whose clients are pages in browsers of their own. That is what Ferry's engine is,
 * and what most people use: their keys are on disk, each of their requests crosses a process.
 */
export async function measureBrowserLatency(world: World, pairs: number): Promise<Latency> {
  const { den, attic } = world.browserRooms;
  const server = await servePage();
  const bea = await logIn(world, server.url, "bea");
  const lou = await logIn(world, server.url, "lou");
  await bea.join(den);
  await lou.join(attic);
  const hall = await bea.createRoom(`@lou:${world.synapse.serverName}`);
  await lou.join(hall);
  // Whoever speaks before their client has heard who joined sends them no key.
  await rest();
  const bare: number[] = [];
  const mirrored: number[] = [];
  for (let pair = -WARM_UP; pair < pairs; pair++) {
    const bareMs = await hop(bea, hall, lou, hall, `Bare hop ${pair};`);
    const mirroredMs = await hop(bea, den, lou, attic, `Mirrored ${pair};`);
    if (pair < 0) continue;
    bare.push(bareMs);
    mirrored.push(mirroredMs);
  }
  await bea.end();
  await lou.end();
  server.end();
  return { bareHopMs: median(bare), mirroredMs: median(mirrored) };
}

async function logIn(world: World, url: string, name: string): Promise<BrowserPerson> {
  const person = await openBrowserPerson(url);
  await person.logIn({ homeserver: world.synapse.url, user: name, password: passwordOf(name) });
  return person;
}

async function hop(from: BrowserPerson, fromRoom: string, to: BrowserPerson, toRoom: string, text: string) {
  const there = to.heard(toRoom, text);
  const [arrivedAt, startedAt] = await Promise.all([there, from.say(fromRoom, text)]);
  return arrivedAt - startedAt;
}
