import { describe, expect, test } from 'vitest'
import { Batch, type Effect } from '../../../../coordinator/batch.ts'
import { availableAccount, FEE, holdbackAccount, Ledger, TREASURY } from '../../../../coordinator/ledger/ledger.ts'
import { Log, LogReader } from '../../../../coordinator/settlement/index.ts'
import { Receipts } from '../../../../coordinator/settlement/receipts.ts'
import { createMemoryStore } from '../../../../coordinator/store/index.ts'
import {
  type DeviceId,
  decodeEntry,
  leafHash,
  openInclusionReceipt,
  portableSigner,
  type ReceiptEntry,
  type TreeHead,
} from '../../../../protocol/index.ts'
import { nodeSha256, nodeVerifier } from '../../../../protocol/node/index.ts'
import { deviceRow } from '../../../support/rows.ts'
import { deviceNumbered } from '../../../support/settled-region.ts'

const signer = portableSigner(new Uint8Array(32).fill(1))
const verifier = nodeVerifier()
const [A, B, C] = [deviceNumbered(1), deviceNumbered(2), deviceNumbered(3)]

function bench(store = createMemoryStore(), devices: DeviceId[] = [A, B, C]) {
  store.commit(devices.map(device => ({ table: 'device', row: deviceRow(device) })))
  const log = new Log(store, nodeSha256)
  const reader = new LogReader(log, store, nodeSha256)
  const ledger = new Ledger(store.accounts(), store.transferCount(), store.holds(), store.transferFor)
  const connected = new Set(devices)
  let signatures = 0
  const counting = {
    publicKey: signer.publicKey,
    sign: (message: Uint8Array) => {
      signatures++
      return signer.sign(message)
    },
  }
  let asked = 0
  const counted = {
    takeTouchedDevices: () => ledger.takeTouchedDevices(),
    turnoverMicro: (account: string) => {
      asked++
      return ledger.turnoverMicro(account)
    },
  }
  const isConnected = (device: DeviceId) => connected.has(device)
  const receipts = new Receipts(
    { ledger: counted, reader, store, signer: counting, devices: () => devices, isConnected },
    60_000,
    null,
  )
  let nowMs = 0
  let moves = store.transferCount()
  let batch = new Batch()
  const commit = (): Effect[] => {
    const writing = batch
    batch = new Batch()
    ledger.flush(writing)
    log.append(writing.entries, writing)
    store.commit(writing.writes)
    return writing.effects
  }
  const move = (debit: string, credit: string, amountMicro: bigint) => {
    const purpose = `fund/x/${moves++}`
    ledger.transfer({ kind: 'fund', debit, credit, amountMicro, purpose }, nowMs, batch)
  }
  const earn = (device: DeviceId, amountMicro: bigint) => move(TREASURY, holdbackAccount(device), amountMicro)
  const tick = (sinceMs = 0) => {
    nowMs += sinceMs
    receipts.tick({ wallMs: nowMs, monotonicMs: nowMs }, batch)
    return commit()
  }
  const sign = () => {
    const head = log.head()
    receipts.shown(head)
    return head
  }
  /** Effects as the device reads them, checked against the head. */
  const opened = (effects: readonly Effect[], head: TreeHead) =>
    effects.map(effect => {
      if (effect.kind !== 'receipt') throw new Error('Only receipts are sent.')
      const leaf = leafHash(nodeSha256, effect.entry)
      const proof = openInclusionReceipt(effect.proof, leaf, signer.publicKey, verifier, nodeSha256)
      expect(proof).toMatchObject(head)
      const entry = decodeEntry(effect.entry) as ReceiptEntry
      expect(entry.device).toBe(effect.device)
      return { ...entry, index: proof.index }
    })
  const counts = () => ({ signatures, asked })
  return { store, log, ledger, receipts, connected, earn, move, commit, tick, sign, opened, counts }
}

describe('receipts', () => {
  test('[LOG-8.4] say all that a device ever had, and come with the proof that they are in the log', () => {
    const { earn, move, commit, tick, sign, opened, store } = bench()
    earn(A, 70n)
    move(holdbackAccount(A), availableAccount(A), 40n)
    move(holdbackAccount(A), FEE, 5n)
    move(availableAccount(A), 'payout:0x1', 15n)
    commit()
    expect(tick()).toEqual([])
    const totals = { earnedMicro: 70n, lostMicro: 5n, releasedMicro: 40n, paidOutMicro: 15n }
    expect(store.receipts()).toEqual([{ device: A, seq: 1, entry: 4, ...totals }])
    // Nothing is sent before a checkpoint covers it.
    expect(tick()).toEqual([])
    const head = sign()
    expect(opened(tick(), head)).toEqual([{ type: 'receipt', atMs: 0, device: A, seq: 1, index: 4, ...totals }])
    expect(tick(60_000)).toEqual([])
  })

  test('are written once an interval, with the next number, and only for whom something changed', () => {
    const { earn, commit, tick, store, counts } = bench()
    earn(A, 1n)
    earn(B, 1n)
    commit()
    tick()
    expect(store.receipts().map(({ device, seq }) => [device, seq])).toEqual([A, B].sort().map(device => [device, 1]))
    const { asked } = counts()
    earn(A, 1n)
    commit()
    tick(59_999)
    expect(counts().asked).toBe(asked)
    tick(1)
    // Two accounts of one device.
    expect(counts().asked).toBe(asked + 2)
    expect(store.receipts().find(({ device }) => device === A)).toMatchObject({ seq: 2, earnedMicro: 2n })
    expect(store.receipts().find(({ device }) => device === B)).toMatchObject({ seq: 1 })
  })

  test('know their place in the log when other entries of the same commit come before and after them', () => {
    const { earn, tick, sign, opened, move, commit } = bench()
    earn(A, 1n)
    commit()
    // In the log before the receipts, which it is not committed before.
    earn(B, 2n)
    tick()
    move(TREASURY, 'submitter:ada', 1n)
    commit()
    const head = sign()
    expect(head.size).toBe(5)
    const sent = opened(tick(), head)
    expect(sent.map(({ device, index }) => [device, index])).toEqual([
      [A, 2],
      [B, 3],
    ])
  })

  test('go to whoever is there, and to the others when they come', () => {
    const { earn, commit, tick, sign, opened, connected, receipts } = bench()
    connected.delete(A)
    earn(A, 1n)
    earn(B, 1n)
    commit()
    tick()
    receipts.greet(C)
    receipts.greet(A)
    const head = sign()
    expect(opened(tick(), head).map(({ device }) => device)).toEqual([B])
    connected.add(A)
    receipts.greet(A)
    receipts.greet(C)
    expect(opened(tick(), head).map(({ device }) => device)).toEqual([A])
    expect(tick()).toEqual([])
    // It may have lost it: it gets it again with each hello.
    receipts.greet(A)
    expect(opened(tick(), head).map(({ device }) => device)).toEqual([A])
  })

  test('replace one that was not sent yet', () => {
    const { earn, commit, tick, sign, opened } = bench()
    earn(A, 1n)
    commit()
    tick()
    sign()
    earn(A, 1n)
    commit()
    // The next receipt is written at the tick that would have sent the first.
    expect(tick(60_000)).toEqual([])
    const head = sign()
    expect(opened(tick(), head)).toMatchObject([{ seq: 2, earnedMicro: 2n }])
  })

  test('share one signature for all that one checkpoint proves', () => {
    const devices = Array.from({ length: 300 }, (_, i) => deviceNumbered(i))
    const { earn, commit, tick, sign, opened, counts } = bench(createMemoryStore(), devices)
    for (const device of devices) earn(device, 1n)
    commit()
    // A few at a time.
    for (let i = 0; i < 3; i++) tick()
    const head = sign()
    const sent = opened([...tick(), ...tick(), ...tick()], head)
    expect(new Set(sent.map(({ device }) => device)).size).toBe(300)
    expect(counts().signatures).toBe(1)
  })

  test('are written for what changed before a restart, and go on from the last number', () => {
    const first = bench()
    first.earn(A, 1n)
    first.earn(B, 1n)
    first.commit()
    first.tick()
    first.earn(A, 5n)
    first.commit()
    const again = bench(first.store)
    again.tick()
    expect(again.store.receipts().find(({ device }) => device === A)).toMatchObject({ seq: 2, earnedMicro: 6n })
    expect(again.store.receipts().find(({ device }) => device === B)).toMatchObject({ seq: 1 })
    // Those from before the restart are proven too.
    const head = again.sign()
    const sent = again.opened(again.tick(), head).map(({ device, seq }) => [device, seq])
    expect(sent.sort()).toEqual(
      [
        [A, 2],
        [B, 1],
      ].sort(),
    )
  })

  test('[LOG-8.4] never say less than before', () => {
    const { earn, move, commit, tick, ledger } = bench()
    earn(A, 10n)
    move(holdbackAccount(A), FEE, 4n)
    commit()
    tick()
    // Money that did not come from its holdback would make what it lost look smaller.
    move(TREASURY, availableAccount(A), 1n)
    expect(ledger.balanceMicro(availableAccount(A))).toBe(1n)
    commit()
    expect(() => tick(60_000)).toThrow('no total of a receipt ever falls')
  })
})
