/** The device's half of a split: from the input of a run to the input of each of its units. */
import { iterateSequence } from '../cbor/index.ts'
import { TaskError } from '../errors.ts'
import type { Cut } from '../messages/lease.ts'
import { type BlobCut, boundaryScan } from './blob-index.ts'
import { rangeUnitInput, rangeUnits } from './range.ts'

/**
 * What each of `count` units from `first` reads. Inputs are views of `input`, not copies.
 * @param input - the run's input as the coordinator's plan gave it; null for a range
 * @throws {TaskError} `bad_input` when the input does not cut into exactly `count` units
 */
export function cutRun(cut: Cut, first: number, count: number, input: Uint8Array | null): Uint8Array[] {
  if (cut.kind === 'range') return cutRange(cut, first, count, input)
  if (input === null) refuseInput('the run came without its input')
  const units = cut.kind === 'items' ? cutItems(input) : cutBlob(cut, input, count)
  if (units.length !== count) {
    refuseInput(`it cuts into ${units.length > count ? 'more' : 'fewer'} than the ${count} units of the run`)
  }
  return units
}

function cutRange(range: Extract<Cut, { kind: 'range' }>, first: number, count: number, input: Uint8Array | null) {
  if (input !== null) refuseInput('a range has no input')
  if (first + count > rangeUnits(range)) refuseInput(`the range has no units ${first} to ${first + count - 1}`)
  return Array.from({ length: count }, (_, index) => rangeUnitInput(range, first + index))
}

function cutItems(input: Uint8Array): Uint8Array[] {
  try {
    return iterateSequence(input)
  } catch (cause) {
    refuseInput('it is not a CBOR sequence of byte strings', cause)
  }
}

/** The units of a part of a blob, or `count + 1` of them when there are more: a wrong cut cannot fill the memory. */
function cutBlob(cut: BlobCut, input: Uint8Array, count: number): Uint8Array[] {
  const ends: number[] = []
  const end = (offset: number) => {
    if (ends.length <= count) ends.push(offset)
  }
  if (cut.kind === 'bytes') {
    for (let at = cut.bytes; at < input.length && ends.length <= count; at += cut.bytes) end(at)
  } else {
    boundaryScan(cut).push(input, end)
  }
  // What follows the last full unit is a unit too.
  if ((ends.at(-1) ?? 0) < input.length) end(input.length)
  return ends.map((offset, index) => input.subarray(ends[index - 1] ?? 0, offset))
}

function refuseInput(reason: string, cause?: unknown): never {
  const message = `The input of a run of units is not what its split promises: ${reason}.`
  throw new TaskError({ code: 'bad_input', reason }, message, cause === undefined ? undefined : { cause })
}
