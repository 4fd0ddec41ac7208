/** A card with everything on it, in a room without any network but the region's: it joins, earns and survives a power cut. */
import { join } from 'node:path'
import { Card } from '../card.ts'
import { COME_BACK_TIMEOUT_MS, FINISH_TIMEOUT_MS, FIRST_START_TIMEOUT_MS, NOTICE_TIMEOUT_MS } from '../patience.ts'
import { Region } from '../region.ts'
import type { Run } from '../run.ts'
import { keepSetUpCard, machineFor } from '../set-up-card.ts'

const WIFI_PASSWORD = 'correct horse battery'

export async function offline(run: Run): Promise<void> {
  const region = await Region.start(run)
  const bundle = join(run.work, 'hedgerow-bundle.tar.gz')
  const card = flash(run, region, bundle)
  const machine = machineFor(run, card)
  await machine.start({ cmdline: card.cmdline })
  run.say('the machine starts')
  const joined = await run.until('joining', FIRST_START_TIMEOUT_MS, () => region.online())
  run.say(`device ${joined.id} of ${joined.owner} has joined`)
  await checkBootPartition(run, card)
  await region.earn()
  await machine.cutPower()
  run.say('power cut')
  keepSetUpCard(run, card, bundle)
  await run.until('the coordinator to notice', NOTICE_TIMEOUT_MS, async () =>
    (await region.online()) === null ? true : null,
  )
  await machine.start({ cmdline: card.cmdline })
  const back = await run.until('coming back', COME_BACK_TIMEOUT_MS, () => region.online())
  if (back.id !== joined.id) throw new Error('Another device came back.')
  run.say('the same device is back, without a claim')
}

function flash(run: Run, region: Region, bundle: string): Card {
  region.hedgerow('flash', 'bundle', '--out', bundle)
  const wifi = { ssid: 'Meadow', password: WIFI_PASSWORD, country: 'DE' }
  const node = region.describe({ claim: region.newClaim(), wifi, install: { from: 'bundle' } })
  const card = new Card(run, join(run.work, 'card.img'))
  const base = join(run.folder, 'base.img')
  const report = region.hedgerow('flash', base, '--node', node, '--bundle', bundle, '--to', card.path, '--json')
  const { cards } = JSON.parse(report) as { cards: { detected: { os: string } }[] }
  run.say(`flashed a card of ${run.sh('du', '-BM', card.path).split('M')[0]} MiB for ${cards[0]?.detected.os}`)
  return card
}

/** The boot partition after the first start is over: its status says so, and nothing secret is left on it. */
async function checkBootPartition(run: Run, card: Card): Promise<void> {
  const status = await run.until('the first start', FINISH_TIMEOUT_MS, () => card.status.match(/^Done.*/)?.[0] ?? null)
  run.say(`the card says: ${status}`)
  const left = card.bootFiles()
  const told = left.filter(path => /hedgerow-claim:|correct horse battery/.test(card.onBoot(path) ?? ''))
  if (told.length > 0) throw new Error(`Secrets are left on the boot partition, in ${told.join(', ')}.`)
  if (left.some(path => path.includes('hedgerow-bundle'))) throw new Error('The bundle is left on the boot partition.')
  run.say('no secret is left on the boot partition')
}
