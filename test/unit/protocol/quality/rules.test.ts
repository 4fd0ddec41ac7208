import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { DEFAULT_RULES, HISTORY_MS, NO_RULES, QUANTITIES, type QualityRules } from '../../../../protocol/index.ts'

const spec = readFileSync(new URL('../../../../protocol/spec/quality.md', import.meta.url), 'utf8')

/** The rows of the table below a heading, as the fields of a check by quantity. */
function tableBelow(heading: string): Map<string, Record<string, number | null>> {
  const lines = spec.slice(spec.indexOf(`### ${heading}`)).split('\n')
  const rows = lines
    .slice(lines.findIndex(line => line.startsWith('|')))
    .map(line => line.split('|').map(cell => cell.trim()))
  const [, , ...names] = rows[0] ?? []
  const table = new Map<string, Record<string, number | null>>()
  for (const [, quantity = '', ...cells] of rows.slice(2)) {
    if (quantity === '') break
    const fields = names.flatMap((name, i) =>
      name === 'source' || name === '' ? [] : [[name, number(cells[i] ?? '')] as const],
    )
    table.set(quantity, Object.fromEntries(fields))
  }
  return table
}

const number = (cell: string): number | null => (cell === 'null' ? null : Number(cell))

/** The same table made of the rules. */
function rulesOf(check: keyof QualityRules, names: readonly string[]): Map<string, object> {
  const rows = [...DEFAULT_RULES].flatMap(([quantity, rules]) => {
    const fields = rules[check] as Record<string, number | null> | null
    return fields === null ? [] : [[quantity, Object.fromEntries(names.map(name => [name, fields[name]]))] as const]
  })
  return new Map(rows)
}

describe('[QC-9.1] the default rules', () => {
  test('are there for every quantity', () => {
    expect([...DEFAULT_RULES.keys()]).toEqual([...QUANTITIES.keys()])
    expect([...DEFAULT_RULES].filter(([, rules]) => rules === NO_RULES).map(([name]) => name)).toEqual(['level'])
  })

  test.each([
    ['Ranges', 'range', ['min', 'max']],
    ['Jumps', 'jump', ['perMinute', 'max']],
    ['Flat lines', 'constant', ['minutes', 'tolerance', 'exemptAbove', 'exemptBelow']],
    ['Twins', 'twin', ['absolute', 'ratio']],
    ['Neighbours', 'buddy', ['radiusM', 'perMetre', 'spreadMin']],
  ] as const)('%s are those of the specification', (heading, check, names) => {
    const written = tableBelow(heading)
    expect(written.size).toBeGreaterThan(4)
    expect(new Map([...written].sort())).toEqual(new Map([...rulesOf(check, names)].sort()))
  })

  test('of neighbours share their constants', () => {
    for (const { buddy, spatial } of DEFAULT_RULES.values()) {
      if (buddy === null || spatial === null) {
        expect(buddy).toBe(spatial)
        continue
      }
      expect(buddy).toMatchObject({ neighboursMin: 3, elevationDifferenceMaxM: 200, threshold: 5 })
      const { perMetre, spreadMin } = buddy
      expect(spatial).toEqual({ radiusM: buddy.radiusM * 2, neighboursMin: 5, perMetre, threshold: 5, spreadMin })
    }
  })

  test('bound only rain by the second', () => {
    const bounded = [...DEFAULT_RULES].filter(([, { range }]) => range !== null && range.maxPerSecond !== null)
    expect(bounded.map(([name, { range }]) => [name, range?.maxPerSecond])).toEqual([['rain', 0.254]])
  })

  test('[QC-4.4] never look further back than the history that is kept', () => {
    for (const { constant } of DEFAULT_RULES.values())
      expect((constant?.minutes ?? 0) * 60_000).toBeLessThanOrEqual(HISTORY_MS)
  })
})
