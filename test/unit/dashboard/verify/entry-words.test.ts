import { describe, expect, test } from 'vitest'
import { transferId as bookedId } from '../../../../coordinator/ledger/ledger.ts'
import { entryWords, shortId } from '../../../../dashboard/verify/entry-words.ts'
import { transferId } from '../../../../dashboard/verify/transfer-id.ts'
import { ENTRY_TYPES } from '../../../../protocol/index.ts'
import { sampleLog } from '../../../support/sample-log.ts'

const log = sampleLog(40)

describe('entries in words', () => {
  test('are there for every kind that a log has', () => {
    const titles = new Map(log.entries.map(entry => [entry.type, entryWords(entry)]))
    for (const words of titles.values()) {
      expect(words.title).toMatch(/^[A-Z]/)
      expect(words.text.length).toBeGreaterThan(10)
      expect(words.text).not.toMatch(/undefined|NaN|\[object/)
    }
    // The sample lacks none but what only a moved database has.
    expect(ENTRY_TYPES.filter(type => !titles.has(type))).toEqual(['opening'])
  })

  test('say what a payment moved, from where to where', () => {
    const pay = log.entries.find(entry => entry.type === 'transfer' && entry.kind === 'pay')
    if (pay?.type !== 'transfer') throw new Error('the sample pays nobody')
    const { title, text } = entryWords(pay)
    expect(title).toBe('Payment')
    expect(text).toContain('cr from escrow of')
    expect(text).toContain('to holdback of')
    expect(text).toContain(pay.purpose)
  })
})

test('ids are shortened only where that makes them shorter', () => {
  expect(shortId('treasury')).toBe('treasury')
  expect(shortId('abcdefghijklmnopqrstuvwxyz')).toBe('abcdef…wxyz')
})

test.each(['pay/abc/1/0+4', 'fund/alice/1', ''])(
  "the id of '%s' is the one that the ledger books it under",
  purpose => {
    expect(transferId(purpose)).toBe(bookedId(purpose))
  },
)
