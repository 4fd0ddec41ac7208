/**
 * The outputs of a lease: a CBOR array with one element per unit, in order, each with the fuel that the unit burned. Devices hash
 * these bytes and coordinators compare the hashes, so there is exactly one way to write them, and who agrees on the output agrees
 * on the bill.
 */
import { assert } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { EXIT, headLength, OUT_OF_FUEL, OutputsScan, outputsFault, PAIR, TRAP, TRIPLE } from './outputs-scan.ts'
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

/** What outputs add up to. */
export interface OutputsSums {
  /** Units that ended without an output. */
  readonly failed: number
  /** Fuel of all units, what the run is paid by: an exact number, see {@link LIMITS}.unitFuelMax. */
  readonly fuel: number
}

/**
 * Checks what {@link decodeOutputs} checks, and builds nothing.
 * @param unitFuelMax - fuel limit of the units; whoever pays for the fuel states it, so that no claim passes what was reserved
 * @throws {ProtocolError} `bad_message`, also when a unit burned more than its limit or ran out of fuel before it
 * @see spec/clauses.md [OUT-3.1] [OUT-3.2] [OUT-3.3]
 */
export function checkOutputs(bytes: Uint8Array, expectedCount: number, unitFuelMax?: number): OutputsSums {
  const scan = new OutputsScan(bytes, unitFuelMax)
  const count = scan.count()
  if (count !== expectedCount) throw outputsFault('payload', `must be an array of ${expectedCount} elements`)
  let failed = 0
  let fuel = 0
  for (let unit = 0; unit < count; unit++) {
    scan.pass(unit)
    if (scan.failed) failed++
    fuel += scan.fuel
  }
  scan.end()
  return { failed, fuel }
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
    length += outcomeLength(outcome, unit)
  }
  if (length > LIMITS.leaseOutputBytesMax) {
    throw outputsFault('payload', `must be at most ${LIMITS.leaseOutputBytesMax} bytes`)
  }
  return length
}

function outcomeLength(outcome: UnitOutcome, unit: number): number {
  assert(isIntegerOf(outcome.fuel, 0, LIMITS.unitFuelMax), 'the fuel of a unit is 0 to unitFuelMax')
  const before = 1 + headLength(outcome.fuel)
  switch (outcome.kind) {
    case 'ok': {
      const size = outcome.bytes.length
      if (size > LIMITS.unitOutputBytesMax) {
        throw outputsFault(`[${unit}]`, `must be at most ${LIMITS.unitOutputBytesMax} bytes`)
      }
      return before + headLength(size) + size
    }
    case 'trap':
      assert(TRAP_KINDS.includes(outcome.trap), 'a trap has a number on the wire')
      return before + 2
    case 'exit':
      assert(isIntegerOf(outcome.code, 1, EXIT_CODE_MAX), 'an exit code is 1 to 2^32-1')
      return before + 1 + headLength(outcome.code)
    case 'out_of_fuel':
      return before + 1
  }
}

function writeOutcome(bytes: Uint8Array, at: number, outcome: UnitOutcome): number {
  bytes[at] = outcome.kind === 'trap' || outcome.kind === 'exit' ? TRIPLE : PAIR
  const next = writeHead(bytes, at + 1, 0x00, outcome.fuel)
  switch (outcome.kind) {
    case 'ok': {
      const start = writeHead(bytes, next, 0x40, outcome.bytes.length)
      bytes.set(outcome.bytes, start)
      return start + outcome.bytes.length
    }
    case 'trap':
      bytes[next] = TRAP
      return writeHead(bytes, next + 1, 0x00, TRAP_KINDS.indexOf(outcome.trap))
    case 'exit':
      bytes[next] = EXIT
      return writeHead(bytes, next + 1, 0x00, outcome.code)
    case 'out_of_fuel':
      bytes[next] = OUT_OF_FUEL
      return next + 1
  }
}

function isIntegerOf(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max
}

/** Writes a head of the major type whose bits are `major`. */
function writeHead(bytes: Uint8Array, at: number, major: number, argument: number): number {
  const length = headLength(argument)
  if (length === 1) {
    bytes[at] = major | argument
    return at + 1
  }
  bytes[at] = major | (length === 2 ? 24 : length === 3 ? 25 : length === 5 ? 26 : 27)
  for (let i = length - 1, rest = argument; i >= 1; i--) {
    bytes[at + i] = rest & 0xff
    rest = Math.floor(rest / 256)
  }
  return at + length
}
