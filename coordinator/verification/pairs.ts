/**
 * Which owners have agreed with each other, and whether anybody else has said the same. Two of one mind are believed no more than one, and
 * nothing that only the two have seen can show it: so others are asked now and then, and what they say is kept here.
 * Kept in memory: a restart forgets, and asks again.
 */
import type { OwnerName } from '../../protocol/index.ts'

/** What is known of two owners. */
export interface PairRecord {
  readonly owners: readonly [OwnerName, OwnerName]
  /** Runs that the two decided alone. */
  alone: number
  /** Runs on which they agreed and a third owner said the same. */
  confirmed: number
  /** Runs on which they agreed and were voted down. */
  refuted: number
}

/** Pairs that are kept; the one that has not met for longest goes first, one of one mind never. */
const PAIRS_MAX = 50_000
const VOICES_MAX = 10_000

export class Pairs {
  private readonly records = new Map<string, PairRecord>()
  /** Of one mind: they have given a wrong answer together. */
  private readonly refuted = new Map<string, PairRecord>()

  /** What is known of two owners; null when they have never met, or long ago. */
  of(a: OwnerName, b: OwnerName): PairRecord | null {
    return this.records.get(keyOf(a, b)) ?? null
  }

  /** Two owners have decided a run alone. */
  decided(a: OwnerName, b: OwnerName): void {
    this.touch(a, b).alone++
  }

  /** Three owners or more have said the same, and it was accepted. */
  confirmed(owners: readonly OwnerName[]): void {
    if (owners.length < 3) return
    for (const [a, b] of pairsOf(owners)) this.touch(a, b).confirmed++
  }

  /** Owners have said the same, and it was voted down. */
  wereWrong(owners: readonly OwnerName[]): void {
    for (const [a, b] of pairsOf(owners)) {
      const record = this.touch(a, b)
      record.refuted++
      if (this.refuted.size < VOICES_MAX) this.refuted.set(keyOf(a, b), record)
    }
  }

  /**
   * Whether the agreement of two owners counts as one voice.
   * @see spec/clauses.md [VERIFY-4.2]
   */
  areOne(a: OwnerName, b: OwnerName): boolean {
    return this.refuted.size > 0 && this.refuted.has(keyOf(a, b))
  }

  /** Those of one mind that an owner belongs to. */
  refutedWith(owner: OwnerName): PairRecord[] {
    return [...this.refuted.values()].filter(({ owners }) => owners.includes(owner))
  }

  private touch(a: OwnerName, b: OwnerName): PairRecord {
    const key = keyOf(a, b)
    const record = this.records.get(key) ?? this.refuted.get(key) ?? newRecord(a, b)
    // Taken out and put back, the order of the map is that of their last meetings.
    this.records.delete(key)
    const [oldest] = this.records.size < PAIRS_MAX ? [] : this.records.keys()
    if (oldest !== undefined) this.records.delete(oldest)
    this.records.set(key, record)
    return record
  }
}

const newRecord = (a: OwnerName, b: OwnerName): PairRecord => ({ owners: [a, b], alone: 0, confirmed: 0, refuted: 0 })

/** The same whichever comes first; no name has a space. */
const keyOf = (a: OwnerName, b: OwnerName): string => (a < b ? `${a} ${b}` : `${b} ${a}`)

function* pairsOf(owners: readonly OwnerName[]): Generator<[OwnerName, OwnerName]> {
  for (const [index, a] of owners.entries()) {
    for (const b of owners.slice(index + 1)) if (a !== b) yield [a, b]
  }
}
