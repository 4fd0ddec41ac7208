import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concatBytes } from '../../../../protocol/bytes.ts'
import { AssertionError } from '../../../../protocol/errors.ts'
import {
  constantBytes,
  FileReader,
  readData,
  readFile,
  u32Bytes,
  writeData,
  writeFile,
} from '../../../../protocol/script/wasm-file.ts'

const bytes = fc.uint8Array({ maxLength: 300 })
const address = fc.integer({ min: 0, max: 0xffff_ffff })

describe('the parts of a module', () => {
  test('read back what was written: numbers', () => {
    fc.assert(
      fc.property(address, value => {
        expect(new FileReader(u32Bytes(value), 0).u32()).toBe(value)
        const constant = new FileReader(constantBytes(value), 1)
        expect(constant.i32() >>> 0).toBe(value)
        expect(constant.byte()).toBe(0x0b)
      }),
    )
  })

  test('read back what was written: segments', () => {
    const segment = fc.record({ address: fc.option(address), bytes })
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 200 }), segments => {
        expect(readData(writeData(segments))).toEqual(segments)
      }),
    )
  })

  test('read back what was written: sections', () => {
    const section = fc.record({ id: fc.integer({ min: 0, max: 12 }), contents: bytes })
    fc.assert(
      fc.property(fc.array(section, { maxLength: 20 }), sections => {
        expect(readFile(writeFile(sections))).toEqual(sections)
      }),
    )
  })

  test('that are cut short are found', () => {
    const file = writeFile([{ id: 11, contents: writeData([{ address: 70_000, bytes: Uint8Array.of(1, 2, 3) }]) }])
    expect(() => readFile(file.subarray(0, -1))).toThrow(AssertionError)
    expect(() => readData(Uint8Array.of(1, 1, 5, 1))).toThrow(AssertionError)
    expect(() => readData(concatBytes(Uint8Array.of(1, 2, 0), constantBytes(0)))).toThrow(AssertionError)
  })
})
