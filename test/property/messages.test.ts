import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toHex } from '../../protocol/bytes.ts'
import { type CborValue, decode, skim } from '../../protocol/cbor/index.ts'
import { ProtocolError } from '../../protocol/errors.ts'
import {
  checkOutputs,
  decodeClaimCode,
  decodeOutputs,
  encodeClaimCode,
  encodeOutputs,
  sliceOutputs,
  TRAP_KINDS,
  type UnitOutcome,
} from '../../protocol/messages/index.ts'
import { seededRandom } from '../../protocol/random.ts'
import { wireCddl } from '../support/cddl.ts'
import { CLAIMS, FAMILIES, OUTCOMES } from '../support/message-families.ts'
import { mutate, pick } from '../support/mutate.ts'

const grammar = wireCddl()
/** All decoders, and as many mutated inputs each, make more than 10^5 together. */
const MUTATED_PER_FAMILY = 12_000

/** Runs a parser on bytes nobody vouches for: it may refuse them with a ProtocolError, and do nothing else wrong. */
function attempt<T>(parse: () => T): T | null {
  try {
    return parse()
  } catch (thrown) {
    if (thrown instanceof ProtocolError) return null
    throw thrown
  }
}

describe.each(FAMILIES.map(family => [family.name, family] as const))('%s', (_name, family) => {
  test('every value comes back from its bytes, and the bytes match their CDDL rule [WIRE-2.1] [WIRE-2.2]', () => {
    fc.assert(
      fc.property(family.values, value => {
        const bytes = family.encode(value)
        skim(bytes)
        expect(family.decode(bytes)).toEqual(value)
        expect(grammar.matches(family.rule, decode(bytes))).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  test('mutated bytes are refused with a ProtocolError, or are another message with the same bytes [WIRE-2.3]', () => {
    const random = seededRandom(`property/${family.name}`)
    const valid = fc.sample(family.values, { seed: 1, numRuns: 60 }).map(value => family.encode(value))
    const others = FAMILIES.map(other => other.encode(fc.sample(other.values, { seed: 2, numRuns: 1 })[0]))
    let accepted = 0
    for (let i = 0; i < MUTATED_PER_FAMILY; i++) {
      const base = valid[i % valid.length] ?? new Uint8Array()
      const bytes = mutate(base, others[pick(random, others.length)] ?? base, random)
      const value = attempt(() => family.decode(bytes))
      if (value === null) continue
      accepted++
      if (toHex(family.encode(value)) !== toHex(bytes)) throw new Error(`Another form is accepted: ${toHex(bytes)}`)
    }
    expect(accepted).toBeLessThan(MUTATED_PER_FAMILY)
  })
})

describe('outputs', () => {
  test('every list of outcomes comes back from its bytes and matches its CDDL rule [OUT-1.1] [OUT-3.3]', () => {
    fc.assert(
      fc.property(OUTCOMES, outcomes => {
        const bytes = encodeOutputs(outcomes)
        expect(decodeOutputs(bytes, outcomes.length)).toEqual(outcomes)
        expect(checkOutputs(bytes, outcomes.length)).toEqual({
          failed: outcomes.filter(outcome => outcome.kind !== 'ok').length,
          fuel: outcomes.reduce((sum, outcome) => sum + outcome.fuel, 0),
        })
        expect(grammar.matches('outputs', decode(bytes))).toBe(true)
      }),
    )
  })

  test('a slice is what the sliced outcomes encode to [OUT-2.1]', () => {
    fc.assert(
      fc.property(OUTCOMES, fc.nat(), fc.nat(), (outcomes, a, b) => {
        const from = a % outcomes.length
        const count = 1 + (b % (outcomes.length - from))
        const slice = sliceOutputs(encodeOutputs(outcomes), from, count)
        expect(toHex(slice)).toBe(toHex(encodeOutputs(outcomes.slice(from, from + count))))
      }),
    )
  })

  test('the scan and the general decoder accept the same bytes [OUT-1.2]', () => {
    const random = seededRandom('property/outputs')
    const valid = fc.sample(OUTCOMES, { seed: 3, numRuns: 60 })
    for (let i = 0; i < MUTATED_PER_FAMILY * 2; i++) {
      const outcomes = valid[i % valid.length] ?? []
      const other = encodeOutputs(valid[pick(random, valid.length)] ?? outcomes)
      const bytes = mutate(encodeOutputs(outcomes), other, random)
      const general = attempt((): CborValue => decode(bytes))
      const expected = general !== null && grammar.matches('outputs', general) ? listOf(general) : null
      const count = expected?.length ?? outcomes.length
      const scanned = attempt(() => decodeOutputs(bytes, count))
      if ((scanned === null) !== (expected === null)) throw new Error(`The two disagree on ${toHex(bytes)}`)
      if (scanned !== null) {
        expect(scanned.map(toCbor)).toEqual(expected)
        expect(toHex(encodeOutputs(scanned))).toBe(toHex(bytes))
      }
      expect(attempt(() => checkOutputs(bytes, count)) === null).toBe(scanned === null)
      attempt(() => sliceOutputs(bytes, pick(random, 40), 1 + pick(random, 40)))
    }
  })
})

describe('claim code', () => {
  test('every claim comes back from its text [JOIN-3.4]', () => {
    fc.assert(
      fc.property(CLAIMS, claim => {
        expect(decodeClaimCode(encodeClaimCode(claim))).toEqual(claim)
      }),
    )
  })

  test('a text with one character changed is refused, or is another claim with that text [JOIN-3.4]', () => {
    fc.assert(
      fc.property(CLAIMS, fc.nat(), fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), (claim, place, char) => {
        const text = encodeClaimCode(claim)
        const at = place % text.length
        const changed = text.slice(0, at) + char + text.slice(at + 1)
        const read = attempt(() => decodeClaimCode(changed))
        if (read !== null) expect(encodeClaimCode(read)).toBe(changed.trim())
      }),
      { numRuns: 500 },
    )
  })
})

function listOf(value: CborValue): readonly CborValue[] {
  return Array.isArray(value) ? value : []
}

/** The element of an outcome, stated a second time. */
function toCbor(outcome: UnitOutcome): CborValue {
  const { fuel, kind } = outcome
  if (kind === 'ok') return [fuel, outcome.bytes]
  if (kind === 'trap') return [fuel, 1, TRAP_KINDS.indexOf(outcome.trap)]
  return kind === 'exit' ? [fuel, 2, outcome.code] : [fuel, 3]
}
