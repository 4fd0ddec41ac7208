import { describe, expect, it } from 'vitest'
import { SubmissionRefs } from '../../../../coordinator/intake/submission-refs.ts'
import type { JobRow } from '../../../../coordinator/store/index.ts'
import { type JobId, jobIdFromBytes, submitterName } from '../../../../protocol/index.ts'
import { jobRow, NAMES } from '../../../support/rows.ts'

const { submitter: ADA, otherSubmitter: BOB } = NAMES
const row = (number: number, more: Partial<JobRow> = {}): JobRow => ({
  ...jobRow(jobIdFromBytes(new Uint8Array(10).fill(number))),
  ...more,
})

/** A maker of a new job each time, which counts how often it was asked. */
function maker() {
  let made = 0
  const make = async () => row(++made)
  return { make, made: () => made }
}

describe('submission refs', () => {
  it('make one job of two submissions, also while the first is being made', async () => {
    const refs = new SubmissionRefs<JobId>([])
    const { make, made } = maker()
    const first = refs.once(ADA, 'r', make)
    const second = refs.once(ADA, 'r', make)
    expect([first.isRepeat, second.isRepeat]).toEqual([false, true])
    expect(await second.id).toBe(await first.id)
    expect(made()).toBe(1)
  })

  it.each<[what: string, submitter: typeof ADA, ref: string]>([
    ['another ref', ADA, 'q'],
    ["another submitter's ref of the same text", BOB, 'r'],
    ['no ref', ADA, ''],
    ['a ref and a name that look alike together', submitterName('a'), 'da/r'],
  ])('keep %s apart', async (_what, submitter, ref) => {
    const refs = new SubmissionRefs<JobId>([])
    const { make, made } = maker()
    await refs.once(ADA, 'r', make).id
    expect(refs.once(submitter, ref, make).isRepeat).toBe(false)
    if (ref === '') expect(refs.once(submitter, ref, make).isRepeat).toBe(false)
    expect(made()).toBeGreaterThan(1)
  })

  it('let a refused submission be tried again', async () => {
    const refs = new SubmissionRefs<JobId>([])
    const { make } = maker()
    const refused = refs.once(ADA, 'r', () => Promise.reject(new Error('no budget')))
    await expect(refused.id).rejects.toThrow('no budget')
    const again = refs.once(ADA, 'r', make)
    expect(again.isRepeat).toBe(false)
    expect(await again.id).toBe(row(1).id)
  })

  it('know the jobs of before the start', async () => {
    const refs = new SubmissionRefs([row(7, { ref: 'r' }), row(8, { ref: '' })])
    const { make, made } = maker()
    const known = refs.once(ADA, 'r', make)
    expect([known.isRepeat, await known.id]).toEqual([true, row(7).id])
    expect(refs.once(ADA, '', make).isRepeat).toBe(false)
    expect(made()).toBe(1)
  })

  it('forget the oldest of very many of the same submitter', () => {
    const refs = new SubmissionRefs<JobId>([])
    const { make } = maker()
    refs.once(BOB, '0', make)
    for (let i = 0; i <= 10_000; i++) refs.once(ADA, `${i}`, make)
    expect(refs.once(ADA, '10000', make).isRepeat).toBe(true)
    expect(refs.once(ADA, '1', make).isRepeat).toBe(true)
    expect(refs.once(ADA, '0', make).isRepeat).toBe(false)
    expect(refs.once(BOB, '0', make).isRepeat).toBe(true)
  })
})
