/** Sensing: opens the owner's sensors, samples them by the region's plan, and keeps readings until they are in the outbox. */
export type { Boot } from './region-time.ts'
export { Sampling, type SamplingComponents, type SensingInit } from './sampling.ts'
export type { OpenSensor, OpenSensors } from './sensor-set.ts'
