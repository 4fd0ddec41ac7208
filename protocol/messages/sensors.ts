/** What a device measures with, and where it stands; said after every welcome. */
import type { CborValue } from '../cbor/index.ts'
import { encode } from '../cbor/index.ts'
import { LIMITS } from '../limits.ts'
import { sensorIdOf } from '../readings/ids.ts'
import { readSensorChannel } from '../readings/profile.ts'
import type { Location, SensorInfo, Sensors } from '../readings/types.ts'
import { Reader } from './read.ts'

const MODEL_NAME = /^[!-~]{1,64}$/
const MODEL_FORM = 'a text of 1 to 64 visible characters of ASCII'
const INDOOR: readonly boolean[] = [false, true]

/** The payload of a list of sensors. Their ids do not travel, since they follow from model and serial. */
export function encodeSensors({ session, seq, location, sensors }: Sensors): Uint8Array {
  return encode([session, seq, location && locationFields(location), sensors.map(sensorFields)])
}

/**
 * Reads a list of sensors and computes their ids.
 * @throws {ProtocolError} `bad_cbor` or `bad_message`
 * @see spec/clauses.md [SENSE-1.1] [SENSE-1.2]
 */
export function decodeSensors(bytes: Uint8Array): Sensors {
  const read = Reader.open('sensors', bytes, 4)
  const session = read.uint('session')
  const seq = read.uint('seq')
  const location = read.nullable('location', field => readLocation(read.record(field, 4)))
  const known = new Set<string>()
  const sensors = read.records('sensors', LIMITS.sensorsMax, 3, fields => readSensor(fields, known), 0)
  return { session, seq, location, sensors }
}

function locationFields({ latitudeMicroDeg, longitudeMicroDeg, elevationM, indoor }: Location): CborValue {
  return [latitudeMicroDeg, longitudeMicroDeg, elevationM, INDOOR.indexOf(indoor)]
}

function readLocation(read: Reader): Location {
  return {
    latitudeMicroDeg: read.int('latitudeMicroDeg', -90_000_000, 90_000_000),
    longitudeMicroDeg: read.int('longitudeMicroDeg', -180_000_000, 180_000_000),
    elevationM: read.int('elevationM', -500, 9_000),
    indoor: read.choice('indoor', INDOOR),
  }
}

function sensorFields({ model, serial, channels }: SensorInfo): CborValue {
  return [model, serial, channels.map(({ quantity, unit, exponent }) => [quantity, unit, exponent])]
}

function readSensor(read: Reader, known: Set<string>): SensorInfo {
  const model = read.textLike('model', MODEL_NAME, MODEL_FORM)
  const serial = read.text('serial', LIMITS.sensorTextBytesMax)
  const sensor = sensorIdOf(model, serial)
  if (known.has(sensor)) throw read.fault('serial', 'must not be that of another sensor of this model')
  known.add(sensor)
  const quantities = new Set<string>()
  const channels = read.records('channels', LIMITS.sensorChannelsMax, 3, fields => {
    const channel = readSensorChannel(fields)
    if (quantities.has(channel.quantity)) throw fields.fault('quantity', 'must be measured once by a sensor')
    quantities.add(channel.quantity)
    return channel
  })
  return { sensor, model, serial, channels }
}
