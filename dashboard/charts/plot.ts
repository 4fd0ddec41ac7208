/** Curves over time. The only file that knows uPlot; it is loaded when a chart is shown. */
import uPlot from 'uplot'
import { later } from '../platform.ts'

/** A line of a chart; values stand at the chart's times, null where there is none. */
export interface PlotLine {
  readonly label: string
  readonly values: readonly (number | null)[]
  /** A custom property of the page's colours, such as `--accent`. */
  readonly colour: string
  /** Draws it in steps, for what holds until it changes. */
  readonly isStepped?: boolean
}

/** What is drawn. */
export interface PlotData {
  /** Milliseconds since 1970, ascending. */
  readonly timesMs: readonly number[]
  readonly lines: readonly PlotLine[]
  /** Values between which an area is filled, behind the lines. */
  readonly band?: {
    readonly low: readonly (number | null)[]
    readonly high: readonly (number | null)[]
  }
  /** Written with each value. */
  readonly unit: string
}

/** A chart in an element. */
export interface Plot {
  set(data: PlotData): void
  close(): void
}

const HEIGHT = 240
const LABEL_PX = 12

/** Draws data and keeps it as wide as its element, in the page's colours as they are. */
export function createPlot(element: HTMLElement, data: PlotData): Plot {
  let current = data
  let plot: uPlot | null = null
  let cancel = () => {}

  const showNewest = () => plot?.setLegend({ idx: current.timesMs.length - 1 })
  const build = () => {
    plot?.destroy()
    const width = Math.max(200, element.clientWidth)
    plot = new uPlot(optionsOf(current, element, width), valuesOf(current), element)
  }
  const rebuildSoon = () => {
    cancel()
    cancel = later(build, 30)
  }
  build()

  const sizes = new ResizeObserver(() => {
    const width = Math.max(200, element.clientWidth)
    if (plot !== null && plot.width !== width) plot.setSize({ width, height: HEIGHT })
  })
  sizes.observe(element)
  element.addEventListener('mouseleave', showNewest)
  const scheme = matchMedia('(prefers-color-scheme: dark)')
  scheme.addEventListener('change', rebuildSoon)
  const attributes = new MutationObserver(rebuildSoon)
  attributes.observe(document.documentElement, { attributes: true })

  return {
    set(next) {
      const isSameShape =
        next.lines.length === current.lines.length &&
        next.unit === current.unit &&
        (next.band === undefined) === (current.band === undefined)
      current = next
      if (isSameShape && plot !== null) {
        plot.setData(valuesOf(next))
        showNewest()
      } else build()
    },
    close() {
      cancel()
      sizes.disconnect()
      element.removeEventListener('mouseleave', showNewest)
      scheme.removeEventListener('change', rebuildSoon)
      attributes.disconnect()
      plot?.destroy()
    },
  }
}

function valuesOf({ timesMs, lines, band }: PlotData): uPlot.AlignedData {
  const bands = band === undefined ? [] : [band.high, band.low]
  return [timesMs.map(ms => ms / 1_000), ...bands, ...lines.map(({ values }) => values)] as uPlot.AlignedData
}

function optionsOf({ timesMs, lines, band, unit }: PlotData, element: HTMLElement, width: number): uPlot.Options {
  const ink = colourOf(element, '--muted')
  const grid = colourOf(element, '--line')
  const font = `${LABEL_PX}px ${getComputedStyle(element).fontFamily}`
  const axis = { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 }, font }
  const text = (value: number | null) =>
    value === null || value === undefined ? '–' : `${shown(value)}${unit === '' ? '' : ` ${unit}`}`
  const edges: uPlot.Series[] =
    band === undefined
      ? []
      : [
          {
            label: 'Greatest',
            stroke: 'transparent',
            points: { show: false },
            value: (_, value) => text(value),
          },
          {
            label: 'Least',
            stroke: 'transparent',
            points: { show: false },
            value: (_, value) => text(value),
          },
        ]
  return {
    width,
    height: HEIGHT,
    cursor: { y: false, points: { size: 7 } },
    legend: { live: true },
    // Until somebody points at a time, the newest values are shown.
    hooks: { ready: [plot => plot.setLegend({ idx: timesMs.length - 1 })] },
    padding: [12, 26, 0, 4],
    scales: { x: { time: true } },
    axes: [
      { ...axis, space: 76, size: 44, values: (_, splits, __, ___, stepS) => timeLabels(splits, stepS) },
      { ...axis, size: (_, values) => axisSize(values), values: (_, splits) => splits.map(shown) },
    ],
    bands:
      band === undefined ? [] : [{ series: [1, 2], fill: faint(colourOf(element, lines[0]?.colour ?? '--accent')) }],
    series: [
      {
        label: 'Time',
        value: (_, seconds) => (seconds === null ? '–' : new Date(seconds * 1_000).toLocaleString('en-GB')),
      },
      ...edges,
      ...lines.map(({ label, colour, isStepped }): uPlot.Series => {
        const stepped = uPlot.paths.stepped?.({ align: 1 })
        return {
          label,
          stroke: colourOf(element, colour),
          width: 2,
          points: { size: 4, ...(isStepped ? { show: false } : {}) },
          spanGaps: false,
          value: (_, value) => text(value),
          ...(isStepped && stepped ? { paths: stepped } : {}),
        }
      }),
    ],
  }
}

/** Times below the axis, as short as their distance allows; the day stands below the first of each. */
function timeLabels(splits: readonly number[], stepS: number): string[] {
  let day = ''
  return splits.map(seconds => {
    const date = new Date(seconds * 1_000)
    const ofDay = date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
    if (stepS >= 86_400) return ofDay
    const time = date.toLocaleTimeString('en-GB', {
      hour: '2-digit',
      minute: '2-digit',
      ...(stepS < 60 ? { second: '2-digit' } : {}),
    })
    const label = ofDay === day ? time : `${time}\n${ofDay}`
    day = ofDay
    return label
  })
}

const axisSize = (values: readonly string[] | null): number =>
  22 + 7 * Math.max(2, ...(values ?? []).map(value => value.length))

function shown(value: number): string {
  return Number(value.toPrecision(6)).toLocaleString('en-GB', { maximumFractionDigits: 8 })
}

/** What a custom property comes to in the colour scheme in force: a canvas knows no `light-dark()`. */
function colourOf(element: HTMLElement, property: string): string {
  const probe = document.createElement('span')
  probe.style.color = `var(${property})`
  element.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

function faint(colour: string): string {
  return colour.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.18)')
}
