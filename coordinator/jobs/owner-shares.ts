/** How many units of each job owners hold, for one round of scheduling. */
import type { OwnerName } from '../../protocol/index.ts'
import type { Job } from './job.ts'

interface Holdings {
  total: number
  readonly byOwner: Map<OwnerName, number>
}

/**
 * Counted when first asked for and kept up to date while the round lasts: most rounds serve one owner's devices and never ask.
 */
export class OwnerShares {
  private readonly holdings = new Map<Job, Holdings>()
  private readonly shareMax: number

  constructor(shareMax: number) {
    this.shareMax = shareMax
  }

  /** Whether an owner holds more than its share of a job's units that are out. */
  isOver(job: Job, owner: OwnerName): boolean {
    const { total, byOwner } = this.of(job)
    return (byOwner.get(owner) ?? 0) > this.shareMax * total
  }

  /** A lease has just been given out. */
  add(job: Job, owner: OwnerName, units: number): void {
    const known = this.holdings.get(job)
    if (known !== undefined) count(known, owner, units)
  }

  private of(job: Job): Holdings {
    let holdings = this.holdings.get(job)
    if (holdings === undefined) {
      holdings = { total: 0, byOwner: new Map() }
      for (const { state, owner, count: units } of job.leases.values()) {
        if (state === 'out') count(holdings, owner, units)
      }
      this.holdings.set(job, holdings)
    }
    return holdings
  }
}

function count(holdings: Holdings, owner: OwnerName, units: number): void {
  holdings.total += units
  holdings.byOwner.set(owner, (holdings.byOwner.get(owner) ?? 0) + units)
}
