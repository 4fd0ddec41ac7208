/**
 * The one door for what devices send: size, signature, shape, session and sequence, in that order, so that the cheapest
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
  type UplinkClass,
  type Verifier,
} from '../../protocol/index.ts'
import type { DeviceStanding } from '../store/rows.ts'
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
}

interface Session {
  readonly session: number
  readonly publicKey: Uint8Array
  /** Sequence of the last message that counts in the session. Results and readings have their own numbers and may come again. */
  lastSeq: number
}

/** A gate with nobody connected. */
export function createGate(components: GateComponents, init: GateInit): Gate {
  const { verifier, keys, count } = components
  const sessions = new Map<DeviceId, Session>()

  function refuse(reason: string): null {
    count(reason)
    return null
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
      sessions.set(device, { session, publicKey, lastSeq: -1 })
    },

    closed(device) {
      sessions.delete(device)
    },

    open(device, name, frame) {
      const session = sessions.get(device)
      if (session === undefined) return refuse('not_connected')
      if (!isUplinkClass(name)) return refuse('wrong_class')
      if (frame.length > LIMITS.frameBytesMax) return refuse('too_large')
      const standing = keys.standingOf(device)
      if (standing === 'revoked') return refuse('revoked')
      if (standing === null && name !== 'join') return refuse('not_enrolled')
      let uplink: Uplink
      try {
        uplink = decodeUplink(name, openSign1(frame, aadOf(device, name), session.publicKey, verifier), frame)
      } catch (thrown) {
        return refuse(refusalOf(thrown))
      }
      const untimely = judgeOrder(uplink, session)
      return untimely === null ? uplink : refuse(untimely)
    },
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
