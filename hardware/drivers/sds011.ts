/** Nova SDS011: PM2.5 and PM10 from a laser in a fan's stream, once a second, on a serial port. */
import { type Clock, HardwareError } from '../../protocol/index.ts'
import { channelOf, measurementOf } from '../scaled.ts'
import type { Sensor } from '../sensor.ts'
import type { Sds011Config } from '../sensor-config.ts'
import { openTalker, type Talker } from '../serial/talker.ts'
import type { DriverComponents } from './components.ts'
import { SDS011_BAUD, SDS011_COMMANDS, SDS011_FORMAT, sds011Command } from './sds011-frames.ts'
import { sds011Reader } from './sds011-reader.ts'

/** A frame comes each second. */
const FRESH_MS = 10_000
/** Long enough to wake one that sleeps and hear its answers. */
const IDENTIFY_MS = 15_000
const MINUTE_MS = 60_000

/**
 * Opens a sensor and waits until it has said its id, at most 15 s. A sensor that talks is sent nothing, so that a wire for listening is
 * enough. One that is silent is told to work, to report by itself, and how often (which the sensor keeps).
 * A sample is the mean of the frames since the last sample, without the least and the greatest when there are more than two; the newest
 * frame decides whether there is a value at all.
 * @throws {HardwareError} `unreadable` when there is no such port, `no_answer` when no SDS011 is heard on it; the sentence says why
 */
export async function openSds011(parts: DriverComponents, config: Sds011Config): Promise<Sensor> {
  const periodMin = config.workPeriodMin ?? 0
  const settings = [
    sds011Command(SDS011_COMMANDS.work, 1),
    sds011Command(SDS011_COMMANDS.mode, 0),
    sds011Command(SDS011_COMMANDS.period, periodMin),
  ]
  const reader = sds011Reader(parts.clock, config.port)
  const talker = openTalker(parts, {
    path: config.port,
    settings: { baudRate: SDS011_BAUD },
    format: SDS011_FORMAT,
    name: 'SDS011',
    freshMs: FRESH_MS + periodMin * MINUTE_MS,
    wake: settings,
    greet: periodMin === 0 ? [] : settings,
    onFrame: frame => reader.hear(frame),
    onSilent: () => reader.forget(),
  })
  await untilIdentified(parts.clock, talker, reader.identified, config.port)
  return {
    model: 'sds011',
    serial: reader.serial,
    channels: [channelOf('pm2.5'), channelOf('pm10')],
    sample: async () => {
      const outcomes = reader.take()
      const fault = talker.fault()
      return measurementOf(outcomes.map(outcome => fault ?? outcome))
    },
    health: () => {
      const line = talker.health()
      const counters = { ...line.counters, otherSensorFrames: reader.otherSensorFrames }
      return line.state === 'ok' ? { ...reader.state(), counters } : { ...line, counters }
    },
    close: () => talker.close(),
  }
}

/** Closes the talker and throws when the sensor does not say who it is. */
async function untilIdentified(clock: Clock, talker: Talker, identified: Promise<void>, path: string): Promise<void> {
  const late = Promise.withResolvers<'late'>()
  const timer = clock.setTimeout(() => late.resolve('late'), IDENTIFY_MS)
  await talker.tried
  const isThere = talker.fault() !== 'unplugged'
  const outcome = isThere ? await Promise.race([identified, late.promise]) : 'late'
  timer.cancel()
  if (outcome !== 'late') return
  const { advice } = talker.health()
  await talker.close()
  throw new HardwareError(
    isThere ? { code: 'no_answer', path, timeoutMs: IDENTIFY_MS } : { code: 'unreadable', path },
    advice,
  )
}
