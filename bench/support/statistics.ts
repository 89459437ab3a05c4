/** The few numbers that a benchmark reports. */

export function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The smallest value that at least this share of all values does not exceed (nearest rank). */
export function percentile(values: readonly number[], share: number): number {
  return percentileOfSorted(
    [...values].sort((a, b) => a - b),
    share,
  );
}

/** As `percentile`, of values that are in rising order already. */
export function percentileOfSorted(sorted: ArrayLike<number>, share: number): number {
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

/** As many digits as a reader can use. */
export function round(value: number, digits = 3): number {
  return Number(value.toFixed(digits));
}
