/** The public log of a region: what its entries say, and how they are written. And what is signed beside it. */
export { decodeEntry } from './decode-entry.ts'
export { encodeEntry } from './encode-entry.ts'
export * from './entry.ts'
export { decodeReputation, encodeReputation, type Reputation, subjectOf } from './reputation.ts'
export { decodeStatement, encodeStatement, type Statement } from './statement.ts'
