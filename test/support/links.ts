import type { Ferry } from "./ferry.ts";
import { until } from "./until.ts";

/** Waits until no change is under way any more. @returns the id of the link that there is */
export async function untilLinked(ferry: Ferry): Promise<string> {
  let seen: unknown = null;
  const find = async (): Promise<string | null> => {
    const links = (await ferry.cli("link", "list", "--json")).json as { id: string; state: string }[];
    seen = links;
    return links.length === 1 && links[0]?.state !== "starting" ? (links[0]?.id ?? null) : null;
  };
  return until(find, 30_000, () => `The change did not come to an end: ${JSON.stringify(seen)}`);
}
