/** The form of `--json`: one document, field names in snake_case. */

/**
 * Turns an answer of the control contract into what `--json` prints. Only field names change; every value stays as
 * it is.
 */
export function toJson(value: unknown): string {
  return JSON.stringify(withSnakeCase(value), null, 2);
}

/** The same on one line, for output that is read line by line. */
export function toJsonLine(value: unknown): string {
  return JSON.stringify(withSnakeCase(value));
}

function withSnakeCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSnakeCase);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [snakeCase(name), withSnakeCase(field)]));
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
