/** What cells come to, asked for once and then kept up to date by the stream. */
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { PublicCell, PublicCells } from '../../coordinator/http/live-api.ts'
import { messageOf } from '../../protocol/errors.ts'
import type { Campaign, CellWindow } from '../../protocol/sensing/api-types.ts'
import { askJson, withQuery } from '../api/client.ts'
import { onLive, streamRound } from '../api/live.ts'
import { role, session, token } from '../api/session.ts'
import { every, nowMs } from '../platform.ts'
import { type CellAccess, cellAccess, withCells } from './cell-access.ts'

/** What is known of cells by now. */
export interface LiveCells {
  readonly access: CellAccess
  /** Null until they came for the first time. */
  readonly cells: readonly PublicCell[] | null
  readonly problem: string | null
}

/** How often a submitter's own campaigns are asked for, since no event tells of them. */
const OWN_PERIOD_MS = 15_000
/** The newest window of a cell is looked for in the last hour, or in the last windows where they are longer. */
const NEWEST_MS = 3_600_000
const NEWEST_WINDOWS = 4

/** The newest window of every cell of every running campaign. */
export function useLiveCells(): LiveCells {
  const cells = useSignal<ReadonlyMap<string, PublicCell> | null>(null)
  const problem = useSignal<string | null>(null)
  const access = cellAccess(session.value?.openData ?? false, role.value)
  const bearer = token.value
  const round = streamRound.value
  useEffect(() => {
    if (access === 'none') {
      cells.value = new Map()
      return
    }
    const abort = new AbortController()
    const ask = async () => {
      try {
        const found =
          access === 'all'
            ? (await askJson<PublicCells>('/api/public/cells', { signal: abort.signal })).cells
            : await ownCells(abort.signal)
        cells.value = withCells(new Map(), found)
        problem.value = null
      } catch (thrown) {
        if (!abort.signal.aborted) problem.value = messageOf(thrown)
      }
    }
    void ask()
    const stopAsking = access === 'own' ? every(ask, OWN_PERIOD_MS) : () => {}
    const stopHearing = onLive<PublicCells>('cells', changed => {
      if (access === 'all' && cells.value !== null) cells.value = withCells(cells.value, changed.cells)
    })
    return () => {
      abort.abort()
      stopAsking()
      stopHearing()
    }
  }, [access, bearer, round])
  return { access, cells: cells.value === null ? null : [...cells.value.values()], problem: problem.value }
}

/** The newest windows of a submitter's running campaigns, in the shape of the public ones. */
async function ownCells(signal: AbortSignal): Promise<PublicCell[]> {
  const campaigns = (await askJson<Campaign[]>('/api/campaigns', { signal })).filter(({ state }) => state === 'running')
  const lists = await Promise.all(
    campaigns.map(async ({ id, name, quantity, unit, windowMs }) => {
      const from = nowMs() - Math.max(NEWEST_MS, NEWEST_WINDOWS * windowMs)
      const windows = await askJson<CellWindow[]>(withQuery(`/api/campaigns/${id}/windows`, { from }), { signal })
      return newestOfCells(windows).map(window => publicCell(window, { campaign: id, name, quantity, unit }))
    }),
  )
  return lists.flat()
}

function newestOfCells(windows: readonly CellWindow[]): CellWindow[] {
  return [...new Map(windows.map(window => [window.cell, window])).values()]
}

function publicCell(
  { cell, fromMs, toMs, value, least, greatest, sensors, accepted, readings }: CellWindow,
  of: Pick<PublicCell, 'campaign' | 'name' | 'quantity' | 'unit'>,
): PublicCell {
  return { ...of, cell, fromMs, toMs, value, least, greatest, sensors, accepted, readings }
}
