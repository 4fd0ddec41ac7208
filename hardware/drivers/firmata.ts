/** Arduinos and similar boards with StandardFirmata: each input is a sensor of its own, and all share the board. */
import type { Clock } from '../../protocol/index.ts'
import type { CalibratedSensor } from '../calibration.ts'
import { type Board, keepBoard } from '../firmata/board.ts'
import { type BoardInput, STALE_MS } from '../firmata/input.ts'
import { type FirmataLibrary, loadFirmata } from '../firmata/library.ts'
import { partInput } from '../firmata/parts.ts'
import { analogInput, pulseInput } from '../firmata/pins.ts'
import { measurementOf, type Outcome } from '../scaled.ts'
import type { SensorHealth } from '../sensor.ts'
import type { FirmataConfig, FirmataInput } from '../sensor-config.ts'
import type { DriverComponents } from './components.ts'
import type { OpenedSensor } from './index.ts'
import { placeOf } from './place.ts'

/** What StandardFirmata speaks. */
const BAUD_RATE = 57_600

/**
 * Opens a board; it may be plugged in later. The board is let go when the last of its sensors is closed.
 * @throws {HardwareError} `not_installed` when johnny-five is missing
 */
export async function openFirmata(
  { clock, openPort }: Pick<DriverComponents, 'clock' | 'openPort'>,
  config: FirmataConfig,
): Promise<readonly OpenedSensor[]> {
  const library = loadFirmata()
  const inputs = config.inputs.map(input => openInput(library, clock, input))
  const board = keepBoard(
    { clock, openPort, library },
    { path: config.port, baudRate: config.baudRate ?? BAUD_RATE, inputs },
  )
  const open = new Set(inputs)
  return inputs.map(input => ({
    place: placeOf(config, input.label),
    sensor: sensorOf(clock, board, input, async () => {
      if (open.delete(input) && open.size === 0) await board.close()
    }),
  }))
}

function openInput(library: FirmataLibrary, clock: Clock, config: FirmataInput): BoardInput {
  if ('part' in config) return partInput(library, clock, config)
  return 'analog' in config ? analogInput(clock, config) : pulseInput(clock, config)
}

function sensorOf(clock: Clock, board: Board, input: BoardInput, close: () => Promise<void>): CalibratedSensor {
  return {
    model: input.model,
    serial: null,
    channels: input.channels,
    calibrations: input.calibrations,
    sample: async () => measurementOf(outcomesOf(board, input)),
    health: () => healthOf(clock, board, input),
    close,
  }
}

function outcomesOf(board: Board, input: BoardInput): readonly Outcome[] {
  if (board.state === 'ready' && board.failureOf(input) === null) return input.take()
  const faults = { unplugged: 'unplugged', starting: 'warming_up', silent: 'no_answer', ready: 'no_answer' } as const
  return input.channels.map(() => faults[board.state])
}

function healthOf(clock: Clock, board: Board, input: BoardInput): SensorHealth {
  const ofBoard = board.health()
  if (ofBoard.state !== 'ok') return ofBoard
  const { counters } = ofBoard
  const failure = board.failureOf(input)
  if (failure !== null) return { state: 'faulty', advice: failure.message, counters }
  const isFresh = input.heardAtMs !== null && clock.monotonicMs() - input.heardAtMs <= STALE_MS
  const isQuiet = input.heardAtMs === null || (input.speaksAlways && !isFresh)
  return isQuiet
    ? { state: 'silent', advice: `The board answers, but ${input.advice}`, counters }
    : { state: 'ok', advice: '', counters }
}
