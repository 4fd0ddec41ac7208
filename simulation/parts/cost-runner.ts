/** A runner that runs nothing: outcomes come from the cost model, and time passes as the device's speed says. */
import type { Runner, RunRequest, RunResult } from '../../device/index.ts'
import { TaskError } from '../../protocol/index.ts'
import type { Life, World } from '../world/world.ts'
import { shapeOf, unitOutcome } from './cost-model.ts'
import type { Conduct } from './manners.ts'

export interface CostRunnerInit {
  /** Fuel that the device burns in a millisecond. */
  readonly fuelPerMs: number
  /** Time that a run costs beside its units. */
  readonly overheadMs: number
  /** Hears how long the machine was busy. */
  onBusy?(busyMs: number): void
}

export function costRunner(world: World, life: Life, conduct: Conduct, init: CostRunnerInit): Runner {
  return {
    run(request: RunRequest, signal?: AbortSignal): Promise<RunResult> {
      const shape = shapeOf(request.args)
      const honest = request.inputs.map(input => unitOutcome(shape, input))
      const fuel = honest.reduce((sum, outcome) => sum + outcome.fuel, 0)
      const { outputs, effort } = conduct.answer(shape, request, honest)
      const elapsedMs = init.overheadMs + (effort * fuel) / init.fuelPerMs
      const { promise, resolve, reject } = Promise.withResolvers<RunResult>()
      signal?.addEventListener('abort', () => reject(new TaskError({ code: 'cancelled' }, 'It was called off.')))
      if (outputs !== null) {
        world.after(
          elapsedMs,
          () => {
            init.onBusy?.(elapsedMs)
            resolve({ outputs, elapsedMs })
          },
          life,
        )
      }
      return promise
    },
    close: async () => {},
  }
}
