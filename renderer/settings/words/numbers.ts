const counts = new Intl.NumberFormat("en");

/** "1 message", "12 messages". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${counts.format(count)} ${count === 1 ? one : many}`;
}

/** "Ana", "Ana and Jo", "Ana, Jo and 3 others"; `joiner` stands before the last. */
export function listed(names: readonly string[], joiner: "and" | "or" = "and", most = 3): string {
  const rest = names.length - most;
  const shown = rest > 0 ? [...names.slice(0, most), counted(rest, "other")] : [...names];
  const last = shown.pop() ?? "nobody";
  return shown.length === 0 ? last : `${shown.join(", ")} ${joiner} ${last}`;
}

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** "14", "1.2K": where there is little room. */
export function shortCount(count: number): string {
  return compact.format(count);
}
