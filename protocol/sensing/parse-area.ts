/** Where a campaign measures, and in which cells its results are. */
import {
  readAnyObject,
  readInteger,
  readList,
  readNumber,
  readObject,
  readText,
  refuse,
  refuseValue,
} from '../jobs/read.ts'
import { LIMITS } from '../limits.ts'
import type { CampaignArea } from './campaign.ts'
import { cellResolution } from './cell.ts'

const KINDS = ['cells', 'box', 'labels'] as const
const PLACES_MAX = 1_000
const RESOLUTION_DEFAULT = 8
const RESOLUTION_MAX = 15

/**
 * Reads exactly one of `cells`, `box` and `labels`.
 * @throws {ConfigError} with the path of the first wrong field
 */
export function parseArea(value: unknown): CampaignArea {
  const area = readAnyObject(value, 'area', `an object with 'cells', 'box' or 'labels'`)
  readObject(area, 'area', KINDS)
  const given = KINDS.filter(kind => area[kind] !== undefined)
  if (given.length !== 1) {
    refuse(
      'area',
      `must have exactly one of 'cells', 'box' and 'labels', not ${given.length === 0 ? 'none' : given.length}`,
    )
  }
  if (given[0] === 'cells') return { cells: readCells(area.cells) }
  if (given[0] === 'box') return { box: readBox(area.box) }
  return { labels: readLabels(area.labels) }
}

/** The resolution of the results: that of the area's cells, else what is asked for, else 8. */
export function parseResolution(value: unknown, area: CampaignArea): number {
  const asked = value === undefined ? null : readInteger(value, 'resolution', 0, RESOLUTION_MAX)
  const [cell] = 'cells' in area ? area.cells : []
  const own = cell === undefined ? null : cellResolution(cell)
  if (own !== null && asked !== null && own !== asked) {
    refuse('resolution', `must be that of area.cells, which is ${own}, or be left out, and it is ${asked}`)
  }
  return own ?? asked ?? RESOLUTION_DEFAULT
}

function readCells(value: unknown): string[] {
  const cells = readList(value, 'area.cells', 1, PLACES_MAX).map((cell, index) => {
    const path = `area.cells[${index}]`
    const wanted = `an H3 cell such as "8839532a25fffff"`
    if (typeof cell !== 'string' || cellResolution(cell) === null) refuseValue(path, wanted, cell)
    return cell
  })
  const resolution = cellResolution(cells[0] ?? '')
  cells.forEach((cell, index) => {
    const other = cellResolution(cell)
    if (other === resolution) return
    refuse(
      `area.cells[${index}]`,
      `must be of one resolution with area.cells[0], which is ${resolution}, and it is of ${other}`,
    )
  })
  return withoutRepeats(cells, 'area.cells')
}

function readBox(value: unknown): [south: number, west: number, north: number, east: number] {
  const [south, west, north, east] = readList(value, 'area.box', 4, 4)
  const box: [number, number, number, number] = [
    readNumber(south, 'area.box[0]', -90, 90),
    readNumber(west, 'area.box[1]', -180, 180),
    readNumber(north, 'area.box[2]', -90, 90),
    readNumber(east, 'area.box[3]', -180, 180),
  ]
  const order = 'the order is south, west, north, east, in degrees'
  if (box[0] >= box[2]) refuse('area.box', `must have its south (${box[0]}) below its north (${box[2]}): ${order}`)
  if (box[1] >= box[3]) {
    refuse(
      'area.box',
      `must have its west (${box[1]}) below its east (${box[3]}): ${order}; across 180° make two campaigns`,
    )
  }
  return box
}

function readLabels(value: unknown): string[] {
  const labels = readList(value, 'area.labels', 1, PLACES_MAX).map((label, index) =>
    readText(label, `area.labels[${index}]`, 1, LIMITS.labelBytesMax),
  )
  return withoutRepeats(labels, 'area.labels')
}

function withoutRepeats(texts: string[], path: string): string[] {
  const at = texts.findIndex((text, index) => texts.indexOf(text) !== index)
  if (at >= 0) refuse(`${path}[${at}]`, `names '${texts[at]}' a second time`)
  return texts
}
