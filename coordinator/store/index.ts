/** What the coordinator remembers: rows, the store that keeps them, and its two implementations. */
export { createMemoryStore, type MemoryStore, type MemoryStoreOptions } from './memory-store.ts'
export * from './rows.ts'
export { openSqliteStore, type SqliteStore, type SqliteStoreOptions } from './sqlite-store.ts'
