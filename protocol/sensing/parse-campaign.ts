/** Checks what a submitter states. */
import { ConfigError } from '../errors.ts'
import { type JsonObject, readAmount, readInteger, readObject, readOneOf, readText, refuse } from '../jobs/read.ts'
import { LIMITS } from '../limits.ts'
import { QUANTITIES } from '../readings/index.ts'
import { type CampaignSpec, WINDOW_AGGREGATES, type WindowAggregate } from './campaign.ts'
import { parseArea, parseResolution } from './parse-area.ts'
import { parseQuality } from './parse-quality.ts'

/** The fields that a submitted campaign may have: those of the specification, and what the region's price may be at most. */
export const CAMPAIGN_FIELDS = [
  'name',
  'quantity',
  'area',
  'resolution',
  'periodMs',
  'windowMs',
  'sampleMs',
  'readingsPerFrame',
  'aggregate',
  'priceMicro',
  'priceMaxMicro',
  'paidPerCell',
  'budgetMicro',
  'startMs',
  'durationMs',
  'latenessMs',
  'correctionMs',
  'relocationHoldMs',
  'quality',
] as const satisfies (keyof CampaignSpec | 'priceMaxMicro')[]

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const DURATION_MS_MAX = 366 * DAY_MS
const HOLD_MS_DEFAULT = 7 * DAY_MS
const WINDOW_PERIODS_DEFAULT = 15
const READINGS_PER_FRAME_DEFAULT = 15
const PAID_PER_CELL_MAX = 100
/** The last moment that a date can be made of. */
const TIME_MS_MAX = 8_640_000_000_000_000
/** An angle has no mean in this sense: 359 and 1 would come to 180. */
const ANGLES: readonly string[] = ['wind-direction']

/** What an accepted reading of a quantity costs where nobody names a price, in micro-credits. */
export type BasePriceOf = (quantity: string) => bigint

/**
 * Checks a campaign, which is untyped JSON, and fills in the defaults. Nothing unknown is accepted.
 * @param basePriceOf - the region's prices, for a campaign that names none; without them every campaign must
 * @throws {ConfigError} `bad_campaign` with the path of the first wrong field, what it must be and what it is
 * @see spec/clauses.md [PRICE-2.3]
 */
export function parseCampaignSpec(value: unknown, basePriceOf: BasePriceOf | null = null): CampaignSpec {
  try {
    return readCampaign(value, basePriceOf)
  } catch (error) {
    throw asCampaignFault(error)
  }
}

/** The readers of untyped JSON speak of jobs; the same words with another subject are a campaign's. */
function asCampaignFault(error: unknown): unknown {
  if (!(error instanceof ConfigError) || error.info.code !== 'bad_job') return error
  const { path, reason } = error.info
  const subject = path === '' ? 'The campaign' : `The campaign's '${path}'`
  return new ConfigError({ code: 'bad_campaign', path, reason }, `${subject} ${reason}.`)
}

function readCampaign(value: unknown, basePriceOf: BasePriceOf | null): CampaignSpec {
  const campaign = readObject(value, '', CAMPAIGN_FIELDS)
  const quantity = readOneOf(campaign.quantity, 'quantity', [...QUANTITIES.keys()])
  const area = parseArea(campaign.area)
  const rhythm = readRhythm(campaign)
  const spec: CampaignSpec = {
    name: campaign.name === undefined ? '' : readName(campaign.name),
    quantity,
    area,
    resolution: parseResolution(campaign.resolution, area),
    ...rhythm,
    aggregate: readAggregate(campaign.aggregate, quantity),
    priceMicro: readPrice(campaign, quantity, basePriceOf),
    ...readTerms(campaign, rhythm),
    startMs: optional(campaign.startMs, start => readInteger(start, 'startMs', 0, TIME_MS_MAX)),
    durationMs: 0,
    quality: parseQuality(campaign.quality, quantity),
  }
  checkBudget(spec)
  return { ...spec, durationMs: readDuration(campaign.durationMs, spec.windowMs) }
}

function optional<T>(value: unknown, read: (value: unknown) => T): T | null {
  return value === undefined || value === null ? null : read(value)
}

function readName(value: unknown): string {
  const name = readText(value, 'name', 0, LIMITS.nameLengthMax)
  if (/\p{Cc}/u.test(name)) refuse('name', 'must not hold control characters')
  return name
}

type Rhythm = Pick<CampaignSpec, 'periodMs' | 'windowMs' | 'sampleMs' | 'readingsPerFrame'>

function readRhythm({ periodMs: period, windowMs: window, sampleMs: sample, readingsPerFrame }: JsonObject): Rhythm {
  const periodMs = period === undefined ? MINUTE_MS : readInteger(period, 'periodMs', 1, LIMITS.periodMsMax)
  return {
    periodMs,
    windowMs: window === undefined ? defaultWindow(periodMs) : readWindow(window, periodMs),
    sampleMs: optional(sample, given => readSample(given, periodMs)),
    readingsPerFrame:
      readingsPerFrame === undefined
        ? READINGS_PER_FRAME_DEFAULT
        : readInteger(readingsPerFrame, 'readingsPerFrame', 1, LIMITS.frameReadingsMax),
  }
}

/** 15 periods, or as many as a day has. */
function defaultWindow(periodMs: number): number {
  return periodMs * Math.min(WINDOW_PERIODS_DEFAULT, Math.floor(DAY_MS / periodMs))
}

function readWindow(value: unknown, periodMs: number): number {
  const windowMs = readInteger(value, 'windowMs', 1, DAY_MS)
  if (windowMs % periodMs === 0) return windowMs
  const below = windowMs - (windowMs % periodMs)
  const choices = [below, below + periodMs].filter(ms => ms > 0 && ms <= DAY_MS).join(' or ')
  refuse('windowMs', `must be a multiple of periodMs, which is ${periodMs}: ${choices}, not ${windowMs}`)
}

function readSample(value: unknown, periodMs: number): number {
  const sampleMs = readInteger(value, 'sampleMs', 1, LIMITS.periodMsMax)
  if (sampleMs < periodMs && periodMs % sampleMs === 0) return sampleMs
  refuse('sampleMs', `must go two or more whole times into periodMs, which is ${periodMs}, and ${sampleMs} does not`)
}

function readAggregate(value: unknown, quantity: string): WindowAggregate {
  const aggregate = value === undefined ? 'median' : readOneOf(value, 'aggregate', WINDOW_AGGREGATES)
  if (!ANGLES.includes(quantity) || aggregate === 'min' || aggregate === 'max') return aggregate
  refuse(
    'aggregate',
    `cannot be '${aggregate}' for angles such as ${quantity}, of which 359 and 1 would come to 180: ask for 'min' or 'max', or for the readings themselves`,
  )
}

/** The price that is named, or the region's if it is no more than the campaign bears. */
function readPrice(
  { priceMicro, priceMaxMicro }: JsonObject,
  quantity: string,
  basePriceOf: BasePriceOf | null,
): bigint {
  const mostMicro = optional(priceMaxMicro, most => readAmount(most, 'priceMaxMicro', LIMITS.amountMicroMax))
  const named = optional(priceMicro, price => readAmount(price, 'priceMicro', LIMITS.amountMicroMax))
  if (named !== null && mostMicro !== null)
    refuse('priceMaxMicro', "is for campaigns that take the region's price: leave it or priceMicro out")
  if (named !== null) return named
  if (basePriceOf === null) return readAmount(priceMicro, 'priceMicro', LIMITS.amountMicroMax)
  const baseMicro = basePriceOf(quantity)
  if (mostMicro === null || baseMicro <= mostMicro) return baseMicro
  refuse('priceMaxMicro', `allows ${mostMicro}, and a reading of ${quantity} costs ${baseMicro} micro-credits here now`)
}

type Terms = Pick<CampaignSpec, 'paidPerCell' | 'budgetMicro' | 'latenessMs' | 'correctionMs' | 'relocationHoldMs'>

function readTerms(campaign: JsonObject, rhythm: Rhythm): Terms {
  const { paidPerCell, latenessMs: lateness, correctionMs: correction, relocationHoldMs: hold } = campaign
  const latenessMs = lateness === undefined ? defaultLateness(rhythm) : readInteger(lateness, 'latenessMs', 0, DAY_MS)
  return {
    paidPerCell: paidPerCell === undefined ? 3 : readInteger(paidPerCell, 'paidPerCell', 1, PAID_PER_CELL_MAX),
    budgetMicro: optional(campaign.budgetMicro, budget => readAmount(budget, 'budgetMicro', LIMITS.amountMicroMax)),
    latenessMs,
    correctionMs:
      correction === undefined ? HOLD_MS_DEFAULT : readInteger(correction, 'correctionMs', latenessMs, DURATION_MS_MAX),
    relocationHoldMs: hold === undefined ? HOLD_MS_DEFAULT : readInteger(hold, 'relocationHoldMs', 0, DURATION_MS_MAX),
  }
}

/** The last readings of a window may come with a frame that has just begun; and a minute more. */
function defaultLateness({ periodMs, readingsPerFrame }: Rhythm): number {
  return Math.min(DAY_MS, periodMs * readingsPerFrame + MINUTE_MS)
}

/** A day in whole windows when nothing is said. */
function readDuration(value: unknown, windowMs: number): number {
  if (value === undefined) return Math.ceil(DAY_MS / windowMs) * windowMs
  const durationMs = readInteger(value, 'durationMs', windowMs, DURATION_MS_MAX)
  if (durationMs % windowMs === 0) return durationMs
  const below = durationMs - (durationMs % windowMs)
  refuse('durationMs', `must be whole windows of ${windowMs} ms: ${below} or ${below + windowMs}, not ${durationMs}`)
}

/** A budget that one sensor would use up within its first window is a slip. */
function checkBudget({ budgetMicro, priceMicro, periodMs, windowMs }: CampaignSpec): void {
  if (budgetMicro === null) return
  const readings = BigInt(windowMs / periodMs)
  const neededMicro = priceMicro * readings
  if (neededMicro <= budgetMicro) return
  refuse(
    'budgetMicro',
    `must pay one sensor for one window at least: ${readings} readings at ${priceMicro} are ${neededMicro}, and it is ${budgetMicro}`,
  )
}
