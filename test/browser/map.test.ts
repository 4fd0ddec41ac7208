/** The map of a region whose sensors played back an hour: by mouse, by keyboard, as a table, and on a phone. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { describeInBrowser } from './support/chromium.ts'
import { type DashboardRegion, measure, replayedSensors, startDashboardRegion } from './support/region.ts'
import { SIZES, sidewaysPixels, type Visit, visit } from './support/visit.ts'

let world: DashboardRegion

describeInBrowser('the map', () => {
  beforeAll(async () => {
    world = await startDashboardRegion()
    const { region } = world
    await region.join('ann', { label: 'ann-garden', sensors: replayedSensors(region, 'garden', 0) })
    await region.join('bob', { label: 'bob-roof', sensors: replayedSensors(region, 'roof', 1) })
    await measure(region)
    await eventually('cells have values', async () => (await region.admin.publicCells()).cells.length >= 4)
  }, 120_000)
  afterAll(async () => {
    await world[Symbol.asyncDispose]()
  })

  test('shows cells to the public, with their values in figures, and the history of one', async () => {
    const seen = await open('public', { viewport: SIZES.desktop })
    const { page } = seen
    const cells = page.locator('path.map-cell')
    await eventually('cells are drawn', async () => (await cells.count()) === 2)
    await page.getByText('Air temperature, °C').waitFor()
    const { cells: known } = await world.region.admin.publicCells()
    const rows = page.getByRole('table', { name: 'Newest value of every cell' }).locator('tbody tr')
    expect(await rows.count()).toBe(known.filter(({ quantity }) => quantity === 'temperature').length)

    await cells.first().click()
    await page.getByRole('heading', { name: 'History' }).waitFor()
    await page.getByRole('img', { name: /Air temperature of cell .*\d+ values between/ }).waitFor()
    await page.locator('.chart canvas').waitFor()
    await page.getByText('The same as a table').click()
    await page.getByRole('table', { name: 'Windows of the cell, newest first' }).waitFor()
    await done(seen, 'map-cell')
  })

  test('is used with the keyboard alone', async () => {
    const seen = await open('public', { viewport: SIZES.desktop })
    const { page } = seen
    const cell = page.locator('path.map-cell').first()
    await cell.waitFor()
    await cell.focus()
    const label = await cell.getAttribute('aria-label')
    expect(label).toMatch(/^Cell [0-9a-f]{15}: Air temperature -?[\d.]+ °C/)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Air temperature', level: 2 }).waitFor()
    // The panel takes the focus once it is drawn, and its button gives it back.
    const focused = () => page.evaluate<string>('document.activeElement?.textContent ?? ""')
    await eventually('the panel has the focus', async () => (await focused()) === 'Air temperature')
    await page.getByRole('button', { name: 'Close the cell' }).press('Enter')
    await page.getByRole('heading', { name: 'History' }).waitFor({ state: 'detached' })
    expect(seen.complaints).toEqual([])
  })

  test('shows another quantity, and keeps what is looked at in the address', async () => {
    const seen = await open('public', { viewport: SIZES.desktop })
    const { page } = seen
    await page.getByLabel('What is shown').selectOption({ label: 'Relative humidity: town humidity' })
    await page.getByText('Relative humidity, %').waitFor()
    await page.getByRole('table', { name: 'Newest value of every cell' }).locator('tbody button').first().click()
    await page.getByRole('heading', { name: 'Relative humidity', level: 2 }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Relative humidity', level: 2 }).waitFor()
    expect(seen.complaints).toEqual([])
  })

  test('shows operators the devices and what the checks found', async () => {
    const seen = await open('operator', { viewport: SIZES.desktop, colorScheme: 'dark' })
    const { page } = seen
    await eventually('devices are drawn', async () => (await page.locator('.map-device').count()) > 0)
    await page.locator('path.map-cell').first().click()
    await page.getByRole('heading', { name: 'What the checks found' }).waitFor()
    await page.getByText(/(ann-garden|bob-roof) \d+ of \d+ accepted/).waitFor()
    await done(seen, 'map-operator-dark')
  })

  test('is left in the moment in which the window changes its size', async () => {
    const seen = await open('public', { viewport: SIZES.desktop })
    const { page } = seen
    await page.locator('path.map-cell').first().waitFor()
    await page.setViewportSize(SIZES.phone)
    await page.evaluate('location.hash = "#/jobs"')
    // A resized map may tell of it some time later, when it has gone.
    await page.waitForTimeout(500)
    expect(await page.locator('path.map-cell').count()).toBe(0)
    expect(seen.complaints).toEqual([])
  })

  test('fits a phone', async () => {
    const seen = await open('public', { viewport: SIZES.phone })
    await seen.page.locator('path.map-cell').first().click()
    await seen.page.getByRole('heading', { name: 'History' }).waitFor()
    expect(await sidewaysPixels(seen.page)).toBe(0)
    await done(seen, 'map-phone')
  })
})

async function open(who: 'public' | 'operator', options: Parameters<typeof visit>[2]): Promise<Visit> {
  const seen = await visit(world.browser, who === 'public' ? world.url : world.operatorUrl, options)
  await seen.page.getByRole('heading', { level: 1, name: 'meadow' }).waitFor()
  await seen.page.evaluate('location.hash = "#/map"')
  await seen.page.getByRole('heading', { level: 1, name: 'Map' }).waitFor()
  return seen
}

/** Nothing in the way of anybody, nothing to complain of, and a picture. */
async function done(seen: Visit, name: string): Promise<void> {
  await seen.page.waitForTimeout(500)
  expect(await seen.barriers()).toEqual([])
  await seen.shoot(name)
  expect(seen.complaints).toEqual([])
}
