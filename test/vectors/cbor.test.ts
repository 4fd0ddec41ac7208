import { expect, test } from 'vitest'
import { fromHex, toHex } from '../../protocol/bytes.ts'
import { type CborFault, type CborKey, type CborValue, decode, encode } from '../../protocol/cbor/index.ts'
import { ProtocolError } from '../../protocol/errors.ts'
import { describeVectors, vectorText } from '../support/vectors.ts'

type Verdict = { value: CborValue } | { reason: CborFault }

function verdictOf(bytes: Uint8Array): Verdict {
  try {
    return { value: decode(bytes) }
  } catch (error) {
    if (error instanceof ProtocolError && error.info.code === 'bad_cbor')
      return { reason: error.info.reason as CborFault }
    throw error
  }
}

/** How often each reason was given, and `accepted`. */
function tally(verdicts: readonly Verdict[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const verdict of verdicts) {
    const name = 'reason' in verdict ? verdict.reason : 'accepted'
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

/** JSON as the vectors write it: integers of any size and base, and objects that stand for maps. */
function readValue(text: string): CborValue {
  if (/^-?(?:0x[0-9a-f]+|\d+)$/i.test(text)) {
    const size = BigInt(text.replace('-', ''))
    const value = text.startsWith('-') ? -size : size
    return Number.isSafeInteger(Number(value)) ? Number(value) : value
  }
  return mapsOf(JSON.parse(text))
}

function mapsOf(value: unknown): CborValue {
  if (Array.isArray(value)) return value.map(mapsOf)
  if (typeof value !== 'object' || value === null) return value as CborValue
  return new Map(Object.entries(value).map(([key, entry]): [CborKey, CborValue] => [key, mapsOf(entry)]))
}

interface Vector {
  title: string
  hex: string
  decoded: string
}

function ednVectors(path: string): Vector[] {
  const blocks = vectorText(path).split('"description":').slice(2)
  return blocks.map(block => ({
    title: /^ "(.*)",/.exec(block)?.[1] ?? '',
    hex: (/"encoded": h'([^']*)'/.exec(block)?.[1] ?? '').replace(/\s/g, ''),
    decoded: /"decoded": ([^\n]*),\n/.exec(block)?.[1] ?? '',
  }))
}

const bad = 'cbor/rfc8949-bad.edn'
describeVectors('CBOR working group, malformed', [bad], () => {
  const vectors = ednVectors(bad)

  test.each(vectors)('$title: $hex', ({ hex }) => {
    expect(verdictOf(fromHex(hex))).toHaveProperty('reason')
  })

  test('are 47, all refused', () => {
    const counts = tally(vectors.map(({ hex }) => verdictOf(fromHex(hex))))
    expect(vectors.length).toBe(47)
    expect(counts.accepted).toBeUndefined()
    expect(counts.decoder).toBeUndefined()
  })
})

const good = 'cbor/rfc8949-good.edn'
describeVectors('CBOR working group, well-formed', [good], () => {
  const vectors = ednVectors(good)

  test('are 88; this protocol takes 12 and says why not the others', () => {
    expect(vectors.length).toBe(88)
    expect(tally(vectors.map(({ hex }) => verdictOf(fromHex(hex))))).toEqual({
      accepted: 12,
      float: 53,
      non_minimal: 12,
      tag: 5,
      key_type: 3,
      depth: 2,
      byte_order_mark: 1,
    })
  })

  test.each(vectors.filter(({ hex }) => 'value' in verdictOf(fromHex(hex))))('$title', ({ hex, decoded }) => {
    expect(decode(fromHex(hex))).toEqual(readValue(decoded))
    expect(toHex(encode(readValue(decoded)))).toBe(hex)
  })
})

const appendixA = 'cbor/rfc8949-appendix-a.json'
describeVectors('RFC 8949 appendix A', [appendixA], () => {
  // JSON.parse would round the integers beyond 2^53.
  const text = vectorText(appendixA).replace(/("decoded": )(-?\d{16,})/g, '$1"$2n"')
  const vectors: { hex: string; decoded?: unknown; diagnostic?: string }[] = JSON.parse(text)
  const diagnostics: Record<string, CborValue> = {
    "h''": new Uint8Array(0),
    "h'01020304'": Uint8Array.of(1, 2, 3, 4),
    '{1: 2, 3: 4}': new Map([
      [1, 2],
      [3, 4],
    ]),
  }
  const expected = ({ decoded, diagnostic }: (typeof vectors)[number]): CborValue => {
    if (diagnostic !== undefined) return diagnostics[diagnostic] ?? diagnostic
    return typeof decoded === 'string' && /^-?\d+n$/.test(decoded) ? BigInt(decoded.slice(0, -1)) : mapsOf(decoded)
  }

  test('are 82; this protocol takes 37 and says why not the others', () => {
    expect(vectors.length).toBe(82)
    expect(tally(vectors.map(({ hex }) => verdictOf(fromHex(hex))))).toEqual({
      accepted: 37,
      float: 22,
      indefinite: 11,
      tag: 8,
      simple: 4,
    })
  })

  test.each(vectors.filter(({ hex }) => 'value' in verdictOf(fromHex(hex))))('$hex', vector => {
    expect(decode(fromHex(vector.hex))).toEqual(expected(vector))
    expect(toHex(encode(expected(vector)))).toBe(vector.hex)
  })
})
