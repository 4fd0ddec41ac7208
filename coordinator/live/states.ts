/** The events that tell how things are, rather than what of a list changed. */
import { toHex } from '../../protocol/index.ts'
import type { Region } from '../http/admin-api.ts'
import type { LiveEventName, LiveEvents } from '../http/live-api.ts'
import type { Prices } from '../http/price-api.ts'
import { eventText } from './events.ts'

export interface StateComponents {
  region(): Promise<Region>
  prices(): Promise<Prices>
  transferCount(): number
  /** The checkpoint that is shown, and when it was signed; null before the first. */
  checkpoint(): { readonly size: number; readonly root: Uint8Array; readonly atMs: number } | null
}

export interface State {
  readonly name: LiveEventName
  readonly text: string
  /** Equal as long as there is nothing to tell: it leaves out what always changes. */
  readonly sign: string
}

/** How things are now. */
export async function readStates(components: StateComponents): Promise<State[]> {
  const [region, prices] = await Promise.all([components.region(), components.prices()])
  const moving = prices.prices.map(price => ({ ...price, utilisation: null }))
  const transfers = components.transferCount()
  const states = [
    stateOf('region', region, { ...region, uptimeMs: 0 }),
    stateOf('prices', prices, [prices.epoch, prices.priceStepMax, moving]),
    stateOf('ledger', { transfers }, transfers),
  ]
  const shown = components.checkpoint()
  if (shown === null) return states
  const { size, root, atMs } = shown
  return [...states, stateOf('checkpoint', { size, rootHashHex: toHex(root), timestampMs: Math.round(atMs) }, size)]
}

function stateOf<Name extends LiveEventName>(name: Name, data: LiveEvents[Name], sign: unknown): State {
  return { name, text: eventText(name, data), sign: JSON.stringify(sign) }
}
