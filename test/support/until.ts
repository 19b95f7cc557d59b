import { setTimeout as delay } from "node:timers/promises";

/**
 * Waits until `predicate` holds, looking every 25 ms, and answers with what it returned.
 *
 * @param limitMs how long it may take, in milliseconds
 * @param explain what to say when it does not: evaluated then, so that it can show the state of things
 */
export async function until<T>(
  predicate: () => T | Promise<T>,
  limitMs: number,
  explain: () => string,
): Promise<Exclude<T, false | null | undefined>> {
  const end = Date.now() + limitMs;
  for (;;) {
    const value = await predicate();
    if (value !== false && value !== null && value !== undefined) return value as Exclude<T, false | null | undefined>;
    if (Date.now() > end) throw new Error(`${explain()} (waited ${limitMs / 1000} s)`);
    await delay(25);
  }
}
