/** Numbers as people read them. */
import { formatCredits } from '../../protocol/index.ts'

/** `1,234,567` */
export function formatCount(count: number): string {
  return String(Math.trunc(count)).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

/** Micro-credits, as a text or `bigint`, in credits: `1.25 cr`. */
export function formatMicro(micro: string | bigint): string {
  return `${formatCredits(BigInt(micro))} cr`
}

/** `12,345 fuel`, `310 megafuel`, `1.25 gigafuel`: three digits from a million on. */
export function formatFuel(fuel: number | bigint | string): string {
  const amount = Number(fuel)
  if (amount < 1e6) return `${formatCount(amount)} fuel`
  // What rounds up to a thousand megafuel is a gigafuel.
  const [unit, name] = amount < 999.5e6 ? [1e6, 'megafuel'] : [1e9, 'gigafuel']
  const count = amount / unit
  return `${count < 999.5 ? Number(count.toPrecision(3)) : formatCount(Math.round(count))} ${name}`
}

/** `850/s`, `0.4/s`. */
export function formatRate(perSecond: number): string {
  if (perSecond >= 10 || perSecond === 0) return `${formatCount(Math.round(perSecond))}/s`
  return `${perSecond.toFixed(1)}/s`
}

/** The two largest units of an interval: `850 ms`, `12 s`, `3 min 20 s`, `2 h 5 min`, `4 d 3 h`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1_000) return `${Math.round(durationMs)} ms`
  const seconds = Math.round(durationMs / 1_000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return two(minutes, 'min', seconds % 60, 's')
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return two(hours, 'h', minutes % 60, 'min')
  return two(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

function two(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`
}

/** `2026-01-31 12:00:00 UTC` of wall-clock milliseconds. */
export function formatTime(wallMs: number): string {
  return `${new Date(wallMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** `512 B`, `1.5 KiB`, `3.0 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`
  const kib = bytes / 1_024
  return kib < 1_024 ? `${kib.toFixed(1)} KiB` : `${(kib / 1_024).toFixed(1)} MiB`
}

/** `1 sensor`, `2,000 sensors`. */
export function formatCounted(count: number, thing: string): string {
  return `${formatCount(count)} ${thing}${count === 1 ? '' : 's'}`
}
