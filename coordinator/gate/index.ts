/** What devices send becomes typed messages here, or a counted refusal. */
export { type Arrivals, type ArrivalsComponents, createArrivals } from './arrivals.ts'
export { type Counters, createCounters } from './counters.ts'
export {
  type Arrival,
  type ConnectVerdict,
  createGate,
  type Gate,
  type GateComponents,
  type GateInit,
  type GateKeys,
  type Uplink,
} from './gate.ts'
