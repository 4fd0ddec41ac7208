/** Lays money flows out as bands between columns: a Sankey diagram of the region's kinds of accounts. */

/** A place that money is in or passes through. */
export interface FlowPlace {
  readonly id: string
  readonly column: number
}

/** Money that went from one place to another. */
export interface FlowLink {
  readonly from: string
  readonly to: string
  readonly kind: string
  readonly amountMicro: bigint
}

/** A place as it is drawn. */
export interface PlacedBox {
  readonly id: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** What came in, and what is there now. */
  readonly inMicro: bigint
  readonly outMicro: bigint
}

/** A flow as it is drawn: a band between two boxes. */
export interface PlacedBand {
  readonly link: FlowLink
  readonly path: string
  readonly width: number
  /** Where a label may stand. */
  readonly x: number
  readonly y: number
}

/** The drawing. */
export interface FlowDrawing {
  readonly boxes: readonly PlacedBox[]
  readonly bands: readonly PlacedBand[]
  readonly height: number
}

/** Sizes of the drawing. */
export interface FlowSizes {
  readonly width: number
  readonly height: number
  readonly boxWidth: number
  /** Between boxes of a column. */
  readonly gap: number
  /** The thinnest that anything is drawn: small flows are there too. */
  readonly least: number
}

/**
 * Places boxes in columns and bands between them. Heights grow with the square root of amounts, since flows of a region differ by thousands: a
 * drawing in proportion would show one band.
 * @param places - boxes without any flow are left out; a column is filled from the top in this order
 */
export function layFlows(places: readonly FlowPlace[], links: readonly FlowLink[], sizes: FlowSizes): FlowDrawing {
  const { width, height, boxWidth, gap, least } = sizes
  const shownLinks = links.filter(({ amountMicro }) => amountMicro > 0n)
  const used = places.filter(({ id }) => shownLinks.some(({ from, to }) => from === id || to === id))
  const columns = [...new Set(used.map(({ column }) => column))].sort((a, b) => a - b)
  const weightOf = (amountMicro: bigint) => Math.sqrt(Number(amountMicro))
  const sum = (linksOf: readonly FlowLink[]) =>
    linksOf.reduce((total, { amountMicro }) => total + weightOf(amountMicro), 0)
  const weightOfPlace = (id: string) =>
    Math.max(sum(shownLinks.filter(({ to }) => to === id)), sum(shownLinks.filter(({ from }) => from === id)))
  const scale = Math.min(
    ...columns.map(column => {
      const here = used.filter(place => place.column === column)
      const weight = here.reduce((total, { id }) => total + weightOfPlace(id), 0)
      return (height - gap * (here.length - 1)) / Math.max(weight, 1e-9)
    }),
  )
  const thickness = (amountMicro: bigint) => Math.max(least, weightOf(amountMicro) * scale)
  const boxes = new Map<string, PlacedBox>()
  let bottom = 0
  for (const [nth, column] of columns.entries()) {
    const x = columns.length === 1 ? 0 : (nth * (width - boxWidth)) / (columns.length - 1)
    let y = 0
    for (const { id } of used.filter(place => place.column === column)) {
      const incoming = shownLinks.filter(({ to }) => to === id)
      const outgoing = shownLinks.filter(({ from }) => from === id)
      const thick = (side: readonly FlowLink[]) =>
        side.reduce((total, { amountMicro }) => total + thickness(amountMicro), 0)
      const tall = Math.max(thick(incoming), thick(outgoing), least)
      boxes.set(id, { id, x, y, width: boxWidth, height: tall, inMicro: total(incoming), outMicro: total(outgoing) })
      y += tall + gap
    }
    bottom = Math.max(bottom, y - gap)
  }
  return { boxes: [...boxes.values()], bands: bandsOf(shownLinks, boxes, thickness), height: bottom }
}

function bandsOf(
  links: readonly FlowLink[],
  boxes: ReadonlyMap<string, PlacedBox>,
  thickness: (micro: bigint) => number,
): PlacedBand[] {
  const leftAt = new Map<string, number>()
  const rightAt = new Map<string, number>()
  // Bands leave and arrive in the order of what they join, so that as few as can be cross.
  const ordered = [...links].sort(
    (a, b) =>
      (boxes.get(a.to)?.y ?? 0) - (boxes.get(b.to)?.y ?? 0) ||
      (boxes.get(a.from)?.y ?? 0) - (boxes.get(b.from)?.y ?? 0),
  )
  return ordered.flatMap(link => {
    const [from, to] = [boxes.get(link.from), boxes.get(link.to)]
    if (from === undefined || to === undefined) return []
    const width = thickness(link.amountMicro)
    const y1 = from.y + (rightAt.get(link.from) ?? 0) + width / 2
    const y2 = to.y + (leftAt.get(link.to) ?? 0) + width / 2
    rightAt.set(link.from, (rightAt.get(link.from) ?? 0) + width)
    leftAt.set(link.to, (leftAt.get(link.to) ?? 0) + width)
    const [x1, x2] = [from.x + from.width, to.x]
    return [{ link, width, path: curve(x1, y1, x2, y2), x: (x1 + x2) / 2, y: (y1 + y2) / 2 }]
  })
}

/** From the right of one box to the left of another. */
function curve(x1: number, y1: number, x2: number, y2: number): string {
  const middle = (x1 + x2) / 2
  const at = (value: number) => value.toFixed(1)
  return `M${at(x1)} ${at(y1)}C${at(middle)} ${at(y1)} ${at(middle)} ${at(y2)} ${at(x2)} ${at(y2)}`
}

const total = (links: readonly FlowLink[]): bigint => links.reduce((sum, { amountMicro }) => sum + amountMicro, 0n)
