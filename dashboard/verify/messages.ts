/** What the page and its verifying worker say to each other. Everything is cloned on the way, so amounts stay bigint and bytes stay bytes. */
import type { AuditFigures } from '../../auditor/report.ts'
import type { LogEntry, TransferKind } from '../../protocol/index.ts'
import type { Continuity, RememberedCheckpoint } from './continuity.ts'

/** What the page asks for. The worker answers each with one {@link Answer} of the same number. */
export type Question =
  /** The newest checkpoint, and whether the one seen last is its beginning. `witnessKeys` are verifier keys as text. */
  | { readonly kind: 'checkpoint'; readonly seen: RememberedCheckpoint | null; readonly witnessKeys: readonly string[] }
  /** Entries `from`..`to` (exclusive) of the newest checkpoint's tree, at most 256. */
  | { readonly kind: 'entries'; readonly from: number; readonly to: number }
  /** Whether one entry is in the tree of the newest checkpoint. */
  | { readonly kind: 'inclusion'; readonly index: number }
  /** Whether the log's key is the one that a claim code or a region's id names. */
  | { readonly kind: 'compare'; readonly text: string }
  /** The whole log up to the newest checkpoint; what was replayed before is not read again. */
  | { readonly kind: 'replay' }

/** Somebody who cosigned a checkpoint. */
export interface CosignatureCheck {
  readonly name: string
  /** Seconds since 1970; null when the line is of another form. */
  readonly timeS: number | null
  /** `unknown` when no key of that name was given. */
  readonly verdict: 'valid' | 'invalid' | 'unknown'
}

/** A checkpoint that was checked in this browser. */
export interface CheckedCheckpoint {
  readonly origin: string
  readonly region: string
  readonly regionId: string
  readonly logKey: string
  readonly size: number
  readonly rootHex: string
  /** Whether the region's id is made of its key. */
  readonly idMatchesKey: boolean
  /** Whether the key's signature of the checkpoint is valid; why not, otherwise. */
  readonly signature: { readonly valid: boolean; readonly reason: string }
  readonly continuity: Continuity
  readonly cosignatures: readonly CosignatureCheck[]
}

/** What came of comparing the log's key with what a person has from elsewhere. */
export type KeyComparison = 'same' | 'other' | 'unreadable'

/** One entry as it stands in the log. */
export interface ListedEntry {
  readonly index: number
  /** Null when it cannot be read. */
  readonly entry: LogEntry | null
  readonly problem: string
  readonly bytes: number
}

/** A proof that was checked here. */
export interface InclusionCheck {
  readonly index: number
  readonly size: number
  readonly leafHex: string
  /** Hashes of the path, from the entry up. */
  readonly pathHex: readonly string[]
  readonly valid: boolean
  readonly reason: string
}

/** An account as the log leads to it. */
export interface BookedAccount {
  readonly id: string
  readonly form: string
  readonly debitsMicro: bigint
  readonly creditsMicro: bigint
  readonly pendingMicro: bigint
}

/** How much money of a kind has gone from accounts of one form to those of another. */
export interface Flow {
  readonly kind: TransferKind
  readonly from: string
  readonly to: string
  readonly amountMicro: bigint
  readonly transfers: number
}

/** What a replay of the whole log came to. */
export interface Books {
  readonly region: string
  readonly size: number
  readonly rootHex: string
  /** The root over all entries is the signed one. */
  readonly rootMatches: boolean
  readonly figures: AuditFigures
  readonly accounts: readonly BookedAccount[]
  readonly flows: readonly Flow[]
  readonly sumMicro: bigint
  readonly problems: readonly { readonly rule: string; readonly entry: number | null; readonly message: string }[]
  readonly problemCount: number
  readonly startsFromBalances: boolean
}

/** What comes back. */
export type Answer =
  | { readonly id: number; readonly kind: 'checkpoint'; readonly checked: CheckedCheckpoint | null }
  | { readonly id: number; readonly kind: 'entries'; readonly size: number; readonly entries: readonly ListedEntry[] }
  | { readonly id: number; readonly kind: 'inclusion'; readonly check: InclusionCheck }
  | { readonly id: number; readonly kind: 'compare'; readonly comparison: KeyComparison }
  | { readonly id: number; readonly kind: 'replay'; readonly books: Books | null }
  /** Any number of these before the answer to `replay`. */
  | { readonly id: number; readonly kind: 'progress'; readonly entries: number; readonly size: number }
  | { readonly id: number; readonly kind: 'failed'; readonly message: string }
