import { describe, expect, it } from 'vitest'
import { Batch } from '../../../../coordinator/batch.ts'
import { Ledger, type ResolveStatus, TREASURY, type TransferStatus } from '../../../../coordinator/ledger/ledger.ts'

const ADA = 'submitter:ada'
const ESCROW = 'escrow:d1'

/** Ada has 100, of which 60 are set aside under `held`; of `spent` nothing is left. */
function setUp(): { ledger: Ledger; batch: Batch } {
  const ledger = new Ledger([], 0)
  const batch = new Batch()
  ledger.transfer({ kind: 'fund', debit: TREASURY, credit: ADA, amountMicro: 110n, purpose: 'fund' }, 1, batch)
  const hold = { kind: 'deposit', debit: ADA, credit: ESCROW, timeoutMs: 50 } as const
  ledger.hold({ ...hold, amountMicro: 10n, purpose: 'spent' }, 1, batch)
  ledger.post('spent', 10n, 1, batch)
  ledger.hold({ ...hold, amountMicro: 60n, purpose: 'held' }, 1, batch)
  return { ledger, batch }
}

/** Everything that an answer without effect leaves as it was. */
function state({ ledger, batch }: { ledger: Ledger; batch: Batch }): unknown {
  const accounts = [TREASURY, ADA, ESCROW].map(id => [ledger.balanceMicro(id), ledger.availableMicro(id)])
  return [accounts, { ...ledger.holdOf('held') }, ledger.transferCount, batch.writes.length, batch.entries.length]
}

describe.each(['transfer', 'hold'] as const)('the answer to a %s, where several are true, is', what => {
  it.each<[status: TransferStatus, why: string, purpose: string, amountMicro: bigint]>([
    ['nothing_to_move', 'for a purpose that is there, too', 'held', 0n],
    ['exists_with_different_amount', 'for more than there is, too', 'held', 61n],
    ['exists', 'for more than is left', 'held', 60n],
    ['exists', 'for a pending transfer that is over', 'spent', 10n],
    ['exists', 'for the purpose of a part that was posted', 'spent/post/1', 10n],
    ['insufficient', 'for what is set aside', 'new', 41n],
  ])("'%s' %s, and nothing moves", (status, _why, purpose, amountMicro) => {
    const { ledger, batch } = setUp()
    const before = state({ ledger, batch })
    const request = { kind: 'deposit', debit: ADA, credit: ESCROW, amountMicro, purpose } as const
    const answer =
      what === 'hold' ? ledger.hold({ ...request, timeoutMs: 9 }, 2, batch) : ledger.transfer(request, 2, batch)
    expect(answer).toBe(status)
    expect(state({ ledger, batch })).toEqual(before)
  })

  it("'created' for all that is left", () => {
    const { ledger, batch } = setUp()
    const request = { kind: 'deposit', debit: ADA, credit: ESCROW, amountMicro: 40n, purpose: 'new' } as const
    const answer =
      what === 'hold' ? ledger.hold({ ...request, timeoutMs: 9 }, 2, batch) : ledger.transfer(request, 2, batch)
    expect(answer).toBe('created')
    expect(ledger.availableMicro(ADA)).toBe(0n)
  })
})

describe('the answer to a resolution, where several are true, is', () => {
  it.each<[status: ResolveStatus, why: string, pending: string, amountMicro: bigint | 'void']>([
    ['not_found', 'for nothing of what is not there', 'new', 0n],
    ['not_found', 'for too much of what is over', 'spent', 11n],
    ['not_found', 'for a transfer that was never pending', 'fund', 1n],
    ['not_found', 'for giving back what is over', 'spent', 'void'],
    ['nothing_to_move', 'for nothing', 'held', 0n],
    ['exceeds_pending', 'for more than is set aside', 'held', 61n],
  ])("'%s' %s, and nothing moves", (status, _why, pending, amountMicro) => {
    const { ledger, batch } = setUp()
    const before = state({ ledger, batch })
    const answer = amountMicro === 'void' ? ledger.void(pending, 2, batch) : ledger.post(pending, amountMicro, 2, batch)
    expect(answer).toBe(status)
    expect(state({ ledger, batch })).toEqual(before)
  })
})
