import { describe, expect, it } from 'vitest'
import { Batch } from '../../../../coordinator/batch.ts'
import { RegionPolicy } from '../../../../coordinator/config.ts'
import { FEE, Ledger, submitterAccount, TREASURY } from '../../../../coordinator/ledger/ledger.ts'
import { beginLog, newestEntryMs, TRANSFERS_BEFORE_LOG } from '../../../../coordinator/settlement/begin-log.ts'
import { Log } from '../../../../coordinator/settlement/log.ts'
import { createMemoryStore, type MemoryStore } from '../../../../coordinator/store/index.ts'
import { decodeEntry, type LogEntry, regionId, regionName, submitterName } from '../../../../protocol/index.ts'
import { nodeSha256 } from '../../../../protocol/node/index.ts'
import { auditEntries, KEYLESS } from '../../../support/audit-entries.ts'
import { accountRow, DEVICES, deviceRow } from '../../../support/rows.ts'

const ALICE = submitterAccount(submitterName('alice'))
const REGION = { regionId: regionId('a'.repeat(26)), region: regionName('hill'), publicKey: new Uint8Array(32) }

/** Starts on a store, as a coordinator does. */
function start(store: MemoryStore, policy = RegionPolicy(), nowMs = 1_000): void {
  const batch = new Batch()
  beginLog(store, REGION, policy, nowMs, batch)
  new Log(store, nodeSha256).append(batch.entries, batch)
  store.commit(batch.writes)
}

const entriesOf = (store: MemoryStore): LogEntry[] => store.entries(0, store.entryCount()).map(decodeEntry)

describe('a log', () => {
  it('begins with the region and its rules, once', () => {
    const store = createMemoryStore()
    expect(newestEntryMs(store)).toBe(0)
    start(store)
    start(store)
    expect(entriesOf(store).map(({ type }) => type)).toEqual(['genesis', 'policy'])
    expect(entriesOf(store)[0]).toEqual({ type: 'genesis', atMs: 1_000, ...REGION, scale: 6 })
    expect(store.meta(TRANSFERS_BEFORE_LOG)).toBe('0')
    expect(newestEntryMs(store)).toBe(1_000)
  })

  it('tells rules about money again when they are others, and not what has nothing to do with money', () => {
    const store = createMemoryStore()
    start(store)
    start(store, RegionPolicy({ heartbeatMs: 2_000 }))
    start(store, RegionPolicy({ feeBasisPoints: 700 }), 5_000)
    expect(entriesOf(store).map(({ type }) => type)).toEqual(['genesis', 'policy', 'policy'])
    expect(entriesOf(store).at(-1)).toMatchObject({ atMs: 5_000, feeBasisPoints: 700 })
  })

  it('of a region that has run without one begins with its balances and its devices', () => {
    const store = createMemoryStore()
    const ledger = new Ledger([], 0)
    const before = new Batch()
    const fund = { kind: 'fund', debit: TREASURY, credit: ALICE, amountMicro: 100n, purpose: 'fund/alice/0' } as const
    const fee = { kind: 'fee', debit: ALICE, credit: FEE, amountMicro: 7n, purpose: 'fee/old' } as const
    ledger.transfer(fund, 10, before)
    ledger.transfer(fee, 11, before)
    ledger.flush(before)
    const [first, caught] = DEVICES
    before.write({ table: 'device', row: deviceRow(first) })
    before.write({ table: 'device', row: { ...deviceRow(caught), standing: 'caught', standingReason: 'lied' } })
    store.commit(before.writes)

    start(store)
    const entries = entriesOf(store)
    expect(entries.map(({ type }) => type)).toEqual(['genesis', 'opening', 'device', 'device', 'standing', 'policy'])
    expect(entries[1]).toMatchObject({
      balances: [
        { account: FEE, debitsMicro: 0n, creditsMicro: 7n },
        { account: ALICE, debitsMicro: 7n, creditsMicro: 100n },
        { account: TREASURY, debitsMicro: 100n, creditsMicro: 0n },
      ],
    })
    expect(entries[4]).toMatchObject({ device: caught, standing: 'caught', reason: 'lied' })
    expect(store.meta(TRANSFERS_BEFORE_LOG)).toBe('2')
    expect(auditEntries(entries, KEYLESS)).toEqual([])
  })

  it('has room for the balances of a large region', () => {
    const store = createMemoryStore()
    const accounts = Array.from({ length: 1_200 }, (_, i) => ({
      id: `submitter:s${i}`,
      debitsMicro: 0n,
      creditsMicro: 1n,
    }))
    const treasury = { id: TREASURY, debitsMicro: 1_200n, creditsMicro: 0n }
    const rows = [treasury, ...accounts].map(row => accountRow(row.id, row.debitsMicro, row.creditsMicro))
    store.commit(rows.map(row => ({ table: 'account' as const, row })))
    start(store)
    expect(entriesOf(store).filter(({ type }) => type === 'opening')).toHaveLength(3)
    expect(auditEntries(entriesOf(store), KEYLESS)).toEqual([])
  })
})
