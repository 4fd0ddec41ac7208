/** Somebody who looks at the page, and everything that a look must not lead to: errors, refusals of the policy, other origins. */
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AxeResults } from 'axe-core'
import type { Browser, BrowserContextOptions, Page, Request } from 'playwright-core'
import { eventually } from '../../support/eventually.ts'

/** Two pictures later what was just set is on the screen. */
const TWO_FRAMES = 'new Promise(shown => requestAnimationFrame(() => requestAnimationFrame(shown)))'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Where screenshots are kept: `$HEDGEROW_SCREENSHOTS`, or a folder for passing things. */
export const SCREENSHOTS = process.env.HEDGEROW_SCREENSHOTS || join(tmpdir(), 'hedgerow-screenshots')

export const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } } as const

/** One window onto the page. */
export interface Visit {
  readonly page: Page
  /** What the browser complained of, and every request to another origin, in words; one hopes for none. */
  readonly complaints: readonly string[]
  /** Waits until everything that the page asked for has come and is shown; the stream of events goes on. */
  settled(): Promise<void>
  /** Keeps a picture as `<name>.png`: of the whole page, or of the window when a dialog covers that. */
  shoot(name: string, part?: 'page' | 'window'): Promise<void>
  /** What is wrong for people who do not see, or see little, in one line each; one hopes for nothing. */
  barriers(): Promise<string[]>
}

/**
 * Opens a window of its own, which shares nothing with others.
 * @param url - the region's address, with what follows `#`
 * @param options - size, colour scheme and whatever else Playwright knows
 */
export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({
    viewport: SIZES.desktop,
    colorScheme: 'light',
    locale: 'en-GB',
    ...options,
  })
  const page = await context.newPage()
  const complaints: string[] = []
  const { origin } = new URL(url)
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(`console: ${message.text()}`)
  })
  page.on('pageerror', error => complaints.push(`error: ${error.message}`))
  page.on('request', request => {
    const to = new URL(request.url())
    const isLocal = to.protocol === 'blob:' || to.protocol === 'data:'
    if (to.origin !== origin && !isLocal) complaints.push(`request to another origin: ${request.url()}`)
  })
  const underWay = new Set<Request>()
  page.on('request', request => {
    if (new URL(request.url()).pathname !== '/api/events') underWay.add(request)
  })
  page.on('requestfinished', request => underWay.delete(request))
  page.on('requestfailed', request => underWay.delete(request))
  await page.goto(url)
  return {
    page,
    complaints,
    settled: async () => {
      // What has come may be shown by asking for more, so it is looked at again when it has been shown.
      for (let round = 0; round < 3; round++) {
        await eventually('the page has what it asked for', () => underWay.size === 0)
        await page.evaluate(TWO_FRAMES)
      }
    },
    shoot: async (name, part = 'page') => {
      mkdirSync(SCREENSHOTS, { recursive: true })
      await page.evaluate('scrollTo(0, 0)')
      // Playwright hides the text cursor by a style of its own, which the page's policy rightly refuses.
      await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: part === 'page', caret: 'initial' })
    },
    barriers: async () => {
      if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(AXE)
      const { violations } = await page.evaluate<AxeResults>('axe.run(document, { resultTypes: ["violations"] })')
      return violations.flatMap(({ id, help, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(' ')}: ${failureSummary ?? ''}`),
      )
    },
  }
}

/** How far the page can be scrolled sideways, in pixels; it should not be at all. */
export function sidewaysPixels(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')
}
