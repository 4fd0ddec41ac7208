/** A log of some days in a small region, in which everything happens that can, and every rule is kept. */
import { createHash } from 'node:crypto'
import { ALICE, campaignOf, DAY_MS, disputeOf, jobOf, LogBuilder, START_MS, sharesOf } from './log-builder.ts'

/** What sending money costs in the file of the second epoch that is paid out. */
export const CSV_FEE_MICRO = 10_000n
const csvOf = (epoch: number) => `payee,devices,gross,fee,net,epoch\r\nbob,1,0.05,0.01,0.04,${epoch}\r\n`
const sha256 = (text: string) => new Uint8Array(createHash('sha256').update(text).digest())

const RUN_MICRO = sharesOf(100_000n).deviceMicro

/** @param jobs - further jobs of two units each, to make it longer; each has seven entries */
export function sampleLog(jobs = 0): LogBuilder {
  const log = new LogBuilder()
  log.wait(1_000).join('ann', 'bob', 'cyd', 'eve', 'fay')
  work(log)
  for (let i = 0; i < jobs; i++) extraJob(log, i)
  measure(log)
  dispute(log)
  settle(log)
  return log
}

/** A job of which a liar's part is done again. */
function work(log: LogBuilder): void {
  log.job('one', { units: 20 }).pay('one', 'ann', { lease: 1, first: 0, count: 10 })
  log.pay('one', 'bob', { lease: 2, first: 0, count: 10 })
  log.pay('one', 'eve', { lease: 3, first: 10, count: 10, answer: 'wrong' })
  log.wait(60_000).stand('eve', 'caught').slash('eve', RUN_MICRO, 'one')
  log.pay('one', 'ann', { lease: 4, first: 10, count: 5 }).pay('one', 'bob', { lease: 5, first: 10, count: 5 })
  log.pay('one', 'cyd', { lease: 6, first: 15, count: 5 }).pay('one', 'ann', { lease: 7, first: 15, count: 5 })
  log.receipt('ann').receipt('eve')
  // The fee of what was taken back is not taken.
  log.end(jobOf('one'), 'done', 4n * 5_000n)
}

function extraJob(log: LogBuilder, i: number): void {
  const name = `extra ${i}`
  log.job(name, { budgetMicro: 20_000n }).pay(name, 'ann', { lease: 10 + 2 * i, first: 0, count: 1 })
  log.pay(name, 'cyd', { lease: 11 + 2 * i, first: 1, count: 1 }).end(jobOf(name), 'failed')
}

/** A campaign with a late correction. */
function measure(log: LogBuilder): void {
  log.campaign('air').wait(3_600_000)
  log.verdict('air', START_MS, 1, log.line('ann'), log.line('bob', { accepted: 0, paidReadings: 0 }))
  log.sense('air', START_MS, 1, 'ann', 50)
  log.verdict('air', START_MS, 2, log.line('ann', { accepted: 55, paidReadings: 55 }))
  log.sense('air', START_MS, 2, 'ann', 5).end(campaignOf('air'), 'campaign')
}

/** A lease is looked at again, at the cost of whoever doubted it. */
function dispute(log: LogBuilder): void {
  const escrow = `escrow:${disputeOf('doubt')}`
  const micro = sharesOf(100_000n)
  log.deposit('doubt', 300_000n).dispute('doubt', 300_000n, 1).wait(1_000)
  log.resolve('doubt', 'post', 210_000n)
  log
    .pay('one', 'cyd', { lease: 8, first: 0, count: 10, escrow })
    .pay('one', 'fay', { lease: 9, first: 0, count: 10, escrow })
  log
    .award('doubt', escrow, 'fee', 2n * micro.feeMicro)
    .award('doubt', escrow, `holdback:${log.deviceId('ann')}`, 10_000n)
  log.resolve('doubt', 'void', 90_000n).endDispute('doubt', 'dismissed')
  // Of a region that takes no deposits.
  log.dispute('other flags', 0n, `verdict/${campaignOf('air')}/${START_MS}/${log.sensor('bob')}`)
}

/** Windows end, prices move, and what is available is paid out. */
function settle(log: LogBuilder): void {
  const epoch = Math.floor(log.nowMs / DAY_MS)
  log.price(epoch, 10_000n, { utilisationBasisPoints: 0 }).wait(2 * DAY_MS)
  log.bind('ann', 3)
  const ann = log.balanceMicro(`holdback:${log.deviceId('ann')}`)
  log.release('ann', ann).release('bob', 100_000n)
  log.price(epoch + 2, 11_000n, { readings: [{ quantity: 'temperature', priceMicro: 100n }] })
  log.job('two', { gigafuelPriceMicro: 11_000n }).deposit('second', 1_000n, `available:${log.deviceId('bob')}`)
  log.payout(epoch + 1, 'ann', `0x${'12'.repeat(20)}`, ann).closeEpoch(epoch + 1, ann)
  const pending = { phase: 'pending', timeoutMs: 60 * DAY_MS } as const
  log.wait(DAY_MS).payout(epoch + 2, 'bob', 'bob', 50_000n, pending)
  log.closeEpoch(epoch + 2, 50_000n, { method: 'csv', root: sha256(csvOf(epoch + 2)) })
  log.receipt('ann').receipt('bob').fund(5n, ALICE).policy({ feeBasisPoints: 400 })
}
