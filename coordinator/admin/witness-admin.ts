/** Witnesses for the operator: who watches this region's log, and whose logs it watches. */
import { messageOf, ProtocolError, TransportError, type Verifier } from '../../protocol/index.ts'
import { ApiError } from '../http/admin-api.ts'
import type { Witness, WitnessAdminApi } from '../http/witness-api.ts'
import type { Region } from '../region.ts'
import { type OpenedCard, openCard, type Peer, type Settlement } from '../settlement/index.ts'

export interface WitnessAdminComponents {
  region: Pick<Region, 'step' | 'committed'>
  settlement: Settlement
  verifier: Verifier
}

/** Each gets every checkpoint, and a note holds 64 signatures. */
const WITNESSES_MAX = 32

export function createWitnessAdmin({ region, settlement, verifier }: WitnessAdminComponents): WitnessAdminApi {
  const { peers, client, http } = settlement

  const view = ({ row }: Peer): Witness => {
    const { origin, url, logKey, witnessKey, addedAtMs, size } = row
    const { cosigned, problem } = client.state(origin)
    return {
      origin,
      url,
      logKey,
      witnessKey,
      addedAtMs,
      cosignedByUs: size,
      cosignedByThem: cosigned === null ? null : { size: cosigned.size, atMs: cosigned.atS * 1_000 },
      problem,
      conflict: peers.conflict(origin),
    }
  }

  const fetchCard = async (url: string): Promise<OpenedCard> => {
    const address = `${url}/log/card`
    try {
      const { status, body } = await http.get(address)
      if (status !== 200)
        throw new ApiError('bad_request', `No region shows its card at ${address} (status ${status}).`)
      return openCard(JSON.parse(body), verifier)
    } catch (cause) {
      if (cause instanceof TransportError || cause instanceof ProtocolError || cause instanceof SyntaxError) {
        throw new ApiError('bad_request', `There is no region to be added at ${url}: ${messageOf(cause)}`, { cause })
      }
      throw cause
    }
  }

  return {
    witnessList: async () => [...peers.all()].map(view),
    witnessAdd: async request => {
      const url = baseUrl(request.url)
      const card = await fetchCard(url)
      if (card.origin === settlement.card().origin) {
        throw new ApiError('conflict', 'A region is no witness of its own log: give the address of another one.')
      }
      if (peers.get(card.origin) === undefined && [...peers.all()].length >= WITNESSES_MAX) {
        throw new ApiError('conflict', `There are ${WITNESSES_MAX} witnesses, and no more are asked: remove one first.`)
      }
      const peer = region.step((now, batch) => peers.add(card, url, now.wallMs, batch))
      await region.committed()
      client.greet(card.origin)
      return view(peer)
    },
    witnessRemove: async origin => {
      const peer = peers.get(origin)
      if (peer === undefined) {
        throw new ApiError(
          'not_found',
          `There is no witness ${origin.slice(0, 64)}. \`hedgerow witness list\` shows them.`,
        )
      }
      const removed = view(peer)
      region.step((_now, batch) => peers.remove(origin, batch))
      client.forget(origin)
      await region.committed()
      return removed
    },
  }
}

/** The address of a region without what leads nowhere: a last slash, a query. */
function baseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '' || url.username !== '') {
    throw new ApiError(
      'bad_request',
      `'${text.slice(0, 64)}' is not the address of a region, such as https://hagley.example.`,
    )
  }
  return url.href.replace(/\/+$/, '')
}
