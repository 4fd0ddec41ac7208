/** The bytes of the log's entries. */
import { type CborValue, encode } from '../cbor/index.ts'
import { assert } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { clipText } from '../messages/text.ts'
import { readingIdBytes } from '../readings/ids.ts'
import {
  DISPUTE_OUTCOMES,
  ENTRY_TYPES,
  JOB_ENDS,
  LOGGED_STANDINGS,
  type LogEntry,
  PAYOUT_METHODS,
  type TransferEntry,
} from './entry.ts'
import { encodeTransfer } from './transfer-bytes.ts'

type FieldsOf = { readonly [Type in Exclude<LogEntry['type'], 'transfer'>]: (entry: EntryOf<Type>) => CborValue[] }
type EntryOf<Type extends LogEntry['type']> = Extract<LogEntry, { type: Type }>

const TRANSFER = ENTRY_TYPES.indexOf('transfer')

/** What follows the type and the time of each entry, in the order of the wire. */
const FIELDS: FieldsOf = {
  genesis: ({ regionId, region, publicKey, scale }) => [regionId, region, publicKey, scale],
  opening: ({ balances }) => [
    balances.map(({ account, debitsMicro, creditsMicro }) => [account, debitsMicro, creditsMicro]),
  ],
  policy: ({ feeBasisPoints, holdbackWindowMs, epochMs, keepsRemainders }) => [
    feeBasisPoints,
    holdbackWindowMs,
    epochMs,
    ...(keepsRemainders ? [true] : []),
  ],
  device: ({ device, publicKey, owner }) => [device, publicKey, owner],
  standing: ({ device, standing, reason }) => [
    device,
    LOGGED_STANDINGS.indexOf(standing),
    clipText(reason, LIMITS.reasonBytesMax),
  ],
  job: entry => [
    entry.job,
    entry.submitter,
    entry.module,
    entry.spec,
    entry.units,
    entry.gigafuelPriceMicro,
    entry.feeBasisPoints,
    entry.budgetMicro,
    entry.trusting,
  ],
  'job-end': ({ job, state, result }) => [job, JOB_ENDS.indexOf(state), result],
  campaign: ({ campaign, submitter, spec, priceMicro, feeBasisPoints, budgetMicro }) => [
    campaign,
    submitter,
    spec,
    priceMicro,
    feeBasisPoints,
    budgetMicro,
  ],
  'campaign-end': ({ campaign }) => [campaign],
  verdict: ({ campaign, windowMs, revision, frameMax, lines }) => [
    campaign,
    windowMs,
    revision,
    frameMax,
    lines.map(({ sensor, device, readings, accepted, paidReadings, flags }) => {
      return [readingIdBytes(sensor), device, readings, accepted, paidReadings, flags]
    }),
  ],
  receipt: ({ device, seq, earnedMicro, lostMicro, releasedMicro, paidOutMicro }) => [
    device,
    seq,
    earnedMicro,
    lostMicro,
    releasedMicro,
    paidOutMicro,
  ],
  price: ({ epoch, gigafuelPriceMicro, readings, utilisationBasisPoints, floorMicro }) => [
    epoch,
    gigafuelPriceMicro,
    readings.map(({ quantity, priceMicro }) => [quantity, priceMicro]),
    utilisationBasisPoints,
    floorMicro,
  ],
  payout: ({ epoch, method, root, payees, epochMicro, totalMicro }) => [
    epoch,
    PAYOUT_METHODS.indexOf(method),
    root,
    payees,
    epochMicro,
    totalMicro,
  ],
  binding: ({ device, address, effectiveAtMs, statement }) => [device, address, effectiveAtMs, statement],
  dispute: ({ dispute, account, subject, depositMicro }) => [dispute, account, subject, depositMicro],
  'dispute-end': ({ dispute, outcome, detail }) => [
    dispute,
    DISPUTE_OUTCOMES.indexOf(outcome),
    clipText(detail, LIMITS.reasonBytesMax),
  ],
}

/**
 * The bytes of an entry, which are a leaf of the log. A reason or detail that is too long is cut.
 * @see spec/clauses.md [LOG-1.2]
 */
export function encodeEntry(entry: LogEntry): Uint8Array {
  if (entry.type === 'transfer') return encodeTransfer(TRANSFER, entry)
  const fields = fieldsOf(entry.type, entry)
  const bytes = encode([ENTRY_TYPES.indexOf(entry.type), entry.atMs, ...fields])
  assert(bytes.length <= LIMITS.logEntryBytesMax, 'an entry fits a bundle of the log')
  return bytes
}

function fieldsOf<Type extends keyof FieldsOf>(type: Type, entry: Exclude<LogEntry, TransferEntry>): CborValue[] {
  return FIELDS[type](entry as EntryOf<Type>)
}
