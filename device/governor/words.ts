/** How quantities are said in reasons. */

/** 0.634 as `63 %`. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

/** Thousandths of a degree as `81.5 °C`. */
export function celsius(milliC: number): string {
  return `${(milliC / 1_000).toFixed(1).replace(/\.0$/, '')} °C`
}

const UNITS = [
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const

/** A duration in the largest unit that says it whole: `20 s`, `5 min`, `90 min`. */
export function duration(ms: number): string {
  const [name, unitMs] = UNITS.find(([, size]) => ms >= size && ms % size === 0) ?? ['s', 1_000]
  return `${Math.round(ms / unitMs)} ${name}`
}

/** Bytes in decimal units, as mobile contracts count: `10.2 GB`. */
export function bytes(count: number): string {
  const [name, size] = count >= 1e9 ? ['GB', 1e9] : ['MB', 1e6]
  return `${(count / (size as number)).toFixed(1).replace(/\.0$/, '')} ${name}`
}

/** Minutes since midnight as `06:00`. */
export function clockTime(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}
