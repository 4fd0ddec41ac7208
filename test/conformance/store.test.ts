import { join } from 'node:path'
import { createMemoryStore, type MemoryStore, openSqliteStore } from '../../coordinator/store/index.ts'
import { tempDirs } from '../support/temp-dir.ts'
import { describeStore, type StoreUnderTest } from './store.ts'
import { describeSensingStore } from './store-sensing.ts'
import { describeSettlementStore } from './store-settlement.ts'

const tempDir = tempDirs()
let path = ''
let memory: MemoryStore

const sqlite: StoreUnderTest = {
  open: () => {
    path = join(tempDir(), 'coordinator.db')
    return openSqliteStore(path)
  },
  reopen: store => {
    store.close()
    return openSqliteStore(path)
  },
}

const inMemory: StoreUnderTest = {
  open: () => {
    memory = createMemoryStore()
    return memory
  },
  reopen: () => {
    memory.crash()
    return memory
  },
}

for (const describeAll of [describeStore, describeSensingStore, describeSettlementStore]) {
  describeAll('SQLite', sqlite)
  describeAll('memory', inMemory)
}
