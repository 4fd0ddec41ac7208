/** Arbitrary entries of the public log. */
import fc from 'fast-check'
import { utf8 } from '../../protocol/bytes.ts'
import { campaignId, deviceId, jobId, ownerName, regionId, regionName, submitterName } from '../../protocol/ids.ts'
import { LIMITS } from '../../protocol/limits.ts'
import { sensorId } from '../../protocol/readings/index.ts'
import {
  type Basis,
  DISPUTE_OUTCOMES,
  JOB_ENDS,
  LOGGED_STANDINGS,
  type LogEntry,
  PAYOUT_METHODS,
  TRANSFER_KINDS,
  TRANSFER_PHASES,
  type TransferEntry,
} from '../../protocol/settlement/index.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const thumbprint = fc.stringMatching(/^[a-z2-7]{26}$/)
const short = fc.stringMatching(/^[a-z2-7]{16}$/)
const name = fc.stringMatching(/^[a-z0-9-]{1,32}$/)
const device = thumbprint.map(deviceId)
const count = fc.oneof(
  fc.nat(300),
  fc.maxSafeNat(),
  fc.constantFrom(23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32),
)
const positive = count.map(value => Math.max(1, value))
const atMs = fc.oneof(fc.constant(1_795_000_000_000), fc.integer({ min: 0, max: LIMITS.regionTimeMsMax }))
const basisPoints = fc.integer({ min: 0, max: 10_000 })
const reason = fc
  .string({ unit: 'grapheme', maxLength: 60 })
  .filter(text => utf8(text).length <= LIMITS.reasonBytesMax && text.isWellFormed() && !text.startsWith('\uFEFF'))
const visible = (max: number) =>
  fc.string({
    unit: fc.integer({ min: 33, max: 126 }).map(code => String.fromCharCode(code)),
    minLength: 1,
    maxLength: max,
  })
const account = visible(LIMITS.accountBytesMax)
const purpose = visible(LIMITS.purposeBytesMax)
const EDGES = [
  1n,
  23n,
  24n,
  255n,
  256n,
  65_536n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n - 1n,
  2n ** 53n,
  LIMITS.amountMicroMax,
]
const micro = fc.oneof(fc.constantFrom(0n, ...EDGES), fc.bigInt({ min: 0n, max: LIMITS.amountMicroMax }))
const price = fc.bigInt({ min: 0n, max: LIMITS.gigafuelPriceMicroMax })

const basis: fc.Arbitrary<Basis> = fc.oneof(
  fc.record({ kind: fc.constant('run' as const), digest: bytes(32), fuel: count }),
  fc.record({ kind: fc.constant('readings' as const), readings: positive }),
)

/** Transfers of every kind and phase. */
export const TRANSFERS: fc.Arbitrary<TransferEntry> = fc
  .record({
    type: fc.constant('transfer' as const),
    atMs,
    kind: fc.constantFrom(...TRANSFER_KINDS),
    phase: fc.constantFrom(...TRANSFER_PHASES),
    accounts: fc.uniqueArray(account, { minLength: 2, maxLength: 2 }),
    amountMicro: fc.oneof(fc.constantFrom(...EDGES), fc.bigInt({ min: 1n, max: LIMITS.amountMicroMax })),
    purpose,
    pending: purpose,
    timeoutMs: positive,
    basis: fc.option(basis),
  })
  .map(({ accounts: [debit = '', credit = ''], pending, timeoutMs, basis: work, ...fields }) => {
    const { kind, phase } = fields
    return {
      ...fields,
      debit,
      credit,
      pending: phase === 'single' || phase === 'pending' ? null : pending,
      timeoutMs: phase === 'pending' ? timeoutMs : null,
      basis: kind === 'pay' ? work : null,
    }
  })

const end = fc.constantFrom(...JOB_ENDS)

/** Entries of every type. */
export const LOG_ENTRIES: fc.Arbitrary<LogEntry> = fc.oneof(
  TRANSFERS,
  fc.record({
    type: fc.constant('genesis' as const),
    atMs,
    regionId: thumbprint.map(regionId),
    region: name.map(regionName),
    publicKey: bytes(32),
    scale: fc.constant(6 as const),
  }),
  fc.record({
    type: fc.constant('opening' as const),
    atMs,
    balances: fc.array(fc.record({ account, debitsMicro: micro, creditsMicro: micro }), { minLength: 1, maxLength: 4 }),
  }),
  fc.record({
    type: fc.constant('policy' as const),
    atMs,
    feeBasisPoints: basisPoints,
    holdbackWindowMs: count,
    epochMs: positive,
  }),
  fc.record({
    type: fc.constant('policy' as const),
    atMs,
    feeBasisPoints: basisPoints,
    holdbackWindowMs: count,
    epochMs: positive,
    keepsRemainders: fc.constant(true as const),
  }),
  fc.record({ type: fc.constant('device' as const), atMs, device, publicKey: bytes(32), owner: name.map(ownerName) }),
  fc.record({
    type: fc.constant('standing' as const),
    atMs,
    device,
    standing: fc.constantFrom(...LOGGED_STANDINGS),
    reason,
  }),
  fc.record({
    type: fc.constant('job' as const),
    atMs,
    job: short.map(jobId),
    submitter: name.map(submitterName),
    module: bytes(32),
    spec: bytes(32),
    units: fc.integer({ min: 1, max: LIMITS.unitsPerJobMax }),
    gigafuelPriceMicro: price,
    feeBasisPoints: basisPoints,
    budgetMicro: micro,
    trusting: fc.boolean(),
  }),
  fc
    .record({ type: fc.constant('job-end' as const), atMs, job: short.map(jobId), state: end, result: bytes(32) })
    .map(fields => ({ ...fields, result: fields.state === 'done' ? fields.result : null })),
  fc.record({
    type: fc.constant('campaign' as const),
    atMs,
    campaign: short.map(campaignId),
    submitter: name.map(submitterName),
    spec: bytes(32),
    priceMicro: micro,
    feeBasisPoints: basisPoints,
    budgetMicro: micro,
  }),
  fc.record({ type: fc.constant('campaign-end' as const), atMs, campaign: short.map(campaignId) }),
  fc.record({
    type: fc.constant('verdict' as const),
    atMs,
    campaign: short.map(campaignId),
    windowMs: atMs,
    revision: count,
    frameMax: count,
    lines: fc.array(
      fc
        .record({
          sensor: fc.stringMatching(/^[0-9a-f]{16}$/).map(sensorId),
          device,
          readings: count,
          accepted: count,
          paidReadings: count,
          flags: bytes(32),
        })
        .map(line => ({ ...line, accepted: Math.min(line.accepted, line.readings) })),
      { maxLength: 4 },
    ),
  }),
  fc.record({
    type: fc.constant('receipt' as const),
    atMs,
    device,
    seq: positive,
    earnedMicro: micro,
    lostMicro: micro,
    releasedMicro: micro,
    paidOutMicro: micro,
  }),
  fc.record({
    type: fc.constant('price' as const),
    atMs,
    epoch: count,
    gigafuelPriceMicro: price,
    readings: fc
      .uniqueArray(fc.stringMatching(/^[a-z0-9.-]{1,32}$/), { maxLength: 4 })
      .map(names => names.sort().map((quantity, i) => ({ quantity, priceMicro: BigInt(i) }))),
    utilisationBasisPoints: basisPoints,
    floorMicro: price,
  }),
  fc.record({
    type: fc.constant('payout' as const),
    atMs,
    epoch: count,
    method: fc.constantFrom(...PAYOUT_METHODS),
    root: bytes(32),
    payees: count,
    epochMicro: micro,
    totalMicro: micro,
  }),
  fc.record({
    type: fc.constant('binding' as const),
    atMs,
    device,
    address: bytes(20),
    effectiveAtMs: atMs,
    statement: fc.uint8Array({ minLength: 1, maxLength: 120 }),
  }),
  fc.record({
    type: fc.constant('dispute' as const),
    atMs,
    dispute: short,
    account,
    subject: purpose,
    depositMicro: micro,
  }),
  fc.record({
    type: fc.constant('dispute-end' as const),
    atMs,
    dispute: short,
    outcome: fc.constantFrom(...DISPUTE_OUTCOMES),
    detail: reason,
  }),
)
