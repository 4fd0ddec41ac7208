/** Opens devices' frames while their signatures are checked on another thread, and keeps the order of each device's frames. */
import type { BackgroundVerifier, DeviceId, Verifier } from '../../protocol/index.ts'
import type { Arrival, Gate } from './gate.ts'
import type { Uplink } from './uplink.ts'

export interface Arrivals {
  /** Hands on the message of a frame, in the order in which its device's frames came; or nothing, when the frame is refused and counted. */
  open(device: DeviceId, name: string, frame: Uint8Array, take: (uplink: Uplink) => void): void
}

export interface ArrivalsComponents {
  readonly gate: Pick<Gate, 'begin'>
  readonly verifier: Verifier
  /** Null where there is no processor to spare, and in simulations: every frame is opened at once. */
  readonly background: BackgroundVerifier | null
}

/** A frame in its device's line. */
interface Waiting {
  readonly arrival: Arrival
  readonly take: (uplink: Uplink) => void
  /** Null while its signature is being checked. */
  isValid: boolean | null
}

/**
 * Signatures under way at a time, of all devices together: 50 ms of one thread, and that many frames in memory. Beyond it they are
 * checked at once, which holds up everybody and so the senders.
 */
const UNDER_WAY_MAX = 512

/** A front of the gate that nobody has come to yet. */
export function createArrivals({ gate, verifier, background }: ArrivalsComponents): Arrivals {
  const lines = new Map<DeviceId, Waiting[]>()
  let underWay = 0

  const check = ({ publicKey, message, signature }: Arrival, done: (isValid: boolean) => void): void => {
    if (background === null || underWay >= UNDER_WAY_MAX) {
      done(verifier.verify(publicKey, message, signature))
      return
    }
    underWay++
    background.verify(publicKey, message, signature, isValid => {
      underWay--
      done(isValid)
    })
  }

  const advance = (device: DeviceId, line: Waiting[]): void => {
    for (let [first] = line; first !== undefined && first.isValid !== null; [first] = line) {
      line.shift()
      const uplink = first.arrival.finish(first.isValid)
      if (uplink !== null) first.take(uplink)
    }
    if (line.length === 0) lines.delete(device)
  }

  return {
    open(device, name, frame, take) {
      const arrival = gate.begin(device, name, frame)
      if (arrival === null) return
      const waiting: Waiting = { arrival, take, isValid: null }
      const line = lines.get(device) ?? []
      line.push(waiting)
      lines.set(device, line)
      check(arrival, isValid => {
        waiting.isValid = isValid
        advance(device, line)
      })
    },
  }
}
