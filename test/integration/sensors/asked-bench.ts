/** Drives sensors that speak when asked: time passes for the driver only as fast as its simulator does something. */
import { QUIET_MS } from '../../../hardware/drivers/asked-port.ts'
import type { Measurement, Sensor } from '../../../hardware/sensor.ts'
import type { Exchange } from '../../../hardware/simulated/asked.ts'
import type { VirtualClock } from '../../support/virtual-clock.ts'

/** Longer than any driver waits for an answer. */
const GIVE_UP_MS = 800
const TICK_MS = 2
/** Enough for the pauses of drivers between questions, and too little for any of them to give up. */
const UNHEARD_MS = 100

export interface Exchanges {
  /** For a simulator's options. */
  readonly onExchange: (exchange: Exchange) => void
  readonly count: number
  readonly intactCount: number
  /**
   * Lets time pass for a driver until a promise of its is settled: a little while an answer is on its way, however long that takes on a busy
   * machine, and at once where none will come.
   * @param unheardMs - how much time may pass without a question reaching the simulator; for those that cannot hear
   */
  settle<T>(clock: VirtualClock, promise: Promise<T>, unheardMs?: number): Promise<T>
}

/** @param timeoutMs - how long the driver waits for an answer */
export function watchExchanges(timeoutMs: number): Exchanges {
  const unseen: Exchange[] = []
  let count = 0
  let intactCount = 0
  let wake = (): void => {}
  return {
    onExchange: exchange => {
      count++
      if (exchange.intact) intactCount++
      unseen.push(exchange)
      wake()
    },
    get count() {
      return count
    },
    get intactCount() {
      return intactCount
    },
    async settle(clock, promise, unheardMs = UNHEARD_MS) {
      unseen.length = 0
      let leftMs = unheardMs
      let settled = false
      const over = promise.then(
        () => {
          settled = true
        },
        () => {
          settled = true
        },
      )
      while (!settled) {
        if (unseen.length === 0) await Promise.race([over, untilWoken(), tick()])
        const exchange = unseen.shift()
        if (exchange !== undefined) leftMs = unheardMs
        if (settled || exchange?.intact === true || leftMs <= 0) continue
        if (exchange === undefined) leftMs -= TICK_MS
        // What is left of a broken answer is still on its way.
        else await tick()
        await clock.advance(exchange === undefined ? TICK_MS : timeoutMs + QUIET_MS)
      }
      return promise
    },
  }

  function untilWoken(): Promise<void> {
    return new Promise(resolve => {
      wake = resolve
    })
  }
}

/** Lets time pass for a driver each time that bytes have reached it, until a promise is settled: for answers that are never whole. */
export async function giveUpOnBytes<T>(clock: VirtualClock, sensor: Sensor, promise: Promise<T>): Promise<T> {
  let settled = false
  const over = promise.finally(() => {
    settled = true
  })
  over.catch(() => {})
  for (let seen = 0; !settled; ) {
    const received = sensor.health().counters.receivedBytes ?? 0
    if (received > seen) await clock.advance(GIVE_UP_MS)
    else await tick()
    seen = received
  }
  return promise
}

/** Lets time pass for a driver whose sensor does not even hear, until a promise is settled. */
export async function giveUp<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  let settled = false
  const over = promise.finally(() => {
    settled = true
  })
  over.catch(() => {})
  while (!settled) {
    await tick()
    if (!settled) await clock.advance(GIVE_UP_MS)
  }
  return promise
}

export function value({ values, faults }: Measurement, channel = 0): number | string | null {
  return values[channel] ?? faults[channel] ?? null
}

/** What is wrong, in the words a person gets. */
export function adviceOf(sensor: Sensor): string {
  return sensor.health().advice
}

function tick(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, TICK_MS))
}
