import { describe, expect, it } from 'vitest'
import { ResultBatch } from '../../../../device/leases/index.ts'
import { encodeResult, type LeaseResult, LIMITS, sign1 } from '../../../../protocol/index.ts'
import { nodeSigner } from '../../../../protocol/node/index.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

function result(leaseId: number, outputBytes = 10): LeaseResult {
  const outputs = new Uint8Array(outputBytes)
  const detail = 'd'.repeat(LIMITS.reasonBytesMax)
  return {
    leaseId,
    outcome: 'done',
    digest: new Uint8Array(32),
    outputs,
    elapsedMs: Number.MAX_SAFE_INTEGER,
    detail,
    metering: LIMITS.meteringVersionMax,
  }
}

function world() {
  const clock = new VirtualClock()
  const sent: LeaseResult[][] = []
  const batch = new ResultBatch(clock, results => sent.push(results))
  return { clock, sent, batch, sizes: () => sent.map(results => results.length) }
}

describe('ResultBatch', () => {
  it('waits five milliseconds for company', async () => {
    const { clock, batch, sizes } = world()
    batch.add(result(1))
    await clock.advance(4)
    batch.add(result(2))
    expect(sizes()).toEqual([])
    await clock.advance(1)
    expect(sizes()).toEqual([2])
    expect(clock.timers).toBe(0)
  })

  it('goes at once when nothing else can come', () => {
    const { clock, batch, sizes } = world()
    batch.add(result(1))
    batch.flush()
    batch.flush()
    expect(sizes()).toEqual([1])
    expect(clock.timers).toBe(0)
  })

  it('holds 128 results at most', async () => {
    const { clock, batch, sizes } = world()
    for (let i = 0; i < 300; i++) batch.add(result(i))
    await clock.advance(5)
    expect(sizes()).toEqual([128, 128, 44])
  })

  it('never makes a frame that is too large', async () => {
    const { clock, batch, sent } = world()
    const sizes = [10_000, 25_000, LIMITS.resultOutputsInlineBytesMax, 39_000, 1_900, 60]
    for (const [id, bytes] of sizes.entries()) batch.add(result(id, bytes))
    for (let i = 0; i < 31; i++) batch.add(result(100 + i, 1_310))
    for (let i = 0; i < 300; i++) batch.add(result(Number.MAX_SAFE_INTEGER - i, i))
    await clock.advance(5)
    expect(sent.flat()).toHaveLength(sizes.length + 331)
    const signer = nodeSigner(new Uint8Array(32))
    for (const results of sent) {
      const payload = encodeResult({ session: Number.MAX_SAFE_INTEGER, seq: Number.MAX_SAFE_INTEGER, results })
      expect(sign1(payload, new Uint8Array(0), signer).length).toBeLessThanOrEqual(LIMITS.frameBytesMax)
    }
  })
})
