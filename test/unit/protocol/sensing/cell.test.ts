import { getPentagons, getRes0Cells, getResolution, isValidCell, latLngToCell } from 'h3-js'
import { expect, test } from 'vitest'
import { seededRandom } from '../../../../protocol/index.ts'
import { cellResolution } from '../../../../protocol/sensing/cell.ts'

const random = seededRandom('cells')
const anywhere = (resolution: number): string =>
  latLngToCell(random.uniform() * 180 - 90, random.uniform() * 360 - 180, resolution)

/** What the H3 library says of the same text. */
function byLibrary(text: string): number | null {
  return isValidCell(text) ? getResolution(text) : null
}

test.each(Array.from({ length: 16 }, (_, resolution) => resolution))('cells of resolution %i are read', resolution => {
  for (let i = 0; i < 50; i++) expect(cellResolution(anywhere(resolution))).toBe(resolution)
  for (const cell of getPentagons(resolution)) expect(cellResolution(cell)).toBe(resolution)
})

test('all base cells are read, and there are no others', () => {
  for (const cell of getRes0Cells()) expect(cellResolution(cell)).toBe(0)
  for (let base = 0; base < 128; base++) {
    const text = ((1n << 59n) | (BigInt(base) << 45n) | ((1n << 45n) - 1n)).toString(16)
    expect(cellResolution(text)).toBe(byLibrary(text))
  }
})

test('what is almost a cell is judged as the library judges it', () => {
  const digits = '0123456789abcdef'
  for (let i = 0; i < 4_000; i++) {
    const cell = i % 2 === 0 ? anywhere(i % 16) : (getPentagons(i % 16)[i % 12] ?? '')
    const at = 1 + Math.floor(random.uniform() * 14)
    const text = cell.slice(0, at) + digits[Math.floor(random.uniform() * 16)] + cell.slice(at + 1)
    expect([text, cellResolution(text)]).toEqual([text, byLibrary(text)])
  }
})

test.each([
  '',
  'x',
  '8839532A25FFFFF',
  '08839532a25fffff',
  '8839532a25ffff',
  '8839532a25fffff0',
  ' 839532a25fffff',
  '1139532a25fffff',
])('%j is no cell', text => {
  expect(cellResolution(text)).toBeNull()
})
