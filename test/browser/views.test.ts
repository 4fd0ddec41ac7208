/** Every view, for each role that may see it, in both schemes and on a phone: nothing in the way of anybody, nothing from elsewhere. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { GovernorPolicy } from '../../device/index.ts'
import { eventually } from '../support/eventually.ts'
import { describeInBrowser } from './support/chromium.ts'
import { type DashboardRegion, measure, replayedSensors, slowJob, startDashboardRegion } from './support/region.ts'
import { SIZES, sidewaysPixels, type Visit, visit } from './support/visit.ts'

let world: DashboardRegion
/** The token of each role, and its views as the navigation calls them. */
let tokens: Record<'public' | 'owner' | 'submitter' | 'operator', string | null>
/** Places that no navigation leads to. */
let deeper: { device: string; done: string; running: string }

const EVERYBODYS = ['Region', 'Map', 'Prices', 'Ledger', 'Public log']
const VIEWS = {
  public: EVERYBODYS,
  owner: ['Region', 'Map', 'Devices', 'Add devices', 'Prices', 'Ledger', 'Public log'],
  submitter: ['Region', 'Map', 'Jobs', 'Try a task', 'Disputes', 'Prices', 'Ledger', 'Public log'],
  operator: [
    ...['Region', 'Map', 'Devices', 'Jobs', 'Try a task', 'Add devices', 'Disputes', 'Prices', 'Ledger', 'Public log'],
    ...['People', 'Operations'],
  ],
} as const

const LOOKS = [
  { look: 'light', options: { colorScheme: 'light', viewport: SIZES.desktop } },
  { look: 'phone-dark', options: { colorScheme: 'dark', viewport: SIZES.phone, reducedMotion: 'reduce' } },
] as const

describeInBrowser('every view', () => {
  beforeAll(async () => {
    world = await startDashboardRegion()
    const { region } = world
    // A job goes on during all of this: it shall leave most of the processor to the browser.
    const governor = GovernorPolicy({ cpuShare: 0.25 })
    const sensors = replayedSensors(region, 'garden', 0)
    const { device } = await region.join('ann', { label: 'ann-garden', sensors, governor })
    await region.join('ann', { label: 'ann-cellar', sensors: replayedSensors(region, 'cellar', 1), governor })
    const sold = await region.join('bob', { label: 'bob-balcony' })
    const away = await region.join('cat', { label: 'cat-roof' })
    await measure(region)
    const account = await region.account('lab')
    const lab = await region.connect(account)
    const done = await lab.submit(slowJob('a short count', 20))
    await done.result()
    await region.admin.deviceRevoke(sold.device.id, 'sold to somebody else')
    await away.device.stop()
    const other = await region.submitter('school')
    await (await other.submit(slowJob('homework', 5))).result()
    const running = await lab.submit(slowJob('a count that goes on and on', 1_000_000))
    await eventually('it goes on', async () => (await region.admin.job(running.id)).unitsVerified > 0)
    const { token: owner } = await region.admin.ownerAdd('ann')
    tokens = { public: null, owner, submitter: account.token, operator: region.coordinator.adminToken }
    deeper = { device: device.id, done: done.id, running: running.id }
  }, 120_000)
  afterEach(async () => {
    for (const context of world.browser.contexts()) await context.close()
  })
  afterAll(async () => {
    await world[Symbol.asyncDispose]()
  })

  test.each(LOOKS)(
    'of the operator, $look',
    async ({ look, options }) => {
      const seen = await open('operator', options)
      for (const title of VIEWS.operator) await lookAt(seen, title, `operator-${look}`)
      const { device, done, running } = deeper
      for (const [name, place] of Object.entries({ device, done, running })) {
        await seen.page.goto(`${world.url}/#/${name === 'device' ? 'devices' : 'jobs'}/${place}`)
        await seen.page.getByText(name === 'device' ? 'Why it works or waits' : 'How it stands').waitFor()
        await seen.settled()
        expect({ name, barriers: await seen.barriers() }).toEqual({ name, barriers: [] })
        expect({ name, sideways: await sidewaysPixels(seen.page) }).toEqual({ name, sideways: 0 })
        await seen.shoot(`operator-${look}-${name}`)
      }
      expect(seen.complaints).toEqual([])
    },
    180_000,
  )

  test.each(['public', 'owner', 'submitter'] as const)(
    'of the %s',
    async role => {
      const seen = await open(role, LOOKS[0].options)
      const links = await seen.page.getByRole('navigation', { name: 'Pages' }).getByRole('link').allTextContents()
      expect(links).toEqual([...VIEWS[role]])
      for (const title of VIEWS[role]) await lookAt(seen, title, role)
      expect(seen.complaints).toEqual([])
    },
    180_000,
  )

  test('shows an owner its own devices only, and lets it make claims for itself', async () => {
    const { page, complaints } = await open('owner', {})
    await page.getByRole('link', { name: 'Devices', exact: true }).click()
    await page.getByRole('link', { name: 'ann-garden' }).waitFor()
    const names = await page.locator('tbody .cell-name a').allTextContents()
    expect(names).toEqual(['ann-cellar', 'ann-garden'])
    await page.getByRole('link', { name: 'ann-garden' }).click()
    await page.getByRole('button', { name: 'Drain' }).waitFor()
    expect(await page.getByRole('button', { name: 'Revoke' }).count()).toBe(0)
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Add devices' }).click()
    await page.getByRole('button', { name: 'Make claims' }).click()
    await page.locator('.sheet').getByText('for a device of ann').waitFor()
    expect(complaints).toEqual([])
  })

  test('shows a submitter its own jobs only', async () => {
    const { page, complaints } = await open('submitter', {})
    await page.getByRole('link', { name: 'Jobs', exact: true }).click()
    await page.getByRole('link', { name: 'a short count' }).waitFor()
    const names = await page.locator('tbody .cell-name a').allTextContents()
    expect(names).toEqual(['a count that goes on and on', 'a short count'])
    expect(complaints).toEqual([])
  })

  test('asks to sign in where a view is for others, and says so where there is none', async () => {
    const { page, complaints } = await open('public', {})
    await page.goto(`${world.url}/#/devices`)
    await page.getByText('This page is for owners of devices and operators.').waitFor()
    await page.goto(`${world.url}/#/nowhere`)
    await page.getByRole('heading', { name: 'Nothing here' }).waitFor()
    expect(complaints).toEqual([])
  })
})

async function open(role: keyof typeof tokens, options: Parameters<typeof visit>[2]): Promise<Visit> {
  const token = tokens[role]
  const seen = await visit(world.browser, token === null ? `${world.url}/` : world.addressOf(token), options)
  await seen.page.getByRole('heading', { level: 1, name: 'meadow' }).waitFor()
  // The token is nowhere in the address any more, nor in the way back.
  expect(await seen.page.evaluate<string>('location.href')).not.toContain('token')
  return seen
}

async function lookAt(seen: Visit, title: string, prefix: string): Promise<void> {
  const { page, barriers, shoot } = seen
  const menu = page.getByRole('button', { name: 'Menu' })
  if (await menu.isVisible()) await menu.click()
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: title, exact: true }).click()
  await page.getByRole('heading', { level: 1 }).waitFor()
  await seen.settled()
  expect({ title, problems: await page.locator('.notice-problem').allTextContents() }).toEqual({ title, problems: [] })
  expect({ title, barriers: await barriers() }).toEqual({ title, barriers: [] })
  expect({ title, sideways: await sidewaysPixels(page) }).toEqual({ title, sideways: 0 })
  await shoot(`${prefix}-${title.toLowerCase().replaceAll(' ', '-')}`)
}
