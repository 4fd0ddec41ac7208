/** What an operator, an owner and a submitter do on the page, clicked in a real browser, and what the region says afterwards. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { GovernorPolicy } from '../../device/index.ts'
import { eventually } from '../support/eventually.ts'
import { describeInBrowser } from './support/chromium.ts'
import { lie, publishReleases } from './support/operator-world.ts'
import { type DashboardRegion, measure, replayedSensors, slowJob, startDashboardRegion } from './support/region.ts'
import { SIZES, sidewaysPixels, type Visit, visit } from './support/visit.ts'

const LOOKS = [
  { look: 'light', options: { colorScheme: 'light', viewport: SIZES.desktop } },
  { look: 'phone-dark', options: { colorScheme: 'dark', viewport: SIZES.phone, reducedMotion: 'reduce' } },
] as const
/** Lines of the recorded hour that have a humidity. */
const HUMIDITIES = 150

const dir = mkdtempSync(join(tmpdir(), 'hedgerow-operator-'))
let world: DashboardRegion
let lab: { name: string; token: string }
/** A job that a lying device answered alone. */
let lied: string
let solar: string
let garden: string

describeInBrowser('the operator', () => {
  beforeAll(async () => {
    world = await startDashboardRegion({ releasesDir: await publishReleases(dir) })
    const { region } = world
    lab = await region.account('lab', '500000000')
    lied = await lie(region, lab)
    // Before the sensors come, since what is recorded goes to the campaigns that there are then.
    await measure(region)
    garden = (await region.join('ann', { label: 'ann-garden', sensors: replayedSensors(region, 'ann', 0, HUMIDITIES) }))
      .device.id
    const condition = { name: 'enough sun', source: { file: join(dir, 'sun') }, demand: { atLeast: 200 } } as const
    solar = (await region.join('dan', { label: 'dan-solar', governor: GovernorPolicy({ conditions: [condition] }) }))
      .device.id
  }, 120_000)
  afterEach(async () => {
    for (const context of world.browser.contexts()) await context.close()
  })
  afterAll(async () => {
    await world[Symbol.asyncDispose]()
    rmSync(dir, { recursive: true, force: true })
  })

  test('begins maintenance, which everybody sees, and ends it', async () => {
    const { page, barriers, complaints, shoot } = await open(null, 'operations')
    const everybody = [await open('', 'region'), await open(lab.token, 'jobs')]
    await page.getByRole('button', { name: 'Begin maintenance' }).focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Begin maintenance?' })
    await dialog.getByText('jobs are taken and wait').waitFor()
    // With the keyboard alone: the focus is where the reason goes.
    await page.keyboard.type('the disk is replaced')
    expect(await dialog.getByLabel('Why?').inputValue()).toBe('the disk is replaced')
    await shoot('operator-maintenance', 'window')
    expect(await barriers()).toEqual([])
    await page.keyboard.press('Enter')
    for (const seen of [page, ...everybody.map(other => other.page)]) {
      await seen.getByRole('status').filter({ hasText: 'no work is handed out. The disk is replaced.' }).waitFor()
    }
    expect((await world.region.admin.region()).maintenance).toBe('the disk is replaced')
    for (const other of everybody) expect(await other.barriers()).toEqual([])
    expect(await everybody[0]?.page.getByRole('link', { name: 'Operations' }).count()).toBe(0)
    await everybody[0]?.shoot('public-maintenance')

    await page.getByRole('button', { name: 'End maintenance' }).click()
    await page.getByText('Not under way').waitFor()
    await page.locator('.maintenance').waitFor({ state: 'detached' })
    expect((await world.region.admin.region()).maintenance).toBe(null)
    for (const other of everybody) await other.page.locator('.maintenance').waitFor({ state: 'detached' })
    expect(complaints).toEqual([])
  })

  test('copies the database, and sees what is offered as updates', async () => {
    const { page, barriers, complaints, shoot } = await open(null, 'operations')
    await page.getByRole('button', { name: 'Copy the database' }).click()
    const said = page.getByRole('status').filter({ hasText: /Copied [\d,]+ entries of the log/ })
    await said.waitFor()
    const file = await said.locator('.mono').textContent()
    expect(file).toBe(join(world.region.stateDir, 'ledger-snapshot.sqlite'))
    expect(existsSync(file ?? '')).toBe(true)
    await page.getByRole('button', { name: 'Show what is published' }).click()
    await page
      .getByRole('row', { name: /1\.2\.0/ })
      .getByText('25 % of the devices of this region')
      .waitFor()
    await page
      .getByRole('row', { name: /1\.1\.0/ })
      .getByText('every device of this region')
      .waitFor()
    await page.getByText(/that ends in 6 d|that ends in 7 d/).waitFor()
    expect(await barriers()).toEqual([])
    await shoot('operator-operations')
    expect(complaints).toEqual([])
  })

  test('adds submitters and owners, who can then do theirs, and ends their tokens', async () => {
    const { region } = world
    const { page, barriers, complaints, shoot } = await open(null, 'people')
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    const submitters = page.getByRole('region', { name: 'Submitters' })
    const owners = page.getByRole('region', { name: 'Owners' })

    // A submitter, whose token is shown this once and works.
    await submitters.getByLabel('Name').fill('school')
    await submitters.getByLabel('Credits to begin with').fill('12.5')
    await submitters.getByRole('button', { name: 'Add submitter' }).click()
    const shown = page.getByRole('region', { name: 'Token of the submitter school' })
    await shown.waitFor()
    expect(await page.evaluate<string>('document.activeElement.textContent')).toBe('Token of the submitter school')
    await shown.getByRole('button', { name: 'Copy token of school' }).click()
    await shown.getByText('Copied').waitFor()
    const token = await page.evaluate<string>('navigator.clipboard.readText()')
    expect(await shown.locator('pre').allTextContents()).toEqual([token, `${world.url}/#token=${token}`])
    expect(await barriers()).toEqual([])
    await shoot('operator-people')
    const balance = async () => (await region.admin.submitterList()).find(({ name }) => name === 'school')?.balanceMicro
    expect(await balance()).toBe('12500000')
    const school = await open(token, 'jobs')
    await school.page.getByText('school', { exact: true }).waitFor()

    // More to pay with; and what cannot be is refused in the server's words.
    await submitters.getByRole('button', { name: 'Add funds to school' }).click()
    const funds = page.getByRole('dialog', { name: 'Add funds to school?' })
    await funds.getByLabel('How many credits?').fill('1500000000000')
    await funds.getByRole('button', { name: 'Add them' }).click()
    await funds.getByRole('alert').filter({ hasText: 'amountMicro must be' }).waitFor()
    await funds.getByLabel('How many credits?').fill('7.25')
    await shoot('operator-funds', 'window')
    await funds.getByRole('button', { name: 'Add them' }).click()
    await page.getByRole('status').filter({ hasText: 'school has 19.75 cr now.' }).waitFor()
    await submitters
      .getByRole('row', { name: /school/ })
      .getByText('19.75 cr')
      .waitFor()
    expect(await balance()).toBe('19750000')
    await submitters.getByLabel('Name').fill('school')
    await submitters.getByLabel('Credits to begin with').fill('0')
    await submitters.getByRole('button', { name: 'Add submitter' }).click()
    await submitters.getByRole('alert').filter({ hasText: 'There is a submitter school already.' }).waitFor()

    // Once hidden, a token is nowhere in the page.
    await shown.getByRole('button', { name: 'It is kept: hide it' }).click()
    expect(await page.content()).not.toContain(token)

    // An owner: a token, another one, and none.
    await owners.getByLabel('Name').fill('ann')
    await owners.getByRole('button', { name: 'Add owner' }).click()
    const first = await tokenOf(page, 'owner ann')
    expect((await sessionOf(first)).name).toBe('ann')
    await owners.getByRole('row', { name: /ann/ }).getByText('1 device', { exact: true }).waitFor()
    await owners.getByRole('button', { name: 'New token for ann' }).click()
    await page.getByRole('dialog').getByText('ends at once').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Give a new token' }).click()
    await page.getByRole('status').filter({ hasText: 'the old one counts no more' }).waitFor()
    const second = await eventually('another token', async () => {
      const newest = await tokenOf(page, 'owner ann')
      return newest === first ? undefined : newest
    })
    expect(await page.content()).not.toContain(first)
    expect((await sessionOf(first)).status).toBe(401)
    expect((await sessionOf(second)).name).toBe('ann')
    await owners.getByRole('button', { name: 'Revoke the token of ann' }).click()
    await shoot('operator-revoke-owner', 'window')
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke it' }).click()
    await page.getByRole('status').filter({ hasText: 'The token of ann counts no more.' }).waitFor()
    await owners.getByText('No owner has a token yet.').waitFor()
    expect(await page.content()).not.toContain(second)
    expect((await sessionOf(second)).status).toBe(401)
    expect(await region.admin.ownerList()).toEqual([])

    // Two refusals were asked for.
    expect(complaints.filter(text => !/400|409/.test(text))).toEqual([])
  })

  test('drains, revokes and takes back a device, and sees why one pauses and what ails a sensor', async () => {
    const { admin } = world.region
    const { page, barriers, complaints, settled, shoot } = await open(null, `devices/${solar}`)
    const said = (await eventually('it pauses', async () => (await admin.device(solar)).lastReason)) ?? ''
    expect(said).toContain('enough sun')
    await page
      .locator('.notice-warn')
      .filter({ hasText: said.slice(1) })
      .waitFor()
    await settled()
    expect(await barriers()).toEqual([])
    await shoot('operator-paused-device')

    const act = async (button: string, confirm: string, reason?: string) => {
      await page.getByRole('button', { name: button, exact: true }).click()
      if (reason !== undefined) await page.getByRole('dialog').getByLabel('Why?').fill(reason)
      await page.getByRole('dialog').getByRole('button', { name: confirm, exact: true }).click()
      await page.getByRole('dialog').waitFor({ state: 'detached' })
    }
    await act('Drain', 'Drain it', 'moved')
    await page.getByText('Draining', { exact: true }).waitFor()
    expect((await admin.device(solar)).drainReason).toBe('moved')
    await page.locator('.announcer').filter({ hasText: 'dan-solar gets no more work.' }).waitFor()
    await act('Give work again', 'Give it work')
    await page.getByText('Paused', { exact: true }).waitFor()
    expect((await admin.device(solar)).drainReason).toBe(null)
    await act('Revoke', 'Revoke it', 'sold to somebody else')
    await page.getByText('Revoked', { exact: true }).waitFor()
    expect(await admin.device(solar)).toMatchObject({ standing: 'revoked', standingReason: 'sold to somebody else' })
    await eventually('it is shut out', async () => !(await admin.device(solar)).online)
    await act('Reinstate', 'Reinstate it')
    await page.getByText('Revoked', { exact: true }).waitFor({ state: 'detached' })
    expect((await admin.device(solar)).standing).toBe('joined')

    // Half of the recorded hour has no humidity.
    await page.goto(`${world.url}/#/devices/${garden}`)
    const sensors = page.getByRole('region', { name: 'Sensors' })
    await sensors.getByText('Faulty', { exact: true }).waitFor({ timeout: 30_000 })
    await sensors.getByText(/^Humidity is missing since .+ or before: it does not answer: look at its wires/).waitFor()
    expect(await page.getByRole('region', { name: 'Why it works or waits' }).getByText('Sensor ').count()).toBe(0)
    await settled()
    expect(await barriers()).toEqual([])
    await shoot('operator-faulty-sensor')
    expect(complaints).toEqual([])
  }, 90_000)

  test('cancels a job, as its submitter does with its own', async () => {
    const { region } = world
    const client = await region.connect(lab)
    for (const token of [null, lab.token]) {
      const name = token === null ? 'too long for the operator' : 'too long for lab'
      const job = await client.submit(slowJob(name, 1_000_000))
      const { page, complaints, shoot } = await open(token, 'jobs')
      await page.getByRole('link', { name }).click()
      await eventually('it is under way', async () => (await region.admin.job(job.id)).unitsVerified > 0)
      await page.getByRole('button', { name: 'Cancel', exact: true }).click()
      await page.getByRole('dialog').getByText('the rest of the budget goes back to lab').waitFor()
      await shoot(`cancel-${token === null ? 'operator' : 'submitter'}`, 'window')
      await page.getByRole('button', { name: 'Not now' }).click()
      expect((await region.admin.job(job.id)).state).toBe('running')
      await page.getByRole('button', { name: 'Cancel', exact: true }).click()
      await page.getByRole('button', { name: 'Cancel the job' }).click()
      await page.getByText('Cancelled', { exact: true }).first().waitFor()
      await page.getByRole('button', { name: 'Cancel', exact: true }).waitFor({ state: 'detached' })
      expect((await region.admin.job(job.id)).state).toBe('cancelled')
      expect(complaints).toEqual([])
    }
  })

  test('sees disputes, which a submitter opens on the page of a job', async () => {
    const { region } = world
    const { page, barriers, complaints, shoot } = await open(lab.token, `jobs/${lied}`)
    await page.getByRole('button', { name: 'Dispute a unit' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Which unit?').fill('9')
    await dialog.getByLabel('What is wrong?').fill('that is nonsense')
    await dialog.getByRole('button', { name: 'Dispute it' }).click()
    await dialog.getByRole('alert').filter({ hasText: 'No device was paid for unit 9' }).waitFor()
    await dialog.getByLabel('Which unit?').fill('1')
    await shoot('submitter-dispute', 'window')
    expect(await barriers()).toEqual([])
    await dialog.getByRole('button', { name: 'Dispute it' }).click()
    await page.getByRole('heading', { level: 1, name: /Dispute about lease \d+ of an hour of echoes/ }).waitFor()
    await page.getByText('Open', { exact: true }).waitFor()
    const [opened] = await region.admin.disputeList({})
    expect(opened).toMatchObject({ job: lied, reason: 'that is nonsense', account: 'submitter:lab', state: 'open' })

    const operator = await open(null, 'disputes')
    await operator.page.getByText('1 dispute, 1 open.').waitFor()
    for (const owner of ['bob', 'cat', 'fay', 'gus']) await region.join(owner)
    await operator.page
      .getByRole('row', { name: /an hour of echoes/ })
      .getByText('Upheld')
      .waitFor({ timeout: 30_000 })
    expect(await operator.barriers()).toEqual([])
    await operator.shoot('operator-disputes')
    await page.getByText('Upheld', { exact: true }).waitFor()
    await page
      .getByText(/credits went from/)
      .first()
      .waitFor()
    await shoot('submitter-dispute-upheld')
    expect((await region.admin.dispute(opened?.id ?? '')).state).toBe('upheld')
    expect(operator.complaints).toEqual([])
    // The refusal of the ninth unit.
    expect(complaints.filter(text => !text.includes('404'))).toEqual([])
  }, 120_000)

  test('is alone with people and operations', async () => {
    const { token: owner } = await world.region.admin.ownerAdd('zoe')
    for (const token of ['', owner, lab.token]) {
      const { page, complaints } = await open(token, 'people')
      await page.getByText('This page is for operators.').waitFor()
      await page.goto(`${world.url}/#/operations`)
      await page.getByRole('heading', { level: 1, name: 'Operations' }).waitFor()
      await page.getByText('This page is for operators.').waitFor()
      const links = await page.getByRole('navigation', { name: 'Pages' }).getByRole('link').allTextContents()
      expect(links.filter(title => title === 'People' || title === 'Operations')).toEqual([])
      expect(complaints).toEqual([])
    }
  })

  test.each(LOOKS)(
    'finds nothing in the way, $look',
    async ({ look, options }) => {
      await world.region.admin.maintenanceBegin('the disk is replaced, and the power supply of the rack with it')
      const { page, barriers, settled, shoot, complaints } = await open(null, 'people', options)
      await page.getByRole('region', { name: 'Owners' }).getByLabel('Name').fill(`owner-${look}`)
      await page.getByRole('button', { name: 'Add owner' }).click()
      await page.getByRole('region', { name: `Token of the owner owner-${look}` }).waitFor()
      for (const place of ['people', 'operations', 'disputes', `devices/${garden}`, `jobs/${lied}`, 'region']) {
        await page.goto(`${world.url}/#/${place}`)
        await page.locator('.maintenance').waitFor()
        await page.getByRole('heading', { level: 1 }).waitFor()
        await settled()
        expect({ place, barriers: await barriers() }).toEqual({ place, barriers: [] })
        expect({ place, sideways: await sidewaysPixels(page) }).toEqual({ place, sideways: 0 })
        await shoot(`operating-${look}-${place.split('/')[0]}`)
      }
      expect(complaints).toEqual([])
      await world.region.admin.maintenanceEnd()
    },
    90_000,
  )
})

/** Opens a place. @param token - the operator's when null, nobody's when empty */
async function open(token: string | null, place: string, options: Parameters<typeof visit>[2] = {}): Promise<Visit> {
  const address = token === null ? world.operatorUrl : token === '' ? `${world.url}/` : world.addressOf(token)
  const seen = await visit(world.browser, address, options)
  await seen.page.getByRole('heading', { level: 1, name: 'meadow' }).waitFor()
  await seen.page.goto(`${world.url}/#/${place}`)
  return seen
}

const tokenOf = async (page: Page, whose: string): Promise<string> =>
  (await page
    .getByRole('region', { name: `Token of the ${whose}` })
    .first()
    .locator('pre')
    .first()
    .textContent()) ?? ''

async function sessionOf(token: string): Promise<{ status: number; name?: string | null }> {
  const response = await fetch(`${world.url}/api/session`, { headers: { authorization: `Bearer ${token}` } })
  return { status: response.status, ...(response.ok ? ((await response.json()) as { name: string | null }) : {}) }
}
