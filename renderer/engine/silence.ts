import { logger as globalLogger, type Logger } from "matrix-js-sdk/lib/logger.js";

const nothing = (): void => undefined;

/**
 * A logger that drops everything. The SDK's log lines hold user ids, event contents and URLs with tokens; what Ferry
 * logs it chooses itself, by name.
 */
export const silentLogger: Logger = {
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  getChild: () => silentLogger,
};

/** Silences the parts of the SDK that do not take a logger. */
export function silenceSdk(): void {
  Object.assign(globalLogger, silentLogger, { log: nothing });
}
