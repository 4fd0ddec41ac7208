/** Finds out what is on a serial port. */
import type { Clock } from '../../protocol/index.ts'
import { createFramer } from '../serial/framer.ts'
import type { OpenSerialPort } from '../serial-port.ts'
import { ASKED, type Probe, type Recognised, TALKERS } from './probes.ts'

export interface DetectComponents {
  readonly clock: Clock
  readonly openPort: OpenSerialPort
}

/** What was found. */
export interface Detection {
  /** Null when no sensor known here is on the port. */
  readonly sensor: Recognised | null
  /** What was heard and what it means, in sentences. */
  readonly seen: string
}

/** A Plantower sends every 2.3 s, the others each second. */
const LISTEN_MS = 3_500
const LISTEN_AGAIN_MS = 2_500
/** The slowest to answer is an S8 that was asleep. */
const ANSWER_MS = 700
const USUAL_BAUD = 9_600
/** What else there is, by how often it is met. */
const OTHER_BAUDS = [115_200, 38_400, 57_600, 4_800, 19_200] as const
/** Bytes kept to look at. */
const SAMPLE_BYTES = 256
const TEXT_SHARE_MIN = 0.95
const TEXT_BYTES_MIN = 16

interface Heard {
  readonly sensor: Recognised | null
  readonly sample: readonly number[]
}

/**
 * Listens at 9 600 baud for sensors that speak by themselves; when nothing comes, asks the others; when something unknown comes, listens
 * at other speeds. Takes up to 9 s for a silent port and 17 s for an unknown one. Nothing is sent that calibrates or sets a sensor, and nothing
 * at all to one that speaks.
 * @throws {HardwareError} `unreadable` when the port cannot be opened
 */
export async function detectSensor(path: string, components: DetectComponents): Promise<Detection> {
  const usual = await listen(path, components, USUAL_BAUD, [{ probes: TALKERS, waitMs: LISTEN_MS }])
  if (usual.sensor !== null) return found(usual.sensor)
  return usual.sample.length > 0
    ? await detectBySpeed(path, components, usual.sample)
    : await detectByAsking(path, components)
}

async function detectByAsking(path: string, components: DetectComponents): Promise<Detection> {
  for (const baudRate of new Set(ASKED.map(probe => probe.baudRate))) {
    const rounds = ASKED.filter(probe => probe.baudRate === baudRate).map(probe => ({
      probes: [probe],
      waitMs: ANSWER_MS,
    }))
    const { sensor } = await listen(path, components, baudRate, rounds)
    if (sensor !== null) return found(sensor)
  }
  const seen = `Nothing on ${path} speaks or answers. If a sensor is there, check its power (most need 5 V), and that its TX goes to the port's RX and its RX to TX. Modbus meters are not looked for; their address must be known.`
  return { sensor: null, seen }
}

async function detectBySpeed(
  path: string,
  components: DetectComponents,
  usualSample: readonly number[],
): Promise<Detection> {
  let textBaud = isText(usualSample) ? USUAL_BAUD : null
  for (const baudRate of OTHER_BAUDS) {
    const { sensor, sample } = await listen(path, components, baudRate, [{ probes: TALKERS, waitMs: LISTEN_AGAIN_MS }])
    if (sensor?.driver === 'gps') return found(sensor)
    if (sensor !== null) {
      const seen = `${sensor.evidence} It came at ${baudRate} baud, at which no such sensor speaks by itself: is a converter in between? Set it to ${USUAL_BAUD}.`
      return { sensor: null, seen }
    }
    if (textBaud === null && isText(sample)) textBaud = baudRate
  }
  const likely =
    textBaud === null
      ? 'at no usual speed do they make sense: perhaps another program reads the same port, or the wiring is bad.'
      : `at ${textBaud} baud they are text: a login console (turn it off with raspi-config, Interface Options, Serial Port), or a device that is not known here.`
  return { sensor: null, seen: `Bytes come on ${path}, but no frame of a sensor that is known here; ${likely}` }
}

const found = (sensor: Recognised): Detection => ({ sensor, seen: sensor.evidence })

interface Round {
  readonly probes: readonly Probe[]
  readonly waitMs: number
}

/** Opens the port at a speed and goes through rounds of asking and listening until a frame is recognised. */
async function listen(
  path: string,
  { clock, openPort }: DetectComponents,
  baudRate: number,
  rounds: readonly Round[],
): Promise<Heard> {
  const port = await openPort(path, { baudRate })
  const sample: number[] = []
  const recognised = Promise.withResolvers<Recognised>()
  const framers = rounds
    .flatMap(({ probes }) => probes)
    .map(probe =>
      createFramer(probe.format, frame => {
        const sensor = probe.recognise(frame, baudRate)
        if (sensor !== null) recognised.resolve(sensor)
      }),
    )
  port.onData(bytes => {
    sample.push(...bytes.subarray(0, SAMPLE_BYTES - sample.length))
    for (const framer of framers) framer.push(bytes)
  })
  try {
    for (const { probes, waitMs } of rounds) {
      for (const question of probes.flatMap(({ ask }) => ask)) await port.write(question)
      const sensor = await withinMs(clock, recognised.promise, waitMs)
      if (sensor !== null) return { sensor, sample }
    }
    return { sensor: null, sample }
  } finally {
    await port.close()
  }
}

async function withinMs<T>(clock: Clock, promise: Promise<T>, waitMs: number): Promise<T | null> {
  const late = Promise.withResolvers<null>()
  const timer = clock.setTimeout(() => late.resolve(null), waitMs)
  const first = await Promise.race([promise, late.promise])
  timer.cancel()
  return first
}

function isText(sample: readonly number[]): boolean {
  const printable = sample.filter(
    byte => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d || byte === 0x09,
  )
  return sample.length >= TEXT_BYTES_MIN && printable.length >= sample.length * TEXT_SHARE_MIN
}
