/** The last changes of prices, for people. The public log has all of them. */

const CHANGES_KEPT = 200

export interface PriceChange {
  readonly what: string
  /** From which epoch on it holds. */
  readonly epoch: number
  readonly atMs: number
  readonly beforeMicro: bigint
  readonly afterMicro: bigint
  /** Of the epoch before. */
  readonly utilisationBasisPoints: bigint | null
  readonly ceilingMicro: bigint
  /** What held it back. */
  readonly bound: 'ceiling' | 'ground' | null
}

type Stored = [string, number, number, string, string, string | null, string, PriceChange['bound']]

export class PriceHistory {
  private readonly changes: PriceChange[] = []

  /** Oldest first. */
  all(): readonly PriceChange[] {
    return this.changes
  }

  add(changes: readonly PriceChange[]): void {
    this.changes.push(...changes)
    this.changes.splice(0, Math.max(0, this.changes.length - CHANGES_KEPT))
  }

  toText(): string {
    return JSON.stringify(
      this.changes.map((change): Stored => {
        const { what, epoch, atMs, beforeMicro, afterMicro, utilisationBasisPoints, ceilingMicro, bound } = change
        const utilisation = utilisationBasisPoints === null ? null : `${utilisationBasisPoints}`
        return [what, epoch, atMs, `${beforeMicro}`, `${afterMicro}`, utilisation, `${ceilingMicro}`, bound]
      }),
    )
  }

  static fromText(text: string | null): PriceHistory {
    const history = new PriceHistory()
    const stored = text === null ? [] : (JSON.parse(text) as Stored[])
    for (const [what, epoch, atMs, before, after, utilisation, ceiling, bound] of stored) {
      const prices = { beforeMicro: BigInt(before), afterMicro: BigInt(after), ceilingMicro: BigInt(ceiling) }
      const utilisationBasisPoints = utilisation === null ? null : BigInt(utilisation)
      history.changes.push({ what, epoch, atMs, ...prices, utilisationBasisPoints, bound })
    }
    return history
  }
}
