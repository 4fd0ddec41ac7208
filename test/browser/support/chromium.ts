/** A real browser without a window: Debian's `chromium`, or what else of its kind is on the path. */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { describe } from 'vitest'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

const folders = (process.env.PATH ?? '').split(delimiter).filter(folder => folder !== '')

/** The browser's program; null when this machine has none. */
export const CHROMIUM: string | null =
  folders.flatMap(folder => NAMES.map(name => join(folder, name))).find(path => existsSync(path)) ?? null

/** `describe`, or where there is no browser a skipped one that says what to install. */
export function describeInBrowser(title: string, define: () => void): void {
  if (CHROMIUM === null) {
    console.warn(`Skipped: ${title}. There is no Chromium on the path; Debian's package is called chromium.`)
  }
  describe.skipIf(CHROMIUM === null)(title, define)
}

/** Starts it. Its own sandbox cannot be had by root, whom containers mostly run as. */
export function startChromium(): Promise<Browser> {
  if (CHROMIUM === null) throw new Error('There is no Chromium on the path.')
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({ executablePath: CHROMIUM, args: [...args, '--force-color-profile=srgb'] })
}
