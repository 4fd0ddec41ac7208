import { describe, expect, test } from 'vitest'
import { LIMITS } from '../../../../protocol/limits.ts'
import { decodeResult, encodeResult, type LeaseResult } from '../../../../protocol/messages/index.ts'

const done: LeaseResult = {
  leaseId: 1,
  outcome: 'done',
  digest: new Uint8Array(32),
  outputs: Uint8Array.of(0x81, 0x40),
  elapsedMs: 5,
  detail: '',
  metering: 1,
}
const none: LeaseResult = { ...done, outcome: 'none', digest: null, outputs: null, detail: 'A unit ran too long.' }
const pass = (...results: LeaseResult[]) => decodeResult(encodeResult({ session: 1, seq: 2, results })).results

describe('a result', () => {
  test('done has a digest, none has nothing [RESULT-1.1]', () => {
    expect(pass(done, none, { ...done, outputs: null })).toEqual([done, none, { ...done, outputs: null }])
    expect(() => pass({ ...done, digest: null })).toThrow('results[0].digest must be a byte string of 32 bytes')
    expect(() => pass(done, { ...none, digest: new Uint8Array(32) })).toThrow('results[1].digest must be null')
    expect(() => pass({ ...none, outputs: Uint8Array.of(0x81, 0x40) })).toThrow('results[0].outputs must be null')
  })

  test('outputs fill their bound, and not more [RESULT-1.3]', () => {
    const filled = (length: number) => pass({ ...done, outputs: new Uint8Array(length) })
    expect(filled(LIMITS.resultOutputsInlineBytesMax)[0]?.outputs).toHaveLength(49_152)
    expect(() => filled(LIMITS.resultOutputsInlineBytesMax + 1)).toThrow('results[0].outputs must be a byte string')
    expect(() => filled(0)).toThrow('results[0].outputs must be a byte string of 1 to 49152 bytes')
  })

  test('each states its metering version, also without a result [RESULT-1.4]', () => {
    const results = [
      { ...done, metering: 255 },
      { ...none, metering: 2 },
    ]
    expect(pass(...results)).toEqual(results)
    expect(() => pass(done, { ...none, metering: 0 })).toThrow('results[1].metering must be an integer of 1 to 255')
    expect(() => pass({ ...done, metering: 256 })).toThrow('results[0].metering must be an integer of 1 to 255')
  })

  test('as many results as a frame may hold share it', () => {
    const results = new Array<LeaseResult>(LIMITS.resultsPerFrameMax).fill(none)
    expect(pass(...results)).toHaveLength(256)
    expect(() => pass(...results, none)).toThrow('results must be an array of 1 to 256 elements')
  })

  test('outputs are a view of the message, not a copy', () => {
    const bytes = encodeResult({ session: 1, seq: 2, results: [done] })
    const read = decodeResult(bytes).results[0]?.outputs
    expect(read?.buffer).toBe(bytes.buffer)
    expect(read?.constructor).toBe(Uint8Array)
  })
})
