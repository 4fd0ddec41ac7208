/** Values of CBOR bytes. The validator goes first, so the decoder meets only bytes that have one reading. */
import { Decoder } from 'cbor-x/decode-no-eval'
import type { CborKey, CborValue } from './encode.ts'
import { type CborBounds, refuseCbor, skimForDecoder } from './skim.ts'

// This entry of cbor-x holds neither its native string extractor, which has crashed on bad input (cbor-x issue 95),
// nor the readers that it compiles with `new Function`, which a browser's content policy may forbid.
const decoder = new Decoder({ mapsAsObjects: false, useRecords: false })

/**
 * The value of one item. Integers are `number` where safe and `bigint` beyond; byte strings are plain `Uint8Array` views of the
 * input, so neither may be changed while the other is in use; maps are `Map`.
 * @throws {ProtocolError} `bad_cbor` for whatever {@link skim} refuses
 */
export function decode(bytes: Uint8Array, bounds: CborBounds = {}): CborValue {
  const { wideIntegers } = skimForDecoder(bytes, bounds)
  // A fresh plain view: the decoder writes a property on its input and would answer a Buffer with Buffers.
  const view = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let value: CborValue
  try {
    value = decoder.decode(view)
  } catch (cause) {
    return refuseCbor('decoder', 0, cause)
  }
  return wideIntegers ? narrow(value) : value
}

/** The decoder gives every eight-byte integer as a `bigint`; those that are safe become numbers. Depth is bounded by the skim. */
function narrow(value: CborValue): CborValue {
  if (typeof value === 'bigint') return narrowInteger(value)
  if (Array.isArray(value)) return value.map(narrow)
  if (!(value instanceof Map)) return value
  const entries: ReadonlyMap<CborKey, CborValue> = value
  const narrowed = new Map<CborKey, CborValue>()
  for (const [key, entry] of entries) narrowed.set(typeof key === 'bigint' ? narrowInteger(key) : key, narrow(entry))
  return narrowed
}

function narrowInteger(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value
}
