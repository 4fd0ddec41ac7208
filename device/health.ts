// Not through hardware's door: a device without sensors loads no more of it than its own board's health.
import { readSocTemperatureMilliC, readThrottled, type SocInit } from '../hardware/soc.ts'
import { HardwareError } from '../protocol/index.ts'
import type { Log } from './log.ts'

/** What the board says of itself; null where it says nothing. */
export interface Health {
  readonly socTemperatureMilliC: number | null
  readonly underVoltage: boolean | null
  readonly throttled: boolean | null
}

/** Reads the board's health. A board that answers nonsense is treated as one that says nothing, and logged once. */
export function healthReader(log: Log, init: SocInit = {}): () => Health {
  let complained = false
  return () => {
    try {
      const throttled = readThrottled(init)
      return {
        socTemperatureMilliC: readSocTemperatureMilliC(init),
        underVoltage: throttled?.underVoltage ?? null,
        throttled: throttled?.throttled ?? null,
      }
    } catch (thrown) {
      if (!(thrown instanceof HardwareError)) throw thrown
      if (!complained) log({ level: 'warn', event: 'board_unreadable', reason: thrown.message })
      complained = true
      return { socTemperatureMilliC: null, underVoltage: null, throttled: null }
    }
  }
}
