/** How many of the devices that have worked here were caught: what the region knows itself about the share of saboteurs. */
import type { DeviceRow } from '../store/rows.ts'

/** Honest devices assumed beside those there are, so that one that is caught among five does not count as a fifth. */
const ASSUMED_HONEST = 20

type Counted = Pick<DeviceRow, 'standing' | 'unitsAccepted' | 'unitsRejected'>

const hasWorked = ({ unitsAccepted, unitsRejected }: Counted): boolean => unitsAccepted + unitsRejected > 0

export class Census {
  private worked = 0
  private caught = 0

  /** Share of the devices that have worked here which are caught now; below 1. */
  get caughtShare(): number {
    return this.caught / (this.worked + ASSUMED_HONEST)
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
    if (row.standing === 'caught') this.caught += by
    if (row.standing === 'caught' || hasWorked(row)) this.worked += by
  }
}
