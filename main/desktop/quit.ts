/** What is being sent may finish, but nobody waits longer for Ferry to end. */
export const QUIT_LIMIT_MS = 5_000;

/**
 * Stops what `stop` stops, and waits for it no longer than the limit.
 *
 * @param limit in milliseconds
 * @returns whether it had ended by then; a failure of `stop` is passed on
 */
export async function stopWithin(stop: () => Promise<void>, limit: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), limit);
  });
  try {
    return await Promise.race([stop().then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
