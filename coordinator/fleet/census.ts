/** How many of the devices that have worked here were caught: what the region knows itself about the share of saboteurs. */
import type { DeviceId } from '../../protocol/index.ts'
import type { DeviceRow } from '../store/rows.ts'

/** Honest devices assumed beside those there are, so that one that is caught among five does not count as a fifth. */
const ASSUMED_HONEST = 20

type Counted = Pick<DeviceRow, 'id' | 'standing' | 'unitsAccepted' | 'unitsRejected'>

const hasWorked = ({ unitsAccepted, unitsRejected }: Counted): boolean => unitsAccepted + unitsRejected > 0

export class Census {
  private readonly outcasts = new Set<DeviceId>()
  private worked = 0

  /** Devices that were caught and are not reinstated. */
  get caught(): ReadonlySet<DeviceId> {
    return this.outcasts
  }

  /** Share of the devices that have worked here which are caught now; below 1. */
  get caughtShare(): number {
    return this.outcasts.size / (this.worked + ASSUMED_HONEST)
  }

  /** Counts a device that belongs to the region from now on. */
  add(row: Counted): void {
    this.count(row, 1)
  }

  /** Counts again a device of which something changes. */
  change(row: Counted, apply: () => void): void {
    this.count(row, -1)
    apply()
    this.count(row, 1)
  }

  private count(row: Counted, by: 1 | -1): void {
    if (by > 0 && row.standing === 'caught') this.outcasts.add(row.id)
    else this.outcasts.delete(row.id)
    if (row.standing === 'caught' || hasWorked(row)) this.worked += by
  }
}
