/**
 * A scale of colours for values. It is viridis (Smith and van der Walt 2015, CC0): even steps look even, it keeps its order in grey and for
 * people who see few colours.
 */

/** Colours at equal steps from the least value to the greatest. */
const STOPS = [
  '#440154',
  '#482878',
  '#3e4a89',
  '#31688e',
  '#26828e',
  '#1f9e89',
  '#35b779',
  '#6ece58',
  '#b5de2b',
  '#fde725',
]

/** What a map's colours mean. */
export interface Scale {
  readonly least: number
  readonly greatest: number
  /** Round numbers from `least` to `greatest`. */
  readonly ticks: readonly number[]
}

/** The scale for some values: from a round number below the least to one above the greatest. Null where there are none. */
export function scaleOf(values: readonly number[]): Scale | null {
  if (values.length === 0) return null
  let least = Number.POSITIVE_INFINITY
  let greatest = Number.NEGATIVE_INFINITY
  for (const value of values) {
    least = Math.min(least, value)
    greatest = Math.max(greatest, value)
  }
  const span = greatest - least || Math.max(1, Math.abs(greatest)) / 10
  const step = roundStep(span / 4)
  const from = Math.floor(least / step)
  const to = Math.max(from + 1, Math.ceil(greatest / step))
  const ticks = Array.from({ length: to - from + 1 }, (_, i) => exact((from + i) * step, step))
  return { least: ticks[0] ?? least, greatest: ticks.at(-1) ?? greatest, ticks }
}

/** The colour of a value, as `#rrggbb`. Values outside of the scale have the colour of its nearer end. */
export function colourOf(value: number, { least, greatest }: Scale): string {
  const share = greatest > least ? (value - least) / (greatest - least) : 0.5
  return colourAt(Math.min(1, Math.max(0, share)))
}

/** The colour of a share, 0..1. */
export function colourAt(share: number): string {
  const place = share * (STOPS.length - 1)
  const at = Math.min(STOPS.length - 2, Math.floor(place))
  const [low, high] = [partsOf(STOPS[at] ?? ''), partsOf(STOPS[at + 1] ?? '')]
  return `#${low.map((part, i) => hex(part + ((high[i] ?? part) - part) * (place - at))).join('')}`
}

/** A value as short as its scale allows: two values that look different have different figures. */
export function figure(value: number, { least, greatest }: Scale): string {
  const digits = Math.max(0, Math.ceil(-Math.log10((greatest - least) / 12)))
  return value.toFixed(Math.min(6, digits))
}

/** Black or white, whichever can be read on a colour of the scale. */
export function inkOn(colour: string): '#000000' | '#ffffff' {
  const [red = 0, green = 0, blue = 0] = partsOf(colour).map(part => linear(part / 255))
  const light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
  return (light + 0.05) / 0.05 > 1.05 / (light + 0.05) ? '#000000' : '#ffffff'
}

/** 1, 2, 2.5 or 5 times a power of ten, at least `wanted`. */
export function roundStep(wanted: number): number {
  const power = 10 ** Math.floor(Math.log10(wanted))
  const factor = [1, 2, 2.5, 5].find(known => known * power >= wanted * (1 - 1e-9)) ?? 10
  return factor * power
}

const exact = (value: number, step: number): number =>
  Number(value.toFixed(Math.max(0, 2 - Math.floor(Math.log10(step)))))
const partsOf = (colour: string): number[] => [1, 3, 5].map(at => Number.parseInt(colour.slice(at, at + 2), 16))
const hex = (part: number): string => Math.round(part).toString(16).padStart(2, '0')
const linear = (part: number): number => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
