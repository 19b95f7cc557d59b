import type { Store } from "../store/store.ts";
import { FerryError } from "../matrix/errors.ts";
import type { Answers } from "./answers.ts";
import { roomsOf } from "./catch-up.ts";
import type { Engine } from "./engine.ts";
import type { Reads } from "./reads.ts";
import type { Sender } from "./sender.ts";

export interface IdleParts {
  store: Store;
  engine: Engine;
  answers: Answers;
  sender: Sender;
  reads: Reads;
}

/**
 * Resolves once there is nothing to do: all that the engine has received of the linked rooms has been taken in, answers
 * have been looked into, whatever may be sent has been, and read markers have been moved. What came of it, an own copy
 * that comes back among it, is waited for as well: it is over when a whole round has changed nothing in the database.
 *
 * What the homeserver has not told yet is not known here: who wants that in it lets something else arrive first.
 *
 * @throws FerryError `engine-gone`
 */
export async function untilIdle({ store, engine, answers, sender, reads }: IdleParts): Promise<void> {
  for (let before = -1; before !== store.changes();) {
    before = store.changes();
    await Promise.all(roomsOf(store.links.all()).map((roomId) => engine.remote.settle({ roomId }).catch(ifFollowed)));
    await answers.process();
    await sender.idle();
    await reads.idle();
  }
}

/** A room that is not followed has nothing that would be taken in. */
function ifFollowed(error: unknown): void {
  if (!(error instanceof FerryError && error.code === "unknown-room")) throw error;
}
