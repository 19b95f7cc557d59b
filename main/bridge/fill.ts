import { isObject, type JsonObject } from "../matrix/event.ts";
import { writeFileReference, type FileReference } from "../matrix/media.ts";
import type { CarriedFile } from "./kinds/kind.ts";

const PREFIX: Record<CarriedFile["role"], string> = { file: "", thumbnail: "thumbnail_" };

/**
 * A copy's content with its files named in it.
 *
 * @param references where they lie now, in the order of `files`; null for a thumbnail that could not be had
 */
export function fillFiles(
  content: JsonObject,
  files: readonly CarriedFile[],
  references: readonly (FileReference | null)[],
): JsonObject {
  const filled = structuredClone(content);
  files.forEach(({ role, paths }, index) => {
    const reference = references[index] ?? null;
    for (const path of paths) {
      const place = placeIn(filled, path);
      if (reference !== null) Object.assign(place, writeFileReference(PREFIX[role], reference));
      else if (role === "thumbnail") delete place["thumbnail_info"];
    }
  });
  return filled;
}

function placeIn(content: JsonObject, path: readonly string[]): JsonObject {
  let place = content;
  for (const name of path) {
    const inner = place[name];
    place = isObject(inner) ? inner : (place[name] = {});
  }
  return place;
}
