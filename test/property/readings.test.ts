import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { equalBytes, toHex } from '../../protocol/bytes.ts'
import { skim } from '../../protocol/cbor/index.ts'
import { ProtocolError } from '../../protocol/errors.ts'
import { decodeReading, decodeReadingHead, encodeReading } from '../../protocol/messages/index.ts'
import { seededRandom } from '../../protocol/random.ts'
import {
  decodeSenmlCbor,
  decodeSenmlJson,
  encodeSenmlCbor,
  encodeSenmlJson,
  type Profile,
  packColumns,
  type ReadingFrame,
  resolveSenml,
  type SenmlSeries,
  senmlOf,
  seriesOf,
  seriesOfFrame,
  unpackColumns,
} from '../../protocol/readings/index.ts'
import { packByTheBook } from '../support/columns-by-the-book.ts'
import { mutate, pick } from '../support/mutate.ts'
import { columnsJson, FRAMES } from '../support/readings.ts'
import { DEVICE_ID } from '../vectors/keys.ts'

const MUTATED_FRAMES = 12_000
/** Packs are many times as long as the frames they are made of. */
const MUTATED_PACKS = 4_000

/** Runs a parser on bytes nobody vouches for: it may refuse them with a ProtocolError, and do nothing else wrong. */
function attempt<T>(parse: () => T): T | null {
  try {
    return parse()
  } catch (thrown) {
    if (thrown instanceof ProtocolError) return null
    throw thrown
  }
}

describe('a frame', () => {
  test('comes back from its bytes: values, faults, gaps, missing ones and statistics [READ-1.3] [READ-2.2] [READ-2.4] [READ-3.1]', () => {
    fc.assert(
      fc.property(FRAMES, ({ profile, frame }) => {
        const bytes = encodeReading(frame, profile)
        skim(bytes)
        expect(decodeReading(bytes, profile)).toEqual(frame)
      }),
      { numRuns: 400 },
    )
  })

  test('has the columns that the clauses spell out [READ-3.2] [READ-3.3] [READ-3.4] [READ-3.5] [READ-3.6] [READ-3.7] [READ-3.8]', () => {
    fc.assert(
      fc.property(FRAMES, ({ profile, frame }) => {
        const expected = packByTheBook(columnsJson(frame.columns), profile.kind === 'statistics')
        expect(toHex(packColumns(frame.columns, frame.count, profile))).toBe(toHex(expected))
      }),
      { numRuns: 400 },
    )
  })

  test('changed anywhere is refused, or is another frame with these bytes [READ-3.1]', () => {
    const random = seededRandom('property/readings')
    const valid = fc.sample(FRAMES, { seed: 5, numRuns: 80 }).map(({ profile, frame }) => {
      return { profile, bytes: encodeReading(frame, profile) }
    })
    let accepted = 0
    for (let i = 0; i < MUTATED_FRAMES; i++) {
      const sample = valid[i % valid.length]
      const other = valid[pick(random, valid.length)]
      if (sample === undefined || other === undefined) throw new Error('There are samples.')
      const bytes = mutate(sample.bytes, other.bytes, random)
      const read = attempt(() => decodeReading(bytes, sample.profile))
      if (read === null) continue
      accepted++
      const again = encodeReading(read, sample.profile)
      if (!equalBytes(again, bytes)) throw new Error(`Another form is accepted: ${toHex(bytes)}`)
    }
    expect(accepted).toBeGreaterThan(MUTATED_FRAMES / 100)
    expect(accepted).toBeLessThan(MUTATED_FRAMES)
  })

  test('read with the profile of another is refused, or is what encoding with that profile gives [READ-3.1]', () => {
    const pair = fc.tuple(FRAMES, FRAMES)
    fc.assert(
      fc.property(pair, ([{ profile, frame }, { profile: other }]) => {
        const bytes = encodeReading(frame, profile)
        const read = attempt(() => decodeReading(bytes, other))
        if (read !== null) expect(toHex(encodeReading(read, other))).toBe(toHex(bytes))
      }),
    )
  })
})

test('any bytes at all are refused as columns, or are the columns that give these bytes [READ-3.1]', () => {
  const cases = fc.record({
    bytes: fc.uint8Array({ maxLength: 60 }),
    count: fc.oneof(fc.nat(40), fc.constant(4_096)),
    kind: fc.constantFrom('sample' as const, 'statistics' as const),
    channels: fc.integer({ min: 1, max: 3 }),
    zeros: fc.nat(20),
  })
  fc.assert(
    fc.property(FRAMES, cases, ({ profile }, { bytes, count, kind, zeros }) => {
      const some: Profile = { ...profile, kind }
      // Zeros are present values, whole runs of them, so that more than the first column is met.
      const hostile = new Uint8Array([...new Uint8Array(zeros), ...bytes])
      const columns = attempt(() => unpackColumns(hostile, count, some))
      if (columns !== null) expect(toHex(packColumns(columns, count, some))).toBe(toHex(hostile))
    }),
    { numRuns: 3_000 },
  )
})

test('the head of a frame needs no profile, and says what the whole frame says', () => {
  fc.assert(
    fc.property(FRAMES, ({ profile, frame }) => {
      const { packed, ...head } = decodeReadingHead(encodeReading(frame, profile))
      const { columns, ...rest } = frame
      expect(head).toEqual(rest)
      expect(unpackColumns(packed, head.count, profile)).toEqual(columns)
    }),
  )
})

describe('SenML', () => {
  /** SenML cannot say what happened before 1978-07-04. */
  const since1978 = FRAMES.filter(({ frame }) => frame.fromMs >= 268_435_456_000)

  test.each([
    ['JSON', encodeSenmlJson, decodeSenmlJson],
    ['CBOR', encodeSenmlCbor, decodeSenmlCbor],
  ])(
    'a frame comes back from %s as the same numbers at the same milliseconds [READ-4.1]',
    (_name, encodePack, decodePack) => {
      fc.assert(
        fc.property(since1978, ({ profile, frame }) => {
          const series = seriesOfFrame(DEVICE_ID, frame, profile)
          const exponents = new Map(series.map(({ name, exponent }) => [name, exponent]))
          const records = resolveSenml(decodePack(encodePack(senmlOf(series))), 0)
          const back = seriesOf(records, name => exponents.get(name) ?? 0)
          const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
          expect(back.sort(byName)).toEqual(series.sort(byName))
          expect(columnsOfSeries(back, frame, profile)).toEqual(columnsJson(frame.columns))
        }),
      )
    },
  )

  test('mutated packs are refused with a ProtocolError, or mean the same when they are written again', () => {
    const random = seededRandom('property/senml')
    const forms = [
      { write: encodeSenmlJson, read: decodeSenmlJson },
      { write: encodeSenmlCbor, read: decodeSenmlCbor },
    ]
    const samples = fc.sample(since1978, { seed: 6, numRuns: 40 }).flatMap(({ profile, frame }) => {
      const pack = senmlOf(seriesOfFrame(DEVICE_ID, frame, profile))
      return forms.map(form => ({ ...form, bytes: form.write(pack) }))
    })
    let accepted = 0
    for (let i = 0; i < MUTATED_PACKS; i++) {
      const sample = samples[i % samples.length]
      const other = samples[pick(random, samples.length)]
      if (sample === undefined || other === undefined) throw new Error('There are samples.')
      const bytes = mutate(sample.bytes, other.bytes, random)
      const records = attempt(() => sample.read(bytes))
      if (records === null) continue
      accepted++
      attempt(() => resolveSenml(records, 0))
      const again = sample.write(records)
      if (!equalBytes(sample.write(sample.read(again)), again))
        throw new Error(`Another pack comes back: ${toHex(bytes)}`)
    }
    expect(accepted).toBeGreaterThan(100)
  })
})

/** The columns of a frame made of series alone. */
function columnsOfSeries(series: readonly SenmlSeries[], frame: ReadingFrame, profile: Profile): (number | null)[][] {
  const byName = new Map(series.map(({ name, points }) => [name, points]))
  const suffixes = profile.kind === 'statistics' ? ['', '/min', '/max', '/count'] : ['']
  return profile.channels.flatMap(({ sensor, quantity }) =>
    suffixes.map(suffix => {
      const points = byName.get(`${DEVICE_ID}/${sensor}/${quantity}${suffix}`) ?? []
      const scaled = new Map(points.map(point => [point.atMs, point.scaled]))
      return Array.from({ length: frame.count }, (_, i) => scaled.get(frame.fromMs + i * profile.periodMs) ?? null)
    }),
  )
}
