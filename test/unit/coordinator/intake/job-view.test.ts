import { describe, expect, it } from 'vitest'
import { apiJob, progressReply, resultReply, statusReply } from '../../../../coordinator/intake/job-view.ts'
import { parseResultReply, type Sha256Hex, sha256Hex, utf8 } from '../../../../protocol/index.ts'
import { DepartmentWorld, honest } from '../../../support/department-world.ts'

const URL = 'http://region/blob'
const BILL = sha256Hex('c'.repeat(64))
const blobs = { read: (_: Sha256Hex) => utf8('42') }

/** The row of a job of two units that is done, and what it looks like. */
function setUp(more: { metered?: boolean } = {}) {
  const world = new DepartmentWorld()
  world.join(['ann', honest], ['bob', honest])
  const job = world.submit({ split: { kind: 'range', from: 0, to: 2, chunk: 1 }, verify: { theta: 0.98 } })
  world.run(job.id)
  const done = world.store.job(job.id)
  if (!done) throw new Error('the job has a row')
  const bill = { unitFuelLeast: 17, unitFuelGreatest: 4_000, billSha256: BILL, billBytes: 30 }
  const unmetered = { unitFuelLeast: null, unitFuelGreatest: null, billSha256: null, billBytes: null }
  return { ...done, resultBytes: 2, ...(more.metered === false ? unmetered : bill) }
}

describe('a job that is done', () => {
  it('tells its fuel once however many replicas burned it, and what those cost', () => {
    const row = setUp()
    const view = apiJob(row, undefined, 0, blobs)
    expect(view).toMatchObject({ fuel: '20000000', unitFuelMax: 1_000_000_000, gigafuelPriceMicro: '10000' })
    expect([view.spentMicro, view.replicaMicro, view.feeMicro]).toEqual(['400', '200', '20'])
    expect(view.bill).toEqual({ sha256: BILL, bytes: 30, unitFuelLeast: 17, unitFuelGreatest: 4_000 })
    expect(statusReply(row)).toMatchObject({ gigafuelPriceMicro: '10000', budgetMicro: '380000' })
    expect(progressReply(row, undefined, 0)).toMatchObject({ fuel: '20000000', spentMicro: '400' })
  })

  it('names its bill in its last word [PAY-3.4]', () => {
    const reply = resultReply(setUp(), blobs, URL)
    expect(reply).toMatchObject({ fuel: '20000000', costMicro: '400', unitFuelLeast: 17, unitFuelGreatest: 4_000 })
    expect(reply).toHaveProperty('bill', { url: `${URL}/${BILL}`, sha256: BILL, bytes: 30 })
    expect(parseResultReply(JSON.parse(JSON.stringify(reply)))).toEqual(reply)
  })

  it('of before work was metered has none, and can still be read', () => {
    const row = setUp({ metered: false })
    expect(apiJob(row, undefined, 0, blobs).bill).toBeNull()
    const reply = resultReply(row, blobs, URL)
    expect(reply).not.toHaveProperty('bill')
    expect(parseResultReply(JSON.parse(JSON.stringify(reply)))).toMatchObject({ text: '42', unitFuelLeast: 0 })
  })
})

it('a job that failed tells the fuel that it has paid for', () => {
  const row = { ...setUp(), state: 'failed' as const, reason: 'x', resultSha256: null }
  expect(resultReply(row, blobs, URL)).toMatchObject({ state: 'failed', fuel: '20000000', costMicro: '400' })
})
