/**
 * The outputs of a lease: a CBOR array with one element per unit, in order. Devices hash these bytes and coordinators
 * compare the hashes, so there is exactly one way to write them.
 */
import { assert } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { headLength, OutputsScan, outputsFault } from './outputs-scan.ts'
import type { UnitOutcome } from './unit-outcome.ts'
import { EXIT_CODE_MAX, TRAP_KINDS } from './unit-outcome.ts'

/**
 * The outputs bytes of a run of units.
 * @throws {ProtocolError} `bad_message` when they break a bound: `unitsPerLeaseMax`, `unitOutputBytesMax`, `leaseOutputBytesMax`
 */
export function encodeOutputs(outcomes: readonly UnitOutcome[]): Uint8Array {
  const bytes = new Uint8Array(outputsLength(outcomes))
  let at = writeHead(bytes, 0, 0x80, outcomes.length)
  for (const outcome of outcomes) at = writeOutcome(bytes, at, outcome)
  return bytes
}

/**
 * The outcome of each unit. Outputs are views of `bytes`, not copies.
 * @param expectedCount - units of the lease
 * @throws {ProtocolError} `bad_message` unless the bytes are what {@link encodeOutputs} makes of that many outcomes
 * @see spec/clauses.md [OUT-1.1]
 */
export function decodeOutputs(bytes: Uint8Array, expectedCount: number): UnitOutcome[] {
  const scan = new OutputsScan(bytes)
  const count = scan.count()
  if (count !== expectedCount) throw outputsFault('payload', `must be an array of ${expectedCount} elements`)
  const outcomes: UnitOutcome[] = new Array(count)
  for (let unit = 0; unit < count; unit++) {
    scan.pass(unit)
    outcomes[unit] = scan.outcome()
  }
  scan.end()
  return outcomes
}

/**
 * Checks what {@link decodeOutputs} checks, and builds nothing.
 * @returns how many of the units ended without an output
 * @throws {ProtocolError} `bad_message`
 */
export function checkOutputs(bytes: Uint8Array, expectedCount: number): number {
  const scan = new OutputsScan(bytes)
  const count = scan.count()
  if (count !== expectedCount) throw outputsFault('payload', `must be an array of ${expectedCount} elements`)
  let failed = 0
  for (let unit = 0; unit < count; unit++) {
    scan.pass(unit)
    if (scan.failed) failed++
  }
  scan.end()
  return failed
}

/**
 * The outputs bytes of `count` of the units, from index `from`: equal to encoding those outcomes alone.
 * @throws {ProtocolError} `bad_message` when the units up to there are malformed, or are not there
 */
export function sliceOutputs(bytes: Uint8Array, from: number, count: number): Uint8Array {
  const scan = new OutputsScan(bytes)
  const held = scan.count()
  if (from < 0 || count < 1 || from + count > held) {
    throw outputsFault('payload', `must hold the units ${from} to ${from + count - 1}`)
  }
  for (let unit = 0; unit < from; unit++) scan.pass(unit)
  return sliceNext(bytes, scan, from, count)
}

/**
 * The outputs bytes of runs of units that follow each other, in one pass: each equal to encoding its outcomes alone.
 * @param counts - units of each run, 1 or more; together the units of `bytes`
 * @throws {ProtocolError} `bad_message` when the outputs are malformed, or of another number of units
 */
export function cutOutputs(bytes: Uint8Array, counts: readonly number[]): Uint8Array[] {
  const scan = new OutputsScan(bytes)
  const expected = counts.reduce((sum, count) => sum + count, 0)
  if (scan.count() !== expected) throw outputsFault('payload', `must be an array of ${expected} elements`)
  let from = 0
  const slices = counts.map(count => {
    assert(count >= 1, 'a run has units')
    const slice = sliceNext(bytes, scan, from, count)
    from += count
    return slice
  })
  scan.end()
  return slices
}

/** The outputs bytes of the `count` units at which the scan stands. */
function sliceNext(bytes: Uint8Array, scan: OutputsScan, from: number, count: number): Uint8Array {
  const start = scan.at
  for (let unit = from; unit < from + count; unit++) scan.pass(unit)
  const head = headLength(count)
  const slice = new Uint8Array(head + scan.at - start)
  writeHead(slice, 0, 0x80, count)
  slice.set(bytes.subarray(start, scan.at), head)
  return slice
}

function outputsLength(outcomes: readonly UnitOutcome[]): number {
  if (outcomes.length < 1 || outcomes.length > LIMITS.unitsPerLeaseMax) {
    throw outputsFault('payload', `must be an array of 1 to ${LIMITS.unitsPerLeaseMax} elements`)
  }
  let length = headLength(outcomes.length)
  for (let unit = 0; unit < outcomes.length; unit++) {
    const outcome = outcomes[unit]
    assert(outcome !== undefined, 'outcomes have no holes')
    if (outcome.kind === 'ok') {
      if (outcome.bytes.length > LIMITS.unitOutputBytesMax) {
        throw outputsFault(`[${unit}]`, `must be at most ${LIMITS.unitOutputBytesMax} bytes`)
      }
      length += headLength(outcome.bytes.length) + outcome.bytes.length
    } else {
      length += 2 + (outcome.kind === 'exit' ? headLength(outcome.code) : 1)
    }
  }
  if (length > LIMITS.leaseOutputBytesMax) {
    throw outputsFault('payload', `must be at most ${LIMITS.leaseOutputBytesMax} bytes`)
  }
  return length
}

function writeOutcome(bytes: Uint8Array, at: number, outcome: UnitOutcome): number {
  if (outcome.kind === 'ok') {
    const start = writeHead(bytes, at, 0x40, outcome.bytes.length)
    bytes.set(outcome.bytes, start)
    return start + outcome.bytes.length
  }
  bytes[at] = 0x82
  if (outcome.kind === 'trap') {
    bytes[at + 1] = 1
    bytes[at + 2] = TRAP_KINDS.indexOf(outcome.trap)
    return at + 3
  }
  assert(
    Number.isInteger(outcome.code) && outcome.code >= 1 && outcome.code <= EXIT_CODE_MAX,
    'an exit code is 1 to 2^32-1',
  )
  bytes[at + 1] = 2
  return writeHead(bytes, at + 2, 0x00, outcome.code)
}

/** Writes a head of the major type whose bits are `major`. */
function writeHead(bytes: Uint8Array, at: number, major: number, argument: number): number {
  const length = headLength(argument)
  if (length === 1) {
    bytes[at] = major | argument
    return at + 1
  }
  bytes[at] = major | (length === 2 ? 24 : length === 3 ? 25 : 26)
  for (let i = length - 1, rest = argument; i >= 1; i--) {
    bytes[at + i] = rest & 0xff
    rest = Math.floor(rest / 256)
  }
  return at + length
}
