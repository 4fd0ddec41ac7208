/** A whole device that is sent receipts. */
import { expect, it } from 'vitest'
import { openEarningsFolder } from '../../../../device/index.ts'
import { deviceWorld } from '../../../support/device/device-world.ts'
import { TinyLog } from '../../../support/device/tiny-log.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const newDir = tempDirs()

it('keeps the newest receipt in its folder, where others may read it while it runs [LOG-5.2]', async () => {
  const stateDir = newDir()
  const world = deviceWorld({ receipts: openEarningsFolder(stateDir) })
  const log = new TinyLog(world.region.signer)
  await world.join()
  const receipt = log.receipt(world.id)
  world.region.receipt(world.id, receipt)
  const beside = openEarningsFolder(stateDir)
  expect(beside.newest()).toEqual(receipt)
  expect(beside.region()).toMatchObject({ region: 'north', blobUrl: world.region.blobUrl })
  await world.device.stop()
})

it('passes over a receipt of another session and of another signer [LOG-5.2]', async () => {
  const world = deviceWorld()
  const log = new TinyLog(world.region.signer)
  await world.join()
  world.region.receipt(world.id, new TinyLog(9).receipt(world.id))
  expect(world.logged.map(({ event }) => event)).toContain('receipt_refused')
  const session = world.region.session(world.id)
  world.region.noteSession(world.id, session + 1)
  world.region.receipt(world.id, log.receipt(world.id))
  expect(world.receipts.newest()).toBeNull()
  world.region.noteSession(world.id, session)
  world.region.receipt(world.id, log.receipt(world.id))
  expect(world.receipts.newest()).not.toBeNull()
  await world.device.stop()
})
