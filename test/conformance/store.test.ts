import { join } from 'node:path'
import { createMemoryStore, type MemoryStore, openSqliteStore } from '../../coordinator/store/index.ts'
import { tempDirs } from '../support/temp-dir.ts'
import { describeStore } from './store.ts'

const tempDir = tempDirs()
let path = ''
let memory: MemoryStore

describeStore('SQLite', {
  open: () => {
    path = join(tempDir(), 'coordinator.db')
    return openSqliteStore(path)
  },
  reopen: store => {
    store.close()
    return openSqliteStore(path)
  },
})

describeStore('memory', {
  open: () => {
    memory = createMemoryStore()
    return memory
  },
  reopen: () => {
    memory.crash()
    return memory
  },
})
