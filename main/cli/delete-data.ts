import { setTimeout as sleep } from "node:timers/promises";
import { isMarkedForDeletion } from "../host/data-deletion.ts";
import { resolveDataFolder } from "../host/data-folder.ts";
import { finish, STILL_LISTED } from "./account.ts";
import { confirm } from "./confirm.ts";
import type { Context } from "./environment.ts";
import { toJson } from "./json.ts";
import { openSession } from "./session.ts";

/** How long a running Ferry may take to end and delete its files, in milliseconds. */
const LIMIT_MS = 30_000;
const POLL_MS = 50;

/**
 * `ferry delete-data`: asks, logs out where that can be done, and deletes everything that Ferry keeps.
 *
 * @throws FerryError `link-needs-confirmation`; `keychain-locked` and `keychain-unavailable`, with nothing deleted
 */
export async function deleteData(context: Context): Promise<number> {
  const { environment, settings } = context;
  const folder = resolveDataFolder(settings.data, false);
  const question =
    `Log this device out, and delete everything that Ferry keeps in ${folder.path}? ` +
    "Links and what has not been copied yet are gone then; the copies in the rooms stay.";
  if (!(await confirm(context, question))) {
    environment.complain("Nothing was deleted.");
    return 1;
  }
  const session = await openSession(context);
  const result = await finish(session, () => session.client.deleteData({}));
  const isDeleted = await untilDeleted(() => isMarkedForDeletion(folder));
  const sentences = [
    isDeleted ? "Everything is deleted." : "Ferry is still ending. What is left is deleted when it is started next.",
  ];
  if (!result.loggedOut) sentences.push(STILL_LISTED);
  environment.print(settings.json ? toJson({ ...result, deleted: isDeleted }) : sentences.join(" "));
  return 0;
}

async function untilDeleted(isLeft: () => boolean): Promise<boolean> {
  for (let waitedMs = 0; isLeft(); waitedMs += POLL_MS) {
    if (waitedMs >= LIMIT_MS) return false;
    await sleep(POLL_MS);
  }
  return true;
}
