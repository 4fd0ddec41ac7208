import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LIMITS } from '../../../protocol/limits.ts'

const page = readFileSync(join(import.meta.dirname, '../../../docs/limits.md'), 'utf8')

test.each(Object.entries(LIMITS))('docs/limits.md gives %s as it is', (name, value) => {
  const row = page.split('\n').find(line => line.startsWith(`| \`${name}\` |`))
  expect(row?.split('|')[2]?.replaceAll(/\s/g, '')).toBe(`${value}`)
})
