/** The simulator: the production's coordinator and devices on virtual time, under faults that a seed draws, judged by checks of its own. */
export { runSeed, type SeedReport } from './run-seed.ts'
export { FAULTS, type Fault } from './scenario.ts'
