/** The ledger under every interleaving of requests, commits and crashes, beside a plain model that predicts each answer. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Batch } from '../../coordinator/batch.ts'
import { availableAccount, FEE, holdbackAccount, Ledger, TREASURY } from '../../coordinator/ledger/ledger.ts'
import { Log } from '../../coordinator/settlement/log.ts'
import { createMemoryStore } from '../../coordinator/store/index.ts'
import { decodeEntry, Frontier, leafHash, portableSha256, type TransferEntry } from '../../protocol/index.ts'
import { PlainLedger } from '../support/plain-ledger.ts'
import { replayTransfers } from '../support/replay-transfers.ts'
import { DEVICES } from '../support/rows.ts'

const [device] = DEVICES
const ACCOUNTS = [
  TREASURY,
  'submitter:ada',
  'submitter:bob',
  'escrow:job',
  holdbackAccount(device),
  availableAccount(device),
  FEE,
]
/** Few, so that most are asked for again. */
const PURPOSES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']

type Step =
  | { do: 'transfer' | 'hold'; debit: number; credit: number; amount: number; purpose: number; timeoutMs: number }
  | { do: 'post'; purpose: number; amount: number }
  | { do: 'void'; purpose: number }
  | { do: 'expire' | 'commit' | 'sync' | 'crash' }
  | { do: 'wait'; halfMs: number }

const amount = fc.oneof({ weight: 4, arbitrary: fc.nat(30) }, { weight: 1, arbitrary: fc.nat(300) })
const purpose = fc.nat(PURPOSES.length - 1)
const account = fc.nat(ACCOUNTS.length - 1)
const payment = { debit: account, credit: account, amount, purpose, timeoutMs: fc.integer({ min: 1, max: 40 }) }
const just = <Kind extends Step['do']>(kind: Kind) => ({ do: fc.constant(kind) })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ ...just('transfer'), ...payment }) },
  { weight: 6, arbitrary: fc.record({ ...just('hold'), ...payment }) },
  { weight: 5, arbitrary: fc.record({ ...just('post'), purpose, amount }) },
  { weight: 2, arbitrary: fc.record({ ...just('void'), purpose }) },
  { weight: 2, arbitrary: fc.record(just('expire')) },
  { weight: 2, arbitrary: fc.record({ ...just('wait'), halfMs: fc.nat(60) }) },
  { weight: 3, arbitrary: fc.record(just('commit')) },
  { weight: 2, arbitrary: fc.record(just('sync')) },
  { weight: 1, arbitrary: fc.record(just('crash')) },
)

/** A ledger on a store that keeps only what was synced, and the model beside it. */
class World {
  readonly model = new PlainLedger()
  readonly store = createMemoryStore({ sync: 'manual' })
  /** Every answer there was. */
  readonly seen = new Set<string>()
  private batch = new Batch()
  private ledger = this.openLedger()
  private log = new Log(this.store, portableSha256)
  private nowMs = 1_000

  play(move: Step): void {
    switch (move.do) {
      case 'transfer':
      case 'hold':
        this.request(move)
        break
      case 'post': {
        const [pending, amountMicro] = [nameOf(PURPOSES, move.purpose), BigInt(move.amount)]
        const status = this.model.post(pending, amountMicro, this.nowMs)
        this.answered(this.ledger.post(pending, amountMicro, this.nowMs, this.batch), status)
        break
      }
      case 'void': {
        const pending = nameOf(PURPOSES, move.purpose)
        const status = this.model.void(pending, this.nowMs)
        this.answered(this.ledger.void(pending, this.nowMs, this.batch), status)
        break
      }
      case 'expire':
        this.model.expire(this.nowMs)
        this.ledger.expire(this.nowMs, this.batch)
        break
      case 'wait':
        this.nowMs += move.halfMs / 2
        break
      case 'commit':
        this.commit()
        break
      case 'sync':
        this.commit()
        this.store.sync()
        this.model.sync()
        break
      case 'crash':
        this.crash()
    }
  }

  /** What must hold after every step. */
  expectSound(): void {
    const { ledger, model } = this
    let sum = 0n
    for (const account of ACCOUNTS) {
      sum += ledger.balanceMicro(account)
      expect(ledger.balanceMicro(account), `balance of ${account}`).toBe(model.balanceMicro(account))
      expect(ledger.availableMicro(account), `available of ${account}`).toBe(model.availableMicro(account))
      if (account !== TREASURY) expect(ledger.availableMicro(account) < 0n, `${account} is overdrawn`).toBe(false)
    }
    expect(sum).toBe(0n)
    expect(ledger.transferCount).toBe(model.transfers.length)
    for (const name of PURPOSES) expect(ledger.holdOf(name)?.leftMicro ?? 0n).toBe(model.leftMicro(name))
  }

  /** What must hold of all that is committed. */
  expectBooked(): void {
    this.commit()
    const { model, store } = this
    const booked = Array.from(store.transfers(), ({ id: _, ...row }) => row)
    expect(booked).toEqual(model.transfers)
    expect(new Set(booked.map(row => row.purpose)).size).toBe(booked.length)
    for (const pending of booked.filter(row => row.phase === 'pending')) {
      const parts = booked.filter(row => row.pending === pending.purpose)
      const resolvedMicro = parts.reduce((sum, row) => sum + row.amountMicro, 0n)
      expect(resolvedMicro + model.leftMicro(pending.purpose)).toBe(pending.amountMicro)
      expect(parts.filter(row => row.phase !== 'post').length).toBeLessThanOrEqual(1)
    }
    expect(store.holds().map(row => [row.purpose, row.leftMicro])).toEqual(
      model.open().map(row => [row.purpose, model.leftMicro(row.purpose)]),
    )
    for (const row of store.accounts()) {
      expect(row.debitsPendingMicro).toBe(model.pendingMicro('debit', row.id))
      expect(row.creditsPendingMicro).toBe(model.pendingMicro('credit', row.id))
      expect(row.creditsMicro - row.debitsMicro).toBe(model.balanceMicro(row.id))
    }
    expect(replayTransfers(store)).toEqual(store.accounts())
    this.expectLogged()
  }

  /** The log says the same transfers in the same order, and its tree is the one over these bytes. */
  private expectLogged(): void {
    const { store } = this
    const bytes = store.entries(0, store.entryCount())
    const said = bytes.map(entry => decodeEntry(entry) as TransferEntry)
    expect(said.map(({ type: _, basis: __, ...row }) => row)).toEqual(this.model.transfers)
    const tree = new Frontier(portableSha256)
    for (const entry of bytes) tree.append(leafHash(portableSha256, entry))
    expect(this.log.head()).toEqual({ size: bytes.length, root: tree.root() })
  }

  private request(move: Extract<Step, { debit: number }>): void {
    const [debit, credit] = [nameOf(ACCOUNTS, move.debit), nameOf(ACCOUNTS, move.credit)]
    if (debit === credit) return
    const request = { kind: 'fund', debit, credit, amountMicro: BigInt(move.amount) } as const
    const asked = { ...request, purpose: nameOf(PURPOSES, move.purpose) }
    if (move.do === 'transfer') {
      const status = this.model.transfer(asked, this.nowMs)
      this.answered(this.ledger.transfer(asked, this.nowMs, this.batch), status)
    } else {
      const held = { ...asked, timeoutMs: move.timeoutMs }
      const status = this.model.hold(held, this.nowMs)
      this.answered(this.ledger.hold(held, this.nowMs, this.batch), status)
    }
  }

  private answered(status: string, predicted: string): void {
    expect(status).toBe(predicted)
    this.seen.add(status)
  }

  private commit(): void {
    this.ledger.flush(this.batch)
    this.log.append(this.batch.entries, this.batch)
    this.store.commit(this.batch.writes)
    this.batch = new Batch()
  }

  private crash(): void {
    this.store.crash()
    this.model.crash()
    this.batch = new Batch()
    this.ledger = this.openLedger()
    this.log = new Log(this.store, portableSha256)
  }

  private openLedger(): Ledger {
    const { store } = this
    return new Ledger(store.accounts(), store.transferCount(), store.holds(), purpose => store.transferFor(purpose))
  }
}

const nameOf = (names: readonly string[], index: number): string => names[index % names.length] as string

describe('the ledger', () => {
  it('[PAY-1.3] [PAY-1.4] [PAY-4.1] [PAY-4.2] [PAY-4.3] answers as predicted, conserves money, overdraws nobody and books nothing twice, whatever happens on the way', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 80, size: 'max' }), steps => {
        const world = new World()
        for (const account of ACCOUNTS.slice(1, 4)) {
          const index = ACCOUNTS.indexOf(account)
          world.play({ do: 'transfer', debit: 0, credit: index, amount: 100, purpose: index, timeoutMs: 1 })
        }
        for (const move of steps) {
          world.play(move)
          world.expectSound()
        }
        world.expectBooked()
        for (const status of world.seen) seen.add(status)
      }),
      { numRuns: 400 },
    )
    // Every answer was given, or the steps above try too little.
    expect([...seen].sort()).toEqual([
      'created',
      'exceeds_pending',
      'exists',
      'exists_with_different_amount',
      'insufficient',
      'not_found',
      'nothing_to_move',
      'resolved',
    ])
  })
})
