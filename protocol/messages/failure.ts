import { ProtocolError } from '../errors.ts'

/**
 * The failure of a message whose CBOR is sound but whose fields are not.
 * @param message - message name, such as `lease`
 * @param field - path of the faulty field, such as `grants[3].unitCount`; `payload` when it is the message itself
 * @param reason - what the field must be
 */
export function badMessage(message: string, field: string, reason: string): ProtocolError {
  return new ProtocolError(
    { code: 'bad_message', message, field, reason },
    `The ${message} message is refused: its ${field} ${reason}.`,
  )
}
