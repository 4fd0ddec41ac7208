/** MQTT packets as bytes, valid and not, for tests that speak to a broker without a client library. */
import { concatBytes, utf8 } from '../../protocol/index.ts'

export interface ConnectFields {
  clientId?: string
  username?: string
  password?: Uint8Array | string
  will?: { topic: string; payload: string }
  clean?: boolean
  keepaliveSeconds?: number
  protocolName?: string
  level?: number
}

/** A CONNECT; MQTT 3.1.1, clean, 60 s unless told otherwise. Level 5 gets the empty properties it needs. */
export function connectPacket(fields: ConnectFields = {}): Uint8Array {
  const { clientId = 'test', username, password, will, clean = true, keepaliveSeconds = 60 } = fields
  const { protocolName = 'MQTT', level = 4 } = fields
  let flags = clean ? 2 : 0
  const properties = level === 5 ? [Uint8Array.of(0)] : []
  const body = [string(clientId)]
  if (will !== undefined) {
    flags |= 4
    body.push(...properties, string(will.topic), string(will.payload))
  }
  if (username !== undefined) {
    flags |= 128
    body.push(string(username))
  }
  if (password !== undefined) {
    flags |= 64
    body.push(string(password))
  }
  return packet(
    0x10,
    string(protocolName),
    Uint8Array.of(level, flags),
    uint16(keepaliveSeconds),
    ...properties,
    ...body,
  )
}

export interface PublishFields {
  topic: string
  payload?: Uint8Array | string
  qos?: 0 | 1 | 2
  retain?: boolean
  duplicate?: boolean
  id?: number
}

export function publishPacket(fields: PublishFields): Uint8Array {
  const { topic, payload = '', qos = 0, retain = false, duplicate = false, id = 1 } = fields
  const first = 0x30 | (duplicate ? 8 : 0) | (qos << 1) | (retain ? 1 : 0)
  return packet(first, string(topic), qos > 0 ? uint16(id) : new Uint8Array(), bytesOf(payload))
}

export function subscribePacket(filters: readonly string[], qos: 0 | 1 | 2 = 1, id = 1): Uint8Array {
  return packet(0x82, uint16(id), ...filters.flatMap(filter => [string(filter), Uint8Array.of(qos)]))
}

export function unsubscribePacket(filters: readonly string[], id = 1): Uint8Array {
  return packet(0xa2, uint16(id), ...filters.map(filter => string(filter)))
}

export const PINGREQ = Uint8Array.of(0xc0, 0)
export const DISCONNECT = Uint8Array.of(0xe0, 0)
export const pubackPacket = (id: number): Uint8Array => packet(0x40, uint16(id))

/** Any packet: first byte, remaining length, body. */
export function packet(first: number, ...body: readonly Uint8Array[]): Uint8Array {
  const bytes = concatBytes(...body)
  return concatBytes(Uint8Array.of(first), remainingLength(bytes.length), bytes)
}

/** A remaining length in the fewest bytes (MQTT 3.1.1 §2.2.3). */
export function remainingLength(value: number): Uint8Array {
  const bytes: number[] = []
  for (let rest = value; bytes.length === 0 || rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) | (rest >= 128 ? 128 : 0))
  }
  return Uint8Array.from(bytes)
}

function string(text: Uint8Array | string): Uint8Array {
  const bytes = bytesOf(text)
  return concatBytes(uint16(bytes.length), bytes)
}

function bytesOf(text: Uint8Array | string): Uint8Array {
  return typeof text === 'string' ? utf8(text) : text
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 255)
}
