/** The public log as a browser checks it by itself: what it verifies, and how loud it is when something does not fit. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { describeInBrowser } from './support/chromium.ts'
import { type DashboardRegion, slowJob, startDashboardRegion } from './support/region.ts'
import { SIZES, sidewaysPixels, type Visit, visit } from './support/visit.ts'

let world: DashboardRegion

describeInBrowser('the public log', () => {
  beforeAll(async () => {
    world = await startDashboardRegion()
    const { region } = world
    await region.join('ann', { label: 'ann-1' })
    const lab = await region.submitter('lab')
    await (await lab.submit(slowJob('twenty', 20))).result()
    await eventually('it is signed', async () => (await signedSize()) > 10)
  }, 120_000)
  afterAll(async () => {
    await world[Symbol.asyncDispose]()
  })

  test('is verified here, entry by entry when somebody asks', async () => {
    const seen = await open({ viewport: SIZES.desktop })
    const { page } = seen
    await page.getByRole('heading', { name: 'Verified in this browser' }).waitFor()
    expect(await badgeOf(page, 'The checkpoint is signed')).toBe('verified')
    expect(await badgeOf(page, 'The region’s id is made of that key')).toBe('verified')
    expect(await badgeOf(page, 'The key is really this region’s')).toBe('on trust')
    expect(await page.getByRole('alert').count()).toBe(0)

    await page.getByRole('button', { name: 'Replay it here' }).click()
    await page
      .getByText(/All [\d,]+ entries keep every rule\. They hash to the signed root, and all balances sum to 0 cr\./)
      .waitFor()

    await page
      .getByRole('button', { name: /^Prove entry/ })
      .first()
      .click()
    await page.getByText('included', { exact: true }).waitFor()
    await page.getByText(/this entry and \d+ hashes beside it lead to the signed root/).waitFor()

    // The first entry, by its number.
    await page.getByLabel('Number of an entry').fill('0')
    await page.getByRole('button', { name: 'Go', exact: true }).click()
    await page.getByText(/The region .* opens its log\./).waitFor()
    await done(seen, 'log-verified')
  })

  test("compares the key with somebody's claim", async () => {
    const { page, complaints } = await open({ viewport: SIZES.desktop })
    const { code } = await world.region.admin.claimNew({ owner: 'ann', lifetimeMs: 60_000 })
    const compare = async (text: string) => {
      await page.getByLabel('A claim code, or the region’s id, from elsewhere').fill(text)
      await page.getByRole('button', { name: 'Compare' }).click()
    }
    await compare(code)
    await page.getByText('It is the key on what you entered.').waitFor()
    await compare('a'.repeat(26))
    await page.getByText('It is NOT the key on what you entered.').waitFor()
    await compare('nonsense')
    await page.getByText('neither a claim code nor').waitFor()
    await compare((await world.region.admin.region()).id)
    await page.getByText('It is the key on what you entered.').waitFor()
    expect(complaints).toEqual([])
  })

  test('is remembered, and a later visit proves that it goes on from there', async () => {
    const seen = await open({ viewport: SIZES.phone })
    const { page } = seen
    await page
      .getByText('on first visit')
      .or(page.getByText('first visit'))
      .or(page.getByText('are its beginning, unchanged'))
      .first()
      .waitFor()
    const lab = await world.region.submitter('later')
    await (await lab.submit(slowJob('more', 5))).result()
    await page.reload()
    await page.getByText(/The [\d,]+ entries that this browser saw .* are its beginning, unchanged\./).waitFor()
    expect(await badgeOf(page, 'It goes on from what you saw before')).toBe('verified')
    expect(await sidewaysPixels(page)).toBe(0)
    await done(seen, 'log-phone')
  })

  test('shouts when its past is another than the one that was seen', async () => {
    const seen = await open({ viewport: SIZES.desktop, colorScheme: 'dark' })
    const { page } = seen
    await page.getByRole('heading', { name: 'Verified in this browser' }).waitFor()
    await page.evaluate(`
      const seen = JSON.parse(localStorage.getItem('hedgerow-log-seen'))
      localStorage.setItem('hedgerow-log-seen', JSON.stringify({ ...seen, size: seen.size - 1, rootHex: 'ab'.repeat(32) }))
    `)
    await page.reload()
    await page.getByRole('alert').getByRole('heading', { name: 'The log has two pasts' }).waitFor()
    expect(await badgeOf(page, 'It goes on from what you saw before')).toBe('refused')
    await done(seen, 'log-forked-dark')
    // It goes on shouting until somebody has looked into it.
    await page.reload()
    await page.getByRole('alert').getByRole('heading', { name: 'The log has two pasts' }).waitFor()
    await page.getByRole('button', { name: 'Forget what this browser saw' }).click()
    await page.getByRole('alert').waitFor({ state: 'detached' })
    expect(await badgeOf(page, 'It goes on from what you saw before')).toBe('first visit')
  })

  test('that is served otherwise than it was signed is found out', async () => {
    const { page } = await open({ viewport: SIZES.desktop })
    await page.context().route('**/log/tile/entries/**', async route => {
      const response = await route.fetch()
      const body = await response.body()
      // One bit of an amount or a name, somewhere in the last entry.
      body[body.length - 3] = (body[body.length - 3] ?? 0) ^ 1
      await route.fulfill({ response, body })
    })
    await page.reload()
    await page.getByRole('button', { name: 'Replay it here' }).click()
    await page.getByText(/rules? broken\. The first are below\./).waitFor()
    await page
      .getByRole('button', { name: /^Prove entry/ })
      .first()
      .click()
    await page.getByText('not included', { exact: true }).waitFor()
  })

  test('of an unreachable region says so, and nothing is called verified', async () => {
    const { page } = await open({ viewport: SIZES.desktop })
    await page.context().route('**/log/**', route => route.fulfill({ status: 503, body: '' }))
    await page.reload()
    await page.getByRole('alert').filter({ hasText: '503' }).waitFor()
    expect(await page.getByText('verified', { exact: true }).count()).toBe(0)
  })
})

const signedSize = async (): Promise<number> => {
  const response = await fetch(`${world.url}/log/checkpoint`)
  return response.ok ? Number((await response.text()).split('\n')[1]) : 0
}

const badgeOf = (page: Visit['page'], title: string): Promise<string | null> =>
  page.locator('.proof', { hasText: title }).locator('.badge').first().textContent()

async function open(options: Parameters<typeof visit>[2]): Promise<Visit> {
  const seen = await visit(world.browser, `${world.url}/#/log`, options)
  await seen.page.getByRole('heading', { level: 1, name: 'Public log' }).waitFor()
  return seen
}

async function done(seen: Visit, name: string): Promise<void> {
  await seen.page.waitForTimeout(500)
  expect(await seen.barriers()).toEqual([])
  await seen.shoot(name)
  expect(seen.complaints).toEqual([])
}
