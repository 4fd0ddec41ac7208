/** What sensors measured, from the quantity to the signed frame and back to SenML. */
export { packColumns, unpackColumns } from './columns.ts'
export { CSV_HEADER, type CsvReading, csvLine } from './csv.ts'
export { fromUnit, toUnit, valueText } from './exact.ts'
export {
  profileId,
  profileIdFromBytes,
  profileIdOf,
  readingIdBytes,
  sensorId,
  sensorIdFromBytes,
  sensorIdOf,
} from './ids.ts'
export { columnsOf, columnsPerChannel, decodeProfile, encodeProfile, PROFILE_KINDS } from './profile.ts'
export { EXPONENT_MAX, GAIN_PPM_MAX, QUANTITIES, QUANTITY_NAME, type Quantity } from './quantities.ts'
export * from './senml/index.ts'
export * from './types.ts'
