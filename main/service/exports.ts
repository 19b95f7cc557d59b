import { randomBytes } from "node:crypto";
import { cut } from "../bridge/text.ts";
import { isRoomAlias, type RoomId } from "../matrix/ids.ts";
import type { settingRequests } from "../protocol/control.ts";
import type { LinksFile } from "../protocol/links-file.ts";
import type { Handlers } from "../protocol/rpc.ts";
import type { Store } from "../store/store.ts";
import { diagnosticsOf, type DiagnosticFacts } from "./diagnostics.ts";
import { examine, type DoctorOptions } from "./doctor.ts";
import type { Engine } from "./engine.ts";

/** How long the checks may take, in milliseconds: what is wrong may be that one of them never ends. */
const CHECKS_LIMIT_MS = 20_000;
/** How long the rooms' addresses are waited for, in milliseconds. A link can be made again without them. */
const ALIASES_LIMIT_MS = 5_000;
const SALT_BYTES = 32;
/** As long as they may be in the file, in characters. */
const LONGEST_LINK_NAME = 120;
const LONGEST_ROOM_NAME = 1000;

export interface ExportOptions {
  /** Writes a file for the user, and answers with its path. @throws FerryError `file-not-written` */
  write: (name: string, text: string) => string;
  /** All but what the checks find. */
  diagnostics: () => Omit<DiagnosticFacts, "checks" | "nowTs">;
  doctor: () => DoctorOptions;
  /** @throws FerryError where the database could not be opened */
  parts: () => { store: Store; engine: Engine };
  now: () => number;
}

type Exports = Pick<Handlers<typeof settingRequests>, "diagnosticsSave" | "linksExport">;

/** Files that Ferry writes for the user. A write that is cut off leaves a part of a file, which the next one does not touch. */
export function exportHandlers({ write, diagnostics, doctor, parts, now }: ExportOptions): Exports {
  const save = (what: string, content: unknown): { path: string } => {
    const day = new Date(now()).toISOString().slice(0, 10);
    return { path: write(`ferry-${what}-${day}`, `${JSON.stringify(content, null, 2)}\n`) };
  };
  return {
    diagnosticsSave: async () => {
      const checks = await within(CHECKS_LIMIT_MS, examine(doctor()));
      return save("diagnostics", diagnosticsOf({ ...diagnostics(), checks, nowTs: now() }, randomBytes(SALT_BYTES)));
    },
    linksExport: async () => {
      const { store, engine } = parts();
      return save("links", linksFileOf(store, await aliasesOf(engine)));
    },
  };
}

/** The links that there are. One that is to take another's place is not one of them yet. */
export function linksFileOf(store: Store, aliases: ReadonlyMap<RoomId, string>): LinksFile {
  const all = store.links.all();
  const links = all.filter(({ replaces }) => !all.some(({ id }) => id === replaces));
  return {
    version: 1,
    links: links.map(({ name, direction, rooms, tells, settings }) => ({
      name: cut(name, LONGEST_LINK_NAME),
      direction,
      rooms: rooms.map((room) => {
        const alias = aliases.get(room.roomId);
        const named = { roomId: room.roomId, name: cut(room.name, LONGEST_ROOM_NAME) };
        return isRoomAlias(alias) ? { ...named, alias } : named;
      }),
      ...(tells.length === 0 ? {} : { tells }),
      settings,
    })),
  };
}

/** Under which addresses the rooms of the account can be found; none where the engine does not say. */
async function aliasesOf(engine: Engine): Promise<Map<RoomId, string>> {
  const rooms = engine.isOpen ? await within(ALIASES_LIMIT_MS, engine.remote.rooms({})) : null;
  return new Map((rooms ?? []).flatMap(({ roomId, alias }) => (alias === undefined ? [] : [[roomId, alias]])));
}

/** @returns null where it takes longer, or fails */
async function within<Result>(limitMs: number, result: Promise<Result>): Promise<Result | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), limitMs)));
  try {
    return await Promise.race([result, late]);
  } catch {
    // The file is written without it, and shows by its absence that it could not be had.
    return null;
  } finally {
    clearTimeout(timer);
  }
}
