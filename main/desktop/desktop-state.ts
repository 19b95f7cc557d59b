import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writePrivateFile } from "../host/private-file.ts";
import type { Logger } from "../log.ts";
import { asFerryError } from "../matrix/errors.ts";

const whole = z.number().int().min(-100_000).max(100_000);
const bounds = z.object({ x: whole, y: whole, width: whole.positive(), height: whole.positive() });

/** What only the desktop application remembers. Each entry that is none is as if it had not been there. */
const desktopState = z.object({
  /** The window's place when it is not maximised, in the system's own pixels. */
  bounds: bounds.nullable().catch(null),
  isMaximised: z.boolean().catch(false),
  /** Whether the user has been told that Ferry goes on in the tray. */
  toldOfTray: z.boolean().catch(false),
  /** When a new version was last looked for, in milliseconds since 1970. */
  lookedForUpdateTs: z.number().nullable().catch(null),
});
export type DesktopState = z.output<typeof desktopState>;

/** Remembers it in the data folder, `desktop.json`. */
export interface DesktopMemory {
  readonly state: Readonly<DesktopState>;
  /** What cannot be written is remembered until Ferry ends, and said in the log. */
  change(changes: Partial<DesktopState>): void;
}

/**
 * Reads what is remembered; a file that is none is as if there were none. A write that is cut off leaves the file that
 * was there before.
 */
export function openDesktopMemory(folder: string, logger: Pick<Logger, "warn">): DesktopMemory {
  const path = join(folder, "desktop.json");
  let state = read(path);
  let written = JSON.stringify(state);
  return {
    get state() {
      return state;
    },
    change: (changes) => {
      state = { ...state, ...changes };
      const next = JSON.stringify(state);
      if (next === written) return;
      try {
        writePrivateFile(path, next);
        written = next;
      } catch (error) {
        logger.warn("desktop-state-not-written", { code: asFerryError(error).code });
      }
    },
  };
}

function read(path: string): DesktopState {
  return desktopState.catch(desktopState.parse({})).parse(parsed(path));
}

function parsed(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    // Missing at the first start; damaged by somebody else, it is written anew.
    return {};
  }
}
