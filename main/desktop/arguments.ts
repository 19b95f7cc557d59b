import { parseArgs } from "node:util";

export interface DesktopArguments {
  data: string | undefined;
  secrets: string | undefined;
  /** Start without opening the settings window. */
  hidden: boolean;
}

/** Reads what Ferry was started with. What is not Ferry's own is Chromium's, and left to it. */
export function readArguments(values: readonly string[]): DesktopArguments {
  const { values: found } = parseArgs({
    args: [...values],
    options: { data: { type: "string" }, secrets: { type: "string" }, hidden: { type: "boolean" } },
    strict: false,
    allowPositionals: true,
  });
  const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
  return { data: text(found["data"]), secrets: text(found["secrets"]), hidden: found["hidden"] === true };
}
