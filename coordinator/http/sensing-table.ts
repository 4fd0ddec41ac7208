/** Routes about sensing and what they call. */
import {
  type Campaign,
  type CellWindow,
  READING_FORMATS,
  type ReadingFormat,
  type WindowsQuery,
} from '../../protocol/index.ts'
import { ApiError } from './admin-api.ts'
import { type ApiCall, type ApiRoute, StreamReply } from './api-route.ts'
import { Fields } from './json-body.ts'
import { submitterOf } from './submitter-of.ts'

export const SENSING_ROUTES: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: '/api/campaigns',
    forSubmitters: true,
    run: ({ api, principal, query }) => {
      const submitter = submitterOf(principal, query)
      return api.campaignList(submitter === null ? {} : { submitter })
    },
  },
  {
    method: 'POST',
    path: '/api/campaigns',
    creates: true,
    forSubmitters: true,
    run: ({ api, principal, query, body }) => {
      const submitter = submitterOf(principal, query)
      if (submitter === null) {
        throw new ApiError('bad_request', 'Say who pays for the campaign: POST /api/campaigns?submitter=<name>.')
      }
      return api.campaignSubmit(submitter, body)
    },
  },
  { method: 'GET', path: '/api/campaigns/:id', forSubmitters: true, run: call => campaignOf(call) },
  {
    method: 'GET',
    path: '/api/campaigns/:id/explain',
    forSubmitters: true,
    run: async call => call.api.campaignExplain((await campaignOf(call)).id),
  },
  {
    method: 'POST',
    path: '/api/campaigns/:id/stop',
    forSubmitters: true,
    run: async call => {
      new Fields(call.body, [])
      return call.api.campaignStop((await campaignOf(call)).id)
    },
  },
  {
    method: 'GET',
    path: '/api/campaigns/:id/windows',
    forSubmitters: true,
    run: async call => call.api.campaignWindows((await campaignOf(call)).id, windowsQuery(call.query)),
  },
  {
    method: 'GET',
    path: '/api/campaigns/:id/windows.csv',
    forSubmitters: true,
    run: async call => {
      const { id } = await campaignOf(call)
      const windows = await call.api.campaignWindows(id, windowsQuery(call.query))
      return new StreamReply('text/csv; charset=utf-8', windowsCsv(windows))
    },
  },
  {
    method: 'GET',
    path: '/api/campaigns/:id/readings',
    forSubmitters: true,
    run: async call => {
      const { id } = await campaignOf(call)
      const request = { ...timeRange(call.query), format: formatOf(call.query.get('format')) }
      const { mediaType, chunks } = call.api.campaignReadings(id, request)
      return new StreamReply(mediaType, chunks)
    },
  },
  { method: 'GET', path: '/api/sensors', forSubmitters: true, run: ({ api }) => api.sensorList() },
  {
    method: 'GET',
    path: '/api/sensors/:id/readings',
    forSubmitters: true,
    run: async ({ api, subject, query }) => {
      const campaign = query.get('campaign')
      const request = {
        ...timeRange(query),
        ...(campaign === null ? {} : { campaign }),
        format: formatOf(query.get('format')),
      }
      const { mediaType, chunks } = api.readings(subject, request)
      return new StreamReply(mediaType, chunks)
    },
  },
  {
    method: 'GET',
    path: '/api/evidence',
    forSubmitters: true,
    run: async call => {
      const { api, query } = call
      const { id } = await campaignOf({ ...call, subject: query.get('campaign') ?? '' })
      return api.evidence({ campaign: id, sensor: query.get('sensor') ?? '', window: timeOf(query, 'window') ?? 0 })
    },
  },
]

/** The campaign, if whoever asks may know of it; somebody else's is as good as none. */
async function campaignOf({ api, principal, subject }: ApiCall): Promise<Campaign> {
  if (principal.kind === 'admin') return api.campaign(subject)
  const campaign = await api.campaign(subject)
  if (campaign.submitter === principal.name) return campaign
  throw new ApiError('not_found', `${principal.name} has no campaign ${subject.slice(0, 64)} in this region.`)
}

function windowsQuery(query: URLSearchParams): WindowsQuery {
  const cell = query.get('cell')
  return { ...timeRange(query), ...(cell === null ? {} : { cell }) }
}

function timeRange(query: URLSearchParams): { from?: number; to?: number } {
  const from = timeOf(query, 'from')
  const to = timeOf(query, 'to')
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
}

/** Milliseconds since 1970, or an ISO 8601 time. */
function timeOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  const ms = /^-?\d{1,15}$/.test(text) ? Number(text) : Date.parse(text)
  if (Number.isSafeInteger(ms)) return ms
  throw new ApiError('bad_request', `${name} must be milliseconds since 1970 or a time such as 2026-01-31T12:00:00Z.`)
}

function formatOf(text: string | null): ReadingFormat {
  const format = READING_FORMATS.find(known => known === (text ?? 'json'))
  if (format !== undefined) return format
  throw new ApiError('bad_request', `format must be one of ${READING_FORMATS.join(', ')}.`)
}

function* windowsCsv(windows: readonly CellWindow[]): Iterable<Uint8Array> {
  const encoder = new TextEncoder()
  yield encoder.encode('cell,from,to,revision,value,least,greatest,readings,accepted,sensors\n')
  for (const { cell, fromMs, toMs, revision, value, least, greatest, readings, accepted, sensors } of windows) {
    const times = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()]
    const line = [cell, ...times, revision, value ?? '', least ?? '', greatest ?? '', readings, accepted, sensors]
    yield encoder.encode(`${line.join(',')}\n`)
  }
}
