import { describe, expect, test } from 'vitest'
import { TaskError } from '../../../../protocol/errors.ts'
import { featureOf } from '../../../../protocol/metering/features.ts'
import {
  type FunctionReference,
  InstructionReader,
  readExpression,
} from '../../../../protocol/metering/instructions.ts'
import { ModuleReader } from '../../../../protocol/metering/reader.ts'

const readerOf = (bytes: readonly number[]) => new ModuleReader(Uint8Array.from(bytes), 'code section', 0, bytes.length)
const readAll = (bytes: readonly number[]) => {
  const reader = readerOf(bytes)
  const instructions = new InstructionReader(reader)
  const opcodes: number[] = []
  while (!reader.done) opcodes.push(instructions.next())
  return opcodes
}
const span = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index)

/** Opcodes that nothing follows. */
const PLAIN = [0x00, 0x01, 0x05, 0x0b, 0x0f, 0x1a, 0x1b, ...span(0x45, 0xc4), 0xd1]
const WITH_INDEX = [0x0c, 0x0d, 0x10, ...span(0x20, 0x26), 0x3f, 0x40, 0xd2]
const ACCESSES = span(0x28, 0x3e)
const OTHERS = [0x02, 0x03, 0x04, 0x0e, 0x11, 0x1c, 0x41, 0x42, 0x43, 0x44, 0xd0, 0xfc]
const SUPPORTED = new Set([...PLAIN, ...WITH_INDEX, ...ACCESSES, ...OTHERS])

/** One instruction of each class, complete. */
const EXAMPLES: readonly (readonly [title: string, opcode: number, bytes: readonly number[]])[] = [
  ['block without a type', 0x02, [0x02, 0x40]],
  ['loop of a value type', 0x03, [0x03, 0x7e]],
  ['if of a reference type', 0x04, [0x04, 0x70]],
  ['block of a function type', 0x02, [0x02, 0x3f]],
  ['block of a function type in two bytes', 0x02, [0x02, 0x80, 0x01]],
  ['block of a function type that needs a byte for its sign', 0x02, [0x02, 0xc0, 0x00]],
  ['br_table with no label but the default', 0x0e, [0x0e, 0, 9]],
  ['br_table', 0x0e, [0x0e, 3, 0, 0x80, 0x01, 2, 1]],
  ['call_indirect', 0x11, [0x11, 0x85, 0x01, 0]],
  ['select with a type', 0x1c, [0x1c, 1, 0x7d]],
  ['a load with a long offset', 0x28, [0x28, 2, 0xff, 0xff, 0xff, 0xff, 0x0f]],
  ['i32.const', 0x41, [0x41, 0x80, 0x80, 0x80, 0x80, 0x78]],
  ['i64.const', 0x42, [0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f]],
  ['f32.const whose bytes look like code', 0x43, [0x43, 0x26, 0x26, 0x26, 0x26]],
  ['f64.const', 0x44, [0x44, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b]],
  ['ref.null of functions', 0xd0, [0xd0, 0x70]],
  ['ref.null of host values', 0xd0, [0xd0, 0x6f]],
  ...span(0, 7).map(number => [`conversion ${number}`, 0xfc00 + number, [0xfc, number]] as const),
  ['memory.init', 0xfc08, [0xfc, 8, 3, 0]],
  ['data.drop', 0xfc09, [0xfc, 9, 3]],
  ['memory.copy', 0xfc0a, [0xfc, 10, 0, 0]],
  ['memory.fill', 0xfc0b, [0xfc, 11, 0]],
  ['table.init', 0xfc0c, [0xfc, 12, 3, 0]],
  ['elem.drop', 0xfc0d, [0xfc, 13, 3]],
  ['table.copy', 0xfc0e, [0xfc, 14, 0, 0]],
  ['table.grow', 0xfc0f, [0xfc, 15, 0]],
  ['table.size', 0xfc10, [0xfc, 16, 0]],
  ['table.fill', 0xfc11, [0xfc, 17, 0]],
  ['a number after the prefix in more bytes than it needs', 0xfc11, [0xfc, 0x91, 0x00, 0]],
]

test.each([
  ['that nothing follows', PLAIN, []],
  ['with an index of one byte', WITH_INDEX, [0x7f]],
  ['with an index of five bytes', WITH_INDEX, [0x80, 0x80, 0x80, 0x80, 0x0f]],
  ['that access memory', ACCESSES, [3, 0x7f]],
])('steps over instructions %s', (_title, opcodes, immediate) => {
  expect(readAll(opcodes.flatMap(opcode => [opcode, ...immediate]))).toEqual(opcodes)
})

describe.each(EXAMPLES)('%s', (_title, opcode, bytes) => {
  test('is stepped over to the next instruction', () => {
    expect(readAll([...bytes, 0x01])).toEqual([opcode, 0x01])
  })

  test('is refused when cut short', () => {
    for (let length = 1; length < bytes.length; length++) {
      expect(() => readAll(bytes.slice(0, length)), `${length} bytes`).toThrow(/ends (\d bytes? )?too early/)
    }
  })
})

const FEATURES: readonly (readonly [name: RegExp, opcodes: readonly number[]])[] = [
  [/it uses SIMD \(instruction 0xfd\)\. Build without SIMD/, [0xfd]],
  [/it uses threads \(instruction 0xfe\)\. Build without threads/, [0xfe]],
  [/it uses exception handling .*\. Build without exceptions/, [...span(0x06, 0x0a), 0x18, 0x19, 0x1f]],
  [/it uses tail calls .*\. Build without tail calls/, [0x12, 0x13]],
  [/it uses typed function references .*\. Build for the WebAssembly 2\.0 core/, [0x14, 0x15, ...span(0xd3, 0xd6)]],
  [/it uses garbage collection .*\. Compile to linear memory/, [0xfb]],
]

test.each(FEATURES)('[PROFILE-1.6] names the feature: %s', (words, opcodes) => {
  for (const opcode of opcodes) {
    expect(() => readAll([opcode, 0, 0, 0, 0])).toThrow(words)
    expect(() => readAll([opcode, 0, 0, 0, 0])).toThrow(`instruction 0x${opcode.toString(16)}`)
  }
})

test('[PROFILE-1.1] refuses every other opcode', () => {
  const named = new Set(FEATURES.flatMap(([, opcodes]) => opcodes))
  const others = span(0, 255).filter(opcode => !SUPPORTED.has(opcode) && !named.has(opcode))
  expect(others.length + named.size + SUPPORTED.size).toBe(256)
  for (const opcode of others) {
    const read = () => readAll([opcode, 0, 0, 0, 0])
    expect(read).toThrow(TaskError)
    expect(read).toThrow(`instruction 0x${opcode.toString(16)} is not supported`)
    expect(featureOf(opcode)).toBeNull()
  }
  for (const [number, name] of [
    [[18], '18'],
    [[0x7f], '127'],
    [[0x88, 0x02], '264'],
  ] as const) {
    expect(() => readAll([0xfc, ...number, 0, 0, 0])).toThrow(`instruction 0xfc ${name} is not supported`)
  }
})

test.each([
  ['a block of a vector type', [0x02, 0x7b]],
  ['a block of a typed reference', [0x02, 0x64, 0x00]],
  ['a block type that is negative in two bytes', [0x02, 0xc0, 0x7f]],
  ['a block type longer than an index', [0x02, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]],
  ['a select of a vector type', [0x1c, 1, 0x7b]],
  ['a null of another type', [0xd0, 0x6e]],
  ['a null whose type is written in two bytes', [0xd0, 0xf0, 0x7f]],
  ['an access that names its memory', [0x28, 0x42, 0, 0]],
  ['an access with a 64-bit offset', [0x28, 2, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]],
  ['an i32.const of six bytes', [0x41, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]],
  ['an i64.const of eleven bytes', [0x42, ...new Array<number>(10).fill(0x80), 0]],
])('refuses %s', (_title, bytes) => {
  expect(() => readAll(bytes)).toThrow(TaskError)
})

test('tells what stands behind an instruction', () => {
  const code = new InstructionReader(
    readerOf([0x20, 0x85, 0x01, 0x11, 3, 0, 0x0e, 2, 7, 8, 9, 0x02, 0x40, 0x03, 0x7e, 0x04, 5, 0xfc, 8, 4, 0]),
  )
  code.next()
  expect(code).toMatchObject({ at: 0, index: 133 })
  code.next()
  expect(code).toMatchObject({ at: 3, index: 3, second: 0 })
  code.next()
  expect(code).toMatchObject({ at: 6, labels: [7, 8, 9] })
  code.next()
  expect(code).toMatchObject({ at: 11, index: -1, blockResults: 0 })
  code.next()
  expect(code).toMatchObject({ at: 13, index: -1, blockResults: 1 })
  code.next()
  expect(code).toMatchObject({ at: 15, index: 5, blockResults: 0 })
  code.next()
  expect(code).toMatchObject({ at: 17, opcode: 0xfc08, index: 4, second: 0 })
})

describe('a constant expression', () => {
  test('is stepped over to what follows it', () => {
    const reader = readerOf([0x41, 0x0b, 0x0b, 0x7f])
    readExpression(reader)
    expect(reader.offset).toBe(3)
  })

  test('tells the function it refers to, and where its index stands', () => {
    const references: FunctionReference[] = []
    readExpression(readerOf([0xd2, 0x85, 0x01, 0x0b]), references)
    readExpression(readerOf([0xd0, 0x70, 0x0b]), references)
    expect(references).toEqual([{ start: 1, end: 3, index: 133 }])
  })

  test.each([
    ['nothing', [0x0b]],
    ['a sum', [0x41, 1, 0x41, 2, 0x6a, 0x0b]],
    ['a global, which could only be one of the module', [0x23, 0, 0x0b]],
    ['two references', [0xd2, 0, 0xd2, 1, 0x0b]],
  ])('[PROFILE-1.1] is no more than one constant: %s is refused', (_title, bytes) => {
    expect(() => readExpression(readerOf(bytes))).toThrow(/no plain constant \(instruction 0x\w+\)\. Build for/)
  })

  test('is refused when cut short', () => {
    expect(() => readExpression(readerOf([0x41, 0x0b]))).toThrow(/ends too early/)
  })
})
