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
import { verifyLedger } from '../../../../coordinator/ledger/verify.ts'
import { createMemoryStore } from '../../../../coordinator/store/index.ts'
import { AssertionError, jobId, submitterName } from '../../../../protocol/index.ts'
import { DEVICES } from '../../../support/rows.ts'

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
    expect(batch.writes.at(-1)).toEqual({
      table: 'transfer',
      row: {
        id: 'be743b51917e42c172ae99599246276f',
        kind: 'fund',
        debit: ALICE,
        credit: BOB,
        amountMicro: 7n,
        purpose: 'pay/job/3/0+64',
        atMs: 5,
      },
    })
    expect(transferId('pay/job/3/0+64')).not.toBe(transferId('pay/job/3/0+65'))
  })

  it('[PAY-1.4] that pays for the same again is refused by the store, whole', () => {
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

describe('the books', () => {
  it('write each changed balance once, and a copy of it', () => {
    const { ledger, batch } = setUp()
    ledger.transfer(request(ALICE, BOB, 10n, 'one'), 1, batch)
    ledger.transfer(request(ALICE, BOB, 10n, 'two'), 1, batch)
    const flushed = new Batch()
    ledger.flush(flushed)
    ledger.transfer(request(ALICE, BOB, 10n, 'three'), 1, batch)
    expect(flushed.writes).toEqual([
      { table: 'account', row: { id: TREASURY, debitsMicro: 100n, creditsMicro: 0n } },
      { table: 'account', row: { id: ALICE, debitsMicro: 20n, creditsMicro: 100n } },
      { table: 'account', row: { id: BOB, debitsMicro: 0n, creditsMicro: 20n } },
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
        expect(verifyLedger(store)).toMatchObject({ ok: true, problems: [], transfers: store.transferCount() })
      }),
    )
  })
})
