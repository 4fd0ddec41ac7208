/** A card on which Hedgerow is installed, and whose device has never been anywhere: where most cases begin. */
import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Card } from './card.ts'
import { Machine } from './machine.ts'
import type { Region } from './region.ts'
import type { Run } from './run.ts'

const IMAGE = 'set-up.img'
const BUNDLE = 'hedgerow-bundle.tar.gz'

/** Keeps a copy of a card whose machine is off, without what its device knew of itself and its region. */
export function keepSetUpCard(run: Run, card: Card, bundle: string): void {
  const kept = join(run.folder, IMAGE)
  run.sh('cp', '--sparse=always', card.path, `${kept}.new`)
  const copy = new Card(run, `${kept}.new`)
  copy.withSystem(system => {
    for (const folder of ['private/hedgerow-device', 'hedgerow-device']) {
      rmSync(join(system, 'var/lib', folder), { recursive: true, force: true })
    }
  })
  // It names a radio, which this machine has not, and systemd would wait for it for a minute at each start.
  copy.withBoot(boot => rmSync(join(boot, 'network-config'), { force: true }))
  run.sh('cp', bundle, join(run.folder, BUNDLE))
  renameSync(copy.path, kept)
  run.say('kept a copy of the card, without its device, for the other cases')
}

/** A copy of that card, and a machine to put it into. */
export function setUpCard(run: Run): { readonly card: Card; readonly machine: Machine } {
  if (!existsSync(join(run.folder, IMAGE))) {
    throw new Error(`There is no ${IMAGE} in ${run.folder}: run the case 'offline' first, which makes it.`)
  }
  const card = Card.copy(run, join(run.folder, IMAGE))
  return { card, machine: machineFor(run, card) }
}

export function machineFor(run: Run, card: Card): Machine {
  const { folder, work } = run
  return run.started(new Machine({ folder, work, card: card.path, log: text => run.log(text) }))
}

/** What somebody does with the card in a computer: `hedgerow flash --boot`, with a claim. */
export function prepareAgain(run: Run, region: Region, card: Card, claim: string): void {
  const node = region.describe({ claim, install: { from: 'bundle' } })
  const bundle = join(run.folder, BUNDLE)
  card.withBoot(boot => void region.hedgerow('flash', '--boot', boot, '--node', node, '--bundle', bundle, '--json'))
}
