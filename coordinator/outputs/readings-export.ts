/** Readings with their verdicts as files: JSON, CSV and SenML, written while they are read. */
import type { CampaignId, ReadingFormat, SensorId } from '../../protocol/index.ts'
import { ApiError } from '../http/admin-api.ts'
import { cborFile } from './export/cbor-file.ts'
import { csvFile } from './export/csv-file.ts'
import { jsonFile } from './export/json-file.ts'
import type { ExportFile, JudgedReading } from './export/judged-reading.ts'
import { senmlFile } from './export/senml-file.ts'
import { mergeSeries } from './readings/merge.ts'
import type { Series } from './readings/reading.ts'
import { ReadingsReader, type TimeRange } from './readings/readings-reader.ts'
import { Verdicts } from './readings/verdicts.ts'
import { Work } from './readings/work.ts'
import type { CampaignWindows, SensingSource } from './source.ts'

/** A file under way. `chunks` is read once; each piece is some tens of kilobytes. */
export interface ReadingsFile {
  readonly mediaType: string
  readonly chunks: Iterable<Uint8Array>
}

/** Readings that are written as one piece. */
const CHUNK_READINGS = 1_000

/** Judgements of a campaign are looked up for this long at once, or for one window when that is longer. */
const LOOKUP_MS = 3_600_000

/**
 * The readings of a sensor by ascending time, then quantity.
 * @param options.campaign - only those of its quantity, with its verdicts; without it those of all campaigns together
 * @throws {ApiError} `not_found` when the region knows no such sensor or campaign; `bad_request` when SenML as CBOR would be too large
 */
export function exportSensor(
  source: SensingSource,
  sensor: SensorId,
  options: TimeRange & { campaign?: CampaignId; format: ReadingFormat },
): ReadingsFile {
  const known = source.registry.sensor(sensor)
  if (known === undefined) throw new ApiError('not_found', `There is no sensor ${sensor} in this region.`)
  const quantities = [...new Set(known.channels.map(({ quantity }) => quantity))].sort()
  const campaign = options.campaign === undefined ? null : campaignOf(source, quantities, options.campaign)
  const series = quantities
    .filter(quantity => campaign === null || campaign.quantity === quantity)
    .map((quantity): Series => ({ sensor, quantity }))
  return fileOf(source, options.format, () => sensorReadings(source, series, campaign, options))
}

/**
 * The readings that a campaign has judged, by ascending window, then sensor, then time, with its verdicts.
 * @param quantity - the campaign's
 * @throws {ApiError} as {@link exportSensor}
 */
export function exportCampaign(
  source: SensingSource,
  id: CampaignId,
  quantity: string,
  options: TimeRange & { format: ReadingFormat },
): ReadingsFile {
  const campaign = campaignOf(source, [quantity], id)
  return fileOf(source, options.format, () => campaignReadings(source, campaign, options))
}

function campaignOf(source: SensingSource, quantities: readonly string[], id: CampaignId): CampaignWindows {
  const campaigns = quantities.flatMap(quantity => source.campaignsOf(quantity))
  const found = campaigns.find(campaign => campaign.id === id)
  if (found === undefined) {
    const quantity = quantities.join(' or ')
    throw new ApiError('not_found', `There is no campaign ${id} about ${quantity} in this region.`)
  }
  return found
}

function* sensorReadings(
  source: SensingSource,
  series: readonly Series[],
  campaign: CampaignWindows | null,
  range: TimeRange,
): Iterable<JudgedReading> {
  const reader = new ReadingsReader(source, new Work(Number.POSITIVE_INFINITY))
  const verdicts = new Verdicts(source, reader)
  for (const item of mergeSeries(reader, series, range)) {
    if (item === null) continue
    const { series: of, reading } = item
    const flags = campaign === null ? verdicts.flagsOf(of, reading) : verdicts.flagsBy(campaign, of, reading)
    yield { ...of, reading, flags }
  }
}

function* campaignReadings(
  source: SensingSource,
  campaign: CampaignWindows,
  { fromMs = campaign.startMs, toMs = campaign.endMs }: TimeRange,
): Iterable<JudgedReading> {
  const { id, quantity, startMs, windowMs } = campaign
  const reader = new ReadingsReader(source, new Work(Number.POSITIVE_INFINITY))
  const verdicts = new Verdicts(source, reader)
  const stepMs = Math.max(windowMs, Math.floor(LOOKUP_MS / windowMs) * windowMs)
  const endMs = Math.min(toMs, campaign.endMs)
  let at = startMs + Math.floor((Math.max(fromMs, startMs) - startMs) / windowMs) * windowMs
  for (; at < endMs; at += stepMs) {
    const rows = source.judgements({ campaign: id, fromMs: at, toMs: Math.min(at + stepMs, endMs) })
    for (const row of rows) {
      const series = { sensor: row.sensor, quantity }
      const from = Math.max(row.windowMs, fromMs)
      const to = Math.min(row.windowMs + windowMs, endMs)
      for (const reading of reader.within(series, from, to) ?? []) {
        const flags = verdicts.flagsBy(campaign, series, reading)
        if (flags !== null) yield { ...series, reading, flags }
      }
    }
  }
}

function fileOf(source: SensingSource, format: ReadingFormat, read: () => Iterable<JudgedReading>): ReadingsFile {
  const file = FILES[format](source)
  const { mediaType } = file
  if (file.whole !== undefined) return { mediaType, chunks: file.whole(inChunks(read())) }
  return { mediaType, chunks: streamed(file, inChunks(read())) }
}

const FILES: Readonly<Record<ReadingFormat, (source: SensingSource) => ExportFile>> = {
  json: jsonFile,
  csv: csvFile,
  senml: senmlFile,
  'senml-cbor': cborFile,
}

function* streamed(file: ExportFile, chunks: Iterable<readonly JudgedReading[]>): Iterable<Uint8Array> {
  yield file.head
  for (const chunk of chunks) {
    const bytes = file.chunk(chunk)
    if (bytes.length > 0) yield bytes
  }
  if (file.tail.length > 0) yield file.tail
}

function* inChunks(readings: Iterable<JudgedReading>): Iterable<readonly JudgedReading[]> {
  let chunk: JudgedReading[] = []
  for (const reading of readings) {
    chunk.push(reading)
    if (chunk.length < CHUNK_READINGS) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}
