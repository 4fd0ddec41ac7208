import { describe, expect, test } from 'vitest'
import { allowedImport } from '../../../../protocol/metering/imports.ts'
import { inspectModule, meterModule, WASI_FUNCTIONS, WASI_MODULE } from '../../../../protocol/metering/index.ts'
import { runMetered, runPlain, SHAPES } from '../../../support/metered-run.ts'
import { f32Bits, f64Bits, ins } from '../../../support/wasm-code.ts'
import { command, F32, F64, type FunctionParts, I32, op, wasmModule } from '../../../support/wasm-module.ts'

type Bytes = readonly number[]

/** Negative NaNs with a payload, which no arithmetic comes to by itself. */
const ODD_32 = 0xffc1_2345
const ODD_64 = 0xfff8_dead
const LOW_64 = 0xbeef_0001
const CANONICAL_32 = 0x7fc0_0000
const CANONICAL_64 = 0x7ff8_0000
const ONE_32 = 0x3f80_0000
const ONE_64 = 0x3ff0_0000

/** The NaNs, with an instruction behind them that is no source of their bits. */
const odd32 = [...f32Bits(ODD_32), ...ins.nop]
const odd64 = [...f64Bits(ODD_64, LOW_64), ...ins.nop]

const store32 = (value: Bytes) => [...op.i32(0), ...value, 0x38, 2, 0]
const store64 = (value: Bytes) => [...op.i32(0), ...value, 0x39, 3, 0]
const bits32 = (value: Bytes) => [...op.i32(0), ...value, 0xbc, ...op.store()]
const bits64 = (value: Bytes) => [...op.i32(0), ...value, 0xbd, 0x37, 3, 0]
/** One, with the sign of the NaN. */
const sign32 = (value: Bytes) => bits32([...f32Bits(ONE_32), ...value, 0x98])
const sign64 = (value: Bytes) => bits64([...f64Bits(ONE_64), ...value, 0xa6])

/** The words at addresses 0 and 4 after a run of `_start`. */
type Words = readonly [low: number, high: number]
type Case = readonly [title: string, module: Uint8Array, metered: Words, plain: Words]

const CANONICAL: Words = [CANONICAL_32, 0]
const CANONICAL_WIDE: Words = [0, CANONICAL_64]
const SEEN: Words = [ODD_32, 0]
const SEEN_WIDE: Words = [LOW_64, ODD_64]

const TARGETS: readonly Case[] = [
  ['f32.store', command(store32(odd32)), CANONICAL, SEEN],
  ['f64.store', command(store64(odd64)), CANONICAL_WIDE, SEEN_WIDE],
  ['i32.reinterpret_f32', command(bits32(odd32)), CANONICAL, SEEN],
  ['i64.reinterpret_f64', command(bits64(odd64)), CANONICAL_WIDE, SEEN_WIDE],
  ['f32.copysign', command(sign32(odd32)), [ONE_32, 0], [ONE_32 + 2 ** 31, 0]],
  ['f64.copysign', command(sign64(odd64)), [0, ONE_64], [0, ONE_64 + 2 ** 31]],
]

const calling = (callee: FunctionParts, code: Bytes) => command(code, { more: [callee] })

/** Where a NaN may come from that is stored: none of it the same bits everywhere. */
const SOURCES: readonly Case[] = [
  ['a local', command([...odd32, ...op.setLocal(0), ...store32(op.local(0))], { locals: [F32] }), CANONICAL, SEEN],
  [
    'a parameter of a function that counts its own fuel',
    calling({ params: [F32], locals: [F64], code: ins.block(store32(op.local(0))) }, [...odd32, ...op.call(1)]),
    CANONICAL,
    SEEN,
  ],
  ['a result', calling({ results: [F32], code: odd32 }, store32(op.call(1))), CANONICAL, SEEN],
  [
    'a global',
    command(store64(op.global(0)), { globals: [{ type: F64, init: f64Bits(ODD_64, LOW_64) }] }),
    CANONICAL_WIDE,
    SEEN_WIDE,
  ],
  ['select', command(store32([...odd32, ...odd32, ...op.i32(1), ...ins.select])), CANONICAL, SEEN],
  ['f32.neg', command(store32([...odd32, 0x8c])), CANONICAL, [ODD_32 - 2 ** 31, 0]],
  ['f64.abs', command(store64([...odd64, 0x99])), CANONICAL_WIDE, [LOW_64, ODD_64 - 2 ** 31]],
]

/** The bits come straight from a place where they are the same everywhere. */
const KEPT: readonly (readonly [title: string, module: Uint8Array, words: Words])[] = [
  ['a constant', command(store32(f32Bits(ODD_32))), SEEN],
  ['a signalling constant', command(store32(f32Bits(0x7fa0_0001))), [0x7fa0_0001, 0]],
  ['a wide constant', command(store64(f64Bits(ODD_64, LOW_64))), SEEN_WIDE],
  [
    'a load',
    command([...op.i32(8), ...op.i32(ODD_32 | 0), ...op.store(), ...store32([...op.i32(8), 0x2a, 2, 0])]),
    SEEN,
  ],
  [
    'a wide load',
    command([...op.i32(12), ...op.i32(ODD_64 | 0), ...op.store(), ...store64([...op.i32(8), 0x2b, 3, 0])]),
    [0, ODD_64],
  ],
  ['an integer', command(store32([...op.i32(ODD_32 | 0), 0xbe])), SEEN],
  ['a constant whose bits are taken', command(bits32(f32Bits(ODD_32))), SEEN],
  ['a wide constant whose bits are taken', command(bits64(f64Bits(ODD_64, LOW_64))), SEEN_WIDE],
  ['a constant whose sign is taken', command(sign32(f32Bits(ODD_32))), [ONE_32 + 2 ** 31, 0]],
]

/** Behind such a source, but in another segment, or with an instruction between. */
const APART: readonly Case[] = [
  ['br_if', command(ins.block(store32([...f32Bits(ODD_32), ...op.i32(0), ...ins.brIf(0)]))), CANONICAL, SEEN],
  ['the end of a block', command(store32(ins.block(f32Bits(ODD_32), F32))), CANONICAL, SEEN],
  ['the end of a loop', command(store32(ins.loop(f32Bits(ODD_32), F32))), CANONICAL, SEEN],
  [
    'the end of an if',
    command(store32([...op.i32(0), ...ins.if(f32Bits(ODD_32), f32Bits(ODD_32), F32)])),
    CANONICAL,
    SEEN,
  ],
  [
    'the beginning of a block',
    command([...op.i32(0), ...f32Bits(ODD_32), ...ins.block([0x38, 2, 0], 1)], { types: [{ params: [I32, F32] }] }),
    CANONICAL,
    SEEN,
  ],
  [
    'an else, before which a constant stands',
    command(
      [
        ...[...op.i32(0), ...f32Bits(ODD_32), ...op.i32(0)],
        ...ins.if([...op.drop, ...op.drop, ...f32Bits(ONE_32)], [0x38, 2, 0, ...f32Bits(ONE_32)], 1),
        ...op.drop,
      ],
      { types: [{ params: [I32, F32], results: [F32] }] },
    ),
    CANONICAL,
    SEEN,
  ],
  ['nop', command(store32(odd32)), CANONICAL, SEEN],
]

const wordsOf = (memory: Uint8Array): Words => {
  const view = new DataView(memory.buffer)
  return [view.getUint32(0, true), view.getUint32(4, true)]
}

function expectWords(module: Uint8Array, words: Words): void {
  for (const shape of SHAPES) expect(wordsOf(runMetered(module, shape).memory), shape).toEqual(words)
}

describe.each([
  ['[NAN-1.1] where its bits show:', TARGETS],
  ['[NAN-1.1] that comes from', SOURCES],
  ['[NAN-1.2] that comes from a constant, but behind', APART],
])('a NaN becomes the canonical one, %s', (_title, cases) => {
  test.each(cases)('%s', (_name, module, metered, plain) => {
    expect(wordsOf(runPlain(module).memory)).toEqual(plain)
    expectWords(module, metered)
  })
})

test.each(KEPT)('[NAN-1.2] a NaN keeps its bits behind %s', (_title, module, words) => {
  expect(wordsOf(runPlain(module).memory)).toEqual(words)
  expectWords(module, words)
})

test('[NAN-1.1] arithmetic and conversion to another NaN come to the canonical one', () => {
  const zeros = [...f32Bits(0), ...f32Bits(0)]
  const wide = [...f64Bits(0), ...f64Bits(0)]
  expectWords(command(store32([...zeros, 0x95])), CANONICAL)
  expectWords(command(store64([...wide, 0xa3])), CANONICAL_WIDE)
  expectWords(command(store32([...odd32, ...f32Bits(ONE_32), 0x92])), CANONICAL)
  expectWords(command(store64([...odd64, ...odd64, 0xa4])), CANONICAL_WIDE)
  expectWords(command(store32([...f64Bits(ODD_64, LOW_64), 0xb6])), CANONICAL)
  expectWords(command(store64([...f32Bits(ODD_32), 0xbb])), CANONICAL_WIDE)
})

test('[NAN-1.1] what is no NaN stays as it is', () => {
  for (const bits of [0, 2 ** 31, 1, ONE_32, 0x7f80_0000, 0xff80_0000, 0x7f7f_ffff]) {
    expectWords(command(store32([...f32Bits(bits), ...ins.nop])), [bits, 0])
    expectWords(command(bits32([...f32Bits(bits), ...ins.nop])), [bits, 0])
  }
  for (const high of [0, 2 ** 31, ONE_64, 0x7ff0_0000, 0xfff0_0000]) {
    expectWords(command(store64([...f64Bits(high), ...ins.nop])), [0, high])
    expectWords(command(bits64([...f64Bits(high), ...ins.nop])), [0, high])
  }
})

test('[NAN-1.2] nothing is added behind a conversion of an integer, which gives no NaN', () => {
  const canonical = Buffer.from(f32Bits(CANONICAL_32)).toString('hex')
  const wide = Buffer.from(f64Bits(CANONICAL_64)).toString('hex')
  const metered = (code: Bytes) => Buffer.from(meterModule(command(code), { memoryPagesMax: 1 }).bytes).toString('hex')
  for (const [conversion, integer, store] of [
    [0xb2, op.i32(1), store32],
    [0xb3, op.i32(1), store32],
    [0xb4, op.i64(1), store32],
    [0xb5, op.i64(1), store32],
    [0xb7, op.i32(1), store64],
    [0xb8, op.i32(1), store64],
    [0xb9, op.i64(1), store64],
    [0xba, op.i64(1), store64],
  ] as const) {
    const bytes = metered(store([...integer, conversion]))
    expect(bytes.includes(canonical) || bytes.includes(wide), `conversion ${conversion}`).toBe(false)
  }
  expect(metered(store32([...f64Bits(0), 0xb6]))).toContain(canonical)
  expect(metered(store64([...f32Bits(0), 0xbb]))).toContain(wide)
})

test('[FUEL-2.1] making NaNs canonical costs nothing', () => {
  for (const shape of SHAPES) expect(runMetered(command(store32(odd32)), shape).fuel).toBe(1 + 1 + 2)
})

describe('[NAN-1.3] floats stay in the module:', () => {
  test('no function that a task may import takes or returns one', () => {
    const types = [...WASI_FUNCTIONS.map(name => allowedImport(WASI_MODULE, name)), allowedImport('env', 'abort')]
    expect(types.filter(type => !/^[iI]*:[iI]*$/.test(type ?? '-'))).toEqual([])
  })

  test.each(['_start', '_initialize', 'alloc', 'run'])('`%s` may not take or return one', exportAs => {
    const reactor: readonly FunctionParts[] = [
      { exportAs: 'alloc', params: [0x7f], results: [0x7f], code: op.i32(0) },
      { exportAs: 'run', params: [0x7f, 0x7f], results: [0x7e], code: op.i64(0) },
    ]
    const other = { exportAs, params: [F32] }
    const functions = reactor.some(parts => parts.exportAs === exportAs)
      ? reactor.map(parts => (parts.exportAs === exportAs ? other : parts))
      : exportAs === '_start'
        ? [other]
        : [...reactor, other]
    expect(() => inspectModule(wasmModule({ functions }))).toThrow(/neither `_start` nor|`_initialize` takes/)
  })
})
