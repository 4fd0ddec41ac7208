import {
  decodeHello,
  decodeJoin,
  decodeResult,
  decodeStatus,
  type Hello,
  type Join,
  type ResultMessage,
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

/** Whether a topic's last level names something that devices send. */
export function isUplinkClass(name: string): name is UplinkClass {
  return (UPLINK_CLASSES as readonly string[]).includes(name)
}

/**
 * Reads a verified payload as the message of its class.
 * @throws {ProtocolError} `bad_cbor` or `bad_message`
 */
export function decodeUplink(name: UplinkClass, payload: Uint8Array): Uplink {
  switch (name) {
    case 'join':
      return { class: name, ...decodeJoin(payload) }
    case 'hello':
      return { class: name, ...decodeHello(payload) }
    case 'status':
      return { class: name, ...decodeStatus(payload) }
    case 'result':
      return { class: name, ...decodeResult(payload) }
  }
}
