/** A board without a clock, in a network without a time server, and a region that speaks TLS with a certificate of today. */
import { COME_BACK_TIMEOUT_MS, FINISH_TIMEOUT_MS } from '../patience.ts'
import { Region } from '../region.ts'
import type { Run } from '../run.ts'
import { prepareAgain, setUpCard } from '../set-up-card.ts'

export async function noTime(run: Run): Promise<void> {
  const region = await Region.start(run, '--tls', '--tls-port', '0')
  const { card, machine } = setUpCard(run)
  prepareAgain(run, region, card, region.newClaim())
  await machine.start({ cmdline: card.cmdline, clock: '1970-01-01T00:00:00' })
  run.say('the machine starts, its clock shows 1970-01-01')
  const joined = await run.until('joining', COME_BACK_TIMEOUT_MS, () => region.online())
  run.say(`device ${joined.id} has joined over TLS`)
  const status = await run.until('the last word', FINISH_TIMEOUT_MS, () => card.status.match(/^Done.*/)?.[0] ?? null)
  run.say(`the card says: ${status}`)
  await region.earn()
  await machine.cutPower()
  card.withSystem(system => run.say(`its newest log is of ${newest(run, system)}`))
}

/** The date of the machine's last write, by its own clock. */
function newest(run: Run, system: string): string {
  const found = run.sh('find', `${system}/var/lib/private/hedgerow-device`, '-type', 'f', '-printf', '%TY-%Tm-%Td\\n')
  const date = found.trim().split('\n').sort().at(-1) ?? ''
  if (date >= new Date().toISOString().slice(0, 10)) throw new Error(`Its clock was right: it wrote on ${date}.`)
  return date
}
