/**
 * The one door for what devices send: size, number, signature, shape, session and sequence, in that order, so that the cheapest
 * check comes first and nothing unsigned is decoded. Whatever passes is a typed message; whatever does not is counted.
 */
import {
  type DeviceId,
  decodeConnect,
  deviceIdOf,
  equalBytes,
  frameAad,
  LIMITS,
  openSign1,
  peekSign1,
  type RegionId,
  takeSign1,
  type UplinkClass,
  type Verifier,
} from '../../protocol/index.ts'
import type { Offence } from '../conduct/index.ts'
import type { DeviceStanding } from '../store/rows.ts'
import { Allowance } from './allowance.ts'
import { refusalOf } from './refusal.ts'
import { decodeUplink, isUplinkClass, type Uplink } from './uplink.ts'

export type { Uplink } from './uplink.ts'

/** What the gate asks the fleet. Both are null for a device that is not enrolled. */
export interface GateKeys {
  publicKeyOf(device: DeviceId): Uint8Array | null
  standingOf(device: DeviceId): DeviceStanding | null
}

export interface GateComponents {
  readonly verifier: Verifier
  readonly keys: GateKeys
  /** Counts one refused frame. */
  count(reason: string): void
  /** A connected device has sent a frame that cost us and was of no use. */
  charge(device: DeviceId, offence: Offence, refusal: string): void
  monotonicMs(): number
}

export interface GateInit {
  /** What every signature is bound to. */
  readonly regionId: RegionId
}

/** The session number is the counter. A refusal's reason is one word, or `bad_message:` and the field at fault. */
export type ConnectVerdict =
  | { readonly ok: true; readonly publicKey: Uint8Array; readonly counter: number; readonly enrolled: boolean }
  | { readonly ok: false; readonly reason: string }

/** Knows the session of every connected device and lets through what fits it. */
export interface Gate {
  /**
   * Judges a CONNECT password. Changes nothing and counts nothing: the caller burns the counter, then calls {@link opened}.
   * @param lastCounter - highest counter this device has used, null when it never did
   */
  connect(device: DeviceId, frame: Uint8Array, lastCounter: number | null): ConnectVerdict
  /** A device is connected: frames of this session under this key are now accepted. Replaces an older session. */
  opened(device: DeviceId, session: number, publicKey: Uint8Array): void
  /** The device is gone; nothing of it is accepted until it is {@link opened} again. */
  closed(device: DeviceId): void
  /**
   * Opens one uplink frame.
   * @param name - last level of the topic it came on
   * @returns the message; its byte strings are views of `frame`. Null when it was refused and counted
   */
  open(device: DeviceId, name: string, frame: Uint8Array): Uplink | null
  /**
   * The same in two steps, for whoever has signatures checked elsewhere. Frames of one device are finished in the order they came.
   * @returns null when it was refused and counted without looking at its signature
   */
  begin(device: DeviceId, name: string, frame: Uint8Array): Arrival | null
}

/** A frame whose signature is not checked yet; its bytes must not change meanwhile. */
export interface Arrival {
  readonly publicKey: Uint8Array
  /** The bytes that the signature must cover. */
  readonly message: Uint8Array
  readonly signature: Uint8Array
  /** Goes on with the verdict over the signature, once. As {@link Gate.open} ends. */
  finish(isValid: boolean): Uplink | null
}

interface Session {
  readonly session: number
  readonly publicKey: Uint8Array
  readonly allowance: Allowance
  /** Sequence of the last message that counts in the session. Results and readings have their own numbers and may come again. */
  lastSeq: number
}

/** A gate with nobody connected. */
export function createGate(components: GateComponents, init: GateInit): Gate {
  const { verifier, keys, count, charge, monotonicMs } = components
  const sessions = new Map<DeviceId, Session>()

  function refuse(reason: string): null {
    count(reason)
    return null
  }

  function blame(device: DeviceId, offence: Offence, reason: string): null {
    charge(device, offence, reason)
    return refuse(reason)
  }

  function aadOf(device: DeviceId, name: UplinkClass | 'connect'): Uint8Array {
    return frameAad({ regionId: init.regionId, direction: 'up', device, class: name })
  }

  return {
    connect(device, frame, lastCounter) {
      try {
        return judgeConnect(device, frame, lastCounter)
      } catch (thrown) {
        return { ok: false, reason: refusalOf(thrown) }
      }
    },

    opened(device, session, publicKey) {
      sessions.set(device, { session, publicKey, allowance: new Allowance(monotonicMs), lastSeq: -1 })
    },

    closed(device) {
      sessions.delete(device)
    },

    open(device, name, frame) {
      const arrival = begin(device, name, frame)
      return arrival?.finish(verifier.verify(arrival.publicKey, arrival.message, arrival.signature)) ?? null
    },

    begin,
  }

  function begin(device: DeviceId, name: string, frame: Uint8Array): Arrival | null {
    const session = sessions.get(device)
    if (session === undefined) return refuse('not_connected')
    if (!isUplinkClass(name)) return blame(device, 'garbage', 'wrong_class')
    if (frame.length > LIMITS.frameBytesMax) return blame(device, 'garbage', 'too_large')
    if (!session.allowance.allows(name)) return blame(device, 'excess', `too_many:${name}`)
    const standing = keys.standingOf(device)
    if (standing === 'revoked') return refuse('revoked')
    if (standing === null && name !== 'join') return blame(device, 'excess', 'not_enrolled')
    try {
      const { payload, message, signature } = takeSign1(frame, aadOf(device, name))
      const finish = (isValid: boolean) =>
        isValid ? read(device, session, name, payload, frame) : blame(device, 'garbage', 'bad_signature')
      return { publicKey: session.publicKey, message, signature, finish }
    } catch (thrown) {
      return blame(device, 'garbage', refusalOf(thrown))
    }
  }

  function read(
    device: DeviceId,
    session: Session,
    name: UplinkClass,
    payload: Uint8Array,
    frame: Uint8Array,
  ): Uplink | null {
    // While the signature was being checked, the device may have gone, come again, or been turned out.
    if (sessions.get(device) !== session) return refuse('not_connected')
    if (keys.standingOf(device) === 'revoked') return refuse('revoked')
    let uplink: Uplink
    try {
      uplink = decodeUplink(name, payload, frame)
    } catch (thrown) {
      return blame(device, 'garbage', refusalOf(thrown))
    }
    const untimely = judgeOrder(uplink, session)
    return untimely === null ? uplink : blame(device, 'late', untimely)
  }

  function judgeConnect(device: DeviceId, frame: Uint8Array, lastCounter: number | null): ConnectVerdict {
    const no = (reason: string): ConnectVerdict => ({ ok: false, reason })
    if (frame.length > LIMITS.connectFrameBytesMax) return no('too_large')
    if (keys.standingOf(device) === 'revoked') return no('revoked')
    const { counter, publicKey } = decodeConnect(peekSign1(frame).payload)
    if (deviceIdOf(publicKey) !== device) return no('wrong_key')
    const enrolledKey = keys.publicKeyOf(device)
    // An id holds half of the thumbprint; an enrolled device is its whole key.
    if (enrolledKey !== null && !equalBytes(enrolledKey, publicKey)) return no('wrong_key')
    if (lastCounter !== null && counter <= lastCounter) return no('stale_counter')
    // Also refuses keys that are not strict: a verifier finds nothing valid under them.
    openSign1(frame, aadOf(device, 'connect'), publicKey, verifier)
    // The frame's memory belongs to the network; the key outlives it.
    return { ok: true, publicKey: publicKey.slice(), counter, enrolled: enrolledKey !== null }
  }
}

/** Whether a message belongs to this moment; otherwise why not. */
function judgeOrder(uplink: Uplink, session: Session): 'stale_session' | 'replayed' | null {
  switch (uplink.class) {
    case 'join':
      return uplink.session === session.session ? null : 'stale_session'
    case 'result':
    case 'reading':
      // Made in this session or one before; counted once by its lease or its number, however often it comes.
      return uplink.session <= session.session ? null : 'stale_session'
    case 'hello':
    case 'status':
    case 'sensors':
    case 'profile':
      if (uplink.session !== session.session) return 'stale_session'
      if (uplink.seq <= session.lastSeq) return 'replayed'
      session.lastSeq = uplink.seq
      return null
  }
}
