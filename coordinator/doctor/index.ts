/** Checks of a coordinator. Each tells what it found in words for its operator. */
export { type Addresses, type AddressesPorts, checkAddresses } from './addresses.ts'
export { type CertificatePorts, checkCertificate } from './certificate.ts'
export { checkDescriptors, type DescriptorsPorts } from './descriptors.ts'
export { checkLedger, type LedgerPorts } from './ledger.ts'
export { type CoordinatorState, readCoordinatorState } from './read-state.ts'
export { checkReady } from './ready.ts'
export { checkWitnesses, type WitnessesPorts } from './witnesses.ts'
