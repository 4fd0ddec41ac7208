/** Which sensors may stand in a cell. Their own places are told by larger cells, so it is those around. */
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { SensorSummary } from '../../protocol/sensing/api-types.ts'

/** Sensors whose place lies around a cell, or in it; none while the cell's code is being loaded. */
export function useSensorsIn(cell: string | null, sensors: readonly SensorSummary[]): readonly SensorSummary[] {
  const found = useSignal<readonly SensorSummary[]>([])
  useEffect(() => {
    let isGone = false
    void import('./cells.ts').then(({ isCell, liesIn }) => {
      if (isGone) return
      found.value =
        cell === null
          ? []
          : sensors.filter(
              ({ cell: place }) =>
                place !== null && isCell(place) && isCell(cell) && (liesIn(cell, place) || liesIn(place, cell)),
            )
    })
    return () => {
      isGone = true
    }
  }, [cell, sensors])
  return found.value
}
