/** Small, valid rows for tests of the store and of what reads it. */
import { createHash } from 'node:crypto'
import type {
  AcceptedRow,
  AccountRow,
  ClaimRow,
  DeviceRow,
  JobRow,
  LeaseRow,
  OwnerRow,
  SubmitterRow,
  TransferRow,
  Write,
} from '../../coordinator/store/index.ts'
import {
  type DeviceId,
  deviceId,
  type JobId,
  jobId,
  ownerName,
  sha256Hex,
  submitterName,
  utf8,
} from '../../protocol/index.ts'

/** Ids that differ in the first character. */
export const DEVICES = [
  deviceId(`a${'2'.repeat(25)}`),
  deviceId(`b${'2'.repeat(25)}`),
  deviceId(`c${'2'.repeat(25)}`),
] as const

/** Ids that differ in the first character. */
export const JOBS = [jobId(`a${'2'.repeat(15)}`), jobId(`b${'2'.repeat(15)}`), jobId(`c${'2'.repeat(15)}`)] as const

/** Names and hashes the rows below use. */
export const NAMES = {
  submitter: submitterName('ada'),
  otherSubmitter: submitterName('bob'),
  owner: ownerName('greta'),
  otherOwner: ownerName('hans'),
  sha256: sha256Hex('ab'.repeat(32)),
  digest: new Uint8Array(32).fill(7),
} as const

/** An unused claim. */
export function claimRow(id: string): ClaimRow {
  return {
    id: id.padStart(16, '0'),
    key: new Uint8Array(32).fill(1),
    owner: NAMES.owner,
    expiresAtMs: 1_000,
    usedBy: null,
  }
}

/** A device that joined and has done nothing. */
export function deviceRow(id: DeviceId): DeviceRow {
  return {
    id,
    publicKey: new Uint8Array(32).fill(2),
    owner: NAMES.owner,
    label: 'shed',
    standing: 'joined',
    standingReason: '',
    joinedAtMs: 10,
    counter: 1,
    checksPassed: 0,
    unitsAccepted: 0,
    unitsRejected: 0,
    leasesExpired: 0,
    heldYoungMicro: 0n,
    heldOldMicro: 0n,
    heldWindow: 0,
    statementSeq: 0,
    decayedAtMs: 0,
    drainReason: null,
  }
}

/** A submitter. */
export function submitterRow(): SubmitterRow {
  return { name: NAMES.submitter, tokenHash: new Uint8Array(32).fill(3), createdAtMs: 20 }
}

/** An owner with a token. */
export function ownerRow(): OwnerRow {
  return { name: NAMES.owner, tokenHash: new Uint8Array(32).fill(4), createdAtMs: 21 }
}

/** A job that runs. */
export function jobRow(id: JobId): JobRow {
  return {
    id,
    submitter: NAMES.submitter,
    ref: 'mine',
    spec: '{"name":"primes"}',
    state: 'running',
    reason: '',
    createdAtMs: 30,
    finishedAtMs: null,
    units: 256,
    gigafuelPriceMicro: 10n,
    feeBasisPoints: 500,
    budgetMicro: 2_560n,
    paidMicro: 0n,
    feeMicro: 0n,
    replicaMicro: 0n,
    roundedNano: 0n,
    fuel: 0n,
    failedUnits: 0,
    replicaLeases: 0,
    speculativeLeases: 0,
    leases: 0,
    resultSha256: null,
    resultBytes: null,
    unitFuelLeast: null,
    unitFuelGreatest: null,
    billSha256: null,
    billBytes: null,
    expectedWrongUnits: 0,
  }
}

/** A lease that is out: 64 units, the first chosen by its id. */
export function leaseRow(id: number, job: JobId, device: DeviceId): LeaseRow {
  return {
    id,
    job,
    device,
    firstUnit: id * 64,
    unitCount: 64,
    state: 'out',
    issuedAtMs: 40,
    leaseMs: 60_000,
    speculative: false,
    placement: '',
    digest: null,
    outputs: null,
  }
}

/** 64 accepted units with three bytes of outputs. */
export function acceptedRow(job: JobId, firstUnit: number): AcceptedRow {
  return { job, firstUnit, unitCount: 64, digest: NAMES.digest, outputs: Uint8Array.of(9, 8, 7), solo: null, fuel: 640 }
}

/** An account with these sums and nothing pending. */
export function accountRow(id: string, debitsMicro: bigint, creditsMicro: bigint): AccountRow {
  return { id, debitsMicro, creditsMicro, debitsPendingMicro: 0n, creditsPendingMicro: 0n, remainder: 0 }
}

/** A transfer that moves money from the treasury at once, with the id that its purpose gives it. */
export function transferRow(credit: string, amountMicro: bigint, purpose: string, atMs: number): TransferRow {
  const id = createHash('sha256').update(utf8(purpose)).digest('hex').slice(0, 32)
  const whole = { phase: 'single', pending: null, timeoutMs: null } as const
  return { id, kind: 'fund', debit: 'treasury', credit, amountMicro, purpose, atMs, ...whole }
}

/** The writes that fund an account from the treasury at a time, which also makes the transfer's id. */
export function fund(account: string, amountMicro: bigint, atMs: number): Write[] {
  return [
    { table: 'account', row: accountRow('treasury', amountMicro, 0n) },
    { table: 'account', row: accountRow(account, 0n, amountMicro) },
    { table: 'transfer', row: transferRow(account, amountMicro, `fund/${account}/${atMs}`, atMs) },
  ]
}
