import { randomUUID } from "node:crypto";
import type { Ferry } from "./ferry.ts";
import type { Person } from "./person.ts";

/** People who talk all the while, and what of it has arrived. */

/** Says `letter0`, `letter1` and so on, `count` times, about `pauseMs` milliseconds apart. */
export async function speak(
  person: Person,
  room: string,
  letter: string,
  count: number,
  pauseMs: number,
): Promise<void> {
  for (const text of said(letter, count)) {
    await person.say(room, text);
    await pause(pauseMs * (0.5 + Math.random()));
  }
}

/** What `speak` says, in its order. */
export function said(letter: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${letter}${index}`);
}

/** The texts of the copies of one person's messages, in the order of the room. */
export async function arrived(person: Person, room: string, author: string): Promise<string[]> {
  const prefix = `${author}: `;
  return (await person.timeline(room))
    .filter((message) => message.body.startsWith(prefix))
    .map((message) => message.body.slice(prefix.length));
}

/**
 * Waits until everything that has been said in linked rooms has had its effect in all of them: what is said after it has
 * arrived, and Ferry has nothing left to do. What is not there then has not been copied.
 *
 * @param rooms each with somebody who is in it
 * @returns what was said in each room in the end
 */
export async function settle(ferry: Ferry, ...rooms: (readonly [person: Person, room: string])[]): Promise<string[]> {
  const marks = await Promise.all(
    rooms.map(async ([person, room]) => {
      const mark = randomUUID();
      await person.say(room, mark);
      return mark;
    }),
  );
  for (const [person, room] of rooms) for (const mark of marks) await person.waitForMessage(room, mark);
  await ferry.idle();
  return marks;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
