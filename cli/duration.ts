const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of `90s`, `30m`, `24h` or `7d`; null for anything else. */
export function parseDuration(text: string): number | null {
  const match = /^([1-9][0-9]{0,5})([smhd])$/.exec(text)
  const unitMs = UNITS_MS[match?.[2] ?? '']
  return match === null || unitMs === undefined ? null : Number(match[1]) * unitMs
}
