/** What an audit found out. */
import type { Problem } from './problems.ts'
import { ACCOUNT_FORMS, type AccountForm, balanceMicro } from './replay/accounts.ts'
import type { Replay } from './replay/replay.ts'

/** A line that a witness has put under a checkpoint. */
export interface Cosignature {
  readonly name: string
  /** Seconds since 1970; null when the line is of another form. */
  readonly timeS: number | null
  /** Whether it was checked with a key that is known from elsewhere, and held. */
  readonly verified: boolean
}

/** The signed state that was audited. */
export interface AuditedCheckpoint {
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
  readonly cosignatures: readonly Cosignature[]
}

/** The figures of a replayed log. */
export interface AuditFigures {
  readonly entries: number
  readonly transfers: number
  readonly payments: number
  readonly accounts: number
  readonly devices: number
  readonly jobs: number
  readonly jobsOpen: number
  readonly campaigns: number
  readonly campaignsOpen: number
  readonly receipts: number
  readonly bindings: number
  readonly disputes: number
  readonly epochs: number
  /** Pending transfers that are open. */
  readonly pending: number
  /** Balances by form of account. They sum to zero. */
  readonly balancesMicro: Readonly<Record<AccountForm, bigint>>
  /** What the treasury has given out in all. */
  readonly issuedMicro: bigint
  /** What devices have earned in all, and lost of it. */
  readonly earnedMicro: bigint
  readonly lostMicro: bigint
  /** What is still held back, and what has left the region. */
  readonly heldMicro: bigint
  readonly paidOutMicro: bigint
}

export interface AuditReport {
  readonly ok: boolean
  /** Null when the log does not say. */
  readonly region: { readonly id: string; readonly name: string } | null
  readonly checkpoint: AuditedCheckpoint | null
  readonly figures: AuditFigures
  /** What could not be checked, in sentences. */
  readonly notes: readonly string[]
  /** The first hundred broken rules and the first of every other, in the order in which they were found. */
  readonly problems: readonly Problem[]
  readonly problemCount: number
}

/** Adds up a replay. */
export function figuresOf(replay: Replay, entries: number): AuditFigures {
  const balancesMicro = Object.fromEntries(ACCOUNT_FORMS.map(form => [form, 0n])) as Record<AccountForm, bigint>
  let [issuedMicro, earnedMicro, slashedMicro, paidOutMicro] = [0n, 0n, 0n, 0n]
  for (const account of replay.scene.accounts.all()) {
    balancesMicro[account.form] += balanceMicro(account)
    if (account.form === 'treasury') issuedMicro += account.debitsMicro
    if (account.form === 'holdback') {
      earnedMicro += account.creditsMicro
      slashedMicro += account.debitsMicro
    }
    if (account.form === 'available') {
      slashedMicro -= account.creditsMicro
      paidOutMicro += account.debitsMicro
    }
  }
  return {
    entries,
    transfers: replay.transfers.count,
    payments: replay.transfers.payments,
    accounts: replay.scene.accounts.size,
    devices: replay.devices.count,
    jobs: replay.jobs.count,
    jobsOpen: replay.jobs.openCount,
    campaigns: replay.campaigns.count,
    campaignsOpen: replay.campaigns.openCount,
    receipts: replay.receipts.count,
    bindings: replay.bindings.count,
    disputes: replay.disputes.count,
    epochs: replay.payouts.count,
    pending: replay.holds.size,
    balancesMicro,
    issuedMicro,
    earnedMicro,
    lostMicro: slashedMicro,
    heldMicro: balancesMicro.holdback,
    paidOutMicro,
  }
}
