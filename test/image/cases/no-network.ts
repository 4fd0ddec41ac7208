/** The network is not there when the machine starts, and comes later. */
import { COME_BACK_TIMEOUT_MS, FINISH_TIMEOUT_MS } from '../patience.ts'
import { Region } from '../region.ts'
import type { Run } from '../run.ts'
import { prepareAgain, setUpCard } from '../set-up-card.ts'
import { startUnplugged } from '../start-unplugged.ts'

export async function noNetwork(run: Run): Promise<void> {
  const region = await Region.start(run)
  const { card, machine } = setUpCard(run)
  prepareAgain(run, region, card, region.newClaim())
  await startUnplugged(run, machine, card)
  const joined = await run.until('joining', COME_BACK_TIMEOUT_MS, () => region.online())
  run.say(`device ${joined.id} has joined by itself`)
  const status = await run.until('the last word', FINISH_TIMEOUT_MS, () => card.status.match(/^Done.*/)?.[0] ?? null)
  run.say(`the card says: ${status}`)
  await region.earn()
}
