import { z } from "zod";
import type { LinkView } from "../../../main/protocol/control.ts";
import { linksFile, type LinksFile } from "../../../main/protocol/links-file.ts";

/** As much as is read: a hundred links take a hundredth of it. */
const MOST_BYTES = 1_000_000;

export type { LinksFile };
export type FileLink = LinksFile["links"][number];

/** What could be read of a file, or why it could not, as a sentence. */
export type ReadFile = { file: LinksFile; problem: null } | { file: null; problem: string };

/** Reads a file that may hold anything. */
export async function readLinksFile(file: Pick<File, "size" | "text">): Promise<ReadFile> {
  const refuse = (problem: string): ReadFile => ({ file: null, problem });
  if (file.size > MOST_BYTES) return refuse("This file is too large to hold links of Ferry's.");
  let content: unknown;
  try {
    content = JSON.parse(await file.text());
  } catch {
    return refuse("This file cannot be read as links of Ferry's. Choose the one that “Save links” has written.");
  }
  const parsed = linksFile.safeParse(content);
  if (parsed.success) return { file: parsed.data, problem: null };
  if (isNewer(content)) return refuse("This file was written by a newer version of Ferry. Update this one first.");
  return refuse("This file does not hold links of Ferry's. Choose the one that “Save links” has written.");
}

function isNewer(content: unknown): boolean {
  const version = z.object({ version: z.number().min(2) });
  return version.safeParse(content).success;
}

/** Those links of a file that there are not yet: between other rooms, or another way round. */
export function missingLinks(links: readonly FileLink[], existing: readonly LinkView[]): FileLink[] {
  const known = new Set(existing.map(keyOf));
  return links.filter((link) => !known.has(keyOf(link)));
}

function keyOf({ direction, rooms }: { direction: string; rooms: readonly { roomId: string }[] }): string {
  const ids = rooms.map(({ roomId }) => roomId);
  // The order says which way a one-way link goes, and nothing where it goes both ways.
  return JSON.stringify([direction, direction === "one-way" ? ids : ids.sort()]);
}
