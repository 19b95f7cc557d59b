import { logger } from "matrix-js-sdk/lib/logger.js";

/**
 * Silences the SDK. Parts of it write to a shared logger (a loglevel one, although its type does not say so), some of
 * them by functions taken from it while they are loaded: so this file is imported before the SDK.
 */
const shared = logger as unknown as { methodFactory: () => () => void; rebuild(): void };
shared.methodFactory = () => () => undefined;
shared.rebuild();

/** For what takes a logger. */
export const silent = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  getChild: () => silent,
};
