import { describe, expect, test } from 'vitest'
import { engine } from '../../device/sandbox/engine.ts'
import { F32, F64, I32, I64, type ModuleShape, wasmModule } from '../support/wasm-module.ts'
import { bitsOf, floatOf } from './float-bits.ts'
import { NUMERIC, type NumericInstruction } from './numeric.ts'
import { Trap, type TypeLetter, typeByte, type Value } from './values.ts'

const INTS = [0, 1, -1, 2, 7, 31, 32, 33, 255, 0x7fff_ffff, -0x8000_0000, 0x1234_5678, -0x7654_3210]
const LONGS = [
  0n,
  1n,
  -1n,
  7n,
  63n,
  64n,
  65n,
  2n ** 31n,
  -(2n ** 31n),
  2n ** 53n + 1n,
  2n ** 62n + 2n ** 38n + 1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
]
/** Zeros, halves, ties, bounds of the integers and their neighbours, the smallest, the largest, and what is not finite. */
const FLOATS = [
  ...[0, -0, 0.5, -0.5, 0.9, -0.9, 1, -1, 1.5, 2.5, -2.5, 4_194_304.5, 8_388_609, 1e10, 3.7e-7],
  ...[
    2 ** 31 - 1,
    2 ** 31,
    -(2 ** 31),
    -(2 ** 31) - 1,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 53 - 1,
    2 ** 63,
    -(2 ** 63),
    2 ** 64,
  ],
  ...[
    1.17549435e-38,
    1.4e-45,
    3.4028234e38,
    5e-324,
    2.2250738585072014e-308,
    Number.MAX_VALUE,
    Infinity,
    -Infinity,
    NaN,
  ],
]
const SAMPLES: Readonly<Record<string, readonly Value[]>> = { i: INTS, I: LONGS, f: FLOATS.map(Math.fround), F: FLOATS }
const CARRIERS: Readonly<Record<string, number>> = { i: I32, I: I64, f: F32, F: F64 }

/** The instruction alone in a function; the float that it gives comes out as its bits, since JavaScript keeps no NaN's. */
function functionOf({ opcode, params, result }: NumericInstruction): (...operands: readonly Value[]) => Value {
  const bytes = opcode >= 0xfc00 ? [0xfc, opcode - 0xfc00] : [opcode]
  const code = [
    ...params.flatMap((_, index) => [0x20, index]),
    ...bytes,
    ...({ f: [0xbc], F: [0xbd] }[result as string] ?? []),
  ]
  const shape: ModuleShape = {
    functions: [{ params: params.map(typeByte), results: [CARRIERS[bitsType(result)] ?? I32], code, exportAs: 'f' }],
  }
  const { exports } = new engine.Instance(new engine.Module(wasmModule(shape)), {})
  return exports.f as (...operands: readonly Value[]) => Value
}

const bitsType = (type: TypeLetter): TypeLetter =>
  (({ f: 'i', F: 'I' })[type as string] as TypeLetter | undefined) ?? type

/** What an instruction gives for some operands, floats without what tells one NaN from another. */
function outcome(run: () => Value, read: (value: Value) => Value): Value | 'trap' {
  try {
    return read(run())
  } catch (thrown) {
    if (thrown instanceof Trap || thrown instanceof engine.RuntimeError) return 'trap'
    throw thrown
  }
}

describe('the reference interpreter', () => {
  test.each([...NUMERIC.values()].map(row => [row.opcode.toString(16), row] as const))(
    'computes 0x%s as the engine does',
    (_, row) => {
      const engines = functionOf(row)
      const isFloat = row.result === 'f' || row.result === 'F'
      const bytes = row.result === 'f' ? 4 : 8
      const canonical = (value: Value) => (isFloat ? bitsOf(Number(value), bytes) : value)
      const fromBits = (value: Value) => (isFloat ? canonical(floatOf(BigInt(value as number | bigint), bytes)) : value)
      const [first, second] = row.params.map(type => SAMPLES[type] ?? [])
      for (const a of first ?? []) {
        for (const b of second ?? [null]) {
          const operands = second === undefined ? [a] : [a, b]
          // Bits of a NaN's that is given are the processor's.
          if (row.opcode >= 0xbc && row.opcode <= 0xbd && Number.isNaN(a)) continue
          if ((row.opcode === 0x98 || row.opcode === 0xa6) && Number.isNaN(b)) continue
          const found = outcome(() => row.run(...(operands as never[])), canonical)
          expect(found, String(operands)).toBe(outcome(() => engines(...operands), fromBits))
        }
      }
    },
  )
})
