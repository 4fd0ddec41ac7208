/** Units of a range of whole numbers. They need no bytes from anybody: a device computes their inputs. */
import { utf8 } from '../bytes.ts'

/** The numbers [from, to), `chunk` a unit. */
export interface Range {
  readonly from: number
  readonly to: number
  readonly chunk: number
}

/** Units of a range; the last may be shorter. */
export function rangeUnits({ from, to, chunk }: Range): number {
  return Math.ceil((to - from) / chunk)
}

/** What unit `unit` reads: `start end`, end excluded, and a newline. */
export function rangeUnitInput({ from, to, chunk }: Range, unit: number): Uint8Array {
  const start = from + unit * chunk
  return utf8(`${start} ${Math.min(to, start + chunk)}\n`)
}
