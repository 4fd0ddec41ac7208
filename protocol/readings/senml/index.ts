/** Sensor Measurement Lists (RFC 8428) in JSON and CBOR, and readings in them. */
export { decodeSenmlCbor, encodeSenmlCbor } from './cbor.ts'
export { decodeSenmlJson, encodeSenmlJson } from './json.ts'
export { SENML_BYTES_MAX, type SenmlRecord } from './record.ts'
export { type ResolvedRecord, resolveSenml } from './resolve.ts'
export { type SenmlSeries, senmlOf, seriesOf, seriesOfFrame } from './series.ts'
