/**
 * What units come to, without running them: a pure function of the task's arguments and a unit's input. It takes the place of the
 * sandbox, and it is what the checks recompute every answer from.
 */
import { CAPACITY_UNIT_FUEL } from '../../protocol/capacity/index.ts'
import { type UnitOutcome, utf8 } from '../../protocol/index.ts'

/** What units answer with. `numbers` suit a sum, `counts` a merge-map, `texts` a collection. */
export type OutputForm = 'numbers' | 'counts' | 'texts'

export interface TaskShape {
  readonly form: OutputForm
  /** Fuel of the cheapest unit, and by how much the dearest may exceed it. */
  readonly fuelLeast: number
  readonly fuelSpread: number
  /** One unit in so many traps; 0 for none. */
  readonly trapEvery: number
  /** Bytes that a text is padded to. */
  readonly textBytes: number
}

/** A shape as the arguments of its task. */
export function shapeArgs({ form, fuelLeast, fuelSpread, trapEvery, textBytes }: TaskShape): string[] {
  return [form, `${fuelLeast}`, `${fuelSpread}`, `${trapEvery}`, `${textBytes}`]
}

/** The shape that a task's arguments name; without any that of the task of capacity checks. */
export function shapeOf(args: readonly string[]): TaskShape {
  const [form = 'numbers', fuelLeast = `${CAPACITY_UNIT_FUEL}`, fuelSpread = '0', trapEvery = '0', textBytes = '0'] =
    args
  return {
    form: form as OutputForm,
    fuelLeast: Number(fuelLeast),
    fuelSpread: Number(fuelSpread),
    trapEvery: Number(trapEvery),
    textBytes: Number(textBytes),
  }
}

/** What a unit with this input comes to, on every honest device. */
export function unitOutcome(shape: TaskShape, input: Uint8Array): UnitOutcome {
  const number = mix(input)
  const fuel = shape.fuelLeast + (shape.fuelSpread === 0 ? 0 : number % shape.fuelSpread)
  if (shape.trapEvery > 0 && number % shape.trapEvery === 0) return { kind: 'trap', trap: 'unreachable', fuel }
  return { kind: 'ok', fuel, bytes: outputOf(shape, number) }
}

/** What a unit of the task of capacity checks answers. */
export const checkAnswer = (input: Uint8Array): Uint8Array => outputOf(shapeOf([]), mix(input))

/** The output that stands for a number. */
export function outputOf({ form, textBytes }: TaskShape, number: number): Uint8Array {
  if (form === 'numbers') return utf8(`${number % 1_000}`)
  if (form === 'counts') return utf8(`k${number % 7}\t${number % 13}\nall\t1\n`)
  return utf8(`text ${number}`.padEnd(textBytes, '.'))
}

/** FNV-1a with a last stir, 31 bits. */
export function mix(bytes: Uint8Array): number {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x2c1b3c6d)
  return (hash ^ (hash >>> 12)) & 0x7fffffff
}
