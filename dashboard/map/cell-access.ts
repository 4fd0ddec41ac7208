/** Who may see cells, and how what is known of them is kept. */
import type { PublicCell } from '../../coordinator/http/live-api.ts'

/** Where whoever is signed in sees cells: `all` where data is open, a submitter its `own` campaigns, otherwise `none`. */
export type CellAccess = 'all' | 'own' | 'none'

/** What may be asked for with the role and the region's openness. */
export function cellAccess(openData: boolean, who: string): CellAccess {
  if (openData || who === 'operator') return 'all'
  return who === 'submitter' ? 'own' : 'none'
}

/** Cells by campaign and cell, with those that changed. */
export function withCells(
  known: ReadonlyMap<string, PublicCell>,
  changed: readonly PublicCell[],
): Map<string, PublicCell> {
  const merged = new Map(known)
  for (const cell of changed) merged.set(`${cell.campaign} ${cell.cell}`, cell)
  return merged
}
