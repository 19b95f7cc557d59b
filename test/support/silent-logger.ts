import type { Logger } from "../../main/log.ts";

/** A logger that keeps nothing. */
export const SILENT: Logger = {
  write: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => SILENT,
  conceal: () => undefined,
  reveal: () => undefined,
  setLevel: () => undefined,
  close: () => undefined,
};
