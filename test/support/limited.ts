import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { resolveDataFolder } from "../../main/host/data-folder.ts";
import { linkedRooms } from "./linked-rooms.ts";
import type { World } from "./world.ts";

/**
 * Says more than the homeserver takes at once from one account, so that two people speak, and expects all of it to
 * arrive.
 */
export async function expectAllInTime(world: World, messages: number): Promise<void> {
  const bea = await world.person("bea", "Bea");
  const { ana, jo, kitchen, workshop, ferry } = await linkedRooms(world, [bea]);
  const said = Array.from({ length: messages }, (_, index) => `limited ${index}`);
  for (const [index, text] of said.entries()) await (index % 2 === 0 ? ana : bea).say(kitchen, text);
  await jo.waitForMessage(workshop, said.at(-1) ?? "", 100_000);
  const copies = (await jo.timeline(workshop)).filter((message) => message.body.includes("limited"));
  expect(copies.map((message) => message.body)).toEqual(
    said.map((text, index) => `${index % 2 === 0 ? "Ana" : "Bea"}: ${text}`),
  );
  expect((await ferry.cli("status", "--json")).json).toMatchObject({ waiting: 0, failed: 0 });
  // It was more than that indeed.
  expect(readFileSync(resolveDataFolder(world.dataDir, false).log, "utf8")).toContain("rate-limited");
}
