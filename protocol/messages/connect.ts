/** The signed counter a device presents as its MQTT CONNECT password: no challenge, no clock, never usable twice. */
import { encode } from '../cbor/index.ts'
import { badMessage } from './failure.ts'
import { Reader } from './read.ts'

export interface Connect {
  /** Larger than in any CONNECT of this device before; it names the session. */
  counter: number
  /** The device's Ed25519 key, which also signs the frame. */
  publicKey: Uint8Array
}

/** Also the first element of every frame's external data. */
const PROTOCOL_VERSION = 'hr/1'

/** The payload of a CONNECT. */
export function encodeConnect(connect: Connect): Uint8Array {
  return encode([PROTOCOL_VERSION, connect.counter, connect.publicKey])
}

/**
 * Reads a CONNECT.
 * @throws {ProtocolError} `bad_cbor` or `bad_message`
 * @see spec/clauses.md [SESSION-1.1]
 */
export function decodeConnect(bytes: Uint8Array): Connect {
  const read = Reader.open('connect', bytes, 3)
  if (read.text('version', 16) !== PROTOCOL_VERSION) {
    throw badMessage('connect', 'version', `must be '${PROTOCOL_VERSION}'`)
  }
  return { counter: read.uint('counter'), publicKey: read.bytes('publicKey', 32) }
}
