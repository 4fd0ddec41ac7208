/** Entries of the log from their bytes, strictly: whatever is accepted is written alike. */
import { campaignId, deviceId, jobId, ownerName, regionId, regionName, submitterName } from '../ids.ts'
import { LIMITS } from '../limits.ts'
import { Reader } from '../messages/read.ts'
import { READING_ID_BYTES, sensorIdFromBytes } from '../readings/ids.ts'
import { QUANTITY_NAME } from '../readings/quantities.ts'
import {
  type Basis,
  DISPUTE_OUTCOMES,
  ENTRY_TYPES,
  JOB_ENDS,
  LOGGED_STANDINGS,
  type LogEntry,
  type OpeningEntry,
  PAYOUT_METHODS,
  type PriceEntry,
  TRANSFER_KINDS,
  TRANSFER_PHASES,
  type TransferEntry,
  type VerdictLine,
} from './entry.ts'

type EntryOf<Type extends LogEntry['type']> = Extract<LogEntry, { type: Type }>
/** What follows the type and the time of an entry. */
type Rest<Type extends LogEntry['type']> = Omit<EntryOf<Type>, 'type' | 'atMs'>

const HASH_BYTES = 32
const ADDRESS_BYTES = 20
const BASIS_POINTS_MAX = 10_000
const SCALE = 6
const VISIBLE = /^[!-~]+$/
const DISPUTE_ID = /^[a-z2-7]{16}$/

/** Elements of each entry, its type and its time included. */
const LENGTHS: { readonly [Type in LogEntry['type']]: number | readonly number[] } = {
  genesis: 6,
  opening: 3,
  policy: [5, 6],
  transfer: 11,
  device: 5,
  standing: 5,
  job: 11,
  'job-end': 5,
  campaign: 8,
  'campaign-end': 3,
  verdict: 7,
  receipt: 8,
  price: 7,
  payout: 8,
  binding: 6,
  dispute: 6,
  'dispute-end': 5,
}

const READERS: { readonly [Type in LogEntry['type']]: (read: Reader) => Rest<Type> } = {
  genesis: read => ({
    regionId: read.named('regionId', regionId),
    region: read.named('region', regionName),
    publicKey: read.bytes('publicKey', HASH_BYTES),
    scale: read.uint('scale', SCALE, SCALE) as typeof SCALE,
  }),
  opening: read => ({ balances: read.records('balances', LIMITS.openingBalancesMax, 3, readBalance) }),
  policy: read => ({
    feeBasisPoints: read.uint('feeBasisPoints', 0, BASIS_POINTS_MAX),
    holdbackWindowMs: read.uint('holdbackWindowMs'),
    epochMs: read.uint('epochMs', 1),
    ...(read.hasMore ? { keepsRemainders: readTrue(read, 'keepsRemainders') } : {}),
  }),
  transfer: readTransfer,
  device: read => ({
    device: read.named('device', deviceId),
    publicKey: read.bytes('publicKey', HASH_BYTES),
    owner: read.named('owner', ownerName),
  }),
  standing: read => ({
    device: read.named('device', deviceId),
    standing: read.choice('standing', LOGGED_STANDINGS),
    reason: read.text('reason', LIMITS.reasonBytesMax),
  }),
  job: read => ({
    job: read.named('job', jobId),
    submitter: read.named('submitter', submitterName),
    module: read.bytes('module', HASH_BYTES),
    spec: read.bytes('spec', HASH_BYTES),
    units: read.uint('units', 1, LIMITS.unitsPerJobMax),
    gigafuelPriceMicro: read.micro('gigafuelPriceMicro', 0n, LIMITS.gigafuelPriceMicroMax),
    feeBasisPoints: read.uint('feeBasisPoints', 0, BASIS_POINTS_MAX),
    budgetMicro: read.micro('budgetMicro'),
    trusting: read.flag('trusting'),
  }),
  'job-end': read => {
    const job = read.named('job', jobId)
    const state = read.choice('state', JOB_ENDS)
    const result =
      state === 'done'
        ? read.bytes('result', HASH_BYTES)
        : read.nothing('result', 'must be null unless the job is done')
    return { job, state, result }
  },
  campaign: read => ({
    campaign: read.named('campaign', campaignId),
    submitter: read.named('submitter', submitterName),
    spec: read.bytes('spec', HASH_BYTES),
    priceMicro: read.micro('priceMicro'),
    feeBasisPoints: read.uint('feeBasisPoints', 0, BASIS_POINTS_MAX),
    budgetMicro: read.micro('budgetMicro'),
  }),
  'campaign-end': read => ({ campaign: read.named('campaign', campaignId) }),
  verdict: read => ({
    campaign: read.named('campaign', campaignId),
    windowMs: read.uint('windowMs', 0, LIMITS.regionTimeMsMax),
    revision: read.uint('revision'),
    frameMax: read.uint('frameMax'),
    lines: read.records('lines', LIMITS.verdictLinesMax, 6, readVerdictLine, 0),
  }),
  receipt: read => ({
    device: read.named('device', deviceId),
    seq: read.uint('seq', 1),
    earnedMicro: read.micro('earnedMicro'),
    lostMicro: read.micro('lostMicro'),
    releasedMicro: read.micro('releasedMicro'),
    paidOutMicro: read.micro('paidOutMicro'),
  }),
  price: read => ({
    epoch: read.uint('epoch'),
    gigafuelPriceMicro: read.micro('gigafuelPriceMicro', 0n, LIMITS.gigafuelPriceMicroMax),
    readings: readPrices(read),
    utilisationBasisPoints: read.uint('utilisationBasisPoints', 0, BASIS_POINTS_MAX),
    floorMicro: read.micro('floorMicro', 0n, LIMITS.gigafuelPriceMicroMax),
  }),
  payout: read => ({
    epoch: read.uint('epoch'),
    method: read.choice('method', PAYOUT_METHODS),
    root: read.bytes('root', HASH_BYTES),
    payees: read.uint('payees'),
    epochMicro: read.micro('epochMicro'),
    totalMicro: read.micro('totalMicro'),
  }),
  binding: read => ({
    device: read.named('device', deviceId),
    address: read.bytes('address', ADDRESS_BYTES),
    effectiveAtMs: read.uint('effectiveAtMs', 0, LIMITS.regionTimeMsMax),
    statement: read.bytesUpTo('statement', LIMITS.statementBytesMax, 1),
  }),
  dispute: read => ({
    dispute: read.textLike('dispute', DISPUTE_ID, '16 characters of a-z and 2-7'),
    account: readAccount(read, 'account'),
    subject: readVisible(read, 'subject', LIMITS.purposeBytesMax),
    depositMicro: read.micro('depositMicro'),
  }),
  'dispute-end': read => ({
    dispute: read.textLike('dispute', DISPUTE_ID, '16 characters of a-z and 2-7'),
    outcome: read.choice('outcome', DISPUTE_OUTCOMES),
    detail: read.text('detail', LIMITS.reasonBytesMax),
  }),
}

const LENGTHS_BY_NUMBER = ENTRY_TYPES.map(type => LENGTHS[type])

/**
 * Reads an entry. Byte strings are views of `bytes`.
 * @throws {ProtocolError} `bad_cbor` or `bad_message`
 * @see spec/clauses.md [LOG-1.2] [LOG-1.3]
 */
export function decodeEntry(bytes: Uint8Array): LogEntry {
  const [number, read] = Reader.openVariant('log entry', bytes, LENGTHS_BY_NUMBER)
  const type = ENTRY_TYPES[number] as LogEntry['type']
  const atMs = read.uint('atMs', 0, LIMITS.regionTimeMsMax)
  return { type, atMs, ...READERS[type](read) } as LogEntry
}

/** What says no by not being there. */
function readTrue(read: Reader, field: string): true {
  if (!read.flag(field)) throw read.fault(field, 'must be true or left out')
  return true
}

function readBalance(read: Reader): OpeningEntry['balances'][number] {
  return {
    account: readAccount(read, 'account'),
    debitsMicro: read.micro('debitsMicro'),
    creditsMicro: read.micro('creditsMicro'),
  }
}

function readTransfer(read: Reader): Rest<'transfer'> {
  const kind = read.choice('kind', TRANSFER_KINDS)
  const phase = read.choice('phase', TRANSFER_PHASES)
  const debit = readAccount(read, 'debit')
  const credit = readAccount(read, 'credit')
  if (debit === credit) throw read.fault('credit', 'must be another account than the debit')
  const amountMicro = read.micro('amountMicro', 1n)
  const purpose = readVisible(read, 'purpose', LIMITS.purposeBytesMax)
  const resolves = phase !== 'single' && phase !== 'pending'
  const pending = resolves
    ? readVisible(read, 'pending', LIMITS.purposeBytesMax)
    : read.nothing('pending', 'must be null unless the transfer resolves another')
  const timeoutMs =
    phase === 'pending'
      ? read.uint('timeoutMs', 1)
      : read.nothing('timeoutMs', 'must be null unless the transfer is pending')
  const basis =
    kind === 'pay'
      ? read.nullable('basis', field => readBasis(read, field))
      : read.nothing('basis', 'must be null unless the transfer pays')
  return { kind, phase, debit, credit, amountMicro, purpose, pending, timeoutMs, basis } satisfies Omit<
    TransferEntry,
    'type' | 'atMs'
  >
}

function readBasis(read: Reader, field: string): Basis {
  const [kind, fields] = read.variant(field, [3, 2])
  if (kind === 0) return { kind: 'run', digest: fields.bytes('digest', HASH_BYTES), fuel: fields.uint('fuel') }
  return { kind: 'readings', readings: fields.uint('readings', 1) }
}

function readVerdictLine(read: Reader): VerdictLine {
  const sensor = sensorIdFromBytes(read.bytes('sensor', READING_ID_BYTES))
  const device = read.named('device', deviceId)
  const readings = read.uint('readings')
  const accepted = read.uint('accepted', 0, readings)
  return {
    sensor,
    device,
    readings,
    accepted,
    paidReadings: read.uint('paidReadings'),
    flags: read.bytes('flags', HASH_BYTES),
  }
}

function readPrices(read: Reader): PriceEntry['readings'] {
  let before = ''
  return read.records(
    'readings',
    LIMITS.pricesMax,
    2,
    fields => {
      const quantity = fields.textLike(
        'quantity',
        QUANTITY_NAME,
        'a quantity of 1 to 32 characters of a-z, 0-9, . and -',
      )
      if (quantity <= before) throw fields.fault('quantity', 'must come after the quantity before it')
      before = quantity
      return { quantity, priceMicro: fields.micro('priceMicro') }
    },
    0,
  )
}

function readAccount(read: Reader, field: string): string {
  return readVisible(read, field, LIMITS.accountBytesMax)
}

function readVisible(read: Reader, field: string, bytesMax: number): string {
  const text = read.textLike(field, VISIBLE, `1 to ${bytesMax} visible characters of ASCII`)
  if (text.length > bytesMax) throw read.fault(field, `must be 1 to ${bytesMax} visible characters of ASCII`)
  return text
}
