import { ProtocolError } from '../../protocol/errors.ts'
import type { Refusal } from '../vectors/files.ts'

/** What refused, or null: as much of it as the vector states. */
export function refusalOf(parse: () => unknown, stated: Refusal): Refusal | null {
  try {
    parse()
    return null
  } catch (thrown) {
    if (!(thrown instanceof ProtocolError)) throw thrown
    const info: Record<string, unknown> = { ...thrown.info }
    return Object.fromEntries(Object.keys(stated).map(name => [name, info[name]])) as unknown as Refusal
  }
}
