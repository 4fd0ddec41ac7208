/** What is on a serial port: listens, asks, and never changes a setting. */
export { type DetectComponents, type Detection, detectSensor } from './detect.ts'
export type { Recognised } from './probes.ts'
