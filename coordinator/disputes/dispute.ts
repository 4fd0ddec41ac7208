/** What the department's parts share. */
import { createHash } from 'node:crypto'
import {
  type CampaignId,
  type DeviceId,
  type DisputeEndEntry,
  formatCredits,
  type SensorId,
  type SubmitterName,
  toBase32,
} from '../../protocol/index.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Books } from '../ledger/holdback.ts'
import { availableAccount, escrowAccount, SLASHED, submitterAccount } from '../ledger/ledger.ts'
import type { Sensing } from '../sensing/sensing.ts'
import type { DisputeRow } from '../store/rows.ts'
import type { CaseFile } from './case-file.ts'

/** Who disputes. */
export type Party =
  | { readonly kind: 'submitter'; readonly name: SubmitterName }
  | { readonly kind: 'device'; readonly device: DeviceId }
  /** The region itself, about what rests on the word of a device that was caught. */
  | { readonly kind: 'region' }

/** What is disputed, as the log names it. */
export type Subject =
  | { readonly kind: 'lease'; readonly lease: number }
  | { readonly kind: 'verdict'; readonly campaign: CampaignId; readonly windowMs: number; readonly sensor: SensorId }

/** The books and the departments that a dispute may have to set right. */
export interface DisputeDesk extends Books {
  readonly jobs: Jobs
  readonly sensing: Sensing
}

/** A dispute that is open. */
export interface OpenDispute {
  readonly row: DisputeRow
  /** The file that a second look goes by; null until it has been read. */
  file: CaseFile | null
  /** The shell has been asked to prepare the second look. */
  asked: boolean
  /** Monotonic time at which its second look began. */
  sinceMs: number | null
}

/** How a dispute ended, with a sentence or more for people. */
export interface Ending {
  readonly outcome: DisputeEndEntry['outcome']
  readonly detail: string
}

const ID_BYTES = 10

/** `lease/<id>` or `verdict/<campaign>/<window>/<sensor>` */
export function subjectText(subject: Subject): string {
  if (subject.kind === 'lease') return `lease/${subject.lease}`
  return `verdict/${subject.campaign}/${subject.windowMs}/${subject.sensor}`
}

/**
 * The id of the one dispute that there can be about a subject, so that the same deposit cannot be booked twice.
 * @see spec/clauses.md [DISP-1.4]
 */
export function disputeId(subject: Subject): string {
  return toBase32(
    createHash('sha256')
      .update(`dispute/${subjectText(subject)}`)
      .digest()
      .subarray(0, ID_BYTES),
  )
}

/** What a dispute is about. */
export function subjectOf({ lease, campaign, windowMs, sensor }: DisputeRow): Subject {
  if (lease !== null) return { kind: 'lease', lease }
  return {
    kind: 'verdict',
    campaign: campaign as CampaignId,
    windowMs: windowMs as number,
    sensor: sensor as SensorId,
  }
}

/** The account that the deposit of a party is taken from; of the region, which makes none, the one that pays for its second looks. */
export function accountOf(party: Party): string {
  if (party.kind === 'region') return SLASHED
  return party.kind === 'submitter' ? submitterAccount(party.name) : availableAccount(party.device)
}

/** Whose dispute it is. */
export function partyOf({ account }: Pick<DisputeRow, 'account'>): Party {
  if (account === SLASHED) return { kind: 'region' }
  const [kind, subject] = account.split(':') as [string, string]
  if (kind === 'submitter') return { kind, name: subject as SubmitterName }
  return { kind: 'device', device: subject as DeviceId }
}

export const depositPurpose = (dispute: string): string => `deposit/${dispute}`

/** The account that a second look is paid from. */
export const disputeEscrow = (dispute: string): string => escrowAccount(dispute)

/** An amount in words. */
export const credits = (micro: bigint): string => `${formatCredits(micro)} credits`

/** `unit 3`, or `units 3 to 7`. */
export function unitsText(first: number, count: number): string {
  return count === 1 ? `unit ${first}` : `units ${first} to ${first + count - 1}`
}

/** What whoever disputes wrongly loses beside the cost of the second look, as far as the deposit still holds it. */
export function forfeitMicro({ ledger, policy }: DisputeDesk, dispute: string): bigint {
  const leftMicro = ledger.holdOf(depositPurpose(dispute))?.leftMicro ?? 0n
  return leftMicro < policy.disputeDepositMicro ? leftMicro : policy.disputeDepositMicro
}

/** `1 device`, or `3 devices`. */
export const countText = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`
