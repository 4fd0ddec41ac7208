/** Plantower PMS1003, 3003, 5003, 7003, A003 and the S, T and ST kinds: particles on a serial port, and with some formaldehyde and climate. */
import type { SensorFault } from '../../protocol/index.ts'
import { channelOf, measurementOf } from '../scaled.ts'
import type { Sensor, SensorHealth } from '../sensor.ts'
import type { PlantowerConfig } from '../sensor-config.ts'
import { openTalker } from '../serial/talker.ts'
import { TrimmedMean } from '../serial/trimmed-mean.ts'
import type { DriverComponents } from './components.ts'
import {
  isPlantowerAnswer,
  PLANTOWER_BAUD,
  PLANTOWER_COMMANDS,
  PLANTOWER_FORMAT,
  PLANTOWER_LAYOUTS,
  plantowerCommand,
  readPlantower,
} from './plantower-frames.ts'

/** A frame comes every 2.3 s in calm air, several a second otherwise. */
const FRESH_MS = 10_000
/** The fan's stream is steady this long after it was started (data manual of the PMS7003). */
const STABLE_AFTER_MS = 30_000
/** Outdoor air holds hundreds of particles above 0.3 µm in 0.1 l; none for so long means that no air comes in. A guess for clean rooms. */
const ZEROS_MAX_MS = 300_000

/**
 * Opens a sensor; it may be missing. One that talks is sent nothing; one that is silent is woken and told to report by itself.
 * It has no identity of its own, and nothing in most frames names the model, so that the owner says it.
 * A sample is the mean of the frames since the last sample, without the least and the greatest when there are more than two. For 30 s
 * after it is first heard there are none, since it may have been started just then.
 */
export async function openPlantower(parts: DriverComponents, config: PlantowerConfig): Promise<Sensor> {
  const { clock } = parts
  const model = config.model ?? 'pms5003'
  const layout = PLANTOWER_LAYOUTS[model]
  const means = layout.fields.map(() => new TrimmedMean())
  let heardSinceMs: number | null = null
  let zerosSinceMs: number | null = null
  let otherFrameBytes: number | null = null
  let otherFrames = 0

  function onFrame(frame: Uint8Array): void {
    if (isPlantowerAnswer(frame)) return
    otherFrameBytes = frame.length === layout.frameBytes ? null : frame.length
    if (otherFrameBytes !== null) {
      otherFrames++
      return
    }
    heardSinceMs ??= clock.monotonicMs()
    if (isWarmingUp()) return
    const values = readPlantower(frame, layout)
    zerosSinceMs = values.every(value => value === 0) ? (zerosSinceMs ?? clock.monotonicMs()) : null
    means.forEach((mean, index) => {
      mean.add(values[index] ?? 0)
    })
  }

  const isWarmingUp = (): boolean => heardSinceMs === null || clock.monotonicMs() - heardSinceMs < STABLE_AFTER_MS

  const talker = openTalker(parts, {
    path: config.port,
    settings: { baudRate: PLANTOWER_BAUD },
    format: PLANTOWER_FORMAT,
    name: model.toUpperCase(),
    freshMs: FRESH_MS,
    wake: [plantowerCommand(PLANTOWER_COMMANDS.sleep, 1), plantowerCommand(PLANTOWER_COMMANDS.mode, 1)],
    onFrame,
    onSilent: forget,
  })

  /** What comes after a silence comes from a sensor that was perhaps without power. */
  function forget(): void {
    heardSinceMs = null
    zerosSinceMs = null
    for (const mean of means) mean.clear()
  }

  function fault(): SensorFault | null {
    const ofLine = talker.fault()
    if (ofLine !== null) return ofLine
    if (otherFrameBytes !== null) return 'bad_frames'
    return isWarmingUp() ? 'warming_up' : null
  }

  function health(): SensorHealth {
    const line = talker.health()
    const counters = { ...line.counters, otherModelFrames: otherFrames }
    return line.state === 'ok' ? { ...ofFrames(), counters } : { ...line, counters }
  }

  function ofFrames(): Pick<SensorHealth, 'state' | 'advice'> {
    if (otherFrameBytes !== null)
      return { state: 'faulty', advice: otherModelAdvice(config.port, model, otherFrameBytes) }
    if (isWarmingUp())
      return {
        state: 'warming_up',
        advice: 'The sensor was just started; its fan needs 30 s for a steady stream of air.',
      }
    if (zerosSinceMs !== null && clock.monotonicMs() - zerosSinceMs > ZEROS_MAX_MS)
      return { state: 'faulty', advice: ZEROS_ADVICE }
    return { state: 'ok', advice: '' }
  }

  return {
    model: 'plantower',
    serial: null,
    channels: layout.fields.map(({ quantity }) => channelOf(quantity)),
    sample: async () => {
      const now = fault()
      const values = means.map(mean => mean.take())
      return measurementOf(values.map(value => now ?? value ?? 'unknown'))
    },
    health,
    close: () => talker.close(),
  }
}

const ZEROS_ADVICE =
  'The sensor has counted not one particle for five minutes: no air comes in. Does its fan turn, and are inlet and outlet free?'

function otherModelAdvice(path: string, model: string, frameBytes: number): string {
  const models = Object.entries(PLANTOWER_LAYOUTS).filter(([, layout]) => layout.frameBytes === frameBytes)
  const names = models.map(([name]) => name).join(', ')
  return `The sensor on ${path} sends frames of ${frameBytes} bytes, which a ${model} does not. Set 'model' to what is printed on it: ${names}.`
}
