/** How a job's input becomes units. */
import { LIMITS } from '../limits.ts'
import { type GridParameters, type GridValue, gridUnits, widestCombinationBytes } from './grid.ts'
import { ITEM_BYTES_MAX } from './items.ts'
import {
  inside,
  readAnyObject,
  readInteger,
  readList,
  readNumber,
  readObject,
  readOneOf,
  readText,
  refuse,
  refuseValue,
} from './read.ts'
import { readSource, type Source } from './source.ts'

/** Whole numbers [from, to), `chunk` a unit; the last unit may be shorter. A unit reads `start end` and a newline. */
export interface RangeSplit {
  readonly kind: 'range'
  readonly from: number
  readonly to: number
  readonly chunk: number
}

/** One text a unit. */
export interface ItemsSplit {
  readonly kind: 'items'
  readonly items: readonly string[]
}

/** Every combination of the parameters' values, the last parameter fastest. A unit reads one JSON object. */
export interface GridSplit {
  readonly kind: 'grid'
  readonly parameters: GridParameters
}

/** A blob in pieces of `size` bytes, lines or records. A record ends with `delimiter`, which belongs to it. */
export interface BlobSplit<From = Source> {
  readonly kind: 'blob'
  readonly source: From
  readonly by: 'bytes' | 'lines' | 'records'
  readonly size: number
  /** Only with records; an empty line by default. */
  readonly delimiter?: string
}

export type SplitSpec<From = Source> = RangeSplit | ItemsSplit | GridSplit | BlobSplit<From>

const KINDS = ['range', 'items', 'grid', 'blob'] as const
const FIELDS = ['kind', 'from', 'to', 'chunk', 'items', 'parameters', 'source', 'by', 'size', 'delimiter'] as const
const PARAMETER_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/

/** @throws {ConfigError} `bad_job` below the path `split` */
export function parseSplit(value: unknown): SplitSpec {
  const { kind: kindValue } = readAnyObject(value, 'split', `an object such as {"kind": "range", "from": 0, …}`)
  if (kindValue === undefined) readObject(value, 'split', FIELDS)
  const kind = readOneOf(kindValue, 'split.kind', KINDS)
  if (kind === 'range') return parseRange(value)
  if (kind === 'items') return parseItems(value)
  return kind === 'grid' ? parseGrid(value) : parseBlob(value)
}

function parseRange(value: unknown): RangeSplit {
  const split = readObject(value, 'split', ['kind', 'from', 'to', 'chunk'])
  const from = readInteger(split.from, 'split.from', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
  const to = readInteger(split.to, 'split.to', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
  if (to <= from) refuse('split.to', `must be above 'split.from' (${from}), not ${to}`)
  if (!Number.isSafeInteger(to - from)) refuse('split.to', `must be less than 2^53 above 'split.from' (${from})`)
  const chunk = readInteger(split.chunk, 'split.chunk', 1, Number.MAX_SAFE_INTEGER)
  refuseTooMany('split.chunk', Math.ceil((to - from) / chunk), 'choose a larger chunk')
  return { kind: 'range', from, to, chunk }
}

function parseItems(value: unknown): ItemsSplit {
  const split = readObject(value, 'split', ['kind', 'items'])
  const items = readList(split.items, 'split.items', 1, LIMITS.itemsMax)
  return {
    kind: 'items',
    items: items.map((item, index) => readText(item, `split.items[${index}]`, 0, ITEM_BYTES_MAX)),
  }
}

function parseGrid(value: unknown): GridSplit {
  const split = readObject(value, 'split', ['kind', 'parameters'])
  const path = 'split.parameters'
  const parameters = readAnyObject(split.parameters, path, 'an object of lists, such as {"size": [1, 2]}')
  const names = Object.keys(parameters)
  if (names.length < 1 || names.length > LIMITS.gridParametersMax) {
    refuse(path, `must hold 1 to ${LIMITS.gridParametersMax} parameters, not ${names.length}`)
  }
  const checked: Record<string, readonly GridValue[]> = {}
  for (const name of names) {
    // Names that look like numbers would not keep their place in a JSON object.
    if (!PARAMETER_NAME.test(name)) {
      refuse(inside(path, name.slice(0, 64)), `must have a name of 1 to 64 letters, digits, '_' or '-', a letter first`)
    }
    const values = readList(parameters[name], inside(path, name), 1, LIMITS.unitsPerJobMax)
    checked[name] = values.map((entry, index) => readGridValue(entry, `${inside(path, name)}[${index}]`))
  }
  refuseTooMany(path, gridUnits(checked), 'use fewer values')
  const widest = widestCombinationBytes(checked)
  if (widest > LIMITS.gridCombinationBytesMax) {
    refuse(path, `must make combinations of at most ${LIMITS.gridCombinationBytesMax} bytes of JSON, not ${widest}`)
  }
  return { kind: 'grid', parameters: checked }
}

function readGridValue(value: unknown, path: string): GridValue {
  if (typeof value === 'string') return readText(value, path, 0, LIMITS.gridCombinationBytesMax)
  if (typeof value === 'number') return readNumber(value, path)
  if (typeof value !== 'boolean') refuseValue(path, 'a text, a number, true or false', value)
  return value
}

function parseBlob(value: unknown): BlobSplit {
  const split = readObject(value, 'split', ['kind', 'source', 'by', 'size', 'delimiter'])
  const source = readSource(split.source, 'split.source', { bytesMax: LIMITS.blobBytesMax, text: true })
  const by = readOneOf(split.by, 'split.by', ['bytes', 'lines', 'records'])
  const sizeMax = by === 'bytes' ? LIMITS.unitInputBytesMax : LIMITS.blobBytesMax
  const size = readInteger(split.size, 'split.size', 1, sizeMax)
  if (split.delimiter === undefined) return { kind: 'blob', source, by, size }
  if (by !== 'records') refuse('split.delimiter', `belongs to records: remove it, or set 'split.by' to "records"`)
  const delimiter = readText(split.delimiter, 'split.delimiter', 1, LIMITS.delimiterBytesMax)
  return { kind: 'blob', source, by, size, delimiter }
}

function refuseTooMany(path: string, units: number, advice: string): void {
  if (units > LIMITS.unitsPerJobMax) refuse(path, `makes ${units} units of at most ${LIMITS.unitsPerJobMax}: ${advice}`)
}
