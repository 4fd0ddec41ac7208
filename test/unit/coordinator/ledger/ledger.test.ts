import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Batch } from '../../../../coordinator/batch.ts'
import {
  availableAccount,
  escrowAccount,
  FEE,
  holdbackAccount,
  Ledger,
  SLASHED,
  submitterAccount,
  TREASURY,
  type TransferRequest,
  type TransferStatus,
  transferId,
} from '../../../../coordinator/ledger/ledger.ts'
import { createMemoryStore } from '../../../../coordinator/store/index.ts'
import { AssertionError, jobId, submitterName } from '../../../../protocol/index.ts'
import { replayTransfers } from '../../../support/replay-transfers.ts'
import { DEVICES } from '../../../support/rows.ts'

const NOTHING_PENDING = { debitsPendingMicro: 0n, creditsPendingMicro: 0n, remainder: 0 }
const ALICE = submitterAccount(submitterName('alice'))
const BOB = submitterAccount(submitterName('bob'))

function request(debit: string, credit: string, amountMicro: bigint, purpose = `${debit}/${credit}`): TransferRequest {
  return { kind: 'fund', debit, credit, amountMicro, purpose }
}

/** A ledger in which alice holds 100 and bob nothing. */
function setUp() {
  const ledger = new Ledger([], 0)
  const batch = new Batch()
  ledger.transfer(request(TREASURY, ALICE, 100n), 1, batch)
  return { ledger, batch }
}

describe('account names', () => {
  it('are a kind, or a kind and its subject', () => {
    const job = jobId('abcdefgh234567ab')
    const names = [TREASURY, FEE, SLASHED, ALICE, escrowAccount(job)]
    expect(names).toEqual(['treasury', 'fee', 'slashed', 'submitter:alice', 'escrow:abcdefgh234567ab'])
    const pi = DEVICES[0]
    expect([holdbackAccount(pi), availableAccount(pi)]).toEqual([`holdback:${pi}`, `available:${pi}`])
  })
})

describe('a transfer', () => {
  it.each<[what: string, request: TransferRequest, status: TransferStatus, alice: bigint, bob: bigint]>([
    ['of what is there', request(ALICE, BOB, 99n), 'created', 1n, 99n],
    ['of all that is there', request(ALICE, BOB, 100n), 'created', 0n, 100n],
    ['of more than is there', request(ALICE, BOB, 101n), 'insufficient', 100n, 0n],
    ['out of an account that never was', request(FEE, BOB, 1n), 'insufficient', 100n, 0n],
    ['of nothing', request(ALICE, BOB, 0n), 'nothing_to_move', 100n, 0n],
    ['of nothing out of an account that never was', request(FEE, BOB, 0n), 'nothing_to_move', 100n, 0n],
    ['out of the treasury, which issues', request(TREASURY, BOB, 10n ** 30n), 'created', 100n, 10n ** 30n],
  ])('%s is: %s', (_what, wanted, status, alice, bob) => {
    const { ledger, batch } = setUp()
    const before = batch.writes.length
    expect(ledger.transfer(wanted, 2, batch)).toBe(status)
    expect([ledger.balanceMicro(ALICE), ledger.balanceMicro(BOB)]).toEqual([alice, bob])
    expect(batch.writes.length - before).toBe(status === 'created' ? 1 : 0)
    expect(batch.entries.length).toBe(status === 'created' ? 2 : 1)
    expect(ledger.transferCount).toBe(status === 'created' ? 2 : 1)
  })

  it.each([
    ['a negative amount', request(ALICE, BOB, -1n)],
    ['one account on both sides', request(ALICE, ALICE, 1n)],
  ])('with %s is a bug', (_what, wanted) => {
    const { ledger, batch } = setUp()
    expect(() => ledger.transfer(wanted, 2, batch)).toThrow(AssertionError)
    expect(ledger.balanceMicro(ALICE)).toBe(100n)
  })

  it('[PAY-1.4] has the id of what it pays for', () => {
    const { ledger, batch } = setUp()
    ledger.transfer(request(ALICE, BOB, 7n, 'pay/job/3/0+64'), 5, batch)
    const transfer = {
      kind: 'fund',
      phase: 'single',
      debit: ALICE,
      credit: BOB,
      amountMicro: 7n,
      purpose: 'pay/job/3/0+64',
      pending: null,
      timeoutMs: null,
      atMs: 5,
    }
    const row = { id: 'be743b51917e42c172ae99599246276f', ...transfer }
    expect(batch.writes.at(-1)).toEqual({ table: 'transfer', row })
    expect(batch.entries.at(-1)).toEqual({ type: 'transfer', ...transfer, basis: null })
    expect(transferId('pay/job/3/0+64')).not.toBe(transferId('pay/job/3/0+65'))
  })

  it.each<[what: string, amountMicro: bigint, status: TransferStatus]>([
    ['with the same amount', 100n, 'exists'],
    ['with another amount', 101n, 'exists_with_different_amount'],
    ['with more than anybody has', 10n ** 30n, 'exists_with_different_amount'],
    ['with nothing', 0n, 'nothing_to_move'],
  ])('[PAY-1.4] for the same purpose again, %s, moves nothing, committed or not', (_what, amountMicro, status) => {
    const { ledger, batch } = setUp()
    const store = createMemoryStore()
    const again = request(TREASURY, ALICE, amountMicro)
    expect(ledger.transfer(again, 2, batch)).toBe(status)
    ledger.flush(batch)
    store.commit(batch.writes)
    const restarted = new Ledger(store.accounts(), store.transferCount(), store.holds(), purpose =>
      store.transferFor(purpose),
    )
    expect(restarted.transfer(again, 9, new Batch())).toBe(status)
    expect(restarted.balanceMicro(ALICE)).toBe(100n)
  })

  it('[PAY-1.4] that pays for the same again is refused by the store, whole, even of a ledger that does not look', () => {
    const { ledger, batch } = setUp()
    const store = createMemoryStore()
    ledger.flush(batch)
    store.commit(batch.writes)
    const again = new Batch()
    ledger.transfer(request(TREASURY, ALICE, 100n), 9, again)
    ledger.flush(again)
    expect(() => store.commit(again.writes)).toThrow()
    expect(store.accounts().find(({ id }) => id === ALICE)?.creditsMicro).toBe(100n)
  })
})

describe('a pending transfer', () => {
  const HOLD = { ...request(ALICE, BOB, 60n, 'deposit/d'), timeoutMs: 1_000 }
  const balances = (ledger: Ledger) => [
    ledger.balanceMicro(ALICE),
    ledger.availableMicro(ALICE),
    ledger.balanceMicro(BOB),
    ledger.availableMicro(BOB),
  ]

  it('[PAY-4.1] sets money aside that neither side can spend', () => {
    const { ledger, batch } = setUp()
    expect(ledger.hold(HOLD, 5, batch)).toBe('created')
    expect(balances(ledger)).toEqual([100n, 40n, 0n, 0n])
    expect(ledger.transfer(request(ALICE, FEE, 41n, 'more'), 5, batch)).toBe('insufficient')
    expect(ledger.transfer(request(BOB, FEE, 1n, 'early'), 5, batch)).toBe('insufficient')
    expect(ledger.hold({ ...HOLD, purpose: 'deposit/e' }, 5, batch)).toBe('insufficient')
    expect(ledger.hold(HOLD, 5, batch)).toBe('exists')
    expect(ledger.transfer(request(ALICE, FEE, 40n, 'rest'), 5, batch)).toBe('created')
  })

  it('[PAY-4.2] is posted in parts, and what is left can be given back once', () => {
    const { ledger, batch } = setUp()
    ledger.hold(HOLD, 5, batch)
    expect(ledger.post('deposit/d', 20n, 6, batch)).toBe('resolved')
    expect(ledger.post('deposit/d', 41n, 7, batch)).toBe('exceeds_pending')
    expect(ledger.post('deposit/d', 0n, 7, batch)).toBe('nothing_to_move')
    expect(ledger.post('deposit/d', 15n, 7, batch)).toBe('resolved')
    expect(balances(ledger)).toEqual([65n, 40n, 35n, 35n])
    expect(ledger.holdOf('deposit/d')).toMatchObject({ leftMicro: 25n, posts: 2 })
    expect(ledger.void('deposit/d', 8, batch)).toBe('resolved')
    expect(balances(ledger)).toEqual([65n, 65n, 35n, 35n])
    expect(ledger.void('deposit/d', 9, batch)).toBe('not_found')
    expect(ledger.post('deposit/d', 1n, 9, batch)).toBe('not_found')
    const said = batch.entries
      .slice(1)
      .map(entry => entry.type === 'transfer' && [entry.phase, entry.purpose, entry.amountMicro])
    expect(said).toEqual([
      ['pending', 'deposit/d', 60n],
      ['post', 'deposit/d/post/1', 20n],
      ['post', 'deposit/d/post/2', 15n],
      ['void', 'deposit/d/void', 25n],
    ])
  })

  it('[PAY-4.2] that was posted whole is gone', () => {
    const { ledger, batch } = setUp()
    ledger.hold(HOLD, 5, batch)
    ledger.post('deposit/d', 60n, 6, batch)
    expect(ledger.holdOf('deposit/d')).toBeUndefined()
    expect(ledger.void('deposit/d', 6, batch)).toBe('not_found')
    expect(batch.writes.filter(({ table }) => table === 'hold-delete')).toHaveLength(1)
  })

  it('[PAY-4.3] expires after its interval, not before', () => {
    const { ledger, batch } = setUp()
    ledger.hold(HOLD, 5, batch)
    ledger.post('deposit/d', 10n, 6, batch)
    ledger.expire(1_004, batch)
    expect(ledger.holdOf('deposit/d')).toBeDefined()
    ledger.expire(1_005, batch)
    expect(ledger.holdOf('deposit/d')).toBeUndefined()
    expect(balances(ledger)).toEqual([90n, 90n, 10n, 10n])
    expect(batch.entries.at(-1)).toMatchObject({ phase: 'expire', purpose: 'deposit/d/expire', amountMicro: 50n })
  })

  it('[PAY-4.1] survives a restart as it was', () => {
    const { ledger, batch } = setUp()
    const store = createMemoryStore()
    ledger.hold(HOLD, 5, batch)
    ledger.post('deposit/d', 10n, 6, batch)
    ledger.flush(batch)
    store.commit(batch.writes)
    const restarted = new Ledger(store.accounts(), store.transferCount(), store.holds())
    expect(balances(restarted)).toEqual(balances(ledger))
    const next = new Batch()
    expect(restarted.post('deposit/d', 5n, 7, next)).toBe('resolved')
    expect(next.entries).toMatchObject([{ purpose: 'deposit/d/post/2' }])
    restarted.flush(next)
    store.commit(next.writes)
    expect(replayTransfers(store)).toEqual(store.accounts())
  })
})

describe('devices whose earnings changed', () => {
  it('are told once each', () => {
    const { ledger, batch } = setUp()
    const [pi, other] = DEVICES
    ledger.transfer(request(ALICE, holdbackAccount(pi), 10n), 1, batch)
    ledger.transfer(request(holdbackAccount(pi), availableAccount(pi), 5n), 1, batch)
    ledger.transfer(request(ALICE, availableAccount(other), 1n), 1, batch)
    expect(ledger.takeTouchedDevices()).toEqual([])
    ledger.flush(batch)
    expect(ledger.takeTouchedDevices()).toEqual([pi, other])
    expect(ledger.takeTouchedDevices()).toEqual([])
    expect(ledger.turnoverMicro(holdbackAccount(pi))).toEqual({ debitsMicro: 5n, creditsMicro: 10n })
  })
})

describe('the books', () => {
  it('write each changed balance once, and a copy of it', () => {
    const { ledger, batch } = setUp()
    ledger.transfer(request(ALICE, BOB, 10n, 'one'), 1, batch)
    ledger.transfer(request(ALICE, BOB, 10n, 'two'), 1, batch)
    const flushed = new Batch()
    ledger.flush(flushed)
    ledger.transfer(request(ALICE, BOB, 10n, 'three'), 1, batch)
    expect(flushed.writes).toEqual([
      { table: 'account', row: { id: TREASURY, debitsMicro: 100n, creditsMicro: 0n, ...NOTHING_PENDING } },
      { table: 'account', row: { id: ALICE, debitsMicro: 20n, creditsMicro: 100n, ...NOTHING_PENDING } },
      { table: 'account', row: { id: BOB, debitsMicro: 0n, creditsMicro: 20n, ...NOTHING_PENDING } },
    ])
    const next = new Batch()
    ledger.flush(next)
    expect(next.writes).toHaveLength(2)
    ledger.flush(next)
    expect(next.writes).toHaveLength(2)
  })

  it('[PAY-1.3] add up to nothing whatever is booked, are never overdrawn, and are the same after a restart', () => {
    const accounts = [TREASURY, ALICE, BOB, FEE, SLASHED]
    const side = fc.integer({ min: 0, max: accounts.length - 1 })
    const wanted = fc.record({ debit: side, credit: side, amountMicro: fc.bigInt({ min: 0n, max: 50n }) })
    fc.assert(
      fc.property(fc.array(fc.array(wanted, { maxLength: 6 }), { maxLength: 12 }), batches => {
        const store = createMemoryStore()
        let purpose = 0
        for (const requests of batches) {
          // Each batch by a ledger that has just started.
          const ledger = new Ledger(store.accounts(), store.transferCount())
          const batch = new Batch()
          for (const { debit, credit, amountMicro } of requests) {
            if (debit === credit) continue
            const [from, to] = [accounts[debit] as string, accounts[credit] as string]
            const before = ledger.balanceMicro(from)
            const status = ledger.transfer(request(from, to, amountMicro, `${purpose++}`), 0, batch)
            const moved = status === 'created' ? amountMicro : 0n
            expect(ledger.balanceMicro(from)).toBe(before - moved)
            expect(status === 'insufficient').toBe(from !== TREASURY && amountMicro > before)
          }
          ledger.flush(batch)
          store.commit(batch.writes)
          const balances = accounts.map(account => ledger.balanceMicro(account))
          expect(balances.reduce((sum, balance) => sum + balance, 0n)).toBe(0n)
          expect(balances.slice(1).every(balance => balance >= 0n)).toBe(true)
        }
        expect(replayTransfers(store)).toEqual(store.accounts())
      }),
    )
  })
})
