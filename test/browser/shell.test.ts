/** What holds for the page as a whole: signing in by an address, a coordinator that goes away, long lists, the keyboard. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Device } from '../../coordinator/http/admin-api.ts'
import { describeInBrowser } from './support/chromium.ts'
import { type DashboardRegion, startDashboardRegion } from './support/region.ts'
import { SIZES, sidewaysPixels, visit } from './support/visit.ts'

let world: DashboardRegion

describeInBrowser('the page', () => {
  beforeAll(async () => {
    world = await startDashboardRegion()
    await world.region.join('ann', { label: 'ann-garden' })
  })
  afterAll(async () => {
    await world[Symbol.asyncDispose]()
  })

  test('signs in by an address, also in a tab that is open already, and sends nobody what follows its #', async () => {
    const { page, complaints } = await visit(world.browser, `${world.url}/`)
    await page.getByText('You see what everybody may see.').waitFor()
    const asked: string[] = []
    page.on('request', request => asked.push(request.url()))
    // Only what follows # differs, so the browser does not load the page anew.
    await page.goto(world.operatorUrl)
    await page.getByText('Operator', { exact: true }).waitFor()
    expect(await page.evaluate<string>('location.href')).toBe(`${world.url}/#/`)
    await page.goBack()
    expect(await page.evaluate<string>('location.href')).not.toContain('token')
    expect(asked.length).toBeGreaterThan(0)
    expect(asked.filter(url => url.includes(world.region.coordinator.adminToken))).toEqual([])
    expect(complaints).toEqual([])
  })

  test('says that a token in an address is not known, and shows what everybody sees', async () => {
    const { page } = await visit(world.browser, world.addressOf('of-another-region'))
    await page.getByRole('alert').filter({ hasText: 'Your token is not known here' }).waitFor()
    await page.getByText('You see what everybody may see.').waitFor()
    expect(await page.evaluate<string | null>('sessionStorage.getItem("hedgerow-token")')).toBe(null)
  })

  test('keeps a token for its own tab only', async () => {
    const { page } = await visit(world.browser, world.operatorUrl)
    await page.getByText('Operator', { exact: true }).waitFor()
    const other = await page.context().newPage()
    await other.goto(`${world.url}/`)
    await other.getByText('You see what everybody may see.').waitFor()
    expect(await page.context().cookies()).toEqual([])
  })

  test('stays usable with a thousand devices, on a phone as well', async () => {
    const [known] = await world.region.admin.deviceList()
    if (known === undefined) throw new Error('No device has joined.')
    const many = Array.from({ length: 1_000 }, (_, i) => deviceLike(known, i))
    const { page, settled, shoot, complaints } = await visit(world.browser, world.operatorUrl)
    // Joining a thousand devices takes minutes; what the page gets is what a coordinator with so many answers.
    await page.route('**/api/devices', route => route.fulfill({ json: many }))
    await page.reload()
    await page.getByRole('link', { name: 'Devices', exact: true }).click()
    await page.getByText('1,000 devices, 900 online.').waitFor()
    const names = () => page.locator('tbody .cell-name a').allTextContents()
    expect(await names()).toHaveLength(50)
    expect((await names()).slice(0, 3)).toEqual(['pi-0', 'pi-1', 'pi-2'])
    await page.getByRole('button', { name: 'Next' }).click()
    expect((await names())[0]).toBe('pi-50')
    await page.getByText('51–100 of 1,000').waitFor()
    await page.getByRole('columnheader', { name: 'Earned' }).getByRole('button').click()
    await page.getByRole('columnheader', { name: 'Earned' }).getByRole('button').click()
    expect((await names())[0]).toBe('pi-999')
    await settled()
    await shoot('many-devices')
    await page.getByRole('button', { name: /^Offline/ }).click()
    await page.getByText('1–50 of 100').waitFor()
    await page.getByLabel('Owner').selectOption('owner-3')
    await page.getByLabel('Search name, id or reason').fill('pi-1 offline')
    await page.getByText('Nothing matches.').waitFor()
    await page.getByLabel('Search name, id or reason').fill('pi-10')
    await page.locator('tbody tr').nth(0).waitFor()
    expect(await names()).toEqual(many.filter(isShown).map(({ label }) => label))
    expect(await page.evaluate<string>('location.hash')).toBe('#/devices?state=offline&owner=owner-3&q=pi-10')
    await page.goto(`${world.url}/#/devices?q=pi-777`)
    await page.reload()
    await page.getByRole('link', { name: 'pi-777' }).waitFor()
    expect(await names()).toEqual(['pi-777'])
    await page.getByLabel('Search name, id or reason').fill('')
    await page.getByText('1–50 of 1,000').waitFor()
    await page.setViewportSize(SIZES.phone)
    expect(await sidewaysPixels(page)).toBe(0)
    expect(complaints).toEqual([])
  })

  test('can be used with the keyboard alone', async () => {
    const { page } = await visit(world.browser, world.operatorUrl)
    await page.getByText('Operator', { exact: true }).waitFor()
    const focused = () => page.evaluate<string>('document.activeElement.textContent.trim()')
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('Skip to the content')
    await page.keyboard.press('Enter')
    expect(await page.evaluate<string>('document.activeElement.id')).toBe('content')
    await page.getByRole('link', { name: 'Devices', exact: true }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Devices' }).waitFor()
    expect(await focused()).toBe('Devices')
    await page.getByRole('link', { name: 'ann-garden' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Drain' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Drain ann-garden?' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await focused()).toBe('Drain')
  })

  test('shows what devices call themselves as text', async () => {
    const label = '<img src=x onerror=alert(1)>'
    await world.region.join('eve', { label })
    const { page, complaints } = await visit(world.browser, world.operatorUrl)
    await page.getByRole('link', { name: 'Devices', exact: true }).click()
    await page.getByRole('link', { name: label }).click()
    await page.getByRole('heading', { level: 1, name: label }).waitFor()
    expect(await page.locator('main img').count()).toBe(0)
    expect(complaints).toEqual([])
  })

  // The last one, since it takes the region away.
  test('says when the coordinator is gone, and goes on when it is back', async () => {
    const { page } = await visit(world.browser, `${world.url}/`)
    await page.getByText('Live', { exact: true }).waitFor()
    await world.region.stopCoordinator()
    await page.getByText('Not connected').waitFor()
    await world.region.startCoordinator()
    await page.getByText('Live', { exact: true }).waitFor()
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Prices' }).click()
    await page.getByRole('heading', { level: 1, name: 'Prices' }).waitFor()
  })
})

const isShown = ({ label, online, owner }: Device): boolean =>
  label.startsWith('pi-10') && !online && owner === 'owner-3'

function deviceLike(known: Device, i: number): Device {
  return {
    ...known,
    id: `${i}`.padStart(26, 'a'),
    label: `pi-${i}`,
    owner: `owner-${i % 7}`,
    online: i % 10 !== 0,
    earnedMicro: `${i * 1_000}`,
  }
}
