const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes in words, powers of 1000: `12.3 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toPrecision(value < 10 ? 2 : 3)} ${UNITS[unit] ?? ''}`;
}

/** A whole number with thin separators: `260,032`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en');
}

/** A count in a few characters: `260 k`, `1.24 M`. */
export function formatShort(count: number): string {
  if (count < 1000) return String(count);
  if (count < 1e6) return `${trim(count / 1e3)} k`;
  if (count < 1e9) return `${trim(count / 1e6)} M`;
  return `${trim(count / 1e9)} B`;
}

/** A measured value on an axis or in a tooltip: four significant digits at most. */
export function formatValue(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2).replace(/\.?0+e/, 'e');
  return String(Number(value.toPrecision(4)));
}

/** A share in percent: `0.42 %`. */
export function formatShare(share: number): string {
  const percent = share * 100;
  return `${percent >= 10 ? percent.toFixed(0) : percent.toPrecision(2)} %`;
}

/** A measured share in whole percent: `43 %`. */
export function formatPercent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

/** An id in words: `word_problems` is `word problems`. */
export function formatId(id: string): string {
  return id.replaceAll('_', ' ');
}

/** An id in words, as at the beginning of a sentence: `Word problems`. */
export function sentenceCase(id: string): string {
  const words = formatId(id);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A time span in words, coarse on purpose: `40 s`, `3 min`, `2.5 h`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** A day in words: `2025-11-30` is `30 November 2025`. */
export function formatDay(date: string): string {
  const parts = { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' } as const;
  return new Date(date).toLocaleDateString('en-GB', parts);
}

function trim(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
