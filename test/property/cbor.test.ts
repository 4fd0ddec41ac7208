import fc from 'fast-check'
import { expect, test } from 'vitest'
import { equalBytes } from '../../protocol/bytes.ts'
import { type CborValue, decode, encode, skim } from '../../protocol/cbor/index.ts'
import { ProtocolError } from '../../protocol/errors.ts'
import { LIMITS } from '../../protocol/limits.ts'
import { type Random, seededRandom } from '../../protocol/random.ts'

const text = fc.string({ unit: 'binary', maxLength: 60 }).filter(text => !text.startsWith('\ufeff'))
const integer = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer({ min: -70_000, max: 70_000 }),
  fc.constantFrom(0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, -1, -24, -25, -(2 ** 32) - 1),
  fc.bigInt(2n ** 53n, 2n ** 64n - 1n),
  fc.bigInt(-(2n ** 64n), -(2n ** 53n)),
)
const key = fc.oneof(text, integer)
const value = fc.letrec<{ value: CborValue }>(tie => ({
  value: fc.oneof(
    { maxDepth: LIMITS.cborDepthMax, depthIdentifier: 'containers' },
    fc.oneof(integer, text, fc.uint8Array({ maxLength: 300 }), fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 12, depthIdentifier: 'containers' }),
    fc
      .array(fc.tuple(key, tie('value')), { maxLength: 8, depthIdentifier: 'containers' })
      .map(entries => new Map(entries)),
  ),
})).value

/** -0 is written as 0, which is the only number that comes back as another. */
const withoutNegativeZero = (n: CborValue): CborValue => (Object.is(n, -0) ? 0 : n)

test('what encode writes, skim passes and decode reads back; and it has no other encoding', () => {
  fc.assert(
    fc.property(value.map(withoutNegativeZero), input => {
      const bytes = encode(input)
      skim(bytes)
      const output = decode(bytes)
      expect(output).toEqual(input)
      expect(equalBytes(encode(output), bytes)).toBe(true)
    }),
    { numRuns: 3_000 },
  )
})

function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  const pick = (below: number) => Math.floor(random.uniform() * below)
  let mutated = Uint8Array.from(bytes)
  for (let edits = 1 + pick(3); edits > 0; edits--) {
    const at = pick(mutated.length + 1)
    const byte = pick(2) === 0 ? pick(256) : (HEADS[pick(HEADS.length)] ?? 0)
    const kind = pick(5)
    if (kind === 0) mutated[at] = byte
    else if (kind === 1) mutated[at] = (mutated[at] ?? 0) ^ (1 << pick(8))
    else if (kind === 2) mutated = mutated.slice(0, at)
    else if (kind === 3) mutated = Uint8Array.from([...mutated.subarray(0, at), byte, ...mutated.subarray(at)])
    else mutated = Uint8Array.from([...mutated.subarray(0, at), ...mutated.subarray(pick(at + 1))])
  }
  return mutated
}

/** Heads that open, announce, nest or mean something special. */
const HEADS = [
  0x18, 0x1b, 0x3b, 0x5b, 0x5f, 0x78, 0x7f, 0x81, 0x9a, 0x9b, 0x9f, 0xa1, 0xbb, 0xbf, 0xc2, 0xd8, 0xd9, 0xf7, 0xf8,
  0xf9, 0xfb, 0xff,
]

/** What passes must be the one encoding of its value; what does not must be refused in our own words. */
function judge(bytes: Uint8Array): 'passed' | 'refused' {
  let decoded: CborValue
  try {
    decoded = decode(bytes)
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.info.code !== 'bad_cbor') throw error
    if (error.info.reason === 'decoder') throw error.cause
    return 'refused'
  }
  if (!equalBytes(encode(decoded), bytes)) throw new Error('two byte strings for one value')
  return 'passed'
}

test('100 000 mutated encodings: each is refused, or is the one encoding of what it decodes to', () => {
  const counts = { passed: 0, refused: 0 }
  fc.assert(
    fc.property(value, fc.nat(), (input, seed) => {
      const random = seededRandom(seed)
      const bytes = encode(input)
      for (let i = 0; i < 100; i++) counts[judge(mutate(bytes, random))] += 1
    }),
    { numRuns: 1_000 },
  )
  expect(counts.passed).toBeGreaterThan(1_000)
  expect(counts.refused).toBeGreaterThan(10_000)
})

test('100 000 strings of random bytes', () => {
  const random = seededRandom('bytes')
  for (let i = 0; i < 100_000; i++) judge(random.bytes(i % 24))
})
