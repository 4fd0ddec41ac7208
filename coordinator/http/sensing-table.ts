/** Routes about sensing and what they call. */
import {
  type Campaign,
  type CellWindow,
  READING_FORMATS,
  type ReadingFormat,
  type SensorSummary,
  type WindowsQuery,
} from '../../protocol/index.ts'
import { ApiError } from './admin-api.ts'
import { type ApiCall, type ApiRoute, StreamReply } from './api-route.ts'
import { MEMBERS, SUBMITTERS } from './roles.ts'
import { askingSubmitter, payerOf, submitterOf } from './submitter-of.ts'
import { timeOf, timeRange } from './time-range.ts'

export const SENSING_ROUTES: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: '/api/campaigns',
    summary: 'Campaigns, newest first.',
    roles: SUBMITTERS,
    query: ['submitter'],
    run: ({ api, principal, query }) => {
      const submitter = submitterOf(principal, query)
      return api.campaignList(submitter === null ? {} : { submitter })
    },
  },
  {
    method: 'POST',
    path: '/api/campaigns',
    summary: 'Submits a campaign.',
    roles: SUBMITTERS,
    query: ['submitter'],
    body: 'specification',
    creates: true,
    run: ({ api, principal, query, body }) => api.campaignSubmit(payerOf(principal, query, 'campaign'), body),
  },
  {
    method: 'GET',
    path: '/api/campaigns/:id',
    summary: 'A campaign, how far it is and what it has cost.',
    roles: SUBMITTERS,
    run: call => campaignOf(call),
  },
  {
    method: 'GET',
    path: '/api/campaigns/:id/explain',
    summary: 'Why a campaign is as it is.',
    roles: SUBMITTERS,
    run: async call => call.api.campaignExplain((await campaignOf(call)).id),
  },
  {
    method: 'POST',
    path: '/api/campaigns/:id/stop',
    summary: 'Stops a campaign; what was measured is paid.',
    roles: SUBMITTERS,
    run: async call => call.api.campaignStop((await campaignOf(call)).id),
  },
  {
    method: 'GET',
    path: '/api/campaigns/:id/windows',
    summary: 'What the cells of a campaign came to, window by window.',
    roles: SUBMITTERS,
    query: ['from', 'to', 'cell'],
    run: async call => call.api.campaignWindows((await campaignOf(call)).id, windowsQuery(call.query)),
  },
  {
    method: 'GET',
    path: '/api/campaigns/:id/windows.csv',
    summary: 'The windows of a campaign as CSV.',
    roles: SUBMITTERS,
    query: ['from', 'to', 'cell'],
    run: async call => {
      const { id } = await campaignOf(call)
      const windows = await call.api.campaignWindows(id, windowsQuery(call.query))
      return new StreamReply('text/csv; charset=utf-8', windowsCsv(windows))
    },
  },
  {
    method: 'GET',
    path: '/api/campaigns/:id/readings',
    summary: 'The readings of a campaign with their verdicts.',
    roles: SUBMITTERS,
    query: ['from', 'to', 'format'],
    run: async call => {
      const { id } = await campaignOf(call)
      const request = { ...timeRange(call.query), format: formatOf(call.query.get('format')) }
      const { mediaType, chunks } = call.api.campaignReadings(id, request)
      return new StreamReply(mediaType, chunks)
    },
  },
  {
    method: 'GET',
    path: '/api/sensors',
    summary: 'Sensors, what they measure and the cells they are in.',
    roles: MEMBERS,
    run: call => sensorsOf(call),
  },
  {
    method: 'GET',
    path: '/api/sensors/:id/readings',
    summary: 'The readings of a sensor with their verdicts.',
    roles: MEMBERS,
    query: ['from', 'to', 'campaign', 'format'],
    run: async call => {
      const { api, subject, query } = call
      await mayReadSensor(call)
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
    summary: 'All that a verdict was computed from.',
    roles: SUBMITTERS,
    query: ['campaign', 'sensor', 'window'],
    run: async call => {
      const { api, query } = call
      const { id } = await campaignOf({ ...call, subject: query.get('campaign') ?? '' })
      return api.evidence({ campaign: id, sensor: query.get('sensor') ?? '', window: timeOf(query, 'window') ?? 0 })
    },
  },
]

/** The campaign, if whoever asks may know of it; somebody else's is as good as none. */
async function campaignOf({ api, principal, subject }: ApiCall): Promise<Campaign> {
  const submitter = askingSubmitter(principal)
  const campaign = await api.campaign(subject)
  if (submitter === null || campaign.submitter === submitter) return campaign
  throw new ApiError('not_found', `${submitter} has no campaign ${subject.slice(0, 64)} in this region.`)
}

/** An owner sees the sensors of its own devices, everybody else all. */
async function sensorsOf({ api, principal }: ApiCall): Promise<SensorSummary[]> {
  const sensors = await api.sensorList()
  if (principal.role !== 'owner') return sensors
  const own = new Set((await api.deviceList({ owner: principal.name })).map(({ id }) => id))
  return sensors.filter(({ device }) => own.has(device))
}

async function mayReadSensor(call: ApiCall): Promise<void> {
  const { principal, subject } = call
  if (principal.role !== 'owner' || (await sensorsOf(call)).some(({ id }) => id === subject)) return
  throw new ApiError('not_found', `${principal.name} has no sensor ${subject.slice(0, 64)} in this region.`)
}

function windowsQuery(query: URLSearchParams): WindowsQuery {
  const cell = query.get('cell')
  return { ...timeRange(query), ...(cell === null ? {} : { cell }) }
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
