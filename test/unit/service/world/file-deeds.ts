import type { JsonObject } from "../../../../main/matrix/event.ts";
import type { FileReference } from "../../../../main/matrix/media.ts";
import type { FileFailure } from "../../../../main/matrix/codes.ts";
import type { Random } from "./random.ts";

/** What people do with files, and what becomes of them on the way. */

const WHOLE = "mxc://two.test/cat";
const DAMAGED = "mxc://two.test/damaged";
const CARRIED = "mxc://one.test/carried";

/** A picture, besides its caption. */
export function picture(random: Random): JsonObject {
  return { msgtype: "m.image", filename: "cat.png", url: random.pick([WHOLE, WHOLE, DAMAGED]) };
}

/** The files of a request, each uploaded anew, or what is wrong with it. */
export function carry(
  files: readonly { source: object }[],
  number: () => number,
): (FileReference | { failure: FileFailure })[] {
  return files.map(({ source }) =>
    "url" in source && source.url === DAMAGED
      ? { failure: "file-damaged" }
      : { url: `${CARRIED}${number()}`, encryption: null },
  );
}

/** Whether a message tells of a file that is not there. */
export function standsIn({ msgtype, body }: JsonObject): boolean {
  return msgtype === "m.notice" && typeof body === "string" && body.includes("it is damaged");
}

/** What is wrong with the copy of a picture. */
export function judgePicture(source: JsonObject, copy: JsonObject): string[] {
  if (source["url"] === DAMAGED) return standsIn(copy) ? [] : ["a file that is damaged was copied"];
  const { msgtype, url } = copy;
  return msgtype === "m.image" && typeof url === "string" && url.startsWith(CARRIED)
    ? []
    : ["a picture without its file"];
}
