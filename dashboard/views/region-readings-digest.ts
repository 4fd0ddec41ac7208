/** What each quantity comes to over all cells. */
import type { PublicCell } from '../../coordinator/http/live-api.ts'

/** A quantity, now. Values are the exact texts of cells. */
export interface QuantityNow {
  readonly quantity: string
  readonly unit: string
  /** Of the cells' values; of two in the middle the lower, so that it is a value that was measured. Null when no cell has one. */
  readonly middle: string | null
  readonly least: string | null
  readonly greatest: string | null
  readonly cells: number
  readonly sensors: number
  readonly accepted: number
  readonly readings: number
  /** End of the newest window. */
  readonly newestMs: number
}

/** Quantities by name. */
export function digestCells(all: readonly PublicCell[]): QuantityNow[] {
  const byQuantity = [...Map.groupBy(all, ({ quantity }) => quantity)].sort(([a], [b]) => (a < b ? -1 : 1))
  return byQuantity.map(([quantity, cells]) => {
    const sum = (part: (cell: PublicCell) => number) => cells.reduce((total, cell) => total + part(cell), 0)
    return {
      quantity,
      unit: cells[0]?.unit ?? '',
      middle: middleOf(cells.map(({ value }) => value)),
      least: inOrder(cells.map(({ least }) => least)).at(0) ?? null,
      greatest: inOrder(cells.map(({ greatest }) => greatest)).at(-1) ?? null,
      cells: new Set(cells.map(({ cell }) => cell)).size,
      sensors: sum(({ sensors }) => sensors),
      accepted: sum(({ accepted }) => accepted),
      readings: sum(({ readings }) => readings),
      newestMs: Math.max(...cells.map(({ toMs }) => toMs)),
    }
  })
}

function middleOf(values: readonly (string | null)[]): string | null {
  const known = inOrder(values)
  return known[Math.floor((known.length - 1) / 2)] ?? null
}

function inOrder(values: readonly (string | null)[]): string[] {
  return values.filter(value => value !== null).sort((a, b) => Number(a) - Number(b))
}
