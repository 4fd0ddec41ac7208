/** Line charts as SVG, small enough to be read as text: a logarithmic x axis, panels side by side, colours for light and dark pages. */

/** One line of a panel. */
export interface Line {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

export interface Panel {
  readonly title: string
  readonly lines: readonly Line[]
  /** A bound that is drawn across, such as a target. */
  readonly bound?: { readonly name: string; readonly y: number }
  /** Powers of ten on the y axis too, for values of 1 or more; less is drawn as 1. Default false: it begins at 0. */
  readonly isLogarithmic?: boolean
}

export interface Plot {
  readonly title: string
  /** What the x axis counts. */
  readonly xName: string
  /** In rows of {@link COLUMNS}. */
  readonly panels: readonly Panel[]
}

const COLUMNS = 2
const PANEL = { width: 420, height: 250 } as const
/** Room around the axes of a panel. */
const INSET = { left: 58, right: 30, top: 48, bottom: 40 } as const
const TITLE_HEIGHT = 40
const LEGEND_STEP = 15
/** Middle tones, readable on white and on black. */
const COLOURS = ['#3b82c4', '#c9772b', '#4c9a5b', '#a05fb5'] as const

/** The document. */
export function svgOf({ title, xName, panels }: Plot): string {
  const rows = Math.ceil(panels.length / COLUMNS)
  const width = COLUMNS * PANEL.width
  const height = TITLE_HEIGHT + rows * PANEL.height
  const drawn = panels.map((panel, index) => {
    const x = (index % COLUMNS) * PANEL.width
    const y = TITLE_HEIGHT + Math.floor(index / COLUMNS) * PANEL.height
    return `<g transform="translate(${x} ${y})">\n${panelOf(panel, xName)}\n</g>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">
<style>
text { font: 12px system-ui, sans-serif; fill: #57606a }
.title { font-size: 15px; font-weight: 600 }
.name { font-size: 13px; font-weight: 600 }
.grid { stroke: #8b949e; stroke-opacity: 0.25 }
.axis { stroke: #8b949e }
.bound { stroke: #c0504d; stroke-dasharray: 5 4 }
@media (prefers-color-scheme: dark) { text { fill: #adbac7 } }
</style>
${textAt(width / 2, 24, title, 'middle', 'title')}
${drawn.join('\n')}
</svg>
`
}

interface Scale {
  readonly at: (value: number) => number
  readonly ticks: readonly number[]
}

function panelOf(panel: Panel, xName: string): string {
  const { title, lines, bound } = panel
  const [left, right] = [INSET.left, PANEL.width - INSET.right]
  const [top, bottom] = [INSET.top, PANEL.height - INSET.bottom]
  const points = lines.flatMap(line => line.points)
  const x = logarithmic(
    points.map(([value]) => value),
    left,
    right,
  )
  const values = [...points.map(([, value]) => value), ...(bound === undefined ? [] : [bound.y])]
  const y = panel.isLogarithmic === true ? logarithmic(values, bottom, top) : fromZero(values, bottom, top)
  return [
    textAt(left, 16, title, 'start', 'name'),
    ...y.ticks.map(tick => lineFrom(left, y.at(tick), right, y.at(tick), 'grid')),
    ...y.ticks.map(tick => textAt(left - 6, y.at(tick) + 4, shown(tick), 'end')),
    ...x.ticks.map(tick => lineFrom(x.at(tick), bottom, x.at(tick), bottom + 4, 'axis')),
    ...x.ticks.map(tick => textAt(x.at(tick), bottom + 17, shown(tick), 'middle')),
    lineFrom(left, bottom, right, bottom, 'axis'),
    textAt((left + right) / 2, bottom + 33, xName, 'middle'),
    ...(bound === undefined
      ? []
      : [
          lineFrom(left, y.at(bound.y), right, y.at(bound.y), 'bound'),
          textAt(left + 8, y.at(bound.y) - 5, bound.name, 'start'),
        ]),
    ...lines.map((line, index) => drawn(line, COLOURS[index % COLOURS.length] ?? COLOURS[0], x, y)),
    ...(lines.length > 1 ? lines.map((line, index) => legend(line, index, left, lines)) : []),
  ].join('\n')
}

function drawn({ points }: Line, colour: string, x: Scale, y: Scale): string {
  const places = points.map(([a, b]) => `${place(x.at(a))},${place(y.at(b))}`)
  const dots = points.map(([a, b]) => `<circle cx="${place(x.at(a))}" cy="${place(y.at(b))}" r="3" fill="${colour}"/>`)
  return [`<polyline points="${places.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`, ...dots].join(
    '\n',
  )
}

/** Names in a row below the title, each behind its colour. */
function legend({ name }: Line, index: number, left: number, lines: readonly Line[]): string {
  const before = lines.slice(0, index).reduce((sum, line) => sum + line.name.length * 6.2 + 2 * LEGEND_STEP, 0)
  const x = left + before
  const colour = COLOURS[index % COLOURS.length] ?? COLOURS[0]
  return `<rect x="${x}" y="25" width="10" height="10" fill="${colour}"/>\n${textAt(x + LEGEND_STEP, 34, name, 'start')}`
}

/** Smaller values are drawn here. */
const LEAST = 0.001

/** Powers of ten across the values, whose ends are the axis's. */
function logarithmic(values: readonly number[], from: number, to: number): Scale {
  const low = Math.floor(Math.log10(Math.max(LEAST, Math.min(...values))) + 1e-9)
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9))
  const ticks = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i))
  return { at: value => from + ((Math.log10(Math.max(LEAST, value)) - low) / (high - low)) * (to - from), ticks }
}

/** Round numbers from 0 to a little above the largest. */
function fromZero(values: readonly number[], from: number, to: number): Scale {
  const largest = Math.max(...values, Number.MIN_VALUE)
  const power = 10 ** Math.floor(Math.log10(largest / 4))
  const step = power * ([1, 2, 2.5, 5, 10].find(times => times * power * 4 >= largest) ?? 10)
  const count = Math.ceil((largest * 1.05) / step)
  const ticks = Array.from({ length: count + 1 }, (_, i) => i * step)
  return { at: value => from + (value / (count * step)) * (to - from), ticks }
}

function lineFrom(x1: number, y1: number, x2: number, y2: number, style: string): string {
  return `<line x1="${place(x1)}" y1="${place(y1)}" x2="${place(x2)}" y2="${place(y2)}" class="${style}"/>`
}

function textAt(x: number, y: number, text: string, anchor: 'start' | 'middle' | 'end', style?: string): string {
  const named = style === undefined ? '' : ` class="${style}"`
  return `<text x="${place(x)}" y="${place(y)}" text-anchor="${anchor}"${named}>${escaped(text)}</text>`
}

const place = (value: number): number => Math.round(value * 10) / 10
const shown = (value: number): string => value.toLocaleString('en', { maximumSignificantDigits: 3 })
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
