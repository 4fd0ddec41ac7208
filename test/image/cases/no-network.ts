/** The network is not there when the machine starts, and comes later. */
import { COME_BACK_TIMEOUT_MS, FINISH_TIMEOUT_MS, SAY_TIMEOUT_MS } from '../patience.ts'
import { Region } from '../region.ts'
import type { Run } from '../run.ts'
import { prepareAgain, setUpCard } from '../set-up-card.ts'

export async function noNetwork(run: Run): Promise<void> {
  const region = await Region.start(run)
  const { card, machine } = setUpCard(run)
  prepareAgain(run, region, card, region.newClaim())
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
  const joined = await run.until('joining', COME_BACK_TIMEOUT_MS, () => region.online())
  run.say(`device ${joined.id} has joined by itself`)
  const status = await run.until('the last word', FINISH_TIMEOUT_MS, () => card.status.match(/^Done.*/)?.[0] ?? null)
  run.say(`the card says: ${status}`)
  await region.earn()
}
