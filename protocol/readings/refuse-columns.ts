import type { ProtocolError } from '../errors.ts'
import { badMessage } from '../messages/failure.ts'

/** The failure of packed columns, as a fault of the field `columns` of a reading. */
export function badColumns(reason: string): ProtocolError {
  return badMessage('reading', 'columns', reason)
}
