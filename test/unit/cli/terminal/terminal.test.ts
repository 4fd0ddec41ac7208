import { describe, expect, test } from 'vitest'
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatFuel,
  formatMicro,
  formatRate,
  formatTime,
} from '../../../../cli/terminal/format.ts'
import { ProgressLine } from '../../../../cli/terminal/progress.ts'
import { createStyle } from '../../../../cli/terminal/style.ts'
import { type Column, factLines, tableLines } from '../../../../cli/terminal/table.ts'
import { pad, printable, textWidth, truncate } from '../../../../cli/terminal/text.ts'
import { fakeClock, fakeTerminal } from '../fake-io.ts'

const CLEAR_LINE = '\r\x1b[K'

describe('text', () => {
  test.each([
    ['plain', 5],
    ['', 0],
    ['naïve', 5],
    ['nai\u0308ve', 5],
    ['日本', 4],
    ['한국어', 6],
    ['🦔', 2],
    ['👩‍🌾', 2],
    ['\x1b[31mred\x1b[39m', 3],
    ['a\u200bb', 2],
  ])('%j takes %i cells', (text, cells) => {
    expect(textWidth(text)).toBe(cells)
  })

  test('is filled and shortened by cells', () => {
    expect(pad('日', 4)).toBe('日  ')
    expect(pad('7', 3, 'left')).toBe('  7')
    expect(truncate('日本語', 5)).toBe('日本…')
    expect(truncate('日本語', 6)).toBe('日本語')
    expect(truncate('abcdef', 4)).toBe('abc…')
  })

  test('from elsewhere cannot steer the terminal', () => {
    expect(printable('a\x1b]0;owned\x07b\r\nc\u202ed\x9b')).toBe('a\ufffd]0;owned\ufffdb c\ufffdd\ufffd')
  })
})

describe('numbers', () => {
  test.each([
    [formatCount(1_234_567), '1,234,567'],
    [formatCount(999), '999'],
    [formatMicro('1250000'), '1.25 cr'],
    [formatMicro(-5n), '-0.000005 cr'],
    [formatFuel(0), '0 fuel'],
    [formatFuel(999_999), '999,999 fuel'],
    [formatFuel(1_000_000), '1 megafuel'],
    [formatFuel(310_400_000n), '310 megafuel'],
    [formatFuel(999_499_999), '999 megafuel'],
    [formatFuel(999_500_000), '1 gigafuel'],
    [formatFuel('1254000000'), '1.25 gigafuel'],
    [formatFuel('1000000000000000000'), '1,000,000,000 gigafuel'],
    [formatRate(1234.4), '1,234/s'],
    [formatRate(0.42), '0.4/s'],
    [formatRate(0), '0/s'],
    [formatDuration(850), '850 ms'],
    [formatDuration(59_400), '59 s'],
    [formatDuration(59_600), '1 min'],
    [formatDuration(200_000), '3 min 20 s'],
    [formatDuration(7_500_000), '2 h 5 min'],
    [formatDuration(356_400_000), '4 d 3 h'],
    [formatTime(1_700_000_000_000), '2023-11-14 22:13:20 UTC'],
    [formatBytes(512), '512 B'],
    [formatBytes(1_536), '1.5 KiB'],
    [formatBytes(3 * 1_048_576), '3.0 MiB'],
  ])('%s is %s', (shown, wanted) => {
    expect(shown).toBe(wanted)
  })
})

describe('colours', () => {
  test.each([
    ['a terminal', true, {}, true],
    ['a pipe', false, {}, false],
    ['NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['an empty NO_COLOR', true, { NO_COLOR: '' }, true],
    ['a dumb terminal', true, { TERM: 'dumb' }, false],
  ])('with %s', (_, isTTY, env, coloured) => {
    expect(createStyle(fakeTerminal(isTTY), env).good('x') !== 'x').toBe(coloured)
  })
})

describe('a table', () => {
  interface Row {
    name: string
    count: number
  }
  const columns: readonly Column<Row>[] = [
    { title: 'NAME', value: ({ name }) => name, shrinks: true },
    { title: 'COUNT', align: 'right', value: ({ count }) => String(count), paint: (_row, style) => style.bad },
  ]
  const rows = [
    { name: '日本', count: 1 },
    { name: 'a much longer name', count: 12_345 },
  ]

  test('is aligned', () => {
    const terminal = fakeTerminal()
    expect(tableLines(rows, columns, terminal, createStyle(terminal, {}))).toEqual([
      'NAME                COUNT',
      '日本                    1',
      'a much longer name  12345',
    ])
  })

  test('fits a terminal and is coloured there', () => {
    const terminal = fakeTerminal(true, 18)
    const lines = tableLines(rows, columns, terminal, createStyle(terminal, {}))
    expect(lines.map(textWidth)).toEqual([18, 18, 18])
    expect(lines[2]).toBe('a much lon…  \x1b[31m12345\x1b[39m')
  })

  test('of facts has aligned values', () => {
    expect(factLines({ owner: 'alice', online: true }, createStyle(fakeTerminal(), {}))).toEqual([
      'owner   alice',
      'online  true',
    ])
  })
})

describe('progress', () => {
  const progress = {
    units: 1_000,
    done: 600,
    verified: 500,
    ratePerSecond: 100,
    etaMs: 5_000,
    fuel: '5000000000',
    spentMicro: '50000',
  }

  test('is one line drawn over on a terminal', () => {
    const io = { stderr: fakeTerminal(true, 100), env: { LANG: 'C.UTF-8' }, clock: fakeClock() }
    const line = new ProgressLine(io)
    line.update(progress)
    const text = io.stderr.text()
    expect(text.startsWith(CLEAR_LINE)).toBe(true)
    expect(text.slice(CLEAR_LINE.length)).toMatch(
      /^█+░+ 50 % {2}500\/1,000 verified {2}600 done {2}100\/s {2}ETA 5 s {2}spent 0.05 cr {2}5 gigafuel$/,
    )
    expect(textWidth(text.slice(CLEAR_LINE.length))).toBeLessThan(100)
    line.clear()
    expect(io.stderr.text().endsWith(CLEAR_LINE)).toBe(true)
  })

  test('gives up details before it wraps, and blocks where there is no UTF-8', () => {
    const io = { stderr: fakeTerminal(true, 40), env: {}, clock: fakeClock() }
    new ProgressLine(io).update(progress)
    expect(io.stderr.text().slice(CLEAR_LINE.length)).toMatch(/^#+\.+ 50 % {2}500\/1,000 verified$/)
  })

  test('is a line every five seconds elsewhere', async () => {
    const io = { stderr: fakeTerminal(), env: {}, clock: fakeClock() }
    const line = new ProgressLine(io)
    for (let second = 0; second <= 10; second++) {
      line.update({ ...progress, verified: second, etaMs: null })
      await io.clock.advance(1_000)
    }
    line.clear()
    const lines = io.stderr.text().trimEnd().split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[1]).toBe('0 %, 5/1,000 verified, 600 done, 100/s, ETA unknown, spent 0.05 cr, 5 gigafuel')
  })
})
