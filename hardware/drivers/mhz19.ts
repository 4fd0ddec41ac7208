/** Winsen MH-Z19, MH-Z19B and MH-Z19C: carbon dioxide by infrared, on a serial port. */
import { channelOf, outcomeOf } from '../scaled.ts'
import type { Sensor } from '../sensor.ts'
import type { Mhz19Config } from '../sensor-config.ts'
import { openAskedPort } from './asked-port.ts'
import { heard, type Look, openAskedSensor } from './asked-sensor.ts'
import type { DriverComponents } from './components.ts'
import { decodeMhz19, encodeMhz19SelfCalibration, MHZ19_ANSWERS, MHZ19_ASK } from './mhz19-frames.ts'

export const MHZ19_BAUD = 9_600
/** An answer takes 20 ms on the line. */
export const MHZ19_TIMEOUT_MS = 500
/** Until the lamp is warm the sensor gives a number of its own making, such as 410. (manual, "preheat time") */
export const MHZ19_WARM_UP_MS = 180_000
/** The widest range that any of the models can be set to. */
const CO2_PPM_MAX = 10_000

const CO2 = channelOf('co2')
const WARMING: Look = {
  outcomes: ['warming_up'],
  state: 'warming_up',
  advice: 'The MH-Z19 is warming up; values come three minutes after its first answer.',
}
const OUT_OF_RANGE: Look = {
  outcomes: ['out_of_range'],
  state: 'faulty',
  advice:
    'The MH-Z19 reports a concentration that it cannot measure. Cut its power for a minute; if that does not help, it is broken.',
}

/**
 * Opens a sensor, which may be missing yet. It has no number of its own. Whether it has power since long cannot be told, so values are
 * held back for three minutes after it first answers on an opened port. With `selfCalibration` the setting is sent once it has answered;
 * the zero point is never set, since that needs air of 400 ppm. Its temperature is left out: the offset is not documented.
 */
export async function openMhz19(
  components: DriverComponents,
  { port: path, selfCalibration }: Mhz19Config,
): Promise<Sensor> {
  const { clock } = components
  const port = openAskedPort(components, { path, settings: { baudRate: MHZ19_BAUD } })
  let warmAtMs: number | null = null
  let isTold = selfCalibration === undefined

  return openAskedSensor({
    model: 'mhz19',
    name: 'MH-Z19',
    channels: [CO2],
    port,
    timeoutMs: MHZ19_TIMEOUT_MS,
    silentAdvice:
      "Its Tx must go to the port's RX and its Rx to TX: try to swap them. It needs 4.5 to 5.5 V at Vin (3.3 V is not enough).",
    async prepare() {
      warmAtMs = null
      return heard(null)
    },
    async measure() {
      const reply = await port.ask({ bytes: MHZ19_ASK, answers: MHZ19_ANSWERS, timeoutMs: MHZ19_TIMEOUT_MS })
      if (reply.fault !== null) return { heard: null, fault: reply.fault }
      if (!isTold) await port.tell(encodeMhz19SelfCalibration(selfCalibration === true))
      isTold = true
      const nowMs = clock.monotonicMs()
      warmAtMs ??= nowMs + MHZ19_WARM_UP_MS
      if (nowMs < warmAtMs) return heard(WARMING)
      const { co2Ppm } = decodeMhz19(reply.frame)
      if (co2Ppm === 0 || co2Ppm > CO2_PPM_MAX) return heard(OUT_OF_RANGE)
      return heard({ outcomes: [outcomeOf(co2Ppm, CO2)], state: 'ok', advice: '' })
    },
  })
}
