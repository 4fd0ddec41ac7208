/** Base prices: what fuel and readings cost, what owners ask, and why. */
export type { SensorMoment } from './activity.ts'
export type { Situation } from './assess.ts'
export type { Floor, PriceBook } from './price-book.ts'
export type { PriceChange } from './price-history.ts'
export { type Assessment, GIGAFUEL, openPricing, Pricing, type PricingPorts } from './pricing.ts'
export { sensorMoments } from './sensor-moments.ts'
export { whyNotForFuel, whyNotForReadings } from './willing.ts'
