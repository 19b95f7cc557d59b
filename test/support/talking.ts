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

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
