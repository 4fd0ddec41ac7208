/** What devices cost without any use, and when they are shut out for it. */
export { Conduct, type ConductComponents, type ShutOut } from './conduct.ts'
export { SHUT_OUT } from './kept.ts'
export type { Offence } from './offence.ts'
