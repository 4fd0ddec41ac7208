/** The database of a real region of four devices that ran jobs and measured for an hour. */
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSensorsFile } from '../../hardware/config.ts'
import { eventually } from './eventually.ts'
import { ECHO } from './tasks.ts'
import { TestRegion, taskOf } from './test-region.ts'

const OWNERS = ['ann', 'bob', 'cat', 'dan'] as const
/** Begins at a whole window, an hour ago. */
const HOUR_MS = Math.floor((Date.now() - 3_600_000) / 60_000) * 60_000
const PERIOD_MS = 1_000
const READINGS = 120

/** Two jobs and a campaign of two windows, of which the second job and the campaign go on when the region stops. */
export async function writeSmallRegion(path: string): Promise<void> {
  await using region = await TestRegion.start({ policy: { receiptMs: 100 } })
  for (const [i, owner] of OWNERS.entries()) {
    await region.join(owner, i < 2 ? { sensors: sensorsOf(region, owner, i / 10) } : {})
  }
  const submitter = await region.submitter('lab')
  for (const units of [20, 5]) {
    const split = { kind: 'range', from: 0, to: units, chunk: 1 } as const
    const task = taskOf(ECHO)
    const handle = await submitter.submit({ task, split, aggregate: { kind: 'concat' }, leaseUnitsMax: 4 })
    await handle.result()
  }
  await region.account('town', '1000000')
  const { id } = await region.admin.campaignSubmit('town', {
    name: 'afternoon',
    quantity: 'temperature',
    area: { box: [48, 11, 49, 12] },
    periodMs: PERIOD_MS,
    windowMs: 60_000,
    readingsPerFrame: 20,
    priceMicro: 20,
    startMs: HOUR_MS - 60_000,
    durationMs: 7_200_000,
    latenessMs: 500,
  })
  const judged = async () => (await region.admin.campaign(id)).readings === READINGS * 2
  await eventually('all readings are judged', judged)
  await eventually('receipts are given', async () => {
    const log = await fetch(`${region.coordinator.httpUrl}/log/checkpoint`)
    return log.ok
  })
  await region.stopCoordinator()
  copyFileSync(join(region.stateDir, 'ledger.sqlite'), path)
}

function sensorsOf(region: TestRegion, name: string, offset: number) {
  const values = Array.from({ length: READINGS }, (_, i) => (i === 50 ? '900' : (20 + offset + i / 100).toFixed(2)))
  const file = join(region.dir, `${name}.csv`)
  writeFileSync(file, `t\n${values.join('\n')}\n`)
  const times = { periodMs: PERIOD_MS, startMs: HOUR_MS, speed: 10_000, serial: `logger-${name}` }
  const location = { latitude: 48.137, longitude: 11.575 + offset / 10_000, elevation: 519 }
  return parseSensorsFile({ location, sensors: [{ driver: 'replay', file, columns: { temperature: 't' }, ...times }] })
}
