/**
 * What crosses the wire, and what both sides must compute alike. Pure: no I/O and no clock, so it runs in a browser too.
 * Node's own crypto, clock and randomness are in `hedgerow/protocol/node`.
 */
export * from './amounts.ts'
export * from './bytes.ts'
export * from './cbor/index.ts'
export * from './clock.ts'
export * from './cose/index.ts'
export * from './errors.ts'
export * from './ids.ts'
export * from './jobs/index.ts'
export * from './jobs/replies.ts'
export * from './limits.ts'
export * from './merkle/index.ts'
export * from './messages/index.ts'
export * from './metering/index.ts'
export * from './quality/index.ts'
export * from './random.ts'
export * from './readings/index.ts'
export * from './script/index.ts'
export * from './sensing/index.ts'
export * from './settlement/index.ts'
export * from './topics.ts'
