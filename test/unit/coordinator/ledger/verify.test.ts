import { describe, expect, it } from 'vitest'
import { transferId } from '../../../../coordinator/ledger/ledger.ts'
import { verifyLedger } from '../../../../coordinator/ledger/verify.ts'
import type { AccountRow, TransferRow } from '../../../../coordinator/store/index.ts'

interface Books {
  transfers: TransferRow[]
  accounts: AccountRow[]
}

function transfer(debit: string, credit: string, amountMicro: bigint, purpose: string): TransferRow {
  return { id: transferId(purpose), kind: 'fund', debit, credit, amountMicro, purpose, atMs: 1 }
}

/** Sound books: 100 issued to alice, of whom 60 go to an escrow and 40 of these to a device. */
function soundBooks(): Books {
  return {
    transfers: [
      transfer('treasury', 'submitter:alice', 100n, 'fund/alice'),
      transfer('submitter:alice', 'escrow:job', 60n, 'escrow/job'),
      transfer('escrow:job', 'holdback:pi', 40n, 'pay/job/1/0+4'),
    ],
    accounts: [
      { id: 'treasury', debitsMicro: 100n, creditsMicro: 0n },
      { id: 'submitter:alice', debitsMicro: 60n, creditsMicro: 100n },
      { id: 'escrow:job', debitsMicro: 40n, creditsMicro: 60n },
      { id: 'holdback:pi', debitsMicro: 0n, creditsMicro: 40n },
    ],
  }
}

const verify = ({ transfers, accounts }: Books) =>
  verifyLedger({ transfers: () => transfers, accounts: () => accounts })
const pay = ({ transfers }: Books) => transfers[2] as TransferRow
const account = ({ accounts }: Books, id: string) => accounts.find(row => row.id === id) as AccountRow
const PAY_ID = transferId('pay/job/1/0+4')

describe('the verdict on the books', () => {
  it('is good when they are sound, and when they are empty', () => {
    expect(verify(soundBooks())).toEqual({ ok: true, transfers: 3, accounts: 4, problems: [] })
    expect(verify({ transfers: [], accounts: [] })).toEqual({ ok: true, transfers: 0, accounts: 0, problems: [] })
  })

  it('follows money through an account that ends empty', () => {
    const books = soundBooks()
    books.transfers.push(transfer('escrow:job', 'submitter:alice', 20n, 'refund/job'))
    account(books, 'escrow:job').debitsMicro += 20n
    account(books, 'submitter:alice').creditsMicro += 20n
    expect(verify(books).problems).toEqual([])
  })

  it.each<[corruption: string, plant: (books: Books) => void, problems: string[]]>([
    [
      'a changed id',
      books => (pay(books).id = '0'.repeat(32)),
      [`Transfer ${'0'.repeat(32)} does not carry the id of its purpose 'pay/job/1/0+4'.`],
    ],
    [
      'a changed purpose',
      books => (pay(books).purpose = 'pay/job/1/0+5'),
      [`Transfer ${PAY_ID} does not carry the id of its purpose 'pay/job/1/0+5'.`],
    ],
    [
      'a raised amount',
      books => (pay(books).amountMicro = 41n),
      [
        'Account escrow:job keeps 20 but its transfers give 19.',
        'Account holdback:pi keeps 40 but its transfers give 41.',
      ],
    ],
    [
      'an amount of nothing',
      books => (pay(books).amountMicro = 0n),
      [
        `Transfer ${PAY_ID} moves 0.`,
        'Account escrow:job keeps 20 but its transfers give 60.',
        'Account holdback:pi keeps 40 but its transfers give 0.',
      ],
    ],
    [
      'a negative amount',
      books => (pay(books).amountMicro = -40n),
      [
        `Transfer ${PAY_ID} moves -40.`,
        'Account escrow:job keeps 20 but its transfers give 100.',
        'Account holdback:pi keeps 40 but its transfers give -40.',
      ],
    ],
    [
      'another receiver',
      books => (pay(books).credit = 'holdback:eve'),
      ['Account holdback:pi keeps 40 but its transfers give 0.', 'Account holdback:eve has transfers but no balance.'],
    ],
    [
      'a transfer that is gone',
      books => books.transfers.pop(),
      [
        'Account escrow:job keeps 20 but its transfers give 60.',
        'Account holdback:pi keeps 40 but its transfers give 0.',
      ],
    ],
    [
      'a transfer out of nothing, balanced in the accounts',
      books => {
        books.transfers.push(transfer('fee', 'holdback:pi', 5n, 'gift'))
        books.accounts.push({ id: 'fee', debitsMicro: 5n, creditsMicro: 0n })
        account(books, 'holdback:pi').creditsMicro += 5n
      },
      [`Transfer ${transferId('gift')} overdraws fee.`],
    ],
    [
      'payment before the escrow was filled',
      books => books.transfers.reverse(),
      [`Transfer ${PAY_ID} overdraws escrow:job.`, `Transfer ${transferId('escrow/job')} overdraws submitter:alice.`],
    ],
    [
      'a raised balance',
      books => (account(books, 'holdback:pi').creditsMicro = 1_040n),
      ['Account holdback:pi keeps 1040 but its transfers give 40.', 'The balances sum to 1000 instead of 0.'],
    ],
    [
      'a balance with both sides raised',
      books => {
        account(books, 'holdback:pi').creditsMicro += 7n
        account(books, 'holdback:pi').debitsMicro += 7n
      },
      ['Account holdback:pi keeps 40 but its transfers give 40.'],
    ],
    [
      'a balance that is gone',
      books => books.accounts.pop(),
      ['Account holdback:pi has transfers but no balance.', 'The balances sum to -40 instead of 0.'],
    ],
    [
      'a balance without transfers',
      books => books.accounts.push({ id: 'available:eve', debitsMicro: 0n, creditsMicro: 3n }),
      ['Account available:eve keeps 3 but its transfers give 0.', 'The balances sum to 3 instead of 0.'],
    ],
  ])('names %s [PAY-1.3]', (_corruption, plant, problems) => {
    const books = soundBooks()
    plant(books)
    expect(verify(books)).toMatchObject({ ok: false, problems })
  })

  it('names at most a hundred problems', () => {
    const books = soundBooks()
    for (let i = 0; i < 200; i++) books.accounts.push({ id: `x:${i}`, debitsMicro: 1n, creditsMicro: 1n })
    const verdict = verify(books)
    expect(verdict.ok).toBe(false)
    expect(verdict.problems).toHaveLength(100)
  })
})
