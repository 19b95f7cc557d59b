/** Calls `action` at once, and then at most once an interval (milliseconds), always once after the last call. */
export function throttled(intervalMs: number, action: () => void): { call: () => void; end: () => void } {
  let timer: NodeJS.Timeout | null = null;
  let again = false;
  function call(): void {
    if (timer !== null) {
      again = true;
      return;
    }
    action();
    timer = setTimeout(() => {
      timer = null;
      if (!again) return;
      again = false;
      call();
    }, intervalMs);
    timer.unref();
  }
  const end = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  };
  return { call, end };
}
