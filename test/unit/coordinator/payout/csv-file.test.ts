import fc from 'fast-check'
import { expect, test } from 'vitest'
import { payoutCsv } from '../../../../coordinator/payout/index.ts'

const line = (payee: string, grossMicro = 2_500_000n) => ({ payee, devices: 1, grossMicro, feeMicro: 500_000n })

test('a file has a heading, CRLF after each line, and payees in the order of their names', () => {
  expect(payoutCsv(7, [line('ben'), line('ann', 1_000_000n)])).toBe(
    'payee,devices,gross,fee,net,epoch\r\nann,1,1,0.5,0.5,7\r\nben,1,2.5,0.5,2,7\r\n',
  )
})

test('a file of nobody is its heading', () => {
  expect(payoutCsv(7, [])).toBe('payee,devices,gross,fee,net,epoch\r\n')
})

test('a name that a spreadsheet would reckon with is marked as text, and separators are quoted', () => {
  for (const first of ['=', '+', '-', '@', '\t', '\r']) {
    const [, row = ''] = payoutCsv(7, [line(`${first}1+1`)])
      .split('\r\n')
      .slice(-3)
    expect(row === '' ? payoutCsv(7, [line(`${first}1+1`)]) : row).toContain(`'${first}1+1`)
  }
  expect(payoutCsv(7, [line('a,"b"')])).toContain('"a,""b""",1,')
})

test('the order of the lines given makes no difference', () => {
  const lines = fc.uniqueArray(
    fc.record({ payee: fc.stringMatching(/^[a-z0-9-]{1,32}$/), micro: fc.bigInt(1n, 10n ** 18n) }),
    {
      selector: ({ payee }) => payee,
    },
  )
  fc.assert(
    fc.property(lines, made => {
      const given = made.map(({ payee, micro }) => ({ ...line(payee, micro + 500_000n) }))
      expect(payoutCsv(1, [...given].reverse())).toBe(payoutCsv(1, given))
    }),
  )
})
