import { describe, expect, test } from 'vitest'
import { fromHex, toHex, utf8 } from '../../../../protocol/bytes.ts'
import { ProtocolError } from '../../../../protocol/errors.ts'
import {
  decodeSenmlCbor,
  decodeSenmlJson,
  encodeSenmlCbor,
  encodeSenmlJson,
  resolveSenml,
  type SenmlRecord,
  senmlOf,
  seriesOf,
} from '../../../../protocol/readings/index.ts'

const NOW_MS = 1_795_000_000_000
const json = (records: unknown) => decodeSenmlJson(utf8(JSON.stringify(records)))
const resolve = (...records: SenmlRecord[]) => resolveSenml(records, NOW_MS)

/** Field and reason of a refusal. */
function faultOf(read: () => unknown): string {
  try {
    read()
    return 'accepted'
  } catch (thrown) {
    if (!(thrown instanceof ProtocolError) || thrown.info.code !== 'bad_message') throw thrown
    expect(thrown.info.message).toBe('senml')
    return `${thrown.info.field} ${thrown.info.reason}`
  }
}

const everything: SenmlRecord[] = [
  {
    bver: 10,
    bn: 'dev/',
    bt: 1_795_000_000.5,
    bu: 'V',
    bv: 0.1,
    bs: 7,
    n: 'a',
    u: 'A',
    v: -3.25,
    s: 1e-7,
    t: -60,
    ut: 60,
  },
  { n: 'b', vs: 'zu früh "jetzt"\n' },
  { n: 'c', vb: true },
  { n: 'd', vb: false },
  { n: 'e', vd: Uint8Array.of(0, 0xfb, 0xff, 1) },
  { n: 'f', vd: new Uint8Array() },
  { n: 'g', v: 2 ** 53 + 2 },
  { n: 'h', v: 5e-324 },
  { n: 'i', v: -0 },
]

describe('every field and every kind of value', () => {
  test('comes back from JSON', () => {
    // JSON has no -0: it reads as 0.
    expect(decodeSenmlJson(encodeSenmlJson(everything))).toEqual([...everything.slice(0, -1), { n: 'i', v: 0 }])
  })

  test('comes back from CBOR', () => {
    expect(decodeSenmlCbor(encodeSenmlCbor(everything))).toEqual(everything)
  })

  test('is written as briefly as it can be', () => {
    const hexOf = (v: number) => toHex(encodeSenmlCbor([{ v }])).slice(6)
    expect(hexOf(20)).toBe('14')
    expect(hexOf(-5)).toBe('24')
    expect(hexOf(1.5)).toBe('f93e00')
    expect(hexOf(100_000.5)).toBe('fa47c35040')
    expect(hexOf(120.1)).toBe('fb405e066666666666')
    expect(hexOf(1_795_000_000_000)).toBe('1b000001a1ee565e00')
    expect(new TextDecoder().decode(encodeSenmlJson([{ n: 'a', v: 23.4 }]))).toBe('[{"n":"a","v":23.4}]')
  })
})

describe('fields', () => {
  test('that are not known are passed over, also with values that SenML has none of [READ-4.2]', () => {
    expect(json([{ n: 'a', v: 1, l: [{ href: 'x' }], foo: null }])).toEqual([{ n: 'a', v: 1 }])
    // [{"n": "a", "v": 1, "l": [{"x": 1(null)}]}], the names as texts
    expect(decodeSenmlCbor(fromHex('81a300616102 01 616c81a16178c1f6'.replaceAll(' ', '')))).toEqual([{ n: 'a', v: 1 }])
  })

  test('whose name ends in _ must be understood [READ-4.2]', () => {
    expect(
      faultOf(() =>
        json([
          { n: 'a', v: 1 },
          { v: 2, foo_: 1 },
        ]),
      ),
    ).toBe('[1].foo_ is an extension that this software does not know')
    expect(faultOf(() => decodeSenmlCbor(fromHex('81a2020164666f6f5f00')))).toContain('[0].foo_ is an extension')
  })

  test.each<[unknown, string]>([
    [{ n: 7 }, '[0].n must be a text'],
    [{ v: '7' }, '[0].v must be a finite number'],
    [{ v: null }, '[0].v must be a finite number'],
    [{ vb: 1 }, '[0].vb must be true or false'],
    [{ vs: true }, '[0].vs must be a text'],
    [{ vd: 'a+b/' }, '[0].vd must be bytes'],
    [{ vd: 'abcde' }, '[0].vd must be bytes'],
    [{ vd: 'AB' }, '[0].vd must be bytes'],
    [{ bver: 0 }, '[0].bver must be a positive integer'],
    [{ bver: 1.5 }, '[0].bver must be a positive integer'],
    [{ v: 1, vs: 'x' }, '[0].vs must not stand beside another value'],
    [{ vb: true, vd: '' }, '[0].vd must not stand beside another value'],
  ])('%j is refused [READ-4.3]', (record, fault) => {
    expect(faultOf(() => json([record]))).toBe(fault)
  })

  test('of CBOR that do not exist, or come twice, are refused [READ-4.3]', () => {
    expect(faultOf(() => decodeSenmlCbor(fromHex('81a10901')))).toBe('[0] must not have a field numbered 9')
    expect(faultOf(() => decodeSenmlCbor(fromHex('81a202010202')))).toBe('[0].v must not be repeated')
    expect(faultOf(() => decodeSenmlCbor(fromHex('81a102f97e00')))).toBe('[0].v must be a finite number')
    expect(faultOf(() => decodeSenmlCbor(fromHex('81a10240')))).toBe('[0].v must be a finite number')
  })
})

describe('CBOR of others', () => {
  test.each([
    ['a decimal fraction', '81a102c48221196ab3', 273.15],
    ['a decimal fraction with a positive exponent', '81a102c4820305', 5_000],
    ['a head longer than needed', '81a1021900ff', 255],
    ['a half float', '81a102f93c00', 1],
  ])('%s is read', (_title, hex, v) => {
    expect(decodeSenmlCbor(fromHex(hex))).toEqual([{ v }])
  })

  test.each([
    ['no bytes', '', 'must not end inside an item'],
    ['a map', 'a10201', 'must have an array there'],
    ['an indefinite array', '9fa10201ff', 'must have definite lengths'],
    ['a record that is a number', '8101', 'must have a map there'],
    ['a byte after it', '81a1020100', 'must end with the array'],
    ['more records than bytes', '9affffffff', 'must not end inside an item'],
    ['a fraction of three parts', '81a102c483010203', 'must have two integers in a decimal fraction'],
    ['a fraction of fractions', '81a102c48200c4820001', 'must have two integers in a decimal fraction'],
    ['a huge exponent', '81a102c4821903e801', 'must not have so large an exponent'],
    ['bottomless nesting', `81a1617881${'81'.repeat(40)}00`, 'is nested too deeply'],
    ['a key that is an array', '81a18001', 'must have keys that are integers or texts'],
  ])('%s is refused', (_title, hex, reason) => {
    expect(faultOf(() => decodeSenmlCbor(fromHex(hex)))).toContain(reason)
  })

  test('other JSON is refused', () => {
    expect(faultOf(() => decodeSenmlJson(utf8('[{]')))).toBe('payload must be JSON')
    expect(faultOf(() => decodeSenmlJson(utf8('{}')))).toBe('payload must be a JSON array')
    expect(faultOf(() => decodeSenmlJson(utf8('[[]]')))).toBe('[0] must be a JSON object')
    expect(() => decodeSenmlJson(Uint8Array.of(0x5b, 0xff, 0x5d))).toThrow('not valid UTF-8')
    expect(faultOf(() => decodeSenmlJson(new Uint8Array(16_777_217)))).toContain('must be at most')
  })
})

describe('resolving', () => {
  test('base fields hold until others take their place [READ-4.4]', () => {
    const records = resolve(
      { bn: 'dev/', bt: 1_795_000_000, bu: 'V', bv: 10, bs: 1, n: 'a', v: 1, s: 2 },
      { n: 'b', u: 'A', t: 1 },
      { bn: 'other', bu: '', t: 2, vs: 'x' },
    )
    expect(records).toEqual([
      { n: 'dev/a', u: 'V', v: 11, s: 3, t: 1_795_000_000 },
      { n: 'dev/b', u: 'A', v: 10, s: 1, t: 1_795_000_001 },
      { n: 'other', u: '', vs: 'x', s: 1, t: 1_795_000_002 },
    ])
  })

  test('times below 2^28 are relative, base included, and records are put in order [READ-4.5]', () => {
    const times = resolve(
      { bn: 'a', v: 1 },
      { v: 2, t: -5 },
      { v: 3, t: 2 ** 28 - 1 },
      { v: 4, t: 2 ** 28 },
      { v: 5, bt: 100, t: 20 },
    )
    expect(times.map(({ v, t }) => [v, t])).toEqual([
      [4, 268_435_456],
      [2, 1_794_999_995],
      [1, 1_795_000_000],
      [5, 1_795_000_120],
      [3, 1_795_000_000 + 268_435_455],
    ])
  })

  test.each<[string, SenmlRecord]>([
    ['no name', { v: 1 }],
    ['a name that begins with a dash', { n: '-a', v: 1 }],
    ['a space', { n: 'a b', v: 1 }],
    ['a name beyond ASCII', { n: 'ä', v: 1 }],
  ])('%s is refused [READ-4.6]', (_title, record) => {
    expect(faultOf(() => resolve(record))).toContain('[0].n must be of A-Z a-z 0-9')
  })

  test('names may have every character of RFC 8428 [READ-4.6]', () => {
    expect(resolve({ bn: 'urn:dev:ow:10e2073a01080063/', n: 'Az09-:._', v: 1 })[0]?.n).toBe(
      'urn:dev:ow:10e2073a01080063/Az09-:._',
    )
  })

  test('versions up to 10 mean the same, 26 stays, others are refused [READ-4.7]', () => {
    expect(resolve({ bver: 5, bn: 'a', v: 1 })[0]).not.toHaveProperty('bver')
    expect(resolve({ bver: 26, bn: 'a', v: 1 }, { v: 2 }).map(({ bver }) => bver)).toEqual([26, 26])
    expect(faultOf(() => resolve({ bver: 11, bn: 'a', v: 1 }))).toBe('[0].bver must be at most 10, or 26')
    expect(faultOf(() => resolve({ bver: 10, bn: 'a', v: 1 }, { bver: 26, v: 1 }))).toBe(
      '[1].bver must be the same in all records',
    )
  })

  test('a record has a value or a sum', () => {
    expect(faultOf(() => resolve({ bn: 'a' }))).toBe('[0] must have a value or a sum')
    expect(resolve({ bn: 'a', s: 5 })[0]).toMatchObject({ s: 5 })
  })
})

describe('series', () => {
  const name = 'dev/0123456789abcdef/pm10'
  const points = [
    { atMs: NOW_MS + 7, scaled: 123 },
    { atMs: NOW_MS + 60_007, scaled: 0 },
    { atMs: NOW_MS + 180_007, scaled: -4 },
  ]
  const series = { name, unit: 'ug/m3', exponent: -1, periodMs: 60_000, points }

  test('say name, time and unit once, and the period with the last reading [READ-4.1] [READ-4.7]', () => {
    expect(senmlOf([series])).toEqual([
      { bver: 26, bn: name, bt: 1_795_000_000.007, bu: 'ug/m3', v: 12.3 },
      { v: 0, t: 60 },
      { v: -0.4, t: 180, ut: 60 },
    ])
    expect(senmlOf([{ ...series, unit: 'Cel', points: points.slice(0, 1) }])).toEqual([
      { bn: name, bt: 1_795_000_000.007, bu: 'Cel', v: 12.3, ut: 60 },
    ])
    expect(senmlOf([{ ...series, points: [] }])).toEqual([])
  })

  test('come back, without what is no number [READ-4.1]', () => {
    const records = resolve(...senmlOf([series]), { bn: 'x', bt: 1_795_000_000, vs: 'text' }, { bn: 'y', s: 4 })
    expect(seriesOf(records, () => -1)).toEqual([series])
  })

  test('that SenML cannot say are refused', () => {
    const early = { ...series, points: [{ atMs: 268_435_455_999, scaled: 1 }] }
    expect(faultOf(() => senmlOf([early]))).toContain('must be after 1978-07-04')
    expect(faultOf(() => seriesOf([{ n: 'a', v: 0.55, t: 1 }], () => -1))).toContain(
      'must be in steps of 10^-1, which 0.55 is not',
    )
    const units = [
      { n: 'a', u: 'V', v: 1, t: 1 },
      { n: 'a', u: 'A', v: 1, t: 2 },
    ]
    expect(faultOf(() => seriesOf(units, () => 0))).toContain('must be in V throughout, not in A')
  })
})
