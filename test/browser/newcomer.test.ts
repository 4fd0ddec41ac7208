/** Somebody's first quarter of an hour with the page of a real region, clicked through in a real browser; and what comes out of a printer. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { describeInBrowser } from './support/chromium.ts'
import { readQr } from './support/read-qr.ts'
import { type DashboardRegion, measure, replayedSensors, slowJob, startDashboardRegion } from './support/region.ts'
import { SCREENSHOTS, SIZES, sidewaysPixels, visit } from './support/visit.ts'

const CLAIMS = 5
/** Some seconds of work. */
const UNITS = 2_000
/** A sheet of A4 at 96 pixels an inch, less a margin of a centimetre at each side. */
const PAPER = { width: 718, height: 1_047 }

/** Keeps every number of units that the page shows, however short. */
const WATCH_PROGRESS = `
  seenProgress = []
  new MutationObserver(changes => {
    for (const { target } of changes) if (target.matches('[aria-label="Units that are verified"]')) seenProgress.push(Number(target.getAttribute('value')))
  }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ['value'] })`

let world: DashboardRegion

describeInBrowser('a newcomer', () => {
  beforeAll(async () => {
    world = await startDashboardRegion()
    await world.region.join('ann', { label: 'ann-garden', sensors: replayedSensors(world.region, 'garden', 0) })
    await measure(world.region)
  })
  afterAll(async () => {
    await world[Symbol.asyncDispose]()
  })

  test('sees the region, signs in, adds a device, watches a job, and looks after a device', async () => {
    const { region, browser, url } = world
    const { page, shoot, barriers, complaints } = await visit(browser, url)

    // As the public.
    await page.getByRole('heading', { level: 1, name: 'meadow' }).waitFor()
    await page.getByText('You see what everybody may see.').waitFor()
    await page.getByText('Air temperature').waitFor()
    expect(await page.getByRole('link', { name: 'Devices' }).count()).toBe(0)
    await shoot('newcomer-1-public')

    // A wrong token is told so, the right one signs in.
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByLabel('Token').fill('nonsense')
    await page.getByRole('dialog').getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').filter({ hasText: 'The token is not known here' }).waitFor()
    await shoot('newcomer-2-sign-in', 'window')
    await page.getByLabel('Token').fill(region.coordinator.adminToken)
    await page.getByLabel('Token').press('Enter')
    await page.getByText('Operator', { exact: true }).waitFor()
    await page.getByRole('heading', { name: 'First steps' }).waitFor()
    await shoot('newcomer-3-operator')
    // The refusal of the wrong token is the one thing the browser may complain of.
    expect(complaints.filter(text => !text.includes('401'))).toEqual([])
    const before = complaints.length

    // A claim, from the QR code of which a device joins; it shows up by itself.
    await page.getByRole('link', { name: 'Add devices' }).click()
    await expectFocus('Add devices')
    await page.getByLabel('Owner').fill('bob')
    await page.getByLabel('Names begin with').fill('balcony')
    await page.getByRole('button', { name: 'Make claims' }).click()
    const qr = page.getByRole('img', { name: 'Claim for balcony-1 as a QR code' })
    await qr.waitFor()
    const claim = readQr(await qr.screenshot({ caret: 'initial' }))
    expect(await page.locator('.sheet pre').first().textContent()).toBe(claim)
    await shoot('newcomer-4-claim')
    expect(await barriers()).toEqual([])
    const { device } = await region.join('bob', { claim, label: 'balcony-1' })
    const ids = (await region.admin.deviceList()).map(({ id }) => id)
    await page.locator('.joined').getByRole('link', { name: 'balcony-1' }).waitFor()
    await page.getByRole('status').filter({ hasText: 'balcony-1 has joined.' }).waitFor()
    await shoot('newcomer-5-joined')

    // A job goes on before one's eyes, up to its end. No device may work on it until it is looked at.
    const lab = await region.submitter('lab')
    for (const id of ids) await region.admin.deviceDrain(id, 'for a look at a job')
    const job = await lab.submit(slowJob('a long count', UNITS))
    await page.getByRole('link', { name: 'Jobs', exact: true }).click()
    await page.getByRole('link', { name: 'a long count' }).click()
    await expectFocus('a long count')
    const bar = page.getByRole('progressbar', { name: 'Units that are verified' })
    expect(await bar.getAttribute('value')).toBe('0')
    await page.evaluate(WATCH_PROGRESS)
    for (const id of ids) await region.admin.deviceUndrain(id)
    await eventually('units are verified', async () => Number(await bar.getAttribute('value')) > 0)
    await shoot('newcomer-6-job')
    await page.getByText('Done', { exact: true }).waitFor()
    await job.result()
    await page.getByText('2,000 of 2,000 units verified', { exact: true }).waitFor()
    const seen = await page.evaluate<number[]>('seenProgress')
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    expect(seen.some(value => value > 0 && value < UNITS)).toBe(true)

    // Why a device works or waits, and no more work for it.
    await page.getByRole('link', { name: 'Devices', exact: true }).click()
    await page.getByLabel('Search name, id or reason').fill('balc')
    await page.getByRole('link', { name: 'ann-garden' }).waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'balcony-1' }).click()
    await page.getByText(/is waiting for work\./).waitFor()
    await shoot('newcomer-7-device')
    await page.getByRole('button', { name: 'Drain' }).click()
    await page.getByLabel('Why?').fill('moved to another room')
    await shoot('newcomer-8-drain', 'window')
    expect(await barriers()).toEqual([])
    await page.getByRole('button', { name: 'Drain it' }).click()
    await page.getByText('Draining', { exact: true }).waitFor()
    await page.getByText('It finishes what it holds and gets no more: moved to another room.').waitFor()
    expect((await region.member(device)).drainReason).toBe('moved to another room')

    // Dark, and as wide as a small phone.
    await page.getByRole('button', { name: 'Dark' }).click()
    expect(await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')).toBe('rgb(15, 20, 17)')
    await shoot('newcomer-9-dark')
    await page.setViewportSize(SIZES.phone)
    await page.getByRole('button', { name: 'Menu' }).click()
    await page.getByRole('link', { name: 'Region', exact: true }).click()
    await page.getByRole('heading', { name: 'Measured now' }).waitFor()
    expect(await sidewaysPixels(page)).toBe(0)
    await shoot('newcomer-10-phone')

    // The scheme is remembered, the token is as well, and signing out forgets it.
    await page.reload()
    await page.getByText('What needs attention').waitFor()
    expect(await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')).toBe('rgb(15, 20, 17)')
    await page.getByRole('button', { name: 'Menu' }).click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByText('You see what everybody may see.').waitFor()
    expect(complaints.slice(before)).toEqual([])
    expect(region.fatal).toEqual([])

    async function expectFocus(heading: string): Promise<void> {
      await page.getByRole('heading', { level: 1, name: heading }).waitFor()
      expect(await page.evaluate<string>('document.activeElement.textContent')).toBe(heading)
      expect(await page.title()).toBe(`${heading} · meadow · Hedgerow`)
    }
  }, 120_000)

  // In the dark scheme, since paper is white all the same.
  test('prints claims and nothing else, black on white, each whole on one page', async () => {
    const { page, complaints, settled } = await visit(world.browser, world.operatorUrl)
    await page.getByRole('button', { name: 'Dark' }).click()
    await page.getByRole('link', { name: 'Add devices', exact: true }).first().click()
    await page.getByLabel('Owner').fill('ann')
    await page.getByLabel('How many').fill(`${CLAIMS}`)
    await page.getByLabel('Names begin with').fill('room')
    await page.getByRole('button', { name: 'Make claims' }).click()
    await page.getByRole('heading', { name: `room-${CLAIMS}` }).waitFor()
    await page.evaluate('addEventListener("beforeprint", () => { document.title = "printing" })')
    await page.getByRole('button', { name: 'Print' }).click()
    await page.waitForFunction('document.title === "printing"')

    await page.emulateMedia({ media: 'print' })
    await page.setViewportSize(PAPER)
    await settled()
    const codes = await page.locator('.sheet pre').allTextContents()
    const sheets = page.locator('.sheet')
    expect(await sheets.count()).toBe(CLAIMS)
    for (let i = 0; i < CLAIMS; i++) {
      const name = `room-${CLAIMS - i}`
      const sheet = sheets.nth(i)
      expect(await sheet.getByRole('heading').textContent()).toBe(name)
      const qr = sheet.getByRole('img', { name: `Claim for ${name} as a QR code` })
      expect(codes).toContain(readQr(await qr.screenshot({ caret: 'initial' })))
      expect((await sheet.boundingBox())?.height).toBeLessThan(PAPER.height / 2)
    }
    expect(await page.evaluate<string>('getComputedStyle(document.querySelector(".sheet h2")).color')).toBe(
      'rgb(23, 32, 26)',
    )
    for (const name of ['Make claims', 'Print', 'Sign out', 'Copy code']) {
      expect({ name, shown: await page.getByRole('button', { name }).count() }).toEqual({ name, shown: 0 })
    }
    expect(await page.getByRole('navigation').count()).toBe(0)
    mkdirSync(SCREENSHOTS, { recursive: true })
    await page.screenshot({ path: join(SCREENSHOTS, 'printed-claims.png'), fullPage: true, caret: 'initial' })
    const pdf = await page.pdf({ format: 'A4', margin: { top: '1cm', right: '1cm', bottom: '1cm', left: '1cm' } })
    writeFileSync(join(SCREENSHOTS, 'printed-claims.pdf'), pdf)
    const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length
    expect(pages).toBeGreaterThanOrEqual(1)
    expect(pages).toBeLessThanOrEqual(Math.ceil(CLAIMS / 2))
    expect(complaints).toEqual([])
  })
})
