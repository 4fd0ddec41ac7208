/** An SDS011 on a pseudo-terminal: measures dust once a second and follows commands as a real one does. */
import {
  SDS011_BAUD,
  SDS011_COMMAND_FORMAT,
  SDS011_COMMANDS,
  sds011Answer,
  sds011Measurement,
} from '../drivers/sds011-frames.ts'
import { createFramer } from '../serial/framer.ts'
import { dustyAir } from './dust.ts'
import { every } from './every.ts'
import { openLine, type Simulated, type SimulatorComponents, type SimulatorOptions } from './misbehave.ts'
import type { Pty } from './pty.ts'

export interface SimulatedSds011Options extends SimulatorOptions {
  /** Its two bytes of identity; `a1 60` when left out. */
  readonly id?: Uint8Array
  /** Starts asleep, as one that was put to sleep before its reader came. */
  readonly asleep?: boolean
}

const INTERVAL_MS = 1_000
const MINUTE_MS = 60_000
/** Year, month and day, as the real ones say it. */
const FIRMWARE = [18, 11, 16] as const
const ANY_ID = 0xffff

export async function simulateSds011(
  pty: Pty,
  components: SimulatorComponents,
  options: SimulatedSds011Options = {},
): Promise<Simulated> {
  const { misbehave = {}, intervalMs = INTERVAL_MS, onSent } = options
  const line = await openLine(pty, components, SDS011_BAUD, misbehave)
  const air = dustyAir(components.random)
  let id = options.id ?? Uint8Array.of(0xa1, 0x60)
  let asleep = options.asleep === true
  let onlyAnswers = false
  let periodMin = 0

  function measure(): void {
    const dust = air()
    const [pm25Tenths, pm10Tenths] = misbehave.fanDead === true ? [9_999, 19_999] : [dust.pm25Tenths, dust.pm10Tenths]
    line.send(sds011Measurement(pm25Tenths, pm10Tenths, id))
    onSent?.(`PM2.5 ${(pm25Tenths / 10).toFixed(1)} µg/m³, PM10 ${(pm10Tenths / 10).toFixed(1)} µg/m³`)
  }

  const reports = every(components.clock, measure)
  const setPace = (): void => {
    reports.setInterval(asleep || onlyAnswers ? null : periodMin === 0 ? intervalMs : periodMin * MINUTE_MS)
  }

  function obey(command: number, isSetting: boolean, value: number, frame: Uint8Array): void {
    const answer = (data: readonly number[]): boolean => line.send(sds011Answer(command, data, id))
    const set = isSetting ? 1 : 0
    if (command === SDS011_COMMANDS.work) {
      if (isSetting) asleep = value === 0
      setPace()
      answer([set, asleep ? 0 : 1, 0])
    } else if (asleep) {
      // One that sleeps hears nothing but the command to work.
    } else if (command === SDS011_COMMANDS.query) {
      measure()
    } else if (command === SDS011_COMMANDS.mode) {
      if (isSetting) onlyAnswers = value === 1
      setPace()
      answer([set, onlyAnswers ? 1 : 0, 0])
    } else if (command === SDS011_COMMANDS.period) {
      if (isSetting) periodMin = value
      setPace()
      answer([set, periodMin, 0])
    } else if (command === SDS011_COMMANDS.firmware) {
      answer(FIRMWARE)
    } else if (command === SDS011_COMMANDS.setId) {
      id = frame.slice(13, 15)
      answer([0, 0, 0])
    }
  }

  const commands = createFramer(SDS011_COMMAND_FORMAT, frame => {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
    const meant = view.getUint16(15)
    const own = ((id[0] ?? 0) << 8) | (id[1] ?? 0)
    if (meant === ANY_ID || meant === own) obey(view.getUint8(2), view.getUint8(3) === 1, view.getUint8(4), frame)
  })
  line.onData(bytes => commands.push(bytes))
  pty.closed.then(() => reports.setInterval(null))
  setPace()
  return {
    counters: line.counters,
    stop: () => {
      reports.setInterval(null)
      line.close()
    },
  }
}
