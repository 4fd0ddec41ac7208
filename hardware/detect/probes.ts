/** How each kind of serial sensor is told: by what it says by itself, or by its answer to a question that changes nothing for good. */
import { decodeMhz19, MHZ19_ANSWERS, MHZ19_ASK } from '../drivers/mhz19-frames.ts'
import {
  isPlantowerAnswer,
  PLANTOWER_BAUD,
  PLANTOWER_COMMANDS,
  PLANTOWER_FORMAT,
  PLANTOWER_LAYOUTS,
  plantowerCommand,
} from '../drivers/plantower-frames.ts'
import { parseSds011, SDS011_BAUD, SDS011_COMMANDS, SDS011_FORMAT, sds011Command } from '../drivers/sds011-frames.ts'
import { decodeS8, isS8Answer, S8_ANSWERS, S8_ASK, S8_WAKE } from '../drivers/senseair-s8-frames.ts'
import {
  decodeSps30Serial,
  isSps30SerialAnswer,
  SPS30_ASK_SERIAL,
  SPS30_WAKE,
  SPS30_WAKE_PULSE,
} from '../drivers/sps30-frames.ts'
import type { DriverName, PlantowerModel } from '../sensor-config.ts'
import type { FrameFormat } from '../serial/framer.ts'
import { NMEA_SENTENCES, nmeaText } from '../serial/nmea.ts'
import { decodeShdlcAnswer, SHDLC_ANSWERS } from '../serial/shdlc.ts'

/** What a frame gave away. */
export interface Recognised {
  readonly driver: DriverName
  /** Lines of the configuration besides driver and port. */
  readonly options: Readonly<Record<string, string | number>>
  /** What the hardware says of itself; null when it says nothing. */
  readonly serial: string | null
  /** What was heard, as a sentence. */
  readonly evidence: string
}

export interface Probe {
  readonly baudRate: number
  /** What to say to it; empty for sensors that speak by themselves. */
  readonly ask: readonly Uint8Array[]
  readonly format: FrameFormat
  /** Null when the frame is well formed and yet none of this sensor's. */
  recognise(frame: Uint8Array, baudRate: number): Recognised | null
}

const SLOW_BAUD = 9_600
const FAST_BAUD = 115_200

const sds011: Probe = {
  baudRate: SDS011_BAUD,
  ask: [],
  format: SDS011_FORMAT,
  recognise: bytes => {
    const { id } = parseSds011(bytes)
    return { driver: 'sds011', options: {}, serial: id, evidence: `A frame of an SDS011 with the id ${id}.` }
  },
}

const plantower: Probe = {
  baudRate: PLANTOWER_BAUD,
  ask: [],
  format: PLANTOWER_FORMAT,
  recognise: frame => {
    const model = plantowerModelOf(frame)
    return {
      driver: 'plantower',
      options: { model },
      serial: null,
      evidence: isPlantowerAnswer(frame)
        ? 'An answer of a Plantower sensor, whose model is printed on it.'
        : `A frame of ${frame.length} bytes of a Plantower sensor, as a ${model} sends it.`,
    }
  },
}

const gps: Probe = {
  baudRate: SLOW_BAUD,
  ask: [],
  format: NMEA_SENTENCES,
  recognise: (sentence, baudRate) => ({
    driver: 'gps',
    options: baudRate === SLOW_BAUD ? {} : { baudRate },
    serial: null,
    // Positions are nobody's business in a log: only the kind of the sentence is told.
    evidence: `A sentence ${nmeaText(sentence).slice(0, 6)} of a GPS receiver at ${baudRate} baud.`,
  }),
}

/** Sensors that speak by themselves. */
export const TALKERS: readonly Probe[] = [sds011, plantower, gps]

/** Sensors that must be asked, in the order of asking. No question writes a setting; some wake a sensor that sleeps. */
export const ASKED: readonly Probe[] = [
  {
    baudRate: SLOW_BAUD,
    ask: [MHZ19_ASK],
    format: MHZ19_ANSWERS,
    recognise: frame => ({
      driver: 'mhz19',
      options: {},
      serial: null,
      evidence: `An MH-Z19's answer: ${decodeMhz19(frame).co2Ppm} ppm.`,
    }),
  },
  {
    baudRate: SLOW_BAUD,
    ask: [S8_WAKE, S8_ASK],
    format: S8_ANSWERS,
    recognise: frame =>
      isS8Answer(frame)
        ? {
            driver: 'senseair-s8',
            options: {},
            serial: null,
            evidence: `A SenseAir S8's answer: ${decodeS8(frame).co2Ppm} ppm.`,
          }
        : null,
  },
  { ...sds011, ask: [sds011Command(SDS011_COMMANDS.work, 1), sds011Command(SDS011_COMMANDS.query)] },
  {
    ...plantower,
    ask: [plantowerCommand(PLANTOWER_COMMANDS.sleep, 1), plantowerCommand(PLANTOWER_COMMANDS.read, 0)],
  },
  {
    baudRate: FAST_BAUD,
    ask: [SPS30_WAKE_PULSE, SPS30_WAKE, SPS30_ASK_SERIAL],
    format: SHDLC_ANSWERS,
    recognise: frame => {
      const answer = decodeShdlcAnswer(frame)
      if (!isSps30SerialAnswer(answer)) return null
      const serial = decodeSps30Serial(answer.data)
      return { driver: 'sps30', options: {}, serial, evidence: `An SPS30's answer: its serial number is ${serial}.` }
    },
  },
]

/** Where a PMS5003 counts particles above 5 and 10 µm, a PMS5003T has temperature and humidity. */
const ABOVE_5_OFFSET = 24
const ABOVE_10_OFFSET = 26

/** The model that a frame's length allows. Counts of particles cannot grow with their size, so that a T is told by that. */
function plantowerModelOf(frame: Uint8Array): PlantowerModel {
  if (frame.length === PLANTOWER_LAYOUTS.pms3003.frameBytes) return 'pms3003'
  if (frame.length === PLANTOWER_LAYOUTS.pms5003st.frameBytes) return 'pms5003st'
  if (frame.length !== PLANTOWER_LAYOUTS.pms5003.frameBytes) return 'pms5003'
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  return view.getUint16(ABOVE_10_OFFSET) > view.getUint16(ABOVE_5_OFFSET) ? 'pms5003t' : 'pms5003'
}
