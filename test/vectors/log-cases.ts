/** Entries of the public log: valid ones of every type, and for each field the ways it can be wrong. */
import type { CborValue } from '../../protocol/cbor/index.ts'
import { campaignId, jobId, ownerName, regionName, submitterName } from '../../protocol/ids.ts'
import { sensorId } from '../../protocol/readings/index.ts'
import type { LogEntry, TransferEntry } from '../../protocol/settlement/index.ts'
import { b, bytesFaults, type Invalid, inside, listFaults, MAX, rangeFaults, textFaults, uintFaults } from './faults.ts'
import { DEVICE, DEVICE_ID, REGION, REGION_ID } from './keys.ts'

export interface EntryCases {
  readonly valid: readonly { readonly title: string; readonly input: LogEntry }[]
  /** Of the first valid one. */
  readonly invalid: readonly Invalid[]
}

const AT_MS = 1_795_000_000_000
const JOB = jobId('aebagbafaydqqcik')
const CAMPAIGN = campaignId('campaign23456723')
const LARGEST = 9_223_372_036_854_775_807n
const BEYOND = LARGEST + 1n

const microFaults = (field: string, at: number[]): Invalid[] => [
  { title: `${field} is negative`, at, to: -1, field },
  { title: `${field} is beyond 2^63-1`, at, to: BEYOND, field },
  { title: `${field} is a text`, at, to: '1', field },
]
const idFaults = (field: string, at: number[], like: string): Invalid[] => [
  { title: `${field} is a character short`, at, to: like.slice(1), field },
  { title: `${field} is a character long`, at, to: `a${like}`, field },
  { title: `${field} is in capitals`, at, to: like.toUpperCase(), field, beyondCddl: true },
  { title: `${field} is a byte string`, at, to: b(16), field },
]
const nameFaults = (field: string, at: number[]): Invalid[] => [
  { title: `${field} is empty`, at, to: '', field },
  { title: `${field} has 33 characters`, at, to: 'a'.repeat(33), field },
  { title: `${field} has a space`, at, to: 'a b', field, beyondCddl: true },
]
const visibleFaults = (field: string, at: number[], max: number): Invalid[] => [
  { title: `${field} is empty`, at, to: '', field },
  { title: `${field} is too long`, at, to: 'a'.repeat(max + 1), field },
  { title: `${field} has a space`, at, to: 'a b', field, beyondCddl: true },
  { title: `${field} is not ASCII`, at, to: 'ä', field, beyondCddl: true },
]

const transfer: TransferEntry = {
  type: 'transfer',
  atMs: AT_MS,
  kind: 'pay',
  phase: 'single',
  debit: `escrow:${JOB}`,
  credit: `holdback:${DEVICE_ID}`,
  amountMicro: 1_234n,
  purpose: `pay/${JOB}/41/0+64`,
  pending: null,
  timeoutMs: null,
  basis: { kind: 'run', digest: b(32), fuel: 1_234_567_890 },
}
const deposit: TransferEntry = {
  ...transfer,
  kind: 'deposit',
  phase: 'pending',
  debit: 'submitter:lab',
  credit: 'escrow:disputed23456723',
  purpose: 'deposit/disputed23456723',
  timeoutMs: 86_400_000,
  basis: null,
}
const resolved = (phase: 'post' | 'void' | 'expire'): TransferEntry => ({
  ...deposit,
  phase,
  purpose: `${deposit.purpose}/${phase === 'post' ? 'post/1' : phase}`,
  pending: deposit.purpose,
  timeoutMs: null,
})

const transfers: EntryCases = {
  valid: [
    { title: 'a payment for a run', input: transfer },
    {
      title: 'a payment for readings, of the largest amount',
      input: {
        ...transfer,
        amountMicro: LARGEST,
        purpose: `sense/${CAMPAIGN}/${AT_MS}/0011223344556677/1`,
        basis: { kind: 'readings', readings: 60 },
      },
    },
    {
      title: 'an escrow',
      input: {
        ...transfer,
        kind: 'escrow',
        debit: 'submitter:lab',
        credit: `escrow:${JOB}`,
        purpose: `escrow/${JOB}`,
        basis: null,
      },
    },
    { title: 'money set aside', input: deposit },
    { title: 'a part of it posted', input: resolved('post') },
    { title: 'the rest given back', input: resolved('void') },
    { title: 'the rest given back for its age', input: resolved('expire') },
    ...[23n, 24n, 255n, 256n, 65_535n, 65_536n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n].map(
      amountMicro => {
        return { title: `an amount of ${amountMicro}`, input: { ...transfer, amountMicro } }
      },
    ),
  ],
  invalid: [
    { title: 'a type that there is not', at: [0], to: 17, field: 'payload' },
    { title: 'the type is a text', at: [0], to: 'transfer', field: 'payload' },
    { title: 'the type of an entry of another length', at: [0], to: 2, field: 'payload' },
    ...rangeFaults('atMs', [1], 0, 8_640_000_000_000_000),
    ...rangeFaults('kind', [2], 0, 10),
    ...rangeFaults('phase', [3], 0, 4),
    ...visibleFaults('debit', [4], 64),
    ...visibleFaults('credit', [5], 64),
    { title: 'from an account to itself', at: [5], to: transfer.debit, field: 'credit', beyondCddl: true },
    ...microFaults('amountMicro', [6]),
    { title: 'nothing moves', at: [6], to: 0, field: 'amountMicro' },
    ...visibleFaults('purpose', [7], 256),
    { title: 'a single transfer resolves another', at: [8], to: 'deposit/x', field: 'pending', beyondCddl: true },
    { title: 'a post resolves nothing', at: [3], to: 2, field: 'pending', beyondCddl: true },
    { title: 'a single transfer expires', at: [9], to: 1_000, field: 'timeoutMs', beyondCddl: true },
    { title: 'a pending transfer never expires', at: [3], to: 1, field: 'timeoutMs', beyondCddl: true },
    { title: 'work behind a fee', at: [2], to: 3, field: 'basis', beyondCddl: true },
    { title: 'an unknown basis', at: [10], to: [2, 1], field: 'basis' },
    { title: 'a basis without fuel', at: [10], to: [0, b(32)], field: 'basis' },
    ...bytesFaults('basis.digest', [10, 1], 32),
    ...uintFaults('basis.fuel', [10, 2]),
    { title: 'no readings', at: [10], to: [1, 0], field: 'basis.readings' },
  ],
}

const genesis: EntryCases = {
  valid: [
    {
      title: 'genesis',
      input: {
        type: 'genesis',
        atMs: AT_MS,
        regionId: REGION_ID,
        region: regionName('home'),
        publicKey: REGION.publicKey,
        scale: 6,
      },
    },
  ],
  invalid: [
    ...idFaults('regionId', [2], REGION_ID),
    ...nameFaults('region', [3]),
    ...bytesFaults('publicKey', [4], 32),
    ...rangeFaults('scale', [5], 6, 6),
  ],
}

const opening: EntryCases = {
  valid: [
    {
      title: 'opening',
      input: {
        type: 'opening',
        atMs: AT_MS,
        balances: [
          { account: 'treasury', debitsMicro: 5_000_000n, creditsMicro: 0n },
          { account: 'submitter:lab', debitsMicro: 0n, creditsMicro: 5_000_000n },
        ],
      },
    },
  ],
  invalid: [
    ...listFaults('balances', [2], 512, ['a', 0, 0]),
    ...visibleFaults('account', [2, 0, 0], 64).map(inside('balances[0]')),
    ...microFaults('debitsMicro', [2, 0, 1]).map(inside('balances[0]')),
    ...microFaults('creditsMicro', [2, 1, 2]).map(inside('balances[1]')),
  ],
}

const policy: EntryCases = {
  valid: [
    {
      title: 'policy that keeps remainders',
      input: {
        type: 'policy',
        atMs: AT_MS,
        feeBasisPoints: 300,
        holdbackWindowMs: 86_400_000,
        epochMs: 86_400_000,
        keepsRemainders: true,
      },
    },
    {
      title: 'policy',
      input: { type: 'policy', atMs: AT_MS, feeBasisPoints: 300, holdbackWindowMs: 86_400_000, epochMs: 86_400_000 },
    },
  ],
  invalid: [
    ...rangeFaults('feeBasisPoints', [2], 0, 10_000),
    ...uintFaults('holdbackWindowMs', [3]),
    ...rangeFaults('epochMs', [4], 1, MAX),
    { title: 'keepsRemainders is false', at: [5], to: false, field: 'keepsRemainders' },
    { title: 'keepsRemainders is a number', at: [5], to: 1, field: 'keepsRemainders' },
  ],
}

const device: EntryCases = {
  valid: [
    {
      title: 'a device',
      input: { type: 'device', atMs: AT_MS, device: DEVICE_ID, publicKey: DEVICE.publicKey, owner: ownerName('ada') },
    },
  ],
  invalid: [...idFaults('device', [2], DEVICE_ID), ...bytesFaults('publicKey', [3], 32), ...nameFaults('owner', [4])],
}

const standing: EntryCases = {
  valid: [
    {
      title: 'a standing',
      input: {
        type: 'standing',
        atMs: AT_MS,
        device: DEVICE_ID,
        standing: 'caught',
        reason: 'A result of it lost a vote.',
      },
    },
    {
      title: 'joined again',
      input: { type: 'standing', atMs: AT_MS, device: DEVICE_ID, standing: 'joined', reason: '' },
    },
  ],
  invalid: [
    ...idFaults('device', [2], DEVICE_ID),
    ...rangeFaults('standing', [3], 0, 2),
    ...textFaults('reason', [4], 256),
  ],
}

const job: EntryCases = {
  valid: [
    {
      title: 'a job',
      input: {
        type: 'job',
        atMs: AT_MS,
        job: JOB,
        submitter: submitterName('lab'),
        module: b(32),
        spec: b(32, 32),
        units: 1_000,
        gigafuelPriceMicro: 20_000n,
        feeBasisPoints: 300,
        budgetMicro: 5_000_000n,
        trusting: false,
      },
    },
  ],
  invalid: [
    ...idFaults('job', [2], JOB),
    ...nameFaults('submitter', [3]),
    ...bytesFaults('module', [4], 32),
    ...bytesFaults('spec', [5], 32),
    ...rangeFaults('units', [6], 1, 10_000_000),
    ...rangeFaults('gigafuelPriceMicro', [7], 0, 1_000_000_000_000),
    ...rangeFaults('feeBasisPoints', [8], 0, 10_000),
    ...microFaults('budgetMicro', [9]),
    { title: 'trusting is a number', at: [10], to: 0, field: 'trusting' },
  ],
}

const jobEnd: EntryCases = {
  valid: [
    { title: 'a job is done', input: { type: 'job-end', atMs: AT_MS, job: JOB, state: 'done', result: b(32) } },
    {
      title: 'a job was cancelled',
      input: { type: 'job-end', atMs: AT_MS, job: JOB, state: 'cancelled', result: null },
    },
  ],
  invalid: [
    ...idFaults('job', [2], JOB),
    ...rangeFaults('state', [3], 0, 2),
    { title: 'a failed job has a result', at: [3], to: 1, field: 'result' },
    { title: 'a job is done without a result', at: [4], to: null, field: 'result' },
  ],
}

const campaign: EntryCases = {
  valid: [
    {
      title: 'a campaign',
      input: {
        type: 'campaign',
        atMs: AT_MS,
        campaign: CAMPAIGN,
        submitter: submitterName('city'),
        spec: b(32),
        priceMicro: 100n,
        feeBasisPoints: 300,
        budgetMicro: 9_000_000n,
      },
    },
  ],
  invalid: [
    ...idFaults('campaign', [2], CAMPAIGN),
    ...nameFaults('submitter', [3]),
    ...bytesFaults('spec', [4], 32),
    ...microFaults('priceMicro', [5]),
    ...rangeFaults('feeBasisPoints', [6], 0, 10_000),
    ...microFaults('budgetMicro', [7]),
  ],
}

const campaignEnd: EntryCases = {
  valid: [{ title: 'a campaign is over', input: { type: 'campaign-end', atMs: AT_MS, campaign: CAMPAIGN } }],
  invalid: idFaults('campaign', [2], CAMPAIGN),
}

const line = {
  sensor: sensorId('0011223344556677'),
  device: DEVICE_ID,
  readings: 60,
  accepted: 58,
  paidReadings: 58,
  flags: b(32),
}
const verdictOf = (lines: (typeof line)[]): LogEntry => {
  return { type: 'verdict', atMs: AT_MS, campaign: CAMPAIGN, windowMs: AT_MS, revision: 1, frameMax: 4_711, lines }
}
const verdict: EntryCases = {
  valid: [
    { title: 'a verdict', input: verdictOf([line]) },
    { title: 'a verdict on nobody', input: verdictOf([]) },
  ],
  invalid: [
    ...idFaults('campaign', [2], CAMPAIGN),
    ...rangeFaults('windowMs', [3], 0, 8_640_000_000_000_000),
    ...uintFaults('revision', [4]),
    ...uintFaults('frameMax', [5]),
    { title: 'more than 512 lines', at: [6], to: new Array<CborValue>(513).fill(null), field: 'lines' },
    ...bytesFaults('sensor', [6, 0, 0], 8).map(inside('lines[0]')),
    ...idFaults('device', [6, 0, 1], DEVICE_ID).map(inside('lines[0]')),
    ...uintFaults('readings', [6, 0, 2]).map(inside('lines[0]')),
    {
      title: 'more readings accepted than there are',
      at: [6, 0, 3],
      to: 61,
      field: 'lines[0].accepted',
      beyondCddl: true,
    },
    ...uintFaults('paidReadings', [6, 0, 4]).map(inside('lines[0]')),
    ...bytesFaults('flags', [6, 0, 5], 32).map(inside('lines[0]')),
  ],
}

const receipt: EntryCases = {
  valid: [
    {
      title: 'a receipt',
      input: {
        type: 'receipt',
        atMs: AT_MS,
        device: DEVICE_ID,
        seq: 7,
        earnedMicro: 9_000_000n,
        lostMicro: 1_000_000n,
        releasedMicro: 5_000_000n,
        paidOutMicro: 2_500_000n,
      },
    },
  ],
  invalid: [
    ...idFaults('device', [2], DEVICE_ID),
    ...rangeFaults('seq', [3], 1, MAX),
    ...microFaults('earnedMicro', [4]),
    ...microFaults('lostMicro', [5]),
    ...microFaults('releasedMicro', [6]),
    ...microFaults('paidOutMicro', [7]),
  ],
}

const price: EntryCases = {
  valid: [
    {
      title: 'prices',
      input: {
        type: 'price',
        atMs: AT_MS,
        epoch: 20_776,
        gigafuelPriceMicro: 21_000n,
        readings: [
          { quantity: 'pm2.5', priceMicro: 120n },
          { quantity: 'temperature', priceMicro: 90n },
        ],
        utilisationBasisPoints: 7_400,
        floorMicro: 15_000n,
      },
    },
  ],
  invalid: [
    ...uintFaults('epoch', [2]),
    ...rangeFaults('gigafuelPriceMicro', [3], 0, 1_000_000_000_000),
    { title: 'quantities out of order', at: [4, 1, 0], to: 'co2', field: 'readings[1].quantity', beyondCddl: true },
    { title: 'a quantity twice', at: [4, 1, 0], to: 'pm2.5', field: 'readings[1].quantity', beyondCddl: true },
    ...nameFaults('quantity', [4, 0, 0]).map(inside('readings[0]')),
    ...microFaults('priceMicro', [4, 0, 1]).map(inside('readings[0]')),
    ...rangeFaults('utilisationBasisPoints', [5], 0, 10_000),
    ...rangeFaults('floorMicro', [6], 0, 1_000_000_000_000),
  ],
}

const payout: EntryCases = {
  valid: [
    {
      title: 'a payout',
      input: {
        type: 'payout',
        atMs: AT_MS,
        epoch: 20_776,
        method: 'chain',
        root: b(32),
        payees: 12,
        epochMicro: 3_000_000n,
        totalMicro: 90_000_000n,
      },
    },
  ],
  invalid: [
    ...uintFaults('epoch', [2]),
    ...rangeFaults('method', [3], 0, 2),
    ...bytesFaults('root', [4], 32),
    ...uintFaults('payees', [5]),
    ...microFaults('epochMicro', [6]),
    ...microFaults('totalMicro', [7]),
  ],
}

const binding: EntryCases = {
  valid: [
    {
      title: 'a payout address',
      input: {
        type: 'binding',
        atMs: AT_MS,
        device: DEVICE_ID,
        address: b(20),
        effectiveAtMs: AT_MS + 259_200_000,
        statement: b(100),
      },
    },
  ],
  invalid: [
    ...idFaults('device', [2], DEVICE_ID),
    ...bytesFaults('address', [3], 20),
    ...rangeFaults('effectiveAtMs', [4], 0, 8_640_000_000_000_000),
    { title: 'no statement', at: [5], to: b(0), field: 'statement' },
    { title: 'a statement too long', at: [5], to: b(1_025), field: 'statement' },
  ],
}

const dispute: EntryCases = {
  valid: [
    {
      title: 'a dispute',
      input: {
        type: 'dispute',
        atMs: AT_MS,
        dispute: 'disputed23456723',
        account: 'submitter:lab',
        subject: 'lease/41',
        depositMicro: 10_000n,
      },
    },
  ],
  invalid: [
    ...idFaults('dispute', [2], 'disputed23456723'),
    ...visibleFaults('account', [3], 64),
    ...visibleFaults('subject', [4], 256),
    ...microFaults('depositMicro', [5]),
  ],
}

const disputeEnd: EntryCases = {
  valid: [
    {
      title: 'a dispute is over',
      input: {
        type: 'dispute-end',
        atMs: AT_MS,
        dispute: 'disputed23456723',
        outcome: 'upheld',
        detail: 'Three owners agree on another answer.',
      },
    },
  ],
  invalid: [
    ...idFaults('dispute', [2], 'disputed23456723'),
    ...rangeFaults('outcome', [3], 0, 2),
    ...textFaults('detail', [4], 256),
  ],
}

/** Every type of entry. */
export const ENTRY_CASES: readonly EntryCases[] = [
  transfers,
  genesis,
  opening,
  policy,
  device,
  standing,
  job,
  jobEnd,
  campaign,
  campaignEnd,
  verdict,
  receipt,
  price,
  payout,
  binding,
  dispute,
  disputeEnd,
]
