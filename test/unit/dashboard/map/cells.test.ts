import { latLngToCell } from 'h3-js'
import { describe, expect, test } from 'vitest'
import { cellAccess, withCells } from '../../../../dashboard/map/cell-access.ts'
import { cornersOf, isCell, liesIn, middleOf } from '../../../../dashboard/map/cells.ts'
import { graticuleOf } from '../../../../dashboard/map/graticule.ts'

const VIENNA = latLngToCell(48.2082, 16.3738, 9)

describe('a cell', () => {
  test('is a shape around its middle', () => {
    const corners = cornersOf(VIENNA)
    const [latitude, longitude] = middleOf(VIENNA)
    expect(corners).toHaveLength(6)
    expect(Math.min(...corners.map(([lat]) => lat))).toBeLessThan(latitude)
    expect(Math.max(...corners.map(([, lon]) => lon))).toBeGreaterThan(longitude)
  })

  test.each([0, 3, 9])('of resolution %i is not torn apart at the 180th meridian', resolution => {
    const longitudes = cornersOf(latLngToCell(10, 179.999, resolution)).map(([, longitude]) => longitude)
    expect(Math.max(...longitudes) - Math.min(...longitudes)).toBeLessThan(60)
  })

  test('lies in the larger ones around it, and in no others', () => {
    expect(liesIn(VIENNA, latLngToCell(48.2082, 16.3738, 8))).toBe(true)
    expect(liesIn(VIENNA, VIENNA)).toBe(true)
    expect(liesIn(VIENNA, latLngToCell(50, 16, 8))).toBe(false)
    expect(liesIn(latLngToCell(48.2082, 16.3738, 8), VIENNA)).toBe(false)
  })

  test('is not just any text', () => {
    expect(isCell(VIENNA)).toBe(true)
    expect(['', 'x', '<img>', '8a2a8b0882c7ff'].map(isCell)).toEqual([false, false, false, false])
  })
})

describe('lines of latitude and longitude', () => {
  test('stand at round degrees inside of what is in view', () => {
    const { lines, step } = graticuleOf({ south: 48.19, west: 16.33, north: 48.23, east: 16.41 }, 0.015)
    expect(step).toBe(0.02)
    expect(lines.filter(({ isMeridian }) => isMeridian).map(({ text }) => text)).toEqual([
      '16.34° E',
      '16.36° E',
      '16.38° E',
      '16.40° E',
    ])
    expect(lines.filter(({ isMeridian }) => !isMeridian).map(({ text }) => text)).toEqual(['48.20° N', '48.22° N'])
  })

  test('are few, whatever is in view', () => {
    for (const wanted of [1e-9, 0.001, 1, 500]) {
      const { lines } = graticuleOf({ south: -90, west: -720, north: 90, east: 720 }, wanted)
      expect(lines.length).toBeGreaterThan(3)
      expect(lines.length).toBeLessThanOrEqual(120)
    }
    expect(graticuleOf({ south: -40, west: -10, north: 0, east: 0 }, 20).lines.map(({ text }) => text)).toEqual([
      '0° E',
      '40° S',
      '20° S',
      '0° N',
    ])
  })
})

test('who sees what', () => {
  expect(cellAccess(true, 'public')).toBe('all')
  expect(cellAccess(false, 'operator')).toBe('all')
  expect(cellAccess(false, 'submitter')).toBe('own')
  expect(['public', 'owner'].map(role => cellAccess(false, role))).toEqual(['none', 'none'])
})

test('cells that changed take the place of what they were, in their own campaign', () => {
  const cell = { campaign: 'a', cell: VIENNA, value: '1' } as never
  const known = withCells(new Map(), [cell])
  const changed = withCells(known, [
    { campaign: 'a', cell: VIENNA, value: '2' } as never,
    { campaign: 'b', cell: VIENNA, value: '3' } as never,
  ])
  expect([...changed.values()].map(({ value }) => value)).toEqual(['2', '3'])
  expect(known.size).toBe(1)
})
