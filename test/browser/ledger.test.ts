/** The ledger and the prices: computed in the browser from the public log, and the same as the region's own books. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { describeInBrowser } from './support/chromium.ts'
import { type DashboardRegion, slowJob, startDashboardRegion } from './support/region.ts'
import { SIZES, sidewaysPixels, type Visit, visit } from './support/visit.ts'

let world: DashboardRegion

describeInBrowser('the ledger', () => {
  beforeAll(async () => {
    world = await startDashboardRegion()
    const { region } = world
    await region.join('ann', { label: 'ann-1' })
    const lab = await region.submitter('lab')
    await (await lab.submit(slowJob('twenty', 20))).result()
  }, 120_000)
  afterAll(async () => {
    await world[Symbol.asyncDispose]()
  })

  test('shows the public where the money is, and that its sum is zero', async () => {
    const seen = await open('public', 'ledger', { viewport: SIZES.desktop })
    const { page } = seen
    await page.getByText(/The sum over all \d+ accounts is exactly 0 cr, after \d+ transfers/).waitFor()
    const picture = await page.getByRole('img', { name: /^Flows of money: / }).getAttribute('aria-label')
    expect(picture).toContain('from Treasury to Submitters')
    expect(picture).toContain('from Escrow to Holdback')
    await page.getByLabel('Search accounts').fill('lab')
    const rows = page.getByRole('table', { name: 'Accounts' }).locator('tbody tr')
    await eventually('only those that match are left', async () => (await rows.count()) === 1)
    expect(await rows.first().textContent()).toContain('Submitters')
    await done(seen, 'ledger-public')
  })

  test("agrees with the region's database, which is asked by the operator alone", async () => {
    const seen = await open('operator', 'ledger', { viewport: SIZES.desktop, colorScheme: 'dark' })
    await seen.page
      .getByText(/The region’s own database agrees: after \d+ transfers it had the same sums on all \d+ accounts\./)
      .waitFor()
    await done(seen, 'ledger-operator-dark')
  })

  test('explains a payment that the public log links to', async () => {
    const { page, complaints } = await open('operator', 'log', { viewport: SIZES.desktop })
    const payment = page.locator('.entry', { hasText: 'Payment' }).first()
    await payment.getByRole('link', { name: 'explain' }).click()
    await page.getByText(/credits went from escrow:\w+ to holdback:\w+/).waitFor()
    expect(complaints).toEqual([])
  })

  test('fits a phone, as bars', async () => {
    const seen = await open('public', 'ledger', { viewport: SIZES.phone })
    await seen.page.getByText('Treasury → Submitters').waitFor()
    expect(await sidewaysPixels(seen.page)).toBe(0)
    await done(seen, 'ledger-phone')
  })

  test('has prices beside it, with reasons', async () => {
    const seen = await open('public', 'prices', { viewport: SIZES.desktop })
    const { page } = seen
    await page.getByRole('heading', { name: 'A gigafuel of computing' }).waitFor()
    await page.getByText('Why this price').first().click()
    await page.getByText(/10\^9 fuel cost [\d.]+ credits now/).waitFor()
    await done(seen, 'prices-public')
  })
})

async function open(who: 'public' | 'operator', place: string, options: Parameters<typeof visit>[2]): Promise<Visit> {
  const seen = await visit(world.browser, who === 'public' ? world.url : world.operatorUrl, options)
  await seen.page.getByRole('heading', { level: 1, name: 'meadow' }).waitFor()
  await seen.page.evaluate(`location.hash = '#/${place}'`)
  await seen.page.locator('.page h1').filter({ hasNotText: 'meadow' }).waitFor()
  return seen
}

async function done(seen: Visit, name: string): Promise<void> {
  await seen.page.waitForTimeout(500)
  expect(await seen.barriers()).toEqual([])
  await seen.shoot(name)
  expect(seen.complaints).toEqual([])
}
