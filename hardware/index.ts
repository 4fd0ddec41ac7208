/** Everything that touches a pin, a port or a board's own sensors. */
export { readSocTemperatureMilliC, readThrottled, type SocInit, type Throttled } from './soc.ts'
