/** Every instruction outside of control flow, by its type in the WebAssembly core specification. */
import { expect, test } from 'vitest'
import { EFFECTS, entryOf, FUEL, IMMEDIATE, IMMEDIATES, OP } from '../../../../protocol/metering/opcodes.ts'
import { runMetered, runPlain } from '../../../support/metered-run.ts'
import { ins } from '../../../support/wasm-code.ts'
import { activeData, command, FUNCREF, I32, op, vector } from '../../../support/wasm-module.ts'

type Bytes = readonly number[]

/** Opcodes and their type as `parameters:results`: i and I are i32 and i64, f and F are f32 and f64, r is a reference to a function. */
const SIGNATURES: readonly (readonly [first: number, last: number, type: string, immediates?: Bytes])[] = [
  [0x01, 0x01, ':'],
  [0x1a, 0x1a, 'i:'],
  [0x1b, 0x1b, 'iii:i'],
  [0x1c, 0x1c, 'iii:i', [1, I32]],
  [0x20, 0x20, ':i', [0]],
  [0x21, 0x21, 'i:', [0]],
  [0x22, 0x22, 'i:i', [0]],
  [0x23, 0x23, ':i', [0]],
  [0x24, 0x24, 'i:', [0]],
  [0x25, 0x25, 'i:r', [0]],
  [0x26, 0x26, 'ir:', [0]],
  [0x28, 0x28, 'i:i', [0, 0]],
  [0x29, 0x29, 'i:I', [0, 0]],
  [0x2a, 0x2a, 'i:f', [0, 0]],
  [0x2b, 0x2b, 'i:F', [0, 0]],
  [0x2c, 0x2f, 'i:i', [0, 0]],
  [0x30, 0x35, 'i:I', [0, 0]],
  [0x36, 0x36, 'ii:', [0, 0]],
  [0x37, 0x37, 'iI:', [0, 0]],
  [0x38, 0x38, 'if:', [0, 0]],
  [0x39, 0x39, 'iF:', [0, 0]],
  [0x3a, 0x3b, 'ii:', [0, 0]],
  [0x3c, 0x3e, 'iI:', [0, 0]],
  [0x3f, 0x3f, ':i', [0]],
  [0x40, 0x40, 'i:i', [0]],
  [0x41, 0x41, ':i', [5]],
  [0x42, 0x42, ':I', [5]],
  [0x43, 0x43, ':f', [0, 0, 0, 0]],
  [0x44, 0x44, ':F', [0, 0, 0, 0, 0, 0, 0, 0]],
  [0x45, 0x45, 'i:i'],
  [0x46, 0x4f, 'ii:i'],
  [0x50, 0x50, 'I:i'],
  [0x51, 0x5a, 'II:i'],
  [0x5b, 0x60, 'ff:i'],
  [0x61, 0x66, 'FF:i'],
  [0x67, 0x69, 'i:i'],
  [0x6a, 0x78, 'ii:i'],
  [0x79, 0x7b, 'I:I'],
  [0x7c, 0x8a, 'II:I'],
  [0x8b, 0x91, 'f:f'],
  [0x92, 0x98, 'ff:f'],
  [0x99, 0x9f, 'F:F'],
  [0xa0, 0xa6, 'FF:F'],
  [0xa7, 0xa7, 'I:i'],
  [0xa8, 0xa9, 'f:i'],
  [0xaa, 0xab, 'F:i'],
  [0xac, 0xad, 'i:I'],
  [0xae, 0xaf, 'f:I'],
  [0xb0, 0xb1, 'F:I'],
  [0xb2, 0xb3, 'i:f'],
  [0xb4, 0xb5, 'I:f'],
  [0xb6, 0xb6, 'F:f'],
  [0xb7, 0xb8, 'i:F'],
  [0xb9, 0xba, 'I:F'],
  [0xbb, 0xbb, 'f:F'],
  [0xbc, 0xbc, 'f:i'],
  [0xbd, 0xbd, 'F:I'],
  [0xbe, 0xbe, 'i:f'],
  [0xbf, 0xbf, 'I:F'],
  [0xc0, 0xc1, 'i:i'],
  [0xc2, 0xc4, 'I:I'],
  [0xd0, 0xd0, ':r', [FUNCREF]],
  [0xd1, 0xd1, 'r:i'],
  [0xd2, 0xd2, ':r', [0]],
  [0xfc00, 0xfc01, 'f:i'],
  [0xfc02, 0xfc03, 'F:i'],
  [0xfc04, 0xfc05, 'f:I'],
  [0xfc06, 0xfc07, 'F:I'],
  [0xfc08, 0xfc08, 'iii:', [0, 0]],
  [0xfc09, 0xfc09, ':', [0]],
  [0xfc0a, 0xfc0a, 'iii:', [0, 0]],
  [0xfc0b, 0xfc0b, 'iii:', [0]],
  [0xfc0c, 0xfc0c, 'iii:', [0, 0]],
  [0xfc0d, 0xfc0d, ':', [0]],
  [0xfc0e, 0xfc0e, 'iii:', [0, 0]],
  [0xfc0f, 0xfc0f, 'ri:i', [0]],
  [0xfc10, 0xfc10, ':i', [0]],
  [0xfc11, 0xfc11, 'iri:', [0]],
]

/** Control instructions, whose effect on the stack depends on labels and types. */
const CONTROL: readonly number[] = [
  ...[OP.unreachable, OP.block, OP.loop, OP.if, OP.else, OP.end],
  ...[OP.br, OP.brIf, OP.brTable, OP.return, OP.call, OP.callIndirect],
]

const INSTRUCTIONS = SIGNATURES.flatMap(([first, last, type, immediates = []]) =>
  Array.from({ length: last - first + 1 }, (_, index) => ({ opcode: first + index, type, immediates })),
)
const encoded = (opcode: number) => (opcode < 0x100 ? [opcode] : [0xfc, opcode - 0xfc00])

/** A constant of a type. Integers are 1, so that a division has a result, but lengths are 0, so that nothing is charged for them. */
function constant(letter: string, opcode: number): Bytes {
  const integer = opcode === OP.memoryGrow || opcode >= 0xfc00 ? 0 : 1
  if (letter === 'i') return op.i32(integer)
  if (letter === 'I') return op.i64(integer)
  if (letter === 'r') return ins.refNull(FUNCREF)
  return letter === 'f' ? [0x43, 0, 0, 0, 0] : [0x44, 0, 0, 0, 0, 0, 0, 0, 0]
}

test('every instruction of the profile is here', () => {
  const taken = INSTRUCTIONS.map(({ opcode }) => entryOf(opcode))
  const supported = [...IMMEDIATES.keys()].filter(entry => IMMEDIATES[entry] !== IMMEDIATE.refused)
  expect([...taken, ...CONTROL].sort((a, b) => a - b)).toEqual(supported)
})

test.each(INSTRUCTIONS)('[FUEL-2.1] [STACK-1.3] instruction $opcode: $type', ({ opcode, type, immediates }) => {
  const [parameters = '', results = ''] = type.split(':')
  expect(EFFECTS[entryOf(opcode)]).toBe(results.length - parameters.length)
  const module = command(
    [
      ...[...parameters].flatMap(letter => constant(letter, opcode)),
      ...[...encoded(opcode), ...immediates],
      ...[...results].flatMap(() => op.drop),
    ],
    {
      locals: [I32],
      globals: [0],
      table: 2,
      elementSection: vector([[1, 0, 1, 0]]),
      dataCount: 1,
      dataSection: vector([activeData(0, [1])]),
    },
  )
  // The engine's validation confirms the type.
  expect(runPlain(module).ending).toBe('ok')
  const { ending, fuel } = runMetered(module, 'fast')
  expect({ ending, fuel }).toEqual({
    ending: 'ok',
    fuel: parameters.length + (FUEL[entryOf(opcode)] ?? 0) + results.length,
  })
})
