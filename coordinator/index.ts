/** The regional coordinator: `startCoordinator` for a running one, and its parts for tests and simulations. */
export { RegionPolicy } from './config.ts'
export { type CoordinatorLog, type CoordinatorOptions, type RunningCoordinator, startCoordinator } from './main.ts'
export { openSqliteStore } from './store/index.ts'
export type { TlsOptions } from './tls/index.ts'
