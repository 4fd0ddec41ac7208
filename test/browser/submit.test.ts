/** Somebody writes a task in the browser, tries a unit of it there, and has the region run it. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { describeInBrowser } from './support/chromium.ts'
import { type DashboardRegion, startDashboardRegion } from './support/region.ts'
import { SIZES, sidewaysPixels, type Visit, visit } from './support/visit.ts'

let world: DashboardRegion
let token: string

describeInBrowser('trying a task', () => {
  beforeAll(async () => {
    world = await startDashboardRegion()
    const { region } = world
    await region.join('ann', { label: 'ann-1' })
    await region.join('bob', { label: 'bob-1' })
    token = (await region.account('lab', '5000000')).token
  }, 120_000)
  afterAll(async () => {
    await world[Symbol.asyncDispose]()
  })

  test('runs a unit here and the job in the region, with the same fuel', async () => {
    const seen = await open({ viewport: SIZES.desktop })
    const { page } = seen
    await page.getByRole('textbox', { name: 'The script' }).getByText('export default function').waitFor()
    await page.getByRole('button', { name: 'Run one unit here' }).click()
    await page.getByText('it works').waitFor()
    expect(await page.locator('.sample', { hasText: 'Output' }).locator('pre').textContent()).toBe('5500')
    const burned = await page.locator('.tried-head strong').textContent()
    await done(seen, 'submit-tried')

    await page.getByLabel('Certainty').selectOption('one answer is enough')
    await page.getByRole('button', { name: 'Submit to the region' }).click()
    await page.locator('.submitted').getByText('Done', { exact: true }).waitFor()
    // The digits of 0 to 19 999.
    await page.getByText('370000', { exact: true }).waitFor()
    const [job] = await world.region.admin.jobList({})
    expect(job).toMatchObject({ name: 'digits', state: 'done', units: 40, submitter: 'lab' })
    // The first unit is the cheapest: its numbers have the fewest digits.
    expect(await page.locator('.submitted .facts').textContent()).toContain(`${burned} to`)
    await page.getByLabel(/What would this cost for/).fill('1000000')
    await page.getByText(/About [\d.]+ cr/).waitFor()
    await done(seen, 'submit-done')
    await page.getByRole('link', { name: 'Its own page' }).click()
    await page.getByRole('heading', { level: 1, name: 'digits' }).waitFor()
  }, 120_000)

  test('shows what is wrong where it is', async () => {
    const seen = await open({ viewport: SIZES.desktop })
    const { page } = seen
    const script = page.getByRole('textbox', { name: 'The script' })
    await script.getByText('export default function').waitFor()
    await replace(page, 'export default function (input) {\n  let = 7\n}')
    await page.getByRole('alert').filter({ hasText: 'The script is refused at line 2' }).waitFor()
    await page.locator('.cm-lint-marker-error').waitFor()
    await replace(page, 'export default input => 1')
    await page.getByRole('alert').waitFor({ state: 'detached' })

    await page.getByLabel('Numbers a unit').fill('0')
    await page
      .locator('.field', { hasText: 'Numbers a unit' })
      .getByRole('alert')
      .filter({ hasText: "'split.chunk'" })
      .waitFor()
    expect(await page.getByRole('button', { name: 'Submit to the region' }).isDisabled()).toBe(true)
    await page.getByLabel('Numbers a unit').fill('500')

    // Two owners cannot be sure to 99.9 % of anything: the region's refusal, at the certainty.
    await page.getByRole('button', { name: 'Submit to the region' }).click()
    await page.locator('.field', { hasText: 'Certainty' }).getByRole('alert').filter({ hasText: '2 owners' }).waitFor()
    await page.getByLabel('Certainty').selectOption('one answer is enough')

    // More than there is: at the budget.
    await page.getByLabel('Budget, credits').fill('5000000')
    await page.getByRole('button', { name: 'Submit to the region' }).click()
    await page.locator('.field', { hasText: 'Budget, credits' }).getByRole('alert').waitFor()
    expect(await seen.barriers()).toEqual([])
  })

  test('keeps the form and the JSON the same', async () => {
    const { page, complaints } = await open({ viewport: SIZES.desktop })
    await page.getByRole('button', { name: /Count words/ }).click()
    await page.getByLabel('So many a unit').fill('3')
    await page.getByText('The job as JSON').click()
    const json = page.getByRole('textbox', { name: 'The job as JSON' })
    await json.getByText('"size": 3').waitFor()
    await page.getByLabel('Name', { exact: true }).fill('moby')
    await json.getByText('"name": "moby"').waitFor()
    expect(complaints).toEqual([])
  })

  test('stops a unit that goes on for ever', async () => {
    const { page, complaints } = await open({ viewport: SIZES.desktop })
    await page.getByRole('textbox', { name: 'The script' }).getByText('export default function').waitFor()
    await replace(page, 'export default () => { for (;;); }')
    await page.getByLabel('Fuel a unit may burn').fill('100000000000')
    await page.getByRole('button', { name: 'Run one unit here' }).click()
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByText('It was stopped.').waitFor()
    await page.getByLabel('Fuel a unit may burn').fill('10000000')
    await page.getByRole('button', { name: 'Run one unit here' }).click()
    await page.getByText('out of fuel', { exact: true }).waitFor()
    expect(complaints).toEqual([])
  })

  test('fits a phone, in the dark', async () => {
    const seen = await open({ viewport: SIZES.phone, colorScheme: 'dark' })
    await seen.page.getByRole('button', { name: /Sweep settings/ }).click()
    await eventually('the script has come', async () =>
      (await seen.page.locator('.cm-content').first().textContent())?.includes('logistic'),
    )
    expect(await sidewaysPixels(seen.page)).toBe(0)
    await done(seen, 'submit-phone-dark')
  })
})

/** Puts another script in its place, as somebody who pastes one. */
async function replace(page: Visit['page'], text: string): Promise<void> {
  const script = page.getByRole('textbox', { name: 'The script' })
  await script.press('ControlOrMeta+a')
  await script.evaluate((element, pasted) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', pasted)
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  }, text)
}

async function open(options: Parameters<typeof visit>[2]): Promise<Visit> {
  const seen = await visit(world.browser, world.addressOf(token), options)
  await seen.page.getByRole('heading', { level: 1, name: 'meadow' }).waitFor()
  await seen.page.evaluate('location.hash = "#/submit"')
  await seen.page.getByRole('heading', { level: 1, name: 'Try a task' }).waitFor()
  return seen
}

async function done(seen: Visit, name: string): Promise<void> {
  await seen.page.waitForTimeout(500)
  expect(await seen.barriers()).toEqual([])
  await seen.shoot(name)
  expect(seen.complaints).toEqual([])
}
