/** The map itself. The only file that knows Leaflet, which needs nothing from anywhere: there are no tiles, only what is drawn here. */
import * as L from 'leaflet'
import type { Place } from './cells.ts'
import { graticuleOf } from './graticule.ts'

/** A cell as it is drawn. */
export interface DrawnCell {
  readonly id: string
  readonly corners: readonly Place[]
  readonly middle: Place
  /** `#rrggbb`; null is hatched, for a cell without a value. */
  readonly colour: string | null
  /** Ink that can be read on the colour. */
  readonly ink: string
  /** The value in figures, written into the cell where there is room. */
  readonly text: string
  /** All of it in words, for those who hear it. */
  readonly label: string
  /** Readings of it were rejected: its edge is dashed. */
  readonly hasRejected: boolean
}

/** A place where devices stand. */
export interface DrawnPlace {
  readonly id: string
  readonly at: Place
  readonly label: string
  readonly devices: number
  readonly isOnline: boolean
}

/** A map in an element. */
export interface CellMap {
  /** The first cells or places bring everything into view. */
  setCells(cells: readonly DrawnCell[]): void
  setPlaces(places: readonly DrawnPlace[]): void
  /** Lines and areas of one's own, such as streets; GeoJSON. */
  setBase(features: unknown): void
  select(id: string | null): void
  /** Brings everything into view. */
  showAll(): void
  close(): void
}

/** Beyond so many cells, they are not stops of the tab key: the table has them all. */
const TAB_STOPS_MAX = 200
/** A cell has room for its value from so many pixels across. */
const TEXT_FROM_PX = 46
const SVG = 'http://www.w3.org/2000/svg'

/** @param onSelect - hears which cell was clicked, or chosen with the keyboard */
export function createCellMap(element: HTMLElement, onSelect: (id: string) => void): CellMap {
  const map = L.map(element, {
    attributionControl: false,
    zoomSnap: 0.5,
    worldCopyJump: false,
    // The observer below does it. Leaflet's own tells of a change 200 ms later, also when the map has gone by then.
    trackResize: false,
    minZoom: 2,
    maxZoom: 19,
  })
  map.setView([0, 0], 2)
  L.control.scale({ imperial: false, maxWidth: 120 }).addTo(map)
  northArrow().addTo(map)
  const lines = L.layerGroup().addTo(map)
  const base = L.geoJSON(undefined, {
    interactive: false,
    style: { className: 'map-base' },
    pointToLayer: (_, at) => L.circleMarker(at, { radius: 2, className: 'map-base' }),
  }).addTo(map)
  const shapes = L.featureGroup().addTo(map)
  const texts = L.layerGroup().addTo(map)
  const markers = L.featureGroup().addTo(map)
  const polygons = new Map<string, L.Polygon>()
  let cells: readonly DrawnCell[] = []
  let selected: string | null = null
  let isFitted = false

  let isTouched = false

  const showAll = () => {
    isTouched = false
    const bounds = L.latLngBounds([])
    if (shapes.getLayers().length > 0) bounds.extend(shapes.getBounds())
    if (markers.getLayers().length > 0) bounds.extend(markers.getBounds())
    if (bounds.isValid()) map.fitBounds(bounds, { padding: [24, 24], maxZoom: 15, animate: false })
  }
  const drawLines = () => {
    lines.clearLayers()
    const { lines: drawn } = graticuleOf(boundsOf(map), map.getSize().x / 6 / pixelsPerDegree(map))
    for (const { from, to, text, isMeridian } of drawn) {
      L.polyline([from, to], { className: 'map-line', interactive: false }).addTo(lines)
      const icon = L.divIcon({
        className: isMeridian ? 'map-degree map-degree-bottom' : 'map-degree map-degree-right',
        html: textElement(text),
        iconSize: [0, 0],
      })
      L.marker(isMeridian ? from : to, { icon, interactive: false, keyboard: false }).addTo(lines)
    }
  }
  const drawTexts = () => {
    texts.clearLayers()
    for (const { id, middle, text, ink } of cells) {
      const polygon = polygons.get(id)
      if (polygon === undefined || widthOf(map, polygon) < TEXT_FROM_PX) continue
      const icon = L.divIcon({
        className: ink === '#000000' ? 'map-value map-value-dark' : 'map-value map-value-light',
        html: textElement(text),
        iconSize: [0, 0],
      })
      L.marker(middle, { icon, interactive: false, keyboard: false }).addTo(texts)
    }
  }
  const mark = () => {
    for (const [id, polygon] of polygons) {
      const path = polygon.getElement()
      path?.classList.toggle('map-cell-selected', id === selected)
      path?.setAttribute('aria-pressed', String(id === selected))
      if (id === selected) polygon.bringToFront()
    }
  }
  const draw = (cell: DrawnCell) => {
    const options = {
      className: cell.hasRejected ? 'map-cell map-cell-rejected' : 'map-cell',
      fillColor: cell.colour ?? 'url(#map-hatch)',
    }
    const known = polygons.get(cell.id)
    const polygon = known ?? L.polygon([...cell.corners], { ...options, fillOpacity: 0.9, weight: 1.5 })
    polygons.set(cell.id, polygon)
    if (known === undefined) {
      polygon.addTo(shapes)
      listen(polygon, cell.id)
    } else polygon.setStyle(options)
    const path = polygon.getElement()
    path?.classList.toggle('map-cell-rejected', cell.hasRejected)
    path?.setAttribute('aria-label', cell.label)
  }
  const listen = (polygon: L.Polygon, id: string) => {
    polygon.on('click', () => onSelect(id))
    const path = polygon.getElement() as SVGElement
    path.setAttribute('role', 'button')
    path.addEventListener('keydown', event => {
      if (event.key !== 'Enter' && event.key !== ' ') return
      event.preventDefault()
      onSelect(id)
    })
  }

  map.on('moveend zoomend resize', drawLines)
  map.on('zoomend', drawTexts)
  // Whoever has moved the map keeps what is in view; otherwise all of it stays in view.
  const touch = () => {
    isTouched = true
  }
  for (const event of ['pointerdown', 'wheel', 'keydown']) element.addEventListener(event, touch, { passive: true })
  const observer = new ResizeObserver(() => {
    map.invalidateSize({ animate: false })
    if (isFitted && !isTouched) showAll()
  })
  observer.observe(element)

  return {
    setCells(next) {
      cells = next
      const ids = new Set(next.map(({ id }) => id))
      for (const [id, polygon] of polygons) {
        if (ids.has(id)) continue
        polygon.remove()
        shapes.removeLayer(polygon)
        polygons.delete(id)
      }
      for (const cell of next) draw(cell)
      for (const polygon of polygons.values()) {
        polygon.getElement()?.setAttribute('tabindex', polygons.size > TAB_STOPS_MAX ? '-1' : '0')
      }
      addHatch(element)
      if (!isFitted && next.length > 0) {
        isFitted = true
        showAll()
      }
      drawTexts()
      mark()
    },
    setPlaces(places) {
      markers.clearLayers()
      for (const { at, label, devices, isOnline } of places) {
        const icon = L.divIcon({
          className: isOnline ? 'map-device' : 'map-device map-device-off',
          html: textElement(devices > 1 ? String(devices) : ''),
          iconSize: [18, 18],
          // Above the middle, where a cell of the same size has its value.
          iconAnchor: [9, 32],
        })
        L.marker(at, { icon, title: label, alt: label, keyboard: false, interactive: false }).addTo(markers)
      }
      if (!isFitted && places.length > 0) showAll()
    },
    setBase(features) {
      base.clearLayers()
      base.addData(features as Parameters<typeof base.addData>[0])
      base.bringToBack()
    },
    select(id) {
      selected = id
      mark()
      const polygon = id === null ? undefined : polygons.get(id)
      if (polygon !== undefined && !map.getBounds().contains(polygon.getBounds()))
        map.panInsideBounds(polygon.getBounds())
    },
    showAll,
    close() {
      observer.disconnect()
      map.remove()
    },
  }
}

/** Stripes for cells without a value, once in the map's drawing. */
function addHatch(element: HTMLElement): void {
  const drawing = element.querySelector('.leaflet-overlay-pane svg')
  if (drawing === null || drawing.querySelector('#map-hatch') !== null) return
  const pattern = document.createElementNS(SVG, 'pattern')
  for (const [name, value] of Object.entries({
    id: 'map-hatch',
    width: '8',
    height: '8',
    patternUnits: 'userSpaceOnUse',
    patternTransform: 'rotate(45)',
  })) {
    pattern.setAttribute(name, value)
  }
  const stripe = document.createElementNS(SVG, 'rect')
  for (const [name, value] of Object.entries({ width: '3', height: '8', class: 'map-hatch-stripe' }))
    stripe.setAttribute(name, value)
  pattern.append(stripe)
  const definitions = document.createElementNS(SVG, 'defs')
  definitions.append(pattern)
  drawing.prepend(definitions)
}

function northArrow(): L.Control {
  const control = new L.Control({ position: 'topright' })
  control.onAdd = () => {
    const arrow = document.createElement('div')
    arrow.className = 'map-north'
    arrow.title = 'North is up'
    const svg = document.createElementNS(SVG, 'svg')
    svg.setAttribute('class', 'map-north-arrow')
    svg.setAttribute('viewBox', '0 0 24 32')
    svg.setAttribute('aria-hidden', 'true')
    const path = document.createElementNS(SVG, 'path')
    path.setAttribute('d', 'M12 2 19 22 12 17.500 5 22z')
    svg.append(path)
    const letter = document.createElement('span')
    letter.textContent = 'N'
    arrow.append(svg, letter)
    return arrow
  }
  return control
}

function textElement(text: string): HTMLElement {
  const element = document.createElement('span')
  element.textContent = text
  return element
}

function widthOf(map: L.Map, polygon: L.Polygon): number {
  const bounds = polygon.getBounds()
  return map.latLngToContainerPoint(bounds.getNorthEast()).x - map.latLngToContainerPoint(bounds.getSouthWest()).x
}

function boundsOf(map: L.Map): { south: number; west: number; north: number; east: number } {
  const bounds = map.getBounds()
  return { south: bounds.getSouth(), west: bounds.getWest(), north: bounds.getNorth(), east: bounds.getEast() }
}

function pixelsPerDegree(map: L.Map): number {
  const bounds = map.getBounds()
  return map.getSize().x / Math.max(1e-9, bounds.getEast() - bounds.getWest())
}
