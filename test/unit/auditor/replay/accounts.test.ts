import { expect, test } from 'vitest'
import { Accounts } from '../../../../auditor/replay/accounts.ts'

const DEVICE = 'a'.repeat(26)

test.each([
  ['treasury', 'treasury', ''],
  ['dust', 'dust', ''],
  ['submitter:me-2', 'submitter', 'me-2'],
  ['escrow:abcdefghijklmnop', 'escrow', 'abcdefghijklmnop'],
  [`holdback:${DEVICE}`, 'holdback', DEVICE],
  [`available:${DEVICE}`, 'available', DEVICE],
  ['payout:me', 'payout', 'me'],
  [`payout:0x${'0f'.repeat(20)}`, 'payout', `0x${'0f'.repeat(20)}`],
])('%s is an account', (id, form, subject) => {
  const accounts = new Accounts()
  const account = accounts.take(id)
  expect(account).toMatchObject({ id, form, subject, creditsMicro: 0n })
  expect(accounts.take(id)).toBe(account)
  expect(accounts.size).toBe(1)
})

test.each([
  '',
  ':',
  'treasury:',
  'treasury:x',
  'submitter',
  'submitter:',
  'submitter:Me',
  'escrow:abc',
  'holdback:me',
  'toString',
  'payout:0xZZ',
])('%j is none', id => {
  const accounts = new Accounts()
  expect(accounts.take(id)).toBeNull()
  expect(accounts.size).toBe(0)
})
