/** What an SDS011 has said, and what is to be believed of it. */
import type { Clock, SensorFault } from '../../protocol/index.ts'
import type { SensorHealth } from '../sensor.ts'
import { TrimmedMean } from '../serial/trimmed-mean.ts'
import { parseSds011 } from './sds011-frames.ts'

/** What a sensor says while its fan does not turn; both at once are no dust cloud. (opendata-stuttgart/sensors-software 442) */
const FAN_DEAD = { pm25Tenths: 9_999, pm10Tenths: 19_999 } as const
/** The greatest values of the datasheet; one that stands at its end measures no more. */
const PM25_TENTHS_MAX = 9_999
const PM10_TENTHS_MAX = 19_999
/** A fan that is starting gives zeros for some seconds; air is never this clean for long. */
const ZEROS_MAX_MS = 60_000

export interface Sds011Reader {
  /** The sensor's id; null until it has been said twice in a row, since a broken frame may pass a checksum of 8 bits. */
  readonly serial: string | null
  /** Resolves when there is a serial. */
  readonly identified: Promise<void>
  /** Frames of other sensors than the first. */
  readonly otherSensorFrames: number
  /** Takes a frame that passed its check. */
  hear(bytes: Uint8Array): void
  /** What was heard is of the past; the sensor's name stays. */
  forget(): void
  /** PM2.5 and PM10 in tenths since the last call, see {@link TrimmedMean}; a fault where the newest frame has no value. */
  take(): (number | SensorFault)[]
  /** What is wrong with the sensor itself. */
  state(): Pick<SensorHealth, 'state' | 'advice'>
}

/** @param path - of the port, for sentences */
export function sds011Reader(clock: Clock, path: string): Sds011Reader {
  const means = [new TrimmedMean(), new TrimmedMean()]
  const identified = Promise.withResolvers<void>()
  let serial: string | null = null
  let lastId: string | null = null
  let strangerId: string | null = null
  let otherSensorFrames = 0
  /** Of the newest measurement; null before the first. */
  let faults: readonly (SensorFault | null)[] | null = null
  let zerosSinceMs: number | null = null

  /** @returns whether the frame is of the sensor that was first here */
  function isOwn(id: string): boolean {
    const isSure = id === lastId
    lastId = id
    if (serial === null && isSure) {
      serial = id
      identified.resolve()
    }
    if (id === serial) strangerId = null
    else if (serial !== null) {
      otherSensorFrames++
      if (isSure) strangerId = id
    }
    return id === serial
  }

  function onValues(tenths: readonly [pm25: number, pm10: number]): void {
    const now = faultsOf(tenths)
    faults = now
    zerosSinceMs = now[0] === 'warming_up' ? (zerosSinceMs ?? clock.monotonicMs()) : null
    means.forEach((mean, index) => {
      if (now[index] === null) mean.add(tenths[index] ?? 0)
    })
  }

  function fault(channel: number): SensorFault | null {
    if (strangerId !== null) return 'unplugged'
    return faults === null ? 'warming_up' : (faults[channel] ?? null)
  }

  return {
    identified: identified.promise,
    get serial() {
      return serial
    },
    get otherSensorFrames() {
      return otherSensorFrames
    },
    hear: bytes => {
      const frame = parseSds011(bytes)
      if (isOwn(frame.id) && frame.kind === 'measurement') onValues([frame.pm25Tenths, frame.pm10Tenths])
    },
    forget: () => {
      faults = null
      zerosSinceMs = null
      for (const mean of means) mean.clear()
    },
    take: () =>
      means.map((mean, channel) => {
        const value = mean.take()
        return fault(channel) ?? value ?? 'unknown'
      }),
    state: () => {
      if (strangerId !== null) return { state: 'unplugged', advice: strangerAdvice(path, serial ?? '', strangerId) }
      if (faults?.includes('fan_dead')) return { state: 'faulty', advice: FAN_ADVICE }
      if (faults?.includes('out_of_range')) return { state: 'faulty', advice: RANGE_ADVICE }
      if (zerosSinceMs !== null && clock.monotonicMs() - zerosSinceMs > ZEROS_MAX_MS)
        return { state: 'faulty', advice: ZEROS_ADVICE }
      if (faults === null || zerosSinceMs !== null) return { state: 'warming_up', advice: WARMING_ADVICE }
      return { state: 'ok', advice: '' }
    },
  }
}

const FAN_ADVICE =
  'The SDS011 reports 999.9 and 1999.9 µg/m³: its fan does not turn. Blow out dust and insects through the inlet; if that does not help, the sensor is worn out.'
const RANGE_ADVICE =
  'A value of the SDS011 stands at the end of its range: smoke or fog at the inlet, or a dirty laser.'
const WARMING_ADVICE = 'The fan of the SDS011 is starting; values come within a minute.'
const ZEROS_ADVICE =
  'The SDS011 has reported zero for more than a minute: no air comes in. Is the inlet free, and does the fan turn?'

function strangerAdvice(path: string, serial: string, other: string): string {
  return `Another SDS011 (id ${other}) is on ${path} where ${serial} was. Restart the device to use it, or plug the old one in again.`
}

function faultsOf([pm25, pm10]: readonly [pm25: number, pm10: number]): readonly (SensorFault | null)[] {
  if (pm25 === FAN_DEAD.pm25Tenths && pm10 === FAN_DEAD.pm10Tenths) return ['fan_dead', 'fan_dead']
  if (pm25 === 0 && pm10 === 0) return ['warming_up', 'warming_up']
  return [pm25 >= PM25_TENTHS_MAX ? 'out_of_range' : null, pm10 >= PM10_TENTHS_MAX ? 'out_of_range' : null]
}
