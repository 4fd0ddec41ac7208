/** Where a field of a YAML or JSON file stands, by the path that a checker names it with. */
import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node } from 'yaml'

/**
 * The line, from 1, of a field such as `split.items[3]`; of the nearest field around it when it is missing.
 * Null when not even the first level is there.
 */
export function lineOf(document: Document, lines: LineCounter, path: string): number | null {
  let node: unknown = document.contents
  let offset: number | null = null
  for (const segment of segmentsOf(path)) {
    const step = stepInto(document, node, segment)
    if (step === null) break
    offset = step.offset ?? offset
    node = step.node
  }
  return offset === null ? null : lines.linePos(offset).line
}

/** `split.items[3]` as `split`, `items`, `3`. */
function segmentsOf(path: string): string[] {
  return path === '' ? [] : path.replaceAll(/\[(\d+)\]/g, '.$1').split('.')
}

function stepInto(document: Document, from: unknown, segment: string): { node: unknown; offset: number | null } | null {
  const node = isAlias(from) ? from.resolve(document) : from
  if (isSeq(node)) {
    const item = node.items[Number(segment)]
    return item === undefined ? null : { node: item, offset: offsetOf(item) }
  }
  if (!isMap(node)) return null
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === segment)
  return pair === undefined ? null : { node: pair.value, offset: offsetOf(pair.key) }
}

function offsetOf(node: unknown): number | null {
  return (node as Node | null)?.range?.[0] ?? null
}
