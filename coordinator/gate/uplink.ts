import {
  decodeHello,
  decodeJoin,
  decodeProfileMessage,
  decodeReadingHead,
  decodeResult,
  decodeSensors,
  decodeStatus,
  type Hello,
  type Join,
  type ProfileMessage,
  type ReadingHead,
  type ResultMessage,
  type Sensors,
  type Status,
  UPLINK_CLASSES,
  type UplinkClass,
} from '../../protocol/index.ts'

/** What a device said, after everything about its bytes has been checked. */
export type Uplink =
  | ({ readonly class: 'join' } & Join)
  | ({ readonly class: 'hello' } & Hello)
  | ({ readonly class: 'status' } & Status)
  | ({ readonly class: 'result' } & ResultMessage)
  | ({ readonly class: 'sensors' } & Sensors)
  | ({ readonly class: 'profile' } & ProfileMessage)
  /** Read no further than without its profile; `payload` and `frame` are the bytes it came in. */
  | ({ readonly class: 'reading'; readonly payload: Uint8Array; readonly frame: Uint8Array } & ReadingHead)

/** Whether a topic's last level names something that devices send. */
export function isUplinkClass(name: string): name is UplinkClass {
  return (UPLINK_CLASSES as readonly string[]).includes(name)
}

/**
 * Reads a verified payload as the message of its class.
 * @param frame - the whole frame, which is kept of readings
 * @throws {ProtocolError} `bad_cbor` or `bad_message`
 */
export function decodeUplink(name: UplinkClass, payload: Uint8Array, frame: Uint8Array): Uplink {
  switch (name) {
    case 'join':
      return { class: name, ...decodeJoin(payload) }
    case 'hello':
      return { class: name, ...decodeHello(payload) }
    case 'status':
      return { class: name, ...decodeStatus(payload) }
    case 'result':
      return { class: name, ...decodeResult(payload) }
    case 'sensors':
      return { class: name, ...decodeSensors(payload) }
    case 'profile':
      return { class: name, ...decodeProfileMessage(payload) }
    case 'reading':
      return { class: name, ...decodeReadingHead(payload), payload, frame }
  }
}
