/** What cells came to in the newest window of every running campaign. Read from the store when first asked, kept up to date from then on. */
import { type CampaignId, parseStoredCampaign, QUANTITIES } from '../../protocol/index.ts'
import type { PublicCell } from '../http/live-api.ts'
import type { CampaignRow, Store, WindowRow } from '../store/rows.ts'

export interface PublicCellsComponents {
  store: Pick<Store, 'windows'>
  /** Campaigns that run now. */
  running(): Iterable<{ readonly row: CampaignRow }>
}

/** Cells shown in all: as many as a page draws. */
export const PUBLIC_CELLS_MAX = 10_000
/** Windows looked through for the newest of each cell; cells of before them have long been silent. */
const WINDOWS_READ_MAX = 20_000

/** What is known of a campaign: what is the same for all of its cells, and the newest window of each. */
interface KnownCampaign {
  readonly what: Pick<PublicCell, 'campaign' | 'name' | 'quantity' | 'unit'>
  readonly windowMs: number
  readonly cells: Map<string, PublicCell>
}

export class PublicCellBook {
  private readonly components: PublicCellsComponents
  private readonly campaigns = new Map<CampaignId, KnownCampaign>()
  /** Whether anybody ever asked; before, nothing is read and nothing kept. */
  private isUsed = false

  constructor(components: PublicCellsComponents) {
    this.components = components
  }

  /** By campaign, then cell; up to {@link PUBLIC_CELLS_MAX}. */
  all(): PublicCell[] {
    this.isUsed = true
    const rows = [...this.components.running()].map(({ row }) => row)
    const ids = new Set(rows.map(({ id }) => id))
    for (const id of this.campaigns.keys()) if (!ids.has(id)) this.campaigns.delete(id)
    const cells: PublicCell[] = []
    for (const row of rows) {
      for (const cell of this.known(row).cells.values()) {
        if (cells.length === PUBLIC_CELLS_MAX) return cells
        cells.push(cell)
      }
    }
    return cells
  }

  /** Windows of a campaign were judged, anew or again. @returns the cells whose newest windows these are */
  note(row: CampaignRow, windows: readonly WindowRow[]): PublicCell[] {
    if (!this.isUsed) return []
    const known = this.known(row)
    const { cells } = known
    const changed: PublicCell[] = []
    for (const window of windows) {
      const before = cells.get(window.cell)
      const isShown = before === undefined ? cells.size < PUBLIC_CELLS_MAX : before.fromMs <= window.windowMs
      if (!isShown) continue
      const cell = publicCell(known, window)
      cells.set(window.cell, cell)
      changed.push(cell)
    }
    return changed
  }

  private known(row: CampaignRow): KnownCampaign {
    const found = this.campaigns.get(row.id)
    if (found !== undefined) return found
    const { quantity, windowMs, name } = parseStoredCampaign(row.spec)
    const what = { campaign: row.id, name, quantity, unit: QUANTITIES.get(quantity)?.unit ?? '' }
    const known: KnownCampaign = { what, windowMs, cells: new Map() }
    const newest = this.components.store.windows({ campaign: row.id, newestFirst: true, limit: WINDOWS_READ_MAX })
    for (const window of newest) {
      if (!known.cells.has(window.cell) && known.cells.size < PUBLIC_CELLS_MAX) {
        known.cells.set(window.cell, publicCell(known, window))
      }
    }
    this.campaigns.set(row.id, known)
    return known
  }
}

function publicCell({ what, windowMs: lengthMs }: KnownCampaign, window: WindowRow): PublicCell {
  const { cell, windowMs: fromMs, value, least, greatest, sensors, accepted, readings } = window
  return { ...what, cell, fromMs, toMs: fromMs + lengthMs, value, least, greatest, sensors, accepted, readings }
}
