import type { App, PowerMonitor } from "electron";
import type { Logger } from "../log.ts";
import { throttled } from "../throttle.ts";

export interface SystemActions {
  /** What waits for the network or the keychain goes on at once. */
  wake(): void;
  quit(): void;
}

/** Sleep and waking, the lock of the screen (with which a keychain may have been locked), and the system's end. */
export function watchPower(monitor: Pick<PowerMonitor, "on">, actions: SystemActions): void {
  monitor.on("resume", () => actions.wake());
  monitor.on("unlock-screen", () => actions.wake());
  // Its event can be held off like others, though its type does not say so: the system then waits until Ferry has ended.
  monitor.on("shutdown", (...values: unknown[]) => {
    const [event] = values as [{ preventDefault?: () => void } | undefined];
    event?.preventDefault?.();
    actions.quit();
  });
}

/** However often the network's process ends, Ferry asks no more often than this, in milliseconds. */
const WAKE_INTERVAL_MS = 10_000;

/**
 * Processes of Chromium that no page is in. Chromium starts them again itself; what was asked of the network fails with
 * its process, and is asked again at once.
 */
export function watchProcesses(app: Pick<App, "on">, wake: () => void, logger: Pick<Logger, "warn">): void {
  const { call: wakeSoon } = throttled(WAKE_INTERVAL_MS, wake);
  app.on("child-process-gone", (_event, { type, reason, exitCode, name }) => {
    if (reason === "clean-exit") return;
    logger.warn("process-gone", { type, reason, exitCode, ...(name === undefined ? {} : { name }) });
    if (type === "Utility" && name?.includes("Network") === true) wakeSoon();
  });
}
