/** Claims with which nobody can join. The card says so, and a good claim is all that it needs. */
import { decodeClaimCode, encodeClaimCode } from '../../../protocol/index.ts'
import type { Card } from '../card.ts'
import type { Machine } from '../machine.ts'
import { COME_BACK_TIMEOUT_MS, FINISH_TIMEOUT_MS, SAY_TIMEOUT_MS } from '../patience.ts'
import { Region } from '../region.ts'
import type { Run } from '../run.ts'
import { prepareAgain, setUpCard } from '../set-up-card.ts'
import { Tap } from '../tap.ts'

/** Another device was quicker. */
export async function claimUsed(run: Run): Promise<void> {
  const region = await Region.start(run)
  const { card, machine } = setUpCard(run)
  const claim = region.newClaim()
  await region.useUp(claim)
  run.say('another device has used the claim')
  prepareAgain(run, region, card, claim)
  await expectTrouble(
    run,
    card,
    machine,
    /This claim has been used by another device: each is good for one\. Get a new one\./,
  )
  if ((await region.online()) !== null) throw new Error('It joined with a claim that was used.')
  await recover(run, region, card, machine)
}

/** The claim leads to a region that has another key than it says. */
export async function wrongRegion(run: Run): Promise<void> {
  const region = await Region.start(run)
  const { card, machine } = setUpCard(run)
  const code = decodeClaimCode(region.newClaim())
  const tap = run.started(await Tap.start(Number(new URL(code.mqttUrl).port)))
  const mqttUrl = code.mqttUrl.replace(/:\d+/, `:${tap.port}`)
  prepareAgain(
    run,
    region,
    card,
    encodeClaimCode({ ...code, mqttUrl, regionKeyThumbprint: code.regionKeyThumbprint.map(byte => byte ^ 1) }),
  )
  await expectTrouble(run, card, machine, /is not the region 'home' that made the claim/)
  const { connections } = tap
  if (connections === 0 || !tap.heardOnlyConnects()) throw new Error(`It said more than hello: ${tap.packets()}.`)
  if (tap.heard(code.secret)) throw new Error('It sent the secret of its claim.')
  if ((await region.api.deviceList()).length > 0) throw new Error('There is a device in the region.')
  run.say(`in ${connections} connections it sent one CONNECT packet each, and nothing else`)
  await recover(run, region, card, machine)
}

async function expectTrouble(run: Run, card: Card, machine: Machine, sentence: RegExp): Promise<void> {
  await machine.start({ cmdline: card.cmdline })
  run.say('the machine starts')
  // Before the device gives up the card may say what it tries.
  const trouble = await run.until('a word about the claim', SAY_TIMEOUT_MS, () => {
    const said = card.status.match(/^Not finished.*/)?.[0] ?? ''
    return sentence.test(said) ? said : null
  })
  run.say(`the card says: ${trouble}`)
}

/** The owner switches it off, puts the card into a computer and prepares it with a fresh claim. */
async function recover(run: Run, region: Region, card: Card, machine: Machine): Promise<void> {
  await machine.cutPower()
  prepareAgain(run, region, card, region.newClaim())
  run.say("power cut, and 'hedgerow flash --boot' with a fresh claim")
  await machine.start({ cmdline: card.cmdline })
  const joined = await run.until('joining', COME_BACK_TIMEOUT_MS, () => region.online())
  run.say(`device ${joined.id} has joined`)
  const status = await run.until('the last word', FINISH_TIMEOUT_MS, () => card.status.match(/^Done.*/)?.[0] ?? null)
  run.say(`the card says: ${status}`)
}
