/** Sensing for the operator and, about their own campaigns, for submitters. */
import {
  type CampaignId,
  campaignId,
  parseStoredCampaign,
  type SensorSummary,
  sensorId,
  submitterName,
} from '../../protocol/index.ts'
import { ApiError } from '../http/admin-api.ts'
import type { SensingAdminApi, SensingStreams } from '../http/sensing-api.ts'
import { apiCampaign, cellWindow } from '../intake/campaign-view.ts'
import type { Campaigns } from '../intake/campaigns.ts'
import { SubmissionRefused } from '../intake/submission.ts'
import { exportCampaign, exportSensor, type SensingSource } from '../outputs/index.ts'
import type { Region } from '../region.ts'
import { cellOf } from '../sensing/geography.ts'
import type { ReadingIntake } from '../sensing/intake.ts'
import type { KnownSensor } from '../sensing/registry.ts'
import type { CampaignRow, Store } from '../store/rows.ts'
import { evidenceOf } from './evidence-view.ts'
import { explainCampaign } from './explain-campaign.ts'

export interface SensingAdminComponents {
  region: Region
  store: Store
  campaigns: Campaigns
  readings: ReadingIntake
  source: SensingSource
}

const CAMPAIGNS_LISTED_MAX = 1_000
const WINDOWS_LISTED_MAX = 100_000
/** Fine enough to tell quarters of a town apart; a device's exact place stays with the operator. */
const SHOWN_RESOLUTION = 8

export function createSensingAdmin(components: SensingAdminComponents): SensingAdminApi & SensingStreams {
  const { region, store, campaigns, readings } = components

  const rowOf = (text: string): CampaignRow => {
    const id: CampaignId = campaignId(text)
    const row = region.sensing.active(id)?.row ?? store.campaign(id)
    if (!row) {
      const hint = '`hedgerow campaign list` shows them.'
      throw new ApiError('not_found', `There is no campaign ${id} in this region. ${hint}`)
    }
    return row
  }
  const view = (row: CampaignRow) => apiCampaign(row, region.sensing.active(row.id))

  return {
    campaignSubmit: async (submitter, specification) => {
      try {
        return view(await campaigns.submit(submitterName(submitter), specification, ''))
      } catch (error) {
        if (!(error instanceof SubmissionRefused)) throw error
        throw new ApiError('conflict', error.message, { cause: error })
      }
    },
    campaignList: async ({ submitter }) => {
      const filter = submitter === undefined ? {} : { submitter: submitterName(submitter) }
      const rows = store.campaigns({ ...filter, limit: CAMPAIGNS_LISTED_MAX })
      return rows.map(row => view(region.sensing.active(row.id)?.row ?? row))
    },
    campaign: async id => view(rowOf(id)),
    campaignExplain: async id => {
      const row = rowOf(id)
      return explainCampaign(region, row, region.sensing.active(row.id), store)
    },
    campaignStop: async id => {
      const row = rowOf(id)
      const stop = () => region.step((now, batch) => region.sensing.stop(row.id, 'cancelled', 'on request', now, batch))
      if (!stop()) throw new ApiError('conflict', `The campaign ${id} is ${row.state} and cannot be stopped.`)
      await region.committed()
      return view(rowOf(id))
    },
    campaignWindows: async (id, { from, to, cell }) => {
      const row = rowOf(id)
      const { windowMs } = parseStoredCampaign(row.spec)
      const filter = {
        campaign: row.id,
        limit: WINDOWS_LISTED_MAX,
        ...(cell === undefined ? {} : { cell }),
        // A window touches `from` when it begins less than its length before it.
        ...(from === undefined ? {} : { fromMs: from - windowMs + 1 }),
        ...(to === undefined ? {} : { toMs: to }),
      }
      return store.windows(filter).map(window => cellWindow(window, windowMs))
    },
    sensorList: async () => [...region.sensing.registry.all()].map(known => sensorSummary(region, known)),
    evidence: async ({ campaign, sensor, window }) => {
      const row = rowOf(campaign)
      const { windowMs } = parseStoredCampaign(row.spec)
      const fromMs = row.startMs + Math.floor((window - row.startMs) / windowMs) * windowMs
      const rows = store.judgements({ campaign: row.id, fromMs, toMs: fromMs + 1 })
      const ports = {
        frames: store.frames,
        profileOf: readings.storedProfile,
      }
      const found = evidenceOf(ports, row, rows, sensorId(sensor))
      if (found === null) {
        const when = new Date(window).toISOString()
        throw new ApiError('not_found', `The campaign ${row.id} has judged no reading of sensor ${sensor} at ${when}.`)
      }
      return found
    },
    campaignReadings: (id, { from, to, format }) => {
      const row = rowOf(id)
      return exportCampaign(components.source, row.id, parseStoredCampaign(row.spec).quantity, {
        format,
        ...(from === undefined ? {} : { fromMs: from }),
        ...(to === undefined ? {} : { toMs: to }),
      })
    },
    readings: (sensor, { campaign, from, to, format }) =>
      exportSensor(components.source, sensorId(sensor), {
        format,
        ...(campaign === undefined ? {} : { campaign: campaignId(campaign) }),
        ...(from === undefined ? {} : { fromMs: from }),
        ...(to === undefined ? {} : { toMs: to }),
      }),
  }
}

function sensorSummary(region: Region, { row, channels }: KnownSensor): SensorSummary {
  const member = region.fleet.member(row.device)
  const place = region.sensing.registry.place(row.device)
  return {
    id: row.id,
    device: row.device,
    deviceLabel: member?.row.label ?? '',
    model: row.model,
    serial: row.serial,
    channels: channels.map(({ quantity, unit, exponent }) => ({ quantity, unit, exponent })),
    cell: place === undefined ? null : cellOf(place, SHOWN_RESOLUTION),
    elevationM: place?.elevationM ?? null,
    indoor: place?.indoor ?? null,
    firstSeenMs: row.firstSeenMs,
    placedSinceMs: row.placedSinceMs,
    online: Boolean(member?.presence),
    rival: row.rival,
  }
}
