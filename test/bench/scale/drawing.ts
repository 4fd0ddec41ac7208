/** The curve as a picture. */
import type { Panel, Plot } from '../plot.ts'
import type { CurvePoint } from './curve.ts'
import { DECISION, type DecisionCosts } from './decision.ts'

/** What is drawn of the steps, with the names it has there. */
const STEPS: readonly (readonly [what: string, name: string])[] = [
  [DECISION, 'granted after a result'],
  ['lease granted after a status', 'after a status'],
  ['status of an idle device', 'idle status'],
]

/** Panels of what was measured; nothing is drawn of a part that was not. */
export function scalePlot(decisions: readonly DecisionCosts[], curve: readonly CurvePoint[]): Plot {
  const panels: Panel[] = []
  if (decisions.length > 0) {
    const pointsOf = (what: string) =>
      decisions.flatMap(({ devices, costs }) => {
        const cost = costs.find(known => known.what === what)
        return cost === undefined ? [] : [[devices, cost.median] as const]
      })
    panels.push({
      title: 'Scheduling, µs a step (median)',
      lines: STEPS.map(([what, name]) => ({ name, points: pointsOf(what) })),
      bound: { name: 'target 50 µs', y: 50 },
      isLogarithmic: true,
    })
  }
  if (curve.length > 0) {
    const line = (name: string, of: (point: CurvePoint) => number | null) => ({
      name,
      points: curve.flatMap(point => {
        const value = of(point)
        // A part of noise that comes out below nothing says nothing.
        return value === null || value < 0 ? [] : [[point.devices, value] as const]
      }),
    })
    panels.push(
      {
        title: 'Messages a second',
        lines: [
          line('heartbeats', point => point.heartbeatsPerSecond),
          line('dispatches', point => point.dispatchesPerSecond),
          line('joins', point => point.joinsPerSecond),
        ],
        isLogarithmic: true,
      },
      {
        title: 'Memory, kB a device',
        lines: [
          line('beyond the broker', point => point.beyondBrokerKb),
          line('live objects alone', point => point.heapBeyondBrokerKb),
        ],
        bound: { name: 'target 12 kB', y: 12 },
      },
      { title: 'Coordinator, MiB resident', lines: [line('resident', point => point.coordinatorMiB)] },
    )
  }
  return { title: 'One coordinator on two cores', xName: 'connected devices', panels }
}
