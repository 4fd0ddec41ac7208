/** Units of a grid: every combination of the parameters' values, numbered like an odometer, the last parameter fastest. */
import { utf8 } from '../bytes.ts'
import { assert } from '../errors.ts'

export type GridValue = string | number | boolean

/** Names in the order in which they were written, each with its values. */
export type GridParameters = Readonly<Record<string, readonly GridValue[]>>

/** Combinations of a grid. */
export function gridUnits(parameters: GridParameters): number {
  return Object.values(parameters).reduce((units, values) => units * values.length, 1)
}

/** Bytes of the longest combination's JSON text. */
export function widestCombinationBytes(parameters: GridParameters): number {
  return gridColumns(parameters).reduce((bytes, { lengths }) => bytes + lengths.reduce((a, b) => Math.max(a, b)) + 1, 1)
}

/** One parameter: for each value its member of the JSON object, and that text's length in bytes. */
interface Column {
  readonly members: readonly string[]
  readonly lengths: readonly number[]
}

function gridColumns(parameters: GridParameters): Column[] {
  return Object.entries(parameters).map(([name, values]) => {
    const members = values.map(value => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
    return { members, lengths: members.map(member => utf8(member).length) }
  })
}

/** The unit inputs of a grid, such as `{"size":1,"mode":"fast"}`. */
export class Grid {
  readonly units: number
  /** Last parameter first: the order of the odometer's wheels. */
  readonly #wheels: readonly Column[]

  constructor(parameters: GridParameters) {
    this.units = gridUnits(parameters)
    this.#wheels = gridColumns(parameters).reverse()
  }

  /** Bytes of a unit's input, without making it. */
  inputBytes(unit: number): number {
    // Braces, and a comma between two members.
    let bytes = 1
    let rest = unit
    for (const { lengths } of this.#wheels) {
      bytes += (lengths[rest % lengths.length] ?? 0) + 1
      rest = Math.floor(rest / lengths.length)
    }
    return bytes
  }

  /** What a unit reads. */
  input(unit: number): Uint8Array {
    assert(unit >= 0 && unit < this.units, 'a grid has the unit')
    const members: string[] = []
    let rest = unit
    for (const wheel of this.#wheels) {
      members.push(wheel.members[rest % wheel.members.length] ?? '')
      rest = Math.floor(rest / wheel.members.length)
    }
    return utf8(`{${members.reverse().join(',')}}`)
  }
}
