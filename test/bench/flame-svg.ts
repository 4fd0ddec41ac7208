/** A flame graph as SVG: a box is a function, as wide as its share of the time, upon whoever called it; its title says more on hover. */
import { byRoom, type Flame, type FlameNode } from './flame.ts'

/** One graph of the picture. */
export interface FlamePanel {
  readonly title: string
  readonly flame: Flame
}

const WIDTH = 1_200
const MARGIN = 12
const ROW = 17
const TITLE_ROWS = 2
const CHARACTER = 6.7
const TEXT_BOX_MIN = 28
/** Narrower boxes are not seen. */
const BOX_MIN = 0.4
const ROOMS_MAX = 7
const COLOURS = ['#e8836b', '#7fb3d5', '#82c99a', '#f2c66d', '#b99ad6', '#e59bbf', '#8fc1c1', '#c2b280']
const OTHER_COLOUR = '#c9c9c9'

/** Draws the graphs under each other. The same room has the same colour in all of them. */
export function flameSvg(panels: readonly FlamePanel[]): string {
  const colours = coloursOf(panels)
  const parts: string[] = []
  let top = MARGIN
  for (const { title, flame } of panels) {
    const rows = depthOf(flame.root)
    parts.push(text(MARGIN, top + 13, title, 'h'), ...legend(flame, colours, top + ROW))
    const bottom = top + (TITLE_ROWS + rows) * ROW
    parts.push(...boxes(flame.root, { x: MARGIN, width: WIDTH - 2 * MARGIN, y: bottom - ROW }, flame.root.us, colours))
    top = bottom + MARGIN
  }
  const style =
    'text{font:11px ui-monospace,monospace;fill:#222}.h{font-weight:bold;font-size:13px}rect{stroke:#fff;stroke-width:.5}'
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" width="${WIDTH}" height="${top}">`,
    `<title>${escaped(panels.map(({ title }) => title).join('; '))}</title>`,
    `<style>${style}</style>`,
    `<rect width="${WIDTH}" height="${top}" fill="#fff"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n')
}

interface Place {
  readonly x: number
  readonly width: number
  readonly y: number
}

function boxes(node: FlameNode, { x, width, y }: Place, allUs: number, colours: Colours): string[] {
  const percent = ((node.us * 100) / allUs).toFixed(1)
  const title = `<title>${escaped(`${node.name}: ${percent} % (${node.room})`)}</title>`
  const fill = colours.get(node.room) ?? OTHER_COLOUR
  const box = `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${ROW}" fill="${fill}"/>`
  const label = width < TEXT_BOX_MIN ? '' : text(x + 3, y + 12, fitted(node.name, width - 6))
  const drawn = [`<g>${title}${box}${label}</g>`]
  let at = x
  for (const child of [...node.children.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const share = (child.us / node.us) * width
    if (share >= BOX_MIN) drawn.push(...boxes(child, { x: at, width: share, y: y - ROW }, allUs, colours))
    at += share
  }
  return drawn
}

function legend(flame: Flame, colours: Colours, top: number): string[] {
  let x = MARGIN
  const known = byRoom(flame).filter(([room]) => colours.has(room))
  return known.map(([room, percent]) => {
    const label = `${room} ${percent} %`
    const swatch = `<rect x="${x}" y="${top + 3}" width="10" height="10" fill="${colours.get(room)}"/>`
    const drawn = swatch + text(x + 13, top + 12, label)
    x += 22 + label.length * CHARACTER
    return drawn
  })
}

type Colours = ReadonlyMap<string, string>

/** Colours for the rooms that take the most time over all graphs. */
function coloursOf(panels: readonly FlamePanel[]): Colours {
  const total = new Map<string, number>()
  for (const { flame } of panels) {
    for (const [room, percent] of byRoom(flame)) total.set(room, (total.get(room) ?? 0) + percent)
  }
  const rooms = [...total].sort((a, b) => b[1] - a[1]).slice(0, ROOMS_MAX)
  return new Map(rooms.map(([room], index) => [room, COLOURS[index] ?? OTHER_COLOUR]))
}

function depthOf(node: FlameNode): number {
  let deepest = 0
  for (const child of node.children.values()) deepest = Math.max(deepest, depthOf(child))
  return deepest + 1
}

function fitted(label: string, width: number): string {
  const room = Math.floor(width / CHARACTER)
  return label.length <= room ? label : `${label.slice(0, Math.max(0, room - 1))}…`
}

function text(x: number, y: number, content: string, kind?: 'h'): string {
  const attribute = kind === undefined ? '' : ` class="${kind}"`
  return `<text x="${x.toFixed(1)}" y="${y}"${attribute}>${escaped(content)}</text>`
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
