/**
 * Every way to make a NaN and to look at its bits. Processors disagree on these: 0/0 is negative on x86 and positive on Arm, and each
 * keeps other payloads. A task must see one NaN only.
 */
import { F32, F64, type FunctionParts, I32, op, range, reactor } from '../support/wasm-module.ts'
import { count, f32Bits, f64Bits, ins } from './code.ts'
import { alike, type Hostile, ok } from './entry.ts'

type Bytes = readonly number[]

/** Answers begin here; below is room for values on their way through memory. */
const ANSWER = 4_096
const CANONICAL_F32 = [0, 0, 0xc0, 0x7f]
const CANONICAL_F64 = [0, 0, 0, 0, 0, 0, 0xf8, 0x7f]

interface FloatKind {
  readonly name: string
  readonly type: number
  readonly bytes: number
  readonly canonical: readonly number[]
  /** A constant. */
  readonly of: (sign: 0 | 1, value: keyof typeof VALUES) => Bytes
  /** A constant as the whole number of the same bits. */
  readonly bits: (sign: 0 | 1, value: keyof typeof VALUES) => Bytes
  readonly op: Readonly<Record<(typeof OPERATIONS)[number], Bytes>>
  readonly store: Bytes
  readonly load: Bytes
  /** Float to whole number of the same bits, and back. */
  readonly toBits: Bytes
  readonly fromBits: Bytes
  readonly storeBits: Bytes
  /** To the other kind of float, and from it. */
  readonly toOther: Bytes
  readonly fromOther: Bytes
}

/** High words of single floats and of double ones. */
const VALUES = {
  zero: [0, 0],
  one: [0x3f80_0000, 0x3ff0_0000],
  infinity: [0x7f80_0000, 0x7ff0_0000],
  /** With a payload, quiet. */
  quiet: [0x7fd5_5555, 0x7ffd_5555],
  /** With a payload, signalling. */
  signalling: [0x7f95_5555, 0x7ff5_5555],
} as const

const OPERATIONS = [
  'abs',
  'neg',
  'ceil',
  'floor',
  'trunc',
  'nearest',
  'sqrt',
  'add',
  'sub',
  'mul',
  'div',
  'min',
  'max',
  'copysign',
] as const
const operations = (first: number) =>
  Object.fromEntries(OPERATIONS.map((name, index) => [name, [first + index]])) as unknown as FloatKind['op']

const SINGLE: FloatKind = {
  name: 'f32',
  type: F32,
  bytes: 4,
  canonical: CANONICAL_F32,
  of: (sign, value) => f32Bits((VALUES[value][0] | (sign << 31)) >>> 0),
  bits: (sign, value) => op.i32(VALUES[value][0] | (sign << 31)),
  op: operations(0x8b),
  store: [0x38, 2, 0],
  load: [0x2a, 2, 0],
  toBits: [0xbc],
  fromBits: [0xbe],
  storeBits: op.store(),
  toOther: [0xbb],
  fromOther: [0xb6],
}

const DOUBLE: FloatKind = {
  name: 'f64',
  type: F64,
  bytes: 8,
  canonical: CANONICAL_F64,
  of: (sign, value) => f64Bits((VALUES[value][1] | (sign << 31)) >>> 0),
  bits: (sign, value) => [...op.i32(VALUES[value][1] | (sign << 31)), 0xad, ...op.i64(32), ...ins.i64Shl],
  op: operations(0x99),
  store: [0x39, 3, 0],
  load: [0x2b, 3, 0],
  toBits: [0xbd],
  fromBits: [0xbf],
  storeBits: ins.store64(),
  toOther: [0xb6],
  fromOther: [0xbb],
}

/** Functions: alloc 0, run 1, then one that passes a float on, one that passes two back swapped, and one that divides. */
const PASS = 2
const SWAP = 3
const DIVIDE = 4

type Probe = readonly [name: string, code: Bytes]

/** Code that leaves a float, which is not a number; the processor chooses its bits. */
function madeNaNs({ of, op: f, toOther, fromOther }: FloatKind): Probe[] {
  const nans = (['quiet', 'signalling'] as const).flatMap(value => [of(0, value), of(1, value)])
  const unary = (['abs', 'neg', 'ceil', 'floor', 'trunc', 'nearest', 'sqrt'] as const).flatMap(name =>
    nans.map((nan, index): Probe => [`${name} of NaN ${index}`, [...nan, ...f[name]]]),
  )
  const binary = (['add', 'sub', 'mul', 'div', 'min', 'max'] as const).flatMap(name =>
    nans.flatMap((nan, index): Probe[] => [
      [`${name} of NaN ${index} and 1`, [...nan, ...of(0, 'one'), ...f[name]]],
      [`${name} of 1 and NaN ${index}`, [...of(0, 'one'), ...nan, ...f[name]]],
      [`${name} of two NaNs`, [...nan, ...(nans[3 - index] ?? nan), ...f[name]]],
    ]),
  )
  return [
    ['0/0', [...of(0, 'zero'), ...of(0, 'zero'), ...f.div]],
    ['0/-0', [...of(0, 'zero'), ...of(1, 'zero'), ...f.div]],
    ['infinity less infinity', [...of(0, 'infinity'), ...of(0, 'infinity'), ...f.sub]],
    ['infinity and its negative', [...of(0, 'infinity'), ...of(1, 'infinity'), ...f.add]],
    ['infinity by infinity', [...of(1, 'infinity'), ...of(0, 'infinity'), ...f.div]],
    ['0 times infinity', [...of(0, 'zero'), ...of(1, 'infinity'), ...f.mul]],
    ['the root of -1', [...of(1, 'one'), ...f.sqrt]],
    ['the root of a negative infinity', [...of(1, 'infinity'), ...f.sqrt]],
    ['the negative of 0/0', [...of(0, 'zero'), ...of(0, 'zero'), ...f.div, ...f.neg]],
    ['a NaN with the sign of -1', [...of(0, 'quiet'), ...of(1, 'one'), ...f.copysign]],
    ['there and back to the other kind', [...(nans[3] ?? []), ...toOther, ...fromOther]],
    ...unary,
    ...binary,
  ]
}

/** Ways that are not at their end for a NaN whose bits are the same everywhere: the instruction before the last one tells. */
const KEPT: ReadonlySet<string> = new Set([
  'stored',
  'through memory',
  'through memory as a whole number',
  'through a whole number',
])

/** Ways for a float to go before its bits are looked at. The function's locals 2 and 3 are floats. */
function ways({
  type,
  bytes,
  load,
  store,
  toBits,
  fromBits,
  storeBits,
  of,
}: FloatKind): (readonly [name: string, wrap: (code: Bytes) => Bytes])[] {
  return [
    ['stored', code => code],
    ['through a local', code => [...code, ...op.setLocal(2), ...op.local(2)]],
    ['through a tee', code => [...code, ...ins.tee(2)]],
    ['through a global', code => [...code, ...op.setGlobal(0), ...op.global(0)]],
    ['through memory', code => [...op.i32(0), ...code, ...store, ...op.i32(0), ...load]],
    [
      'through memory as a whole number',
      code => [...op.i32(0), ...code, ...toBits, ...storeBits, ...op.i32(0), ...load],
    ],
    ['through a whole number', code => [...code, ...toBits, ...fromBits]],
    ['through a block', code => ins.block(code, type)],
    ['through a branch', code => ins.block([...code, ...ins.br(0)], type)],
    ['through a jump table', code => ins.block([...code, ...op.i32(bytes), ...ins.brTable([0, 0], 0)], type)],
    ['through an if', code => [...op.i32(1), ...ins.if(code, of(0, 'one'), type)]],
    ['through a select', code => [...of(0, 'one'), ...code, ...op.i32(0), ...ins.select]],
    ['through a select with a type', code => [...code, ...of(0, 'one'), ...op.i32(1), 0x1c, 1, type]],
    ['through a call', code => [...code, ...op.call(PASS)]],
    ['through a table', code => [...code, ...op.i32(0), ...op.callIndirect(PASS)]],
    [
      'through two results',
      code => [...code, ...of(0, 'one'), ...op.call(SWAP), ...op.setLocal(2), ...op.drop, ...op.local(2)],
    ],
    [
      'through a loop',
      code => [...code, ...op.setLocal(2), ...ins.loop([...op.local(2), ...op.setLocal(3)]), ...op.local(3)],
    ],
  ]
}

/** Stores the float that `code` leaves as answers `index` and `index + 1`: as a float, and as a whole number of its bits. */
function answers({ bytes, store, storeBits, toBits }: FloatKind, index: number, code: Bytes): number[] {
  return [
    ...[...op.i32(ANSWER + index * bytes), ...code, ...store],
    ...[...op.i32(ANSWER + (index + 1) * bytes), ...code, ...toBits, ...storeBits],
  ]
}

function more({ type, op: f }: FloatKind): FunctionParts[] {
  return [
    { params: [type], results: [type], code: op.local(0) },
    { params: [type, type], results: [type, type], code: [...op.local(1), ...op.local(0)] },
    { params: [type, type], results: [type], code: [...op.local(0), ...op.local(1), ...f.div] },
  ]
}

/** Index of the function that does all the probing, so that it can be called often enough to be optimised. */
const PROBE = 5

/** A reactor that answers with what these leave, one after the other, having done it `times` times before. */
function probing(kind: FloatKind, probes: readonly Bytes[], times: number): Uint8Array {
  const code = probes.flatMap((probe, index) => answers(kind, 2 * index, probe))
  const often = ins.loop([...op.call(PROBE), ...count(2), ...op.i32(times), ...ins.lessUnsigned, ...ins.brIf(0)])
  return reactor([...often, ...range(ANSWER, 2 * probes.length * kind.bytes)], {
    locals: [I32],
    globals: [{ type: kind.type, init: kind.of(1, 'quiet') }],
    table: 1,
    elements: [PASS],
    more: [...more(kind), { locals: [I32, I32, kind.type, kind.type], code }],
  })
}

/** @param expected - by code */
function probes(
  name: string,
  kind: FloatKind,
  codes: readonly Bytes[],
  expected: readonly (readonly number[])[],
  times: number,
): Hostile {
  return {
    name: `NaN: ${kind.name}, ${name}${times > 0 ? ', again and again' : ''}`,
    make: () => probing(kind, codes, Math.floor(times / codes.length)),
    abi: 'reactor',
    unitFuelMax: 100_000_000,
    expect: alike(2, ok(expected.flatMap(bytes => [...bytes, ...bytes]))),
  }
}

const corpus = [SINGLE, DOUBLE].flatMap(kind => {
  const { of, bits, op: f, fromBits, canonical, load, storeBits } = kind
  const made = madeNaNs(kind).map(([, code]) => code)
  const divided = [...of(0, 'zero'), ...of(0, 'zero'), ...op.call(DIVIDE)]
  const [plus, minus] = [of(0, 'one'), of(1, 'one')].map(bytesOf) as [number[], number[]]
  const [signalling, quiet] = [of(1, 'signalling'), of(0, 'quiet')].map(bytesOf) as [number[], number[]]
  const all = ways(kind)
  const kept = [
    of(1, 'signalling'),
    of(0, 'quiet'),
    [...bits(1, 'signalling'), ...fromBits],
    [...bits(0, 'quiet'), ...fromBits],
    [...op.i32(0), ...bits(1, 'signalling'), ...storeBits, ...op.i32(0), ...load],
    [...op.i32(0), ...bits(0, 'quiet'), ...storeBits, ...op.i32(0), ...load],
  ]
  // The sign of a NaN shows in another number.
  const signed = [...made, [...divided, ...f.neg], of(0, 'signalling'), of(1, 'signalling')]
  const numbers = [of(1, 'one'), [...of(0, 'quiet'), ...of(0, 'quiet'), ...f.div, ...op.drop, ...of(0, 'infinity')]]
  const sets: readonly (readonly [name: string, codes: readonly Bytes[], expected?: readonly (readonly number[])[]])[] =
    [
      ['made in every way', made],
      ['made by division, moved in every way', all.map(([, wrap]) => wrap(divided))],
      [
        'a constant with a payload, moved in every way',
        all.map(([, wrap]) => wrap(of(1, 'signalling'))),
        all.map(([name]) => (KEPT.has(name) ? signalling : canonical)),
      ],
      // These have the same bits on every processor, and keep them.
      [
        'constants, whole numbers and what is in memory',
        kept,
        [signalling, quiet, signalling, quiet, signalling, quiet],
      ],
      ['the first value of a global', [op.global(0)]],
      [
        'whose sign another number takes',
        signed.map(nan => [...of(1, 'one'), ...nan, ...f.copysign]),
        [...made.map(() => plus), plus, plus, minus],
      ],
      ['that is no NaN after all', numbers, [minus, bytesOf(of(0, 'infinity'))]],
      ['a NaN among them', [of(1, 'zero'), divided, of(1, 'one')], [bytesOf(of(1, 'zero')), canonical, minus]],
    ]
  return sets.flatMap(([name, codes, expected], index) =>
    // What optimised code leaves, and for the largest sets also what runs before it.
    (index < 2 ? [0, 100_000] : [100_000]).map(times =>
      probes(name, kind, codes, expected ?? codes.map(() => canonical), times),
    ),
  )
})

/** The bytes of a constant, as memory has them. */
function bytesOf(constant: Bytes): number[] {
  return constant.slice(1)
}

/** Whole numbers of NaNs that converting saturates, and comparisons, which are all false. */
const whole: Hostile = {
  name: 'NaN: as whole numbers and in comparisons',
  make: () => {
    const nan = SINGLE.of(1, 'signalling')
    const double = DOUBLE.of(1, 'quiet')
    const words = [
      ...[0, 1].map(number => [...nan, 0xfc, number]),
      ...[2, 3].map(number => [...double, 0xfc, number]),
      ...[0x5b, 0x5d, 0x5e, 0x5f, 0x60].map(compare => [...nan, ...nan, compare]),
      ...[0x61, 0x63, 0x64, 0x65, 0x66].map(compare => [...double, ...double, compare]),
    ]
    return reactor([
      ...words.flatMap((code, index) => [...op.i32(index * 4), ...code, ...op.store()]),
      ...range(0, words.length * 4),
    ])
  },
  abi: 'reactor',
  expect: alike(2, ok(new Uint8Array(14 * 4))),
}

export const NANS: readonly Hostile[] = [...corpus, whole]
