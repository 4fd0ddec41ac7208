/** What everybody may know of the region. */
import { type Clock, campaignId, parseStoredCampaign, QUANTITIES } from '../../protocol/index.ts'
import { ApiError } from '../http/admin-api.ts'
import type { PublicAdminApi, PublicTotals } from '../http/live-api.ts'
import { cellWindow } from '../intake/campaign-view.ts'
import { holdbackAccount } from '../ledger/ledger.ts'
import type { PublicCellBook } from '../live/public-cells.ts'
import type { Region } from '../region.ts'
import type { Store } from '../store/rows.ts'

export interface PublicAdminComponents {
  region: Region
  store: Pick<Store, 'campaign' | 'windows' | 'jobsDone'>
  cells: PublicCellBook
  clock: Clock
}

/** More than a chart has points. */
const WINDOWS_SHOWN_MAX = 2_000
/** Counting looks at every device and every finished job. */
const TOTALS_MS = 10_000

export function createPublicAdmin({ region, store, cells, clock }: PublicAdminComponents): PublicAdminApi {
  let totals: { counted: PublicTotals; atMs: number } | null = null

  const count = (): PublicTotals => {
    const devices = { joined: 0, caught: 0, revoked: 0 }
    const owners = new Set<string>()
    let paidMicro = 0n
    for (const { row } of region.fleet.all()) {
      devices[row.standing]++
      owners.add(row.owner)
      paidMicro += region.ledger.turnoverMicro(holdbackAccount(row.id)).creditsMicro
    }
    const { jobs, units } = store.jobsDone()
    const { transferCount: transfers } = region.ledger
    return {
      devices,
      owners: owners.size,
      jobsFinished: jobs,
      unitsVerified: units,
      transfers,
      paidMicro: `${paidMicro}`,
    }
  }

  return {
    publicTotals: async () => {
      const nowMs = clock.monotonicMs()
      if (totals === null || nowMs - totals.atMs >= TOTALS_MS) totals = { counted: count(), atMs: nowMs }
      return totals.counted
    },
    publicCells: async () => ({ cells: cells.all() }),
    publicHistory: async ({ campaign, cell, from, to }) => {
      const id = campaignId(campaign)
      const row = region.sensing.active(id)?.row ?? store.campaign(id)
      if (!row) throw new ApiError('not_found', `There is no campaign ${id} in this region.`)
      const { name, quantity, windowMs } = parseStoredCampaign(row.spec)
      const newest = store.windows({
        campaign: id,
        cell,
        newestFirst: true,
        limit: WINDOWS_SHOWN_MAX,
        // A window touches `from` when it begins less than its length before it.
        ...(from === undefined ? {} : { fromMs: from - windowMs + 1 }),
        ...(to === undefined ? {} : { toMs: to }),
      })
      const windows = newest.map(window => cellWindow(window, windowMs)).reverse()
      return { campaign: id, name, quantity, unit: QUANTITIES.get(quantity)?.unit ?? '', cell, windows }
    },
  }
}
