/** The beginning of a bundle of entries. */
import { ProtocolError } from '../../protocol/index.ts'

/**
 * The first entries of a bundle, as a bundle.
 * @throws {ProtocolError} `bad_proof` when it has fewer
 */
export function bundlePrefix(bundle: Uint8Array, count: number): Uint8Array {
  let at = 0
  for (let entry = 0; entry < count; entry++) {
    const start = at + 2
    if (start > bundle.length) {
      const reason = `a bundle holds ${entry} entries instead of ${count}`
      throw new ProtocolError({ code: 'bad_proof', reason }, `The log serves something damaged: ${reason}.`)
    }
    at = start + ((bundle[at] ?? 0) << 8) + (bundle[at + 1] ?? 0)
  }
  return bundle.subarray(0, at)
}
