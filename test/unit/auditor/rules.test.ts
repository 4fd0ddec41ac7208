import { describe, expect, test } from 'vitest'
import { RULES, type RuleCode } from '../../../auditor/index.ts'
import { CAPACITY_UNIT_FUEL } from '../../../protocol/capacity/index.ts'
import { submitterName } from '../../../protocol/index.ts'
import { auditEntries } from '../../support/audit-entries.ts'
import {
  ALICE,
  bytesOf,
  campaignOf,
  DAY_MS,
  disputeOf,
  jobOf,
  LogBuilder,
  READING_MICRO,
  START_MS,
  sharesOf,
} from '../../support/log-builder.ts'
import { sampleLog } from '../../support/sample-log.ts'

/** A run of one unit that costs 15, of which the device is due 14.25. */
const DUSTY = { count: 1, fuel: 1_500_000 } as const

/** Remainders are carried, and a device is owed a quarter of a micro-credit. */
function dusty(log: LogBuilder): LogBuilder {
  return log
    .policy({ keepsRemainders: true })
    .join('ann')
    .job('one')
    .pay('one', 'ann', { lease: 1, ...DUSTY, first: 0, amountMicro: 14n })
}

/** What devices are owed beyond whole micro-credits is put by. */
function putBy(log: LogBuilder, amountMicro: bigint, credit = 'dust', business: string = jobOf('one')): LogBuilder {
  const debit = `escrow:${jobOf('one')}`
  return log.transfer({ kind: 'dust', debit, credit, amountMicro, purpose: `dust/${business}` })
}

/** A first job has put a micro-credit by, and with the second one nothing is owed any more. */
function settledDust(log: LogBuilder): LogBuilder {
  putBy(dusty(log), 1n).end(jobOf('one'), 'done', 0n).job('two')
  for (const [first, amountMicro] of [14n, 14n, 15n].entries()) {
    log.pay('two', 'ann', { lease: 2, ...DUSTY, first, amountMicro })
  }
  return log
}

/** What breaks a rule, by its code; each begins with the first entries of a log and alice's ten credits. */
const BROKEN: [rule: RuleCode, what: string, breakIt: (log: LogBuilder) => unknown][] = [
  ['time.order', 'a transfer of before the last one', log => log.wait(-1).fund(1n)],
  ['genesis.place', 'a second first entry', log => log.genesis()],
  ['genesis.place', 'no first entry', log => log.entries.shift()],
  ['genesis.key', 'a key of another region', log => replaceFirst(log, { publicKey: bytesOf('other') })],
  ['opening.place', 'balances after a transfer', log => log.opening({ treasury: [0n, 0n] })],
  ['opening.place', 'the same account twice', () => old({ fee: [0n, 0n] }).opening({ fee: [0n, 0n] })],
  ['opening.sum', 'balances that do not sum to zero', () => old({ treasury: [5n, 0n], fee: [0n, 4n] })],
  ['opening.sum', 'somebody else than the treasury owes', () => old({ fee: [5n, 0n], treasury: [0n, 5n] })],
  ['policy.missing', 'a job before any rules', () => new LogBuilder(false).genesis().fund(BUDGET).job('one')],
  ['policy.missing', 'a campaign before any rules', () => new LogBuilder(false).genesis().fund(BUDGET).campaign('one')],
  ['policy.range', 'a fee of more than half', log => log.policy({ feeBasisPoints: 5_001 })],
  ['transfer.account', 'an account of another form', log => fund(log, { credit: 'bank:alice' })],
  ['transfer.account', 'a region account with a subject', log => fund(log, { debit: 'treasury:two' })],
  ['transfer.route', 'a fund out of fees', log => fund(log, { debit: 'fee' })],
  ['transfer.route', 'a refund to a device', log => refundTo(log, `holdback:${log.deviceId('ann')}`)],
  ['transfer.purpose', "a fund for another's name", log => fund(log, { purpose: 'fund/bob/1' })],
  ['transfer.purpose', 'a payment without a run', log => payWith(log, { purpose: `pay/${jobOf('one')}/1/all` })],
  ['transfer.purpose', 'a budget of another job', log => escrowWith(log, { purpose: `escrow/${jobOf('two')}` })],
  ['transfer.twice', 'the same purpose', log => fund(fund(log, {}), {})],
  ['transfer.overdraft', 'more than there is', log => log.job('one', { budgetMicro: 10_000_001n })],
  [
    'transfer.overdraft',
    'what is set aside',
    log => log.deposit('one', 9_500_000n).dispute('one', 9_500_000n).job('two'),
  ],
  ['transfer.basis', 'a payment without work', log => payWith(log, { basis: null })],
  ['transfer.basis', 'a run paid with readings', log => payWith(log, { basis: { kind: 'readings', readings: 1 } })],
  ['pending.phase', 'a pending refund', log => payWith(log, { phase: 'pending', timeoutMs: 1 })],
  ['pending.unknown', 'a deposit that nobody made', log => log.resolve('one', 'void', 1n)],
  [
    'pending.unknown',
    'a deposit resolved twice',
    log => held(log).resolve('one', 'void', 100n).resolve('one', 'post', 100n),
  ],
  [
    'pending.match',
    'a post to somebody else',
    log => held(log).resolve('one', 'post', 1n, { credit: `escrow:${jobOf('two')}` }),
  ],
  ['pending.amount', 'a post of more than is left', log => held(log).resolve('one', 'post', 101n)],
  ['pending.amount', 'a void of less than is left', log => held(log).resolve('one', 'void', 99n)],
  ['pending.time', 'expiry before the time', log => held(log).wait(DAY_MS).resolve('one', 'expire', 100n)],
  [
    'pending.time',
    'a post after the time',
    log =>
      held(log)
        .wait(7 * DAY_MS)
        .resolve('one', 'post', 100n),
  ],
  [
    'transfer.purpose',
    'a second part named as the first',
    log => {
      const again = { purpose: `deposit/${disputeOf('one')}/post/3` }
      return held(log).resolve('one', 'post', 1n).resolve('one', 'post', 1n, again)
    },
  ],
  ['job.twice', 'the same job again', log => log.job('one').job('one', { filled: false })],
  [
    'job.twice',
    'the same job again when it is over',
    log => log.job('one').end(jobOf('one')).job('one', { filled: false }),
  ],
  ['job.unknown', 'a budget of no job', log => log.escrow(jobOf('one'))],
  [
    'job.unknown',
    'a payment of a job that is over',
    log => log.join('ann').job('one').end(jobOf('one')).job('two').pay('one', 'ann', { lease: 1, first: 0, count: 1 }),
  ],
  [
    'job.unknown',
    'a payment after the refund',
    log => {
      const fee = {
        kind: 'fee',
        debit: `escrow:${jobOf('one')}`,
        credit: 'fee',
        purpose: `fee/${jobOf('one')}`,
      } as const
      return paid(log)
        .transfer({ ...fee, amountMicro: 1n })
        .pay('one', 'bob', { lease: 2, first: 0, count: 10 })
    },
  ],
  ['job.unknown', 'the end of no job', log => log.end(jobOf('one'))],
  ['job.unknown', 'the end of a campaign as a job', log => log.campaign('one').end(campaignOf('one') as never)],
  ['job.unknown', 'a verdict on no campaign', log => log.verdict('one', START_MS, 1)],
  ['job.price', 'another price than is in force', log => log.price(1, 9_999n).job('one')],
  ['job.price', 'a check at another price than is in force', log => check(log.price(1, 9_999n))],
  ['job.price', 'a check at three times the price', log => check(priced(log), { gigafuelPriceMicro: 30_000n })],
  ['job.price', 'a check at sixteen times the price', log => check(priced(log), { gigafuelPriceMicro: 160_000n })],
  ['job.price', 'a job of somebody at twice the price', log => priced(log).job('one', { gigafuelPriceMicro: 20_000n })],
  ['job.check', 'a check that asks for several answers', log => check(log, { trusting: false })],
  [
    'job.check',
    'a unit of a check that burned something else',
    log => check(log).pay('one', 'eve', { lease: 1, first: 0, count: 2, fuel: 2 * CAPACITY_UNIT_FUEL + 1 }),
  ],
  ['job.escrow', 'a check out of a submitter', log => check(log, {}, `submitter:${ALICE}`)],
  ['job.escrow', 'a job of somebody out of the fees', log => check(log, { submitter: ALICE, trusting: false })],
  ['job.refund', 'what is left of a check, to a submitter', log => checkRefund(check(log), `submitter:${ALICE}`)],
  ['job.refund', 'less than what is left of a check', log => checkRefund(check(log), 'fee', 1n)],
  ['job.price', 'another fee than is in force', log => log.job('one', { feeBasisPoints: 501 })],
  ['job.escrow', 'less than the budget', log => escrowWith(log, { amountMicro: BUDGET - 1n })],
  ['job.escrow', "somebody else's money", log => escrowWith(log.fund(BUDGET, 'bob'), { debit: 'submitter:bob' })],
  ['job.escrow', 'a budget that was never set aside', log => log.job('one', { filled: false }).end(jobOf('one'))],
  ['job.fee', 'a fee on nothing', log => log.job('one').end(jobOf('one'), 'done', 1n)],
  ['job.fee', 'more than its part', log => paid(log).end(jobOf('one'), 'done', 5_001n)],
  ['job.fee', 'less than its part, where remainders are carried', log => dusty(log).end(jobOf('one'), 'done', 0n)],
  ['job.fee', 'its part, and something put by', log => putBy(dusty(log), 1n).end(jobOf('one'), 'done', 1n)],
  ['dust.amount', 'more than devices are owed', log => putBy(dusty(log), 2n)],
  ['dust.amount', 'something before remainders were carried', log => putBy(paid(log), 1n)],
  ['dust.amount', 'a fee instead of what devices are owed', log => dusty(log).end(jobOf('one'), 'done', 1n)],
  ['dust.amount', 'more kept than devices are owed', log => settledDust(log).end(jobOf('two'), 'done', 2n)],
  ['transfer.route', 'what is put by as a fee', log => putBy(dusty(log), 1n, 'fee')],
  ['transfer.purpose', 'dust of another job', log => putBy(dusty(log).job('two'), 1n, 'dust', jobOf('two'))],
  ['job.refund', 'less than is left', log => refundTo(log, `submitter:${ALICE}`, BUDGET - 1n)],
  ['job.refund', 'to somebody else', log => refundTo(log, 'submitter:bob')],
  [
    'job.refund',
    'an end before the refund',
    log => log.job('one').add({ type: 'job-end', atMs: log.nowMs, job: jobOf('one'), state: 'failed', result: null }),
  ],
  ['pay.units', 'units beyond the job', log => payWith(log, { purpose: `pay/${jobOf('one')}/1/91+10` })],
  ['pay.units', 'units in two runs', log => paid(log).pay('one', 'bob', { lease: 2, first: 9, count: 2 })],
  [
    'pay.units',
    'a longer run from the same unit',
    log => paid(log).pay('one', 'bob', { lease: 2, first: 0, count: 11 }),
  ],
  [
    'pay.repeated',
    'a device that is paid again',
    log => paid(log).pay('one', 'ann', { lease: 2, first: 0, count: 10 }),
  ],
  [
    'pay.agreement',
    'another answer',
    log => paid(log).pay('one', 'bob', { lease: 2, first: 0, count: 10, answer: 'other' }),
  ],
  [
    'pay.agreement',
    'another amount of fuel',
    log => paid(log).pay('one', 'bob', { lease: 2, first: 0, count: 10, fuel: 1 }),
  ],
  ['pay.lease', "another's lease", log => paid(log).pay('one', 'bob', { lease: 1, first: 10, count: 10 })],
  ['pay.amount', 'a micro-credit more', log => payWith(log, { amountMicro: 9_501n })],
  ['pay.amount', 'a micro-credit less for readings', log => measured(log).sense('air', START_MS, 1, 'ann', 50, 4_749n)],
  [
    'pay.standing',
    'a caught device',
    log => paid(log.join('cyd').stand('cyd', 'caught')).pay('one', 'cyd', { lease: 2, first: 0, count: 10 }),
  ],
  [
    'pay.standing',
    'a revoked device',
    log => paid(log.join('cyd').stand('cyd', 'revoked')).pay('one', 'cyd', { lease: 2, first: 0, count: 10 }),
  ],
  [
    'release.device',
    "another's earnings",
    log =>
      paid(log)
        .wait(2 * DAY_MS)
        .transfer({
          kind: 'release',
          debit: `holdback:${log.deviceId('ann')}`,
          credit: `available:${log.deviceId('bob')}`,
          amountMicro: 1n,
          purpose: `release/${log.deviceId('ann')}/${log.nowMs}`,
        }),
  ],
  ['release.early', 'in the next window', log => paid(log).wait(DAY_MS).release('ann', 1n)],
  [
    'release.early',
    'the last moment of the next window',
    log =>
      paid(log)
        .wait(2 * DAY_MS - 1)
        .release('ann', 1n),
  ],
  [
    'release.early',
    'more than was held so long',
    log =>
      paid(log).wait(DAY_MS).pay('one', 'ann', { lease: 1, first: 10, count: 1 }).wait(DAY_MS).release('ann', 95_001n),
  ],
  [
    'slash.device',
    "another's purpose",
    log =>
      paid(log)
        .stand('ann', 'caught')
        .transfer({
          kind: 'slash',
          debit: `holdback:${log.deviceId('ann')}`,
          credit: 'slashed',
          amountMicro: 1n,
          purpose: `slash/${log.deviceId('bob')}/1`,
        }),
  ],
  ['slash.standing', 'a device in good standing', log => paid(log).slash('ann', 1n)],
  ['slash.standing', 'a device that has left', log => paid(log).stand('ann', 'revoked').slash('ann', 1n)],
  [
    'slash.amount',
    'more than it was paid alone',
    log =>
      agreed(log)
        .pay('one', 'ann', { lease: 3, first: 10, count: 1 })
        .stand('ann', 'caught')
        .slash('ann', 9_501n, 'one'),
  ],
  ['slash.amount', 'what others agreed to', log => agreed(log).stand('ann', 'caught').slash('ann', 1n, 'one')],
  [
    'slash.amount',
    'what a trusting job has paid',
    log => paid(log, true).stand('ann', 'caught').slash('ann', 1n, 'one'),
  ],
  ['verdict.order', 'a revision left out', log => log.join('ann').campaign('air').verdict('air', START_MS, 2)],
  ['verdict.order', 'an older revision', log => judgedTwice(log).verdict('air', START_MS, 1, log.line('ann', NOTHING))],
  [
    'verdict.order',
    'a sensor twice',
    log =>
      log.join('ann').campaign('air').verdict('air', START_MS, 1, log.line('ann', NOTHING), log.line('ann', NOTHING)),
  ],
  ['verdict.counts', 'more paid than accepted', log => measured(log, { accepted: 49 })],
  [
    'verdict.counts',
    'paid readings that are taken back',
    log => sensed(log).verdict('air', START_MS, 2, log.line('ann', { paidReadings: 49 })),
  ],
  ['verdict.unpaid', 'an award that is not paid before the next', log => measured(log).verdict('air', START_MS + 1, 1)],
  [
    'verdict.unpaid',
    'an award that is not paid before the end',
    log => measured(log).end(campaignOf('air'), 'campaign'),
  ],
  ['sense.verdict', 'without a verdict', log => log.join('ann').campaign('air').sense('air', START_MS, 1, 'ann', 1)],
  ['sense.verdict', 'more readings than a verdict says', log => measured(log).sense('air', START_MS, 1, 'ann', 51)],
  [
    'sense.verdict',
    'to another device',
    log => measured(log, { sensor: log.sensor('bob') }).sense('air', START_MS, 1, 'bob', 50),
  ],
  ['sense.verdict', 'twice', log => sensed(log).sense('air', START_MS, 2, 'ann', 50)],
  [
    'device.key',
    'the key of another',
    log =>
      log.add({
        type: 'device',
        atMs: log.nowMs,
        device: log.deviceId('ann'),
        publicKey: log.signerOf('bob').publicKey,
        owner: 'ann' as never,
      }),
  ],
  ['device.twice', 'enrolled again', log => log.join('ann', 'ann')],
  [
    'device.unknown',
    'a payment to a stranger',
    log => log.job('one').pay('one', 'ann', { lease: 1, first: 0, count: 1 }),
  ],
  ['device.unknown', 'a receipt for a stranger', log => log.receipt('ann')],
  ['device.unknown', "a stranger's standing", log => log.stand('ann', 'caught')],
  ['device.unknown', "a stranger's address", log => log.bind('ann', 1)],
  ['receipt.order', 'a number left out', log => log.join('ann').receipt('ann', { seq: 2 })],
  ['receipt.totals', 'more than was earned', log => paid(log).receipt('ann', { earnedMicro: 95_001n })],
  ['receipt.totals', 'a release that never was', log => paid(log).receipt('ann', { releasedMicro: 1n })],
  ['receipt.totals', 'less than before', log => paid(log).receipt('ann').receipt('ann', { earnedMicro: 94_999n })],
  [
    'dispute.unknown',
    "an award out of a job's escrow",
    log =>
      held(log.join('ann').job('one'))
        .dispute('one', 100n)
        .award('one', `escrow:${jobOf('one')}`, 'fee', 1n),
  ],
  ['binding.statement', 'signed by another', log => log.join('ann', 'bob').bind('ann', 1, {}, 'bob')],
  ['binding.statement', 'another address', log => log.join('ann').bind('ann', 1, { address: bytesOf('mine', 20) })],
  ['binding.order', 'an old number', log => log.join('ann').bind('ann', 2).bind('ann', 2)],
  ['binding.effect', 'before it was bound', log => log.join('ann').bind('ann', 1, { effectiveAtMs: START_MS - 1 })],
  ['price.order', 'twice in an epoch', log => log.price(7, 100n).price(7, 101n)],
  ['price.order', 'an older epoch', log => log.price(7, 100n).price(6, 100n, { utilisationBasisPoints: 0 })],
  ['price.step', 'more than half', log => log.price(7, 100n).price(8, 151n)],
  ['price.step', 'of a reading', log => log.price(7, 100n, reading(100n)).price(8, 100n, reading(49n))],
  [
    'payout.epoch',
    'an older epoch',
    log => available(log).payout(5, 'ann', PAYEE, 1n).closeEpoch(5, 1n).payout(5, 'bob', PAYEE, 1n),
  ],
  [
    'payout.epoch',
    'an epoch closed again',
    log => available(log).payout(5, 'ann', PAYEE, 1n).closeEpoch(5, 1n).closeEpoch(5, 0n, { payees: 0 }),
  ],
  ['payout.epoch', 'two epochs at once', log => available(log).payout(5, 'ann', PAYEE, 1n).payout(6, 'bob', PAYEE, 1n)],
  ['payout.totals', 'more than was paid', log => available(log).payout(5, 'ann', PAYEE, 1n).closeEpoch(5, 2n)],
  [
    'payout.totals',
    'another sum of all',
    log => available(log).payout(5, 'ann', PAYEE, 1n).closeEpoch(5, 1n, { totalMicro: 2n }),
  ],
  [
    'payout.totals',
    'another number of payees',
    log => available(log).payout(5, 'ann', PAYEE, 1n).closeEpoch(5, 1n, { payees: 2 }),
  ],
  [
    'transfer.purpose',
    "a payout of another's",
    log => available(log).payout(5, 'ann', PAYEE, 1n, { purpose: `payout/5/${log.deviceId('bob')}` }),
  ],
  ['job.twice', 'a dispute again', log => held(log).dispute('one', 100n).dispute('one', 100n)],
  ['dispute.deposit', 'nothing set aside', log => log.dispute('one', 100n)],
  ['dispute.deposit', 'less set aside', log => held(log).dispute('one', 101n)],
  ['dispute.unknown', 'an award of no dispute', log => log.award('one', 'slashed', `submitter:${ALICE}`, 1n)],
  [
    'dispute.unknown',
    'a second look without a dispute',
    log =>
      paid(log)
        .end(jobOf('one'))
        .fund(1n)
        .pay('one', 'bob', { lease: 3, first: 0, count: 10, escrow: `escrow:${disputeOf('x')}` }),
  ],
  [
    'dispute.deposit',
    'by the region, with a deposit',
    log => answeredAlone(log).transfer(regionDeposit).dispute('one', 5n, 1, 'slashed'),
  ],
  ['dispute.region', 'of a verdict', log => answeredAlone(log).dispute('one', 0n, 'verdict/x', 'slashed')],
  ['dispute.region', 'of a lease that nobody was paid for', log => answeredAlone(log).dispute('one', 0n, 9, 'slashed')],
  [
    'dispute.region',
    'of a device in good standing',
    log => answeredAlone(log).stand('ann', 'joined').dispute('one', 0n, 1, 'slashed'),
  ],
  [
    'dispute.region',
    'of what another has answered too',
    log => agreed(log).end(jobOf('one')).stand('ann', 'caught').dispute('one', 0n, 1, 'slashed'),
  ],
  [
    'dispute.region',
    'of a job that is not over',
    log => paid(log).stand('ann', 'caught').dispute('one', 0n, 1, 'slashed'),
  ],
  [
    'dispute.region',
    'after the window',
    log =>
      answeredAlone(log)
        .wait(DAY_MS + 1)
        .dispute('one', 0n, 1, 'slashed'),
  ],
  [
    'dispute.region',
    'twice',
    log => answeredAlone(log).dispute('one', 0n, 1, 'slashed').endDispute('one').dispute('two', 0n, 1, 'slashed'),
  ],
  [
    'dispute.region',
    'more given to the slashed pool than it gave',
    log =>
      answeredAlone(log)
        .dispute('one', 0n, 1, 'slashed')
        .award('one', 'fee', `escrow:${disputeOf('one')}`, 2n)
        .award('one', `escrow:${disputeOf('one')}`, 'slashed', 2n),
  ],
  [
    'dispute.region',
    "a person's deposit given to the slashed pool",
    log =>
      held(log)
        .dispute('one', 100n)
        .resolve('one', 'post', 100n)
        .award('one', `escrow:${disputeOf('one')}`, 'slashed', 1n),
  ],
  ['dispute.end', 'with its deposit set aside', log => held(log).dispute('one', 100n).endDispute('one')],
  [
    'dispute.end',
    'with money left',
    log => held(log).dispute('one', 100n).resolve('one', 'post', 100n).endDispute('one'),
  ],
  [
    'dispute.end',
    'twice',
    log => held(log).dispute('one', 100n).resolve('one', 'void', 100n).endDispute('one').endDispute('one'),
  ],
]

/** Rules that are not about entries: of the tree and of rows, and what the encoding cannot even say. */
const ELSEWHERE: readonly RuleCode[] = [
  ...(Object.keys(RULES) as RuleCode[]).filter(rule => /^(?:log|checkpoint|tree|row)\./.test(rule)),
  'entry.form',
]
/** Rules that the encoding keeps by itself. */
const UNSAYABLE: readonly RuleCode[] = ['transfer.amount', 'job.result']
/** Follows from all the others. */
const IMPLIED: readonly RuleCode[] = ['sum.zero']

const BUDGET = 1_000_000n
const PAYEE = 'ann'
const NOTHING = { accepted: 0, paidReadings: 0 }

const reading = (priceMicro: bigint) => ({ readings: [{ quantity: 'temperature', priceMicro }] })
const old = (balances: Record<string, readonly [bigint, bigint]>) => new LogBuilder(false).genesis().opening(balances)
const held = (log: LogBuilder) => log.deposit('one', 100n)
const measured = (log: LogBuilder, counts = {}) =>
  log.join('ann', 'bob').campaign('air').verdict('air', START_MS, 1, log.line('ann', counts))
const sensed = (log: LogBuilder) => measured(log).sense('air', START_MS, 1, 'ann', 50)
const judgedTwice = (log: LogBuilder) =>
  log.join('ann').campaign('air').verdict('air', START_MS, 1).verdict('air', START_MS, 2)
const paid = (log: LogBuilder, trusting = false) =>
  log.join('ann', 'bob').job('one', { trusting }).pay('one', 'ann', { lease: 1, first: 0, count: 10 })
/** Lease 1 of ann, of a job that is done, before she is caught. */
const answeredAlone = (log: LogBuilder, trusting = false) =>
  paid(log, trusting).end(jobOf('one')).stand('ann', 'caught')
const regionDeposit = {
  kind: 'deposit',
  debit: `submitter:${ALICE}`,
  credit: `escrow:${disputeOf('one')}`,
  amountMicro: 5n,
  purpose: `deposit/${disputeOf('one')}`,
  phase: 'pending',
  timeoutMs: DAY_MS,
} as const
const agreed = (log: LogBuilder) => paid(log).pay('one', 'bob', { lease: 2, first: 0, count: 10 })
const available = (log: LogBuilder) =>
  agreed(log)
    .wait(2 * DAY_MS)
    .release('ann', 95_000n)
    .release('bob', 95_000n)

function fund(log: LogBuilder, more: object): LogBuilder {
  const all = {
    kind: 'fund',
    debit: 'treasury',
    credit: `submitter:${ALICE}`,
    amountMicro: 1n,
    purpose: `fund/${ALICE}/x`,
  } as const
  return log.transfer({ ...all, ...more })
}

function escrowWith(log: LogBuilder, more: object): LogBuilder {
  const all = {
    kind: 'escrow',
    debit: `submitter:${ALICE}`,
    credit: `escrow:${jobOf('one')}`,
    amountMicro: BUDGET,
    purpose: `escrow/${jobOf('one')}`,
  } as const
  return log.job('one', { filled: false }).transfer({ ...all, ...more })
}

function payWith(log: LogBuilder, more: object): LogBuilder {
  const basis = { kind: 'run', digest: bytesOf('answer'), fuel: 1_000_000_000 } as const
  log.join('ann').job('one')
  const accounts = { debit: `escrow:${jobOf('one')}`, credit: `holdback:${log.deviceId('ann')}` }
  return log.transfer({
    kind: 'pay',
    ...accounts,
    amountMicro: 9_500n,
    purpose: `pay/${jobOf('one')}/1/0+1`,
    basis,
    ...more,
  })
}

function refundTo(log: LogBuilder, credit: string, amountMicro = BUDGET): LogBuilder {
  return log.job('one').transfer({
    kind: 'refund',
    debit: `escrow:${jobOf('one')}`,
    credit,
    amountMicro,
    purpose: `refund/${jobOf('one')}`,
  })
}

const CHECK_MICRO = 4_000n
const priced = (log: LogBuilder): LogBuilder => log.price(1, 10_000n)

/** A check of what devices can do, paid from the region's fees. */
function check(log: LogBuilder, terms: object = {}, debit = 'fee'): LogBuilder {
  const budget = { amountMicro: CHECK_MICRO, purpose: `escrow/${jobOf('one')}` }
  return log
    .join('eve')
    .job('fees')
    .pay('fees', 'eve', { lease: 9, first: 0, count: 10 })
    .end(jobOf('fees'))
    .job('one', {
      submitter: submitterName('-region'),
      trusting: true,
      budgetMicro: CHECK_MICRO,
      filled: false,
      ...terms,
    })
    .transfer({ kind: 'escrow', debit, credit: `escrow:${jobOf('one')}`, ...budget })
}

function checkRefund(log: LogBuilder, credit: string, missingMicro = 0n): LogBuilder {
  const escrow = `escrow:${jobOf('one')}`
  const amountMicro = log.balanceMicro(escrow) - missingMicro
  return log.transfer({ kind: 'refund', debit: escrow, credit, amountMicro, purpose: `refund/${jobOf('one')}` })
}

test('[PRICE-4.2] a check is paid from the fees, at up to eight times the price, and what is left goes back there', () => {
  for (const doublings of [0n, 1n, 2n, 3n]) {
    const log = new LogBuilder().fund(10_000_000n)
    check(priced(log), { gigafuelPriceMicro: 10_000n << doublings })
    if (doublings === 0n) log.pay('one', 'eve', { lease: 1, first: 0, count: 2, fuel: 2 * CAPACITY_UNIT_FUEL })
    checkRefund(log, 'fee')
    log.add({ type: 'job-end', atMs: log.nowMs, job: jobOf('one'), state: 'cancelled', result: null })
    expect(auditEntries(log.entries)).toEqual([])
  }
})

function replaceFirst(log: LogBuilder, more: object): void {
  log.entries[0] = { ...log.entries[0], ...more } as never
}

test('[DISP-5.5] the region may look again at what caught devices alone have answered, and takes back what is left', () => {
  // [DISP-5.6] A job that trusts single answers is no exception.
  for (const trusting of [false, true]) {
    const log = answeredAlone(new LogBuilder(), trusting).slash('ann', 95_000n).dispute('one', 0n, 1, 'slashed')
    log.award('one', 'slashed', `escrow:${disputeOf('one')}`, 50_000n)
    log.award('one', `escrow:${disputeOf('one')}`, 'slashed', 50_000n).endDispute('one', 'undecided')
    expect(auditEntries(log.entries)).toEqual([])
  }
  // Two agreed, and nobody of the two is left.
  const both = agreed(new LogBuilder()).end(jobOf('one')).stand('ann', 'caught').stand('bob', 'caught')
  expect(auditEntries(both.dispute('one', 0n, 2, 'slashed').entries)).toEqual([])
  // Of what was paid before the log, or before longer windows, nothing is known.
  const longer = answeredAlone(new LogBuilder())
    .wait(DAY_MS + 1)
    .policy({ holdbackWindowMs: 2 * DAY_MS })
  longer.job('two').end(jobOf('two')).dispute('one', 0n, 1, 'slashed')
  expect(auditEntries(longer.entries)).toEqual([])
})

describe('a log in which everything happens', () => {
  test('keeps every rule', () => {
    expect(auditEntries(sampleLog().entries)).toEqual([])
  })

  test('and one that began with what accounts held before', () => {
    const device = new LogBuilder(false).deviceId('ann')
    const log = old({
      treasury: [1_000n, 0n],
      [`escrow:${jobOf('one')}`]: [0n, 600n],
      [`holdback:${device}`]: [100n, 500n],
    })
    log.policy().join('ann')
    // The job began before there was a log, so nothing is known of its terms.
    log.pay('one', 'ann', { lease: 1, first: 0, count: 1, amountMicro: 60n })
    log.wait(1).release('ann', 400n).end(jobOf('one'), 'failed', 40n)
    expect(auditEntries(log.entries)).toEqual([])
  })
})

describe('a broken rule is named', () => {
  test.each(BROKEN)('%s: %s', (rule, _, breakIt) => {
    const log = new LogBuilder()
    const broken = breakIt(log)
    const [first, ...more] = auditEntries((broken instanceof LogBuilder ? broken : log).entries)
    expect([first?.rule, ...more.map(problem => problem.rule)]).toContain(rule)
    expect(first?.rule).toBe(rule)
    expect(first?.message).toMatch(/^Entry \d+: .*\.$/)
  })

  test('for every rule there is', () => {
    const tried = new Set([...BROKEN.map(([rule]) => rule), ...ELSEWHERE, ...UNSAYABLE, ...IMPLIED])
    expect(Object.keys(RULES).filter(rule => !tried.has(rule as RuleCode))).toEqual([])
  })
})

describe('what is allowed', () => {
  const expectKept = (log: LogBuilder) => expect(auditEntries(log.entries)).toEqual([])

  test('remainders that are put by, and given to the region when they have been paid [PAY-10.3] [LOG-10.1]', () => {
    const log = settledDust(new LogBuilder())
    const back = {
      kind: 'dust',
      debit: 'dust',
      credit: 'fee',
      amountMicro: 1n,
      purpose: `dust/${jobOf('two')}`,
    } as const
    expectKept(log.transfer(back).end(jobOf('two'), 'done', 2n))
  })

  test('each payment rounded by itself in a log from before remainders were carried, and carried from then on', () => {
    const log = new LogBuilder()
      .join('ann', 'bob')
      .job('one')
      .pay('one', 'ann', { lease: 1, ...DUSTY, first: 0 })
    log.policy({ keepsRemainders: true }).pay('one', 'bob', { lease: 2, ...DUSTY, first: 1, amountMicro: 14n })
    expectKept(putBy(log, 1n).end(jobOf('one'), 'done', 1n))
  })

  test('what rounding up has added to a job goes back in whole micro-credits [PAY-10.4]', () => {
    const log = new LogBuilder().join('ann').policy({ keepsRemainders: true }).job('one')
    // Each costs 1.5, so 2, of which the device is due 1.425; together they cost 3, and the device is due 2.85.
    const runs = { lease: 1, count: 1, fuel: 150_000 }
    log
      .pay('one', 'ann', { ...runs, first: 0, amountMicro: 1n })
      .pay('one', 'ann', { ...runs, first: 1, amountMicro: 1n })
    expectKept(putBy(log, 1n).end(jobOf('one'), 'done', 0n))
  })

  test('runs that rested on a caught device alone are done again, cut otherwise and by others', () => {
    const log = paid(new LogBuilder()).stand('ann', 'caught').slash('ann', 95_000n, 'one').join('cyd')
    log
      .pay('one', 'bob', { lease: 5, first: 5, count: 10, answer: 'x' })
      .pay('one', 'cyd', { lease: 6, first: 0, count: 5 })
    expectKept(log.pay('one', 'cyd', { lease: 7, first: 5, count: 10, answer: 'x' }))
  })

  test('a slash of less than was paid, where the rest was released', () => {
    expectKept(paid(new LogBuilder()).stand('ann', 'caught').slash('ann', 10n, 'one').slash('ann', 94_990n))
  })

  test('earnings are released when the window after theirs has ended, at once after a long time', () => {
    const log = paid(new LogBuilder())
      .wait(DAY_MS + 5)
      .pay('one', 'ann', { lease: 1, first: 10, count: 10 })
    expectKept(
      log
        .wait(DAY_MS - 5)
        .release('ann', 95_000n)
        .wait(DAY_MS)
        .release('ann', 95_000n),
    )
    expectKept(
      paid(new LogBuilder())
        .wait(30 * DAY_MS)
        .release('ann', 95_000n),
    )
  })

  test('a shorter window counts from when it is told', () => {
    const log = paid(new LogBuilder()).wait(60_000).policy({ holdbackWindowMs: 10_000 })
    expectKept(log.release('ann', 95_000n, 10_000))
  })

  test('a free campaign pays nobody, and a job without a budget has no escrow', () => {
    const log = new LogBuilder()
      .join('ann')
      .campaign('air', 0n)
      .verdict('air', START_MS, 1, new LogBuilder().line('ann'))
    expectKept(
      log
        .end(campaignOf('air'), 'campaign')
        .job('free', { budgetMicro: 0n, filled: false })
        .end(jobOf('free'), 'failed'),
    )
  })

  test('a verdict of several entries', () => {
    const log = new LogBuilder().join('ann', 'bob').campaign('air')
    log.verdict('air', START_MS, 1, log.line('ann')).verdict('air', START_MS, 1, log.line('bob'))
    expectKept(log.sense('air', START_MS, 1, 'bob', 50).sense('air', START_MS, 1, 'ann', 50))
  })

  test('an operator who does not let prices move sets them', () => {
    const log = new LogBuilder().price(5, 10_000n, { utilisationBasisPoints: 0 })
    expectKept(log.price(5, 100n, { utilisationBasisPoints: 0 }).job('one', { gigafuelPriceMicro: 100n }))
  })

  test('payouts that wait for a word and come back', () => {
    const log = available(new LogBuilder())
    const pending = { phase: 'pending', timeoutMs: DAY_MS } as const
    log.payout(5, 'ann', PAYEE, 95_000n, pending).closeEpoch(5, 95_000n, { method: 'csv' })
    const purpose = `payout/5/${log.deviceId('ann')}`
    const resolved = { phase: 'expire', pending: purpose, purpose: `${purpose}/expire` } as const
    log.wait(DAY_MS).transfer({
      kind: 'payout',
      debit: `available:${log.deviceId('ann')}`,
      credit: `payout:${PAYEE}`,
      amountMicro: 95_000n,
      ...resolved,
    })
    expectKept(log.payout(6, 'ann', PAYEE, 95_000n).closeEpoch(6, 95_000n))
  })

  test('a price of nothing for what is not paid', () => {
    expect(sharesOf(READING_MICRO * 0n)).toEqual({ deviceMicro: 0n, feeMicro: 0n })
  })
})
