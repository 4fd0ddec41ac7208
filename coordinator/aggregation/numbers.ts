/** Reads the numbers of a unit's output: UTF-8 text with zero or more decimal numbers separated by ASCII white space. */
import { LIMITS } from '../../protocol/index.ts'
import { refuseOutput, shownBytes } from './aggregator.ts'
import { type Exact, powerOfTen } from './decimal.ts'

const DECIMAL = /^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,8}))?$/
const MACHINE_DIGITS = 15

/**
 * The numbers of a unit, in order: `-12`, `+3.50`, `.5`, `6e-3`; none for an empty output.
 * @throws {TaskError} `bad_output` naming the first thing that is no number or is beyond {@link LIMITS}
 */
export function readNumbers(unit: number, output: Uint8Array): Exact[] {
  const numbers: Exact[] = []
  let at = 0
  while (true) {
    while (at < output.length && isSpace(output[at])) at++
    if (at >= output.length) return numbers
    let end = at + 1
    while (end < output.length && !isSpace(output[end])) end++
    numbers.push(smallInteger(output, at, end) ?? readDecimal(unit, output.subarray(at, end), at))
    at = end
  }
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || (byte !== undefined && byte >= 0x09 && byte <= 0x0d)
}

/** A whole number of at most 15 digits and an optional minus sign; null for anything else. */
function smallInteger(bytes: Uint8Array, start: number, end: number): number | null {
  const negative = bytes[start] === 0x2d
  const first = negative ? start + 1 : start
  if (end - first > MACHINE_DIGITS || end === first) return null
  let value = 0
  for (let at = first; at < end; at++) {
    const digit = (bytes[at] ?? 0) - 0x30
    if (digit < 0 || digit > 9) return null
    value = value * 10 + digit
  }
  return negative ? 0 - value : value
}

function readDecimal(unit: number, token: Uint8Array, at: number): Exact {
  const found = `found ${shownBytes(token)} at byte ${at}`
  // A sign, a point and an exponent come on top of the digits.
  if (token.length > LIMITS.numberDigitsMax + 12) refuseLong(unit, at)
  const match = DECIMAL.exec(String.fromCharCode(...token))
  const [, sign, whole = '', fraction = '', exponentText = '0'] = match ?? []
  const text = whole + fraction
  if (text === '') refuseOutput(unit, `expected decimal numbers separated by white space, ${found}`)
  if (text.length > LIMITS.numberDigitsMax) refuseLong(unit, at)
  const exponent = Number(exponentText)
  if (Math.abs(exponent) > LIMITS.numberExponentMax) {
    const limit = LIMITS.numberExponentMax
    refuseOutput(unit, `expected numbers with an exponent from -${limit} to ${limit}, ${found}`)
  }
  const digits = BigInt(sign === '-' ? `-${text}` : text)
  const scale = fraction.length - exponent
  return scale >= 0 ? { digits, scale } : { digits: digits * powerOfTen(-scale), scale: 0 }
}

function refuseLong(unit: number, at: number): never {
  refuseOutput(unit, `expected numbers of at most ${LIMITS.numberDigitsMax} digits, found a longer one at byte ${at}`)
}
