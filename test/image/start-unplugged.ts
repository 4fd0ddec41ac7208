import type { Card } from './card.ts'
import type { Machine } from './machine.ts'
import { SAY_TIMEOUT_MS } from './patience.ts'
import type { Run } from './run.ts'

/** Starts a machine without a network, waits until its card says that there is none, and puts the cable in. */
export async function startUnplugged(run: Run, machine: Machine, card: Card): Promise<void> {
  await machine.start({ cmdline: card.cmdline, isPlugged: false })
  run.say('the machine starts, its cable is not in')
  const trouble = await run.until(
    'a word about the network',
    SAY_TIMEOUT_MS,
    () => card.status.match(/^Not finished.*/)?.[0] ?? null,
  )
  run.say(`the card says: ${trouble}`)
  if (!trouble.includes('there is no network')) throw new Error('That is not what is wrong.')
  await machine.plug(true)
  run.say('the cable is in')
}
