/** The public log: how it is written, signed, witnessed and proven. */
export type { Checkpoint } from './check-signed.ts'
export { Log, type LogStore } from './log.ts'
export { LogReader } from './log-reader.ts'
export { type Peer, Peers } from './peers.ts'
export { type OpenedCard, openCard, type RegionCard } from './region-card.ts'
export { openSettlement, type Settlement, type SettlementComponents, type SettlementInit } from './settlement.ts'
export { createStatements, type TakeStatement } from './statements.ts'
export type { WitnessAnswer, WitnessServer } from './witness-server.ts'
