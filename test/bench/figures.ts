/** The middle value; of an even number of values the mean of the two in the middle. Fails without any. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  const upper = sorted[Math.ceil((sorted.length - 1) / 2)];
  if (lower === undefined || upper === undefined) throw new Error("There is no median of nothing.");
  return (lower + upper) / 2;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** To a number of decimal places, as a number. */
export function rounded(value: number, places: number): number {
  return Number(value.toFixed(places));
}
