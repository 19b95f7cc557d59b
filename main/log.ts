import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/**
 * The structured log: one JSON object a line, written at once, so that what is in it when the process is killed is
 * all that happened. It says what Ferry did, never what anybody wrote: see `redactField`.
 */

export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFields = Record<string, string | number | boolean>;

export interface Logger {
  write(level: LogLevel, event: string, fields?: LogFields): void;
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** A logger that adds these fields to every line; it shares file and concealed secrets with its parent. */
  child(fields: LogFields): Logger;
  /** From now on this text is replaced wherever it turns up in a line, also as part of a longer text or an address. */
  conceal(secret: string): void;
  /** It is no secret any more, as a token that has been replaced: a run of months must not look for thousands of them. */
  reveal(secret: string): void;
  /** Lines below this level are left out from now on; where the level is fixed, nothing changes. */
  setLevel(level: LogLevel): void;
  /** Writes nothing more, and lets go of the file. */
  close(): void;
}

export interface LoggerOptions {
  /** Where the lines go; without it nothing is kept. */
  file?: string | undefined;
  /** Lines below this level are left out. */
  level: LogLevel;
  /** `setLevel` does not change the level. */
  isLevelFixed?: boolean | undefined;
  /** Secrets known from the start, as for `conceal`. */
  secrets?: readonly string[] | undefined;
  /** Size in bytes at which the file is put aside; 5 MB unless told. */
  rotateBytes?: number | undefined;
}

/** By the environment variable `FERRY_LOG`: a level that it names is fixed. */
export function levelFrom(value: string | undefined): Pick<LoggerOptions, "level" | "isLevelFixed"> {
  const isLevelFixed = value === "debug" || value === "info";
  return { level: isLevelFixed ? value : "info", isLevelFixed };
}

const ROTATE_BYTES = 5_000_000;
const KEPT_FILES = 2;
const LONGEST_TEXT = 500;
const REDACTED = "[redacted]";
const RANK: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Shorter than this, a concealed text would blot out ordinary words without protecting anything. */
const SHORTEST_SECRET = 4;

/** Access and refresh tokens: Synapse's (`syt_`, `syr_`) and those of the Matrix Authentication Service. */
const TOKEN = /\b(?:syt|syr|syl|mct|mat|mar|mcr|mas|mpt)_[A-Za-z0-9_.~+/=-]{4,}/g;
const AUTHORIZATION = /\b(Bearer|access_token=)\s*[A-Za-z0-9_.~+/=%-]{4,}/gi;

/** The last word of a field's name that says that its value is a secret or somebody's words. */
const PRIVATE_WORDS = new Set(["token", "password", "passphrase", "key", "body", "content", "text", "secret"]);

/**
 * Creates the log.
 *
 * Writing never throws: a disk that is full costs lines of the log and nothing else. How many were lost is said by
 * the field `lost` of the next line that can be written.
 */
export function createLogger(options: LoggerOptions): Logger {
  const concealed: string[] = [];
  let output = options.file === undefined ? null : createLogFile(options.file, options.rotateBytes ?? ROTATE_BYTES);
  let least = RANK[options.level];

  const write = (fixed: LogFields, level: LogLevel, event: string, fields: LogFields): void => {
    if (output === null || RANK[level] < least) return;
    const line: LogFields = { ts: new Date().toISOString(), level, event: redactText(event, concealed) };
    for (const [name, value] of Object.entries({ ...fixed, ...fields })) {
      // A field cannot pose as one of the line's own.
      line[name in line ? `field_${name}` : name] = redactField(name, value, concealed);
    }
    output.append(line);
  };
  const setLevel = (level: LogLevel): void => {
    if (options.isLevelFixed !== true) least = RANK[level];
  };
  const close = (): void => {
    output?.close();
    output = null;
  };
  const conceal = (secret: string): void => {
    for (const form of formsOf(secret)) {
      if (form.length >= SHORTEST_SECRET && !concealed.includes(form)) concealed.push(form);
    }
    // The longest first: a secret may be part of another one.
    concealed.sort((a, b) => b.length - a.length);
  };
  const reveal = (secret: string): void => {
    for (const form of formsOf(secret).filter((known) => concealed.includes(known))) {
      concealed.splice(concealed.indexOf(form), 1);
    }
  };
  for (const secret of options.secrets ?? []) conceal(secret);

  const create = (fixed: LogFields): Logger => ({
    write: (level, event, fields = {}) => write(fixed, level, event, fields),
    debug: (event, fields = {}) => write(fixed, "debug", event, fields),
    info: (event, fields = {}) => write(fixed, "info", event, fields),
    warn: (event, fields = {}) => write(fixed, "warn", event, fields),
    error: (event, fields = {}) => write(fixed, "error", event, fields),
    child: (more) => create({ ...fixed, ...more }),
    conceal,
    reveal,
    setLevel,
    close,
  });
  return create({});
}

/** How a secret may be written. */
function formsOf(secret: string): string[] {
  return [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64")];
}

/**
 * What of a field may be written: nothing of a secret or of anybody's words, by the field's name (`accessToken`,
 * `formatted_body`, `key`, …); no registered secret and no access token in any other; at most 500 characters.
 */
function redactField(name: string, value: string | number | boolean, concealed: readonly string[]) {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split(/[_.-]/);
  if (PRIVATE_WORDS.has(words.at(-1) ?? "")) return REDACTED;
  if (typeof value === "string") return redactText(value, concealed);
  // Past the types an object could come, and hold anything.
  return typeof value === "number" || typeof value === "boolean" ? value : REDACTED;
}

function redactText(text: string, concealed: readonly string[]): string {
  let safe = text;
  for (const secret of concealed) safe = safe.replaceAll(secret, REDACTED);
  safe = safe.replace(TOKEN, REDACTED).replace(AUTHORIZATION, (_match, label: string) => `${label} ${REDACTED}`);
  return safe.length > LONGEST_TEXT ? `${safe.slice(0, LONGEST_TEXT)}…` : safe;
}

/** Appends lines to a file of mode 0600, and puts it aside (`.1`, `.2`) when it has grown too large. */
function createLogFile(file: string, rotateBytes: number): { append: (line: LogFields) => void; close: () => void } {
  let descriptor: number | null = null;
  let size = 0;
  let lost = 0;
  let torn = false;

  const open = (): number => {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const opened = openSync(file, "a", 0o600);
    size = fstatSync(opened).size;
    return opened;
  };
  const append = (line: LogFields): void => {
    descriptor ??= open();
    if (size >= rotateBytes) {
      closeSync(descriptor);
      descriptor = null;
      rotate(file);
      descriptor = open();
    }
    const text = JSON.stringify(lost > 0 ? { ...line, lost } : line);
    const bytes = Buffer.from(torn ? `\n${text}\n` : `${text}\n`);
    const written = writeSync(descriptor, bytes);
    size += written;
    // A disk that fills up takes a part of a line: it counts as lost, and the next one starts on a line of its own.
    torn = written < bytes.length;
    lost = torn ? lost + 1 : 0;
  };
  return {
    append: (line) => {
      try {
        append(line);
      } catch {
        // The log must not end what it reports on; `lost` tells of it as soon as there is room again.
        lost += 1;
      }
    },
    close: () => {
      if (descriptor !== null) closeSync(descriptor);
      descriptor = null;
    },
  };
}

function rotate(file: string): void {
  for (let number = KEPT_FILES; number >= 1; number -= 1) {
    const from = number === 1 ? file : `${file}.${number - 1}`;
    try {
      renameSync(from, `${file}.${number}`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
}

/** The last lines of a log, oldest first, also where it has just been put aside. */
export function lastLines(file: string, count: number): string[] {
  const lines: string[] = [];
  for (const part of [file, `${file}.1`]) {
    if (lines.length < count) lines.unshift(...linesOf(part));
  }
  return lines.slice(-count);
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line !== "");
  } catch {
    // There is none yet, or it cannot be read: what there is has to do.
    return [];
  }
}
