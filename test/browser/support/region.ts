/** A region that serves the page: the real coordinator with a fresh build, real devices, real jobs, and a real browser. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import type { CoordinatorOptions } from '../../../coordinator/index.ts'
import { parseSensorsFile } from '../../../hardware/config.ts'
import { TestRegion, taskOf } from '../../support/test-region.ts'
import { startChromium } from './chromium.ts'
import { buildDashboard } from './dashboard.ts'
import { SLOW } from './slow-task.ts'

/** A hundredth of a credit a gigafuel is what regions charge; amounts are then of the size that people see. */
const GIGAFUEL_PRICE_MICRO = 10_000n
const PERIOD_MS = 1_000
const READINGS = 300
const MINUTE_MS = 60_000

/** A region, a browser to look at it with, and the addresses that sign in. */
export interface DashboardRegion extends AsyncDisposable {
  readonly region: TestRegion
  readonly browser: Browser
  /** Where the public is; no slash at its end. */
  readonly url: string
  /** The address that signs the operator in. */
  readonly operatorUrl: string
  /** The address that signs somebody in, at a place such as `#/devices`. */
  addressOf(token: string): string
}

/** Builds the page, starts a coordinator that shows its data, and a browser. @param more - what else the coordinator is started with */
export async function startDashboardRegion(more: Partial<CoordinatorOptions> = {}): Promise<DashboardRegion> {
  await using opened = new AsyncDisposableStack()
  const built = opened.use(await buildDashboard())
  const region = opened.use(
    await TestRegion.start({
      policy: { gigafuelPriceMicro: GIGAFUEL_PRICE_MICRO },
      coordinator: { dashboardDir: built.dir, openData: true, ...more },
    }),
  )
  const browser = await startChromium()
  opened.defer(() => browser.close())
  const { httpUrl, adminToken } = region.coordinator
  const addressOf = (token: string) => `${httpUrl}/#token=${token}`
  const all = opened.move()
  return {
    region,
    browser,
    url: httpUrl,
    operatorUrl: addressOf(adminToken),
    addressOf,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

/**
 * Sensors of temperature and humidity that played back in some seconds what they measured in the last hour.
 * @param humidities - how many lines have a humidity: all, or as if it had broken then
 */
export function replayedSensors(region: TestRegion, name: string, offset: number, humidities = READINGS) {
  const humidity = (i: number) => (i < humidities ? (50 + Math.cos(i / 30) * 4).toFixed(1) : '')
  const line = (i: number) => `${(20 + offset + Math.sin(i / 40)).toFixed(2)},${humidity(i)}`
  const file = join(region.dir, `${name}.csv`)
  writeFileSync(file, `t,h\n${Array.from({ length: READINGS }, (_, i) => line(i)).join('\n')}\n`)
  return parseSensorsFile({
    location: { latitude: 48.137 + offset / 50, longitude: 11.575 + offset / 50, elevation: 519 },
    sensors: [
      {
        driver: 'replay',
        file,
        columns: { temperature: 't', humidity: 'h' },
        periodMs: PERIOD_MS,
        startMs: lastHourMs(),
        speed: 2_000,
        serial: `logger-${name}`,
      },
    ],
  })
}

/** Campaigns for what {@link replayedSensors} measure, paid by a submitter `town`. */
export async function measure(region: TestRegion): Promise<void> {
  await region.account('town', '50000000')
  for (const quantity of ['temperature', 'humidity']) {
    await region.admin.campaignSubmit('town', {
      name: `town ${quantity}`,
      quantity,
      area: { box: [48, 11, 49, 12] },
      periodMs: PERIOD_MS,
      windowMs: MINUTE_MS,
      readingsPerFrame: 20,
      priceMicro: 20,
      startMs: lastHourMs() - MINUTE_MS,
      durationMs: 2 * 60 * MINUTE_MS,
      latenessMs: 500,
    })
  }
}

/** A job that takes some seconds on one device. */
export const slowJob = (name: string, units: number) => ({
  name,
  task: taskOf(SLOW, { unitFuelMax: 100_000_000 }),
  split: { kind: 'range', from: 0, to: units, chunk: 1 } as const,
  aggregate: { kind: 'concat' } as const,
  verify: 'trust' as const,
})

/** The begin of a whole minute, an hour ago. */
const lastHourMs = (): number => Math.floor((Date.now() - 60 * MINUTE_MS) / MINUTE_MS) * MINUTE_MS
