/** Cells as shapes. The only file of the page that knows H3 (h3geo.org); it is loaded when a map is shown. */
import { cellToBoundary, cellToLatLng, cellToParent, getResolution, isValidCell } from 'h3-js'

/** Latitude and longitude in degrees. */
export type Place = [latitude: number, longitude: number]

/** The corners of a cell; those beyond the 180th meridian go on past it, so that no shape is torn apart. */
export function cornersOf(cell: string): Place[] {
  const corners = cellToBoundary(cell)
  const first = corners[0]?.[1] ?? 0
  return corners.map(([latitude, longitude]) => [latitude, nearTo(first, longitude)])
}

/** The middle of a cell. */
export function middleOf(cell: string): Place {
  return cellToLatLng(cell)
}

/** Whether a text names a cell. */
export const isCell = (cell: string): boolean => isValidCell(cell)

/** Whether a cell lies in another that is as large or larger. */
export function liesIn(cell: string, larger: string): boolean {
  const resolution = getResolution(larger)
  return getResolution(cell) >= resolution && cellToParent(cell, resolution) === larger
}

function nearTo(first: number, longitude: number): number {
  if (longitude - first > 180) return longitude - 360
  return first - longitude > 180 ? longitude + 360 : longitude
}
