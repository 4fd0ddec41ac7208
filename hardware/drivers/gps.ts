/** GPS and other satellite receivers that speak NMEA 0183: where the device is, and what time it is. */
import type { GGA, NMEA, RMC } from 'gps'
import type { SensorFault } from '../../protocol/index.ts'
import { channelOf, measurementOf, type Outcome, outcomeOf } from '../scaled.ts'
import type { Sensor, SensorHealth } from '../sensor.ts'
import type { GpsConfig } from '../sensor-config.ts'
import { NMEA_SENTENCES, nmeaText } from '../serial/nmea.ts'
import { openTalker } from '../serial/talker.ts'
import type { DriverComponents } from './components.ts'

const BAUD = 9_600
/** Receivers send once a second, some every two or five. */
const FRESH_MS = 6_000
/** Positions that were measured; others are extrapolated, typed in or made up. */
const MEASURED: ReadonlySet<string> = new Set(['fix', 'dgps-fix', 'pps-fix', 'rtk', 'rtk-float'])
/** A receiver sends what it says of a second within that second, somewhere in the middle of it. */
const DELAY_MS = 500
/** Old receivers count weeks from zero again after 19.6 years and then give dates of long ago. */
const EARLIEST_MS = Date.UTC(2024, 0, 1)

const CHANNELS = ['latitude', 'longitude', 'altitude', 'satellites', 'hdop'].map(channelOf)

/** The time by satellites, for a device that has no clock of its own. */
export interface GpsTime {
  /** Milliseconds since 1970 at the moment of the call. */
  readonly wallMs: number
  /** How far off it may be either way. */
  readonly uncertaintyMs: number
}

/** A receiver. */
export interface Gps extends Sensor {
  /** Null until satellites have told the time, and when that was too long ago. */
  readTime(): GpsTime | null
}

interface Timed<T> {
  readonly data: T
  readonly atMs: number
}

/**
 * Opens a receiver, which may be missing yet. It has no number of its own. Without a position there is `warming_up` before the first and
 * `stale` once there was one; the number of satellites is told all the same.
 */
export async function openGps(components: DriverComponents, { port: path, baudRate = BAUD }: GpsConfig): Promise<Gps> {
  const { clock } = components
  const { GPS } = await import('gps')
  let position: Timed<GGA> | null = null
  let time: Timed<RMC> | null = null
  let hadFix = false
  let unreadSentences = 0

  /** The library throws at sentences whose checksum is right and whose fields make no sense. */
  function parse(text: string): NMEA | false {
    try {
      return GPS.Parse(text)
    } catch {
      unreadSentences++
      return false
    }
  }

  const talker = openTalker(components, {
    path,
    settings: { baudRate },
    format: NMEA_SENTENCES,
    name: 'GPS receiver',
    freshMs: FRESH_MS,
    wake: [],
    onFrame: frame => {
      const sentence = parse(nmeaText(frame))
      if (sentence === false) return
      const atMs = clock.monotonicMs()
      if (sentence.type === 'GGA') position = { data: sentence, atMs }
      if (sentence.type === 'GGA' && isMeasured(sentence)) hadFix = true
      if (sentence.type === 'RMC') time = { data: sentence, atMs }
    },
  })

  const fresh = <T>(timed: Timed<T> | null): T | null =>
    timed !== null && clock.monotonicMs() - timed.atMs <= FRESH_MS ? timed.data : null

  function outcomes(): readonly Outcome[] {
    const ofLine = talker.fault()
    if (ofLine !== null) return CHANNELS.map(() => ofLine)
    const gga = fresh(position)
    if (gga === null) return CHANNELS.map(() => 'no_answer')
    return outcomesOf(gga, isMeasured(gga) ? null : hadFix ? 'stale' : 'warming_up')
  }

  function health(): SensorHealth {
    const line = talker.health()
    const counters = { ...line.counters, unreadSentences }
    if (line.state === 'silent') return { state: 'silent', advice: silentAdvice(path), counters }
    if (line.state !== 'ok') return { ...line, counters }
    const gga = fresh(position)
    if (gga === null) return { state: 'faulty', advice: `${NO_GGA} (${path})`, counters }
    if (isMeasured(gga)) return { state: 'ok', advice: '', counters }
    return { ...(hadFix ? LOST : SEARCHING), counters }
  }

  await talker.tried
  return {
    model: 'gps',
    serial: null,
    channels: CHANNELS,
    sample: async () => measurementOf(outcomes()),
    health,
    readTime() {
      const rmc = fresh(time)
      const utcMs = rmc === null ? null : utcOf(rmc)
      if (time === null || utcMs === null) return null
      return { wallMs: utcMs + DELAY_MS + (clock.monotonicMs() - time.atMs), uncertaintyMs: DELAY_MS }
    },
    close: () => talker.close(),
  }
}

const NO_GGA =
  'The GPS receiver speaks but sends no GGA sentences, which hold the position. Turn them on with its maker’s program, or reset it.'
const SEARCHING: Pick<SensorHealth, 'state' | 'advice'> = {
  state: 'warming_up',
  advice:
    'The GPS receiver has no position yet. Its antenna must see the sky; the first position takes up to a quarter of an hour.',
}
const LOST: Pick<SensorHealth, 'state' | 'advice'> = {
  state: 'faulty',
  advice: 'The GPS receiver has lost its position. Does its antenna still see the sky, and is its plug tight?',
}

function silentAdvice(path: string): string {
  return `Nothing comes from the GPS receiver on ${path}. Its TX must go to the port's RX, and it needs power: most have a light that blinks once they have a position. Receivers on a Raspberry Pi's own pins need the login console off (raspi-config, Interface Options, Serial Port).`
}

/** The fields are looked at too: two equal digits that got lost leave the checksum as it was, and the library reads what is left. */
function isMeasured({ quality, lat, lon, raw }: GGA): boolean {
  const [, , latitude = '', , longitude = ''] = raw.split(',')
  if (!/^\d{4}\.\d+$/.test(latitude) || !/^\d{5}\.\d+$/.test(longitude)) return false
  return quality !== null && MEASURED.has(quality) && isWithin(lat, 90) && isWithin(lon, 180)
}

function isWithin(degrees: number | null, bound: number): boolean {
  return degrees !== null && Math.abs(degrees) <= bound
}

/** @param missing - why there is no position; null when there is one */
function outcomesOf({ lat, lon, alt, satellites, hdop }: GGA, missing: SensorFault | null): readonly Outcome[] {
  return [lat, lon, alt, satellites, hdop].map((value, index) => {
    const channel = CHANNELS[index]
    if (channel === undefined || value === null) return missing ?? 'unknown'
    return channel.quantity === 'satellites' || missing === null ? outcomeOf(value, channel) : missing
  })
}

/** Milliseconds since 1970; null when the receiver does not vouch for it. The library fills a missing date with this machine's. */
function utcOf({ status, time, raw }: RMC): number | null {
  const [, timeField = '', , , , , , , , dateField = ''] = raw.split(',')
  if (status !== 'active' || time === null || !/^\d{6}(\.\d+)?$/.test(timeField) || !/^\d{6}$/.test(dateField))
    return null
  const utcMs = time.getTime()
  return utcMs >= EARLIEST_MS ? utcMs : null
}
