/** Numbers, money and times as people read them. */
import { formatCredits } from '../../protocol/index.ts'

/** `1,234,567` */
export function count(value: number): string {
  return Math.trunc(value).toLocaleString('en-GB')
}

/** `1 device`, `2,000 devices`. */
export function counted(value: number, thing: string, things = `${thing}s`): string {
  return `${count(value)} ${value === 1 ? thing : things}`
}

/** Micro-credits in credits, exact: `1.25 cr`. */
export function credits(micro: string | bigint): string {
  return `${creditsOnly(micro)} cr`
}

/** The same without its unit: `1,234.5`. */
export function creditsOnly(micro: string | bigint): string {
  const [whole = '0', decimals] = formatCredits(BigInt(micro)).split('.')
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',')
  return decimals === undefined ? grouped : `${grouped}.${decimals}`
}

/** Micro-credits as a short figure, to be read beside the exact one: `1.25`, `12.3 k`, `4.56 M`. */
export function creditsRoughly(micro: string | bigint): string {
  return roughly(Number(BigInt(micro)) / 1e6)
}

const SCALES: readonly [number, string][] = [
  [1e12, ' T'],
  [1e9, ' G'],
  [1e6, ' M'],
  [1e4, ' k'],
]

/** Three digits of a number: `0.0123`, `950`, `12.3 k`, `4.56 M`. */
export function roughly(value: number): string {
  if (value === 0) return '0'
  const size = Math.abs(value)
  for (const [scale, letter] of SCALES) {
    if (size >= scale) return `${three(value / (letter === ' k' ? 1e3 : scale))}${letter}`
  }
  return size >= 1_000 ? count(Math.round(value)) : three(value)
}

function three(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en-GB', { maximumFractionDigits: 6 })
}

/** `12,345 fuel`, `310 megafuel`, `1.25 gigafuel`. */
export function fuel(amount: string | number): string {
  const value = Number(amount)
  if (value < 1e6) return `${count(value)} fuel`
  const [unit, name] = value < 999.5e6 ? [1e6, 'megafuel'] : [1e9, 'gigafuel']
  return `${roughly(value / unit)} ${name}`
}

/** `850/s`, `0.4/s`. */
export function rate(perSecond: number): string {
  if (perSecond >= 10 || perSecond === 0) return `${count(Math.round(perSecond))}/s`
  return `${perSecond.toFixed(1)}/s`
}

/** The two largest units of an interval: `12 s`, `3 min 20 s`, `2 h 5 min`, `4 d 3 h`. */
export function duration(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1_000))
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

/** The largest unit of an interval: `just now`, `12 s ago`, `3 min ago`, `2 h ago`, `4 d ago`. */
export function ago(durationMs: number): string {
  const seconds = Math.floor(durationMs / 1_000)
  if (seconds < 2) return 'just now'
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h ago`
  return `${Math.floor(seconds / 86_400)} d ago`
}

/** `31 Jan 2026, 12:00` in the time zone of whoever looks. */
export function dateTime(wallMs: number): string {
  return new Date(wallMs).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })
}

/** `12:00:07` in the time zone of whoever looks. */
export function clockTime(wallMs: number): string {
  return new Date(wallMs).toLocaleTimeString('en-GB')
}

/** `99.3 %`; of what is nearly all, as many nines as it has: `99.9987 %`. */
export function percent(part: number): string {
  if (part >= 1) return '100 %'
  const shown = part * 100
  if (shown < 99.9) return `${Number(shown.toFixed(1))} %`
  const digits = Math.min(8, Math.ceil(-Math.log10(100 - shown)) + 1)
  return `${Math.floor(shown * 10 ** digits) / 10 ** digits} %`
}

/** `512 B`, `1.5 KiB`, `3.0 MiB`. */
export function bytes(size: number): string {
  if (size < 1_024) return `${size} B`
  const kib = size / 1_024
  return kib < 1_024 ? `${kib.toFixed(1)} KiB` : `${(kib / 1_024).toFixed(1)} MiB`
}

/** A name of a field as words: `creditLeases` is `credit leases`, `earnedMicro` is `earned`. */
export function words(name: string): string {
  return name
    .replace(/Micro$/, '')
    .replace(/Ms$/, '')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
}

/** A reason that somebody wrote, as a sentence. */
export function sentence(text: string): string {
  const trimmed = text.trim()
  const begun = trimmed.charAt(0).toUpperCase() + trimmed.slice(1)
  return /[.!?]$/.test(begun) ? begun : `${begun}.`
}
