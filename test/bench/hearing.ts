// First: it silences the SDK before that is loaded.
import "../support/quiet-sdk.ts";
import { MatrixEventEvent, RoomEvent, type MatrixEvent } from "matrix-js-sdk";
import type { Person } from "../support/person.ts";

/**
 * Waits until a person's client has all the messages that end in these texts, decrypted. It listens and does not look
 * from time to time, so that the answer is exact.
 *
 * @param limitMs how long it may take, in milliseconds
 * @returns when the last one was there, as `performance.now()`
 */
export function heard(person: Person, roomId: string, texts: readonly string[], limitMs: number): Promise<number> {
  const missing = new Set(texts);
  return new Promise((resolve, reject) => {
    const done = (): void => {
      clearTimeout(limit);
      person.client.off(RoomEvent.Timeline, listen);
      person.client.off(MatrixEventEvent.Decrypted, listen);
    };
    const limit = setTimeout(() => {
      done();
      const which = `${missing.size} of ${texts.length} messages (the first is “${[...missing][0]}”)`;
      reject(new Error(`${person.name} waited ${limitMs / 1000} s for ${which}.`));
    }, limitMs);
    const listen = (event: MatrixEvent): void => {
      if (event.getRoomId() !== roomId || event.getType() !== "m.room.message" || event.isDecryptionFailure()) return;
      missing.delete(textOf(event));
      if (missing.size > 0) return;
      done();
      resolve(performance.now());
    };
    person.client.on(RoomEvent.Timeline, listen);
    person.client.on(MatrixEventEvent.Decrypted, listen);
  });
}

/** What somebody wrote, without the name that a copy has before it: the bench writes no colons. */
function textOf(event: MatrixEvent): string {
  const body: unknown = event.getContent()["body"];
  return typeof body === "string" ? (body.split(": ").at(-1) ?? "") : "";
}
