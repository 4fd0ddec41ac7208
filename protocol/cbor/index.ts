/** The protocol's CBOR: one encoding per value, checked before it is decoded. */
export { decode } from './decode.ts'
export { type CborKey, type CborValue, encode } from './encode.ts'
export { byteStringBytes, encodeSequence, iterateSequence, writeByteString } from './sequence.ts'
export { CBOR_FAULTS, type CborBounds, type CborFault, skim } from './skim.ts'
