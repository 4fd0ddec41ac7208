/** A GPS receiver on a pseudo-terminal: says once a second where it is and what time it is, as it says it before and after it knows. */
import type { Timer } from '../../protocol/index.ts'
import { every } from './every.ts'
import { openLine, type Simulated, type SimulatorComponents, type SimulatorOptions } from './misbehave.ts'
import type { Pty } from './pty.ts'

export interface SimulatedGpsOptions extends SimulatorOptions {
  /** Degrees; a square in Ljubljana when left out. */
  readonly latitude?: number
  readonly longitude?: number
  readonly altitudeM?: number
  /** How long it searches after it was switched on; 0 when left out. */
  readonly fixAfterMs?: number
}

export interface SimulatedGps extends Simulated {
  /** As when its antenna is covered or sees the sky again. */
  setFix(hasFix: boolean): void
}

const BAUD = 9_600
const INTERVAL_MS = 1_000
const SATELLITES = 9
const HDOP = 0.9
/** Height of the geoid above the ellipsoid, which receivers say along with the altitude. */
const GEOID_M = 46.5

export async function simulateGps(
  pty: Pty,
  components: SimulatorComponents,
  options: SimulatedGpsOptions = {},
): Promise<SimulatedGps> {
  const { clock } = components
  const {
    latitude = 46.050_2,
    longitude = 14.507_9,
    altitudeM = 299.3,
    fixAfterMs = 0,
    intervalMs = INTERVAL_MS,
  } = options
  const line = await openLine(pty, components, BAUD, options.misbehave)
  let hasFix = fixAfterMs === 0
  let fixTimer: Timer | null = null

  function report(): void {
    const place = hasFix ? `${angle(latitude, 2, 'NS')},${angle(longitude, 3, 'EW')}` : ',,,'
    const now = new Date(clock.wallMs())
    const [time, date] = [timeOf(now), dateOf(now)]
    const height = hasFix ? `${altitudeM.toFixed(1)},M,${GEOID_M.toFixed(1)},M` : ',,,'
    const quality = hasFix ? `1,${twoDigits(SATELLITES)},${HDOP.toFixed(1)}` : '0,00,99.9'
    line.send(nmeaSentence(`GPRMC,${time},${hasFix ? 'A' : 'V'},${place},0.0,0.0,${date},,,${hasFix ? 'A' : 'N'}`))
    line.send(nmeaSentence(`GPGGA,${time},${place},${quality},${height},,`))
    line.send(
      nmeaSentence(
        hasFix ? 'GPGSA,A,3,02,05,07,09,13,16,20,27,30,,,,1.7,0.9,1.4' : 'GPGSA,A,1,,,,,,,,,,,,,99.9,99.9,99.9',
      ),
    )
    line.send(nmeaSentence('GPGSV,1,1,04,02,63,280,44,05,24,144,38,07,47,065,41,30,12,205,'))
    options.onSent?.(hasFix ? `${latitude.toFixed(5)}, ${longitude.toFixed(5)}, ${altitudeM} m` : 'no position yet')
  }

  const reports = every(clock, report)
  if (!hasFix) {
    fixTimer = clock.setTimeout(() => {
      hasFix = true
    }, fixAfterMs)
  }
  function stop(): void {
    reports.setInterval(null)
    fixTimer?.cancel()
    line.close()
  }
  pty.closed.then(stop)
  reports.setInterval(intervalMs)
  return {
    counters: line.counters,
    setFix: value => {
      hasFix = value
    },
    stop,
  }
}

/** `$`, the text, `*`, its checksum, CR LF. */
export function nmeaSentence(text: string): Uint8Array {
  let sum = 0
  for (let i = 0; i < text.length; i++) sum ^= text.charCodeAt(i)
  const sentence = `$${text}*${sum.toString(16).toUpperCase().padStart(2, '0')}\r\n`
  return Uint8Array.from(sentence, character => character.charCodeAt(0))
}

/** Degrees and minutes run together, `4603.01200,N`. */
function angle(degrees: number, digits: number, hemispheres: string): string {
  const tenMicroMinutes = Math.round(Math.abs(degrees) * 60 * 1e5)
  const whole = Math.floor(tenMicroMinutes / 60e5)
  const minutes = ((tenMicroMinutes % 60e5) / 1e5).toFixed(5).padStart(8, '0')
  return `${String(whole).padStart(digits, '0')}${minutes},${hemispheres[degrees < 0 ? 1 : 0]}`
}

function timeOf(now: Date): string {
  return `${twoDigits(now.getUTCHours())}${twoDigits(now.getUTCMinutes())}${twoDigits(now.getUTCSeconds())}.00`
}

function dateOf(now: Date): string {
  return `${twoDigits(now.getUTCDate())}${twoDigits(now.getUTCMonth() + 1)}${twoDigits(now.getUTCFullYear() % 100)}`
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0')
}
