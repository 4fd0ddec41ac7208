/** The stored form of a campaign: canonical JSON that reads back as the same specification. */
import type { QualityRules } from '../quality/index.ts'
import type { CampaignArea, CampaignSpec } from './campaign.ts'
import { parseCampaignSpec } from './parse-campaign.ts'

/** Canonical JSON of a campaign: fixed field order, defaults written out, amounts as text. Equal campaigns, equal texts. */
export function campaignToJson(spec: CampaignSpec): string {
  return JSON.stringify({
    name: spec.name,
    quantity: spec.quantity,
    area: areaToJson(spec.area),
    resolution: spec.resolution,
    periodMs: spec.periodMs,
    windowMs: spec.windowMs,
    sampleMs: spec.sampleMs,
    readingsPerFrame: spec.readingsPerFrame,
    aggregate: spec.aggregate,
    priceMicro: String(spec.priceMicro),
    paidPerCell: spec.paidPerCell,
    budgetMicro: spec.budgetMicro === null ? null : String(spec.budgetMicro),
    startMs: spec.startMs,
    durationMs: spec.durationMs,
    latenessMs: spec.latenessMs,
    correctionMs: spec.correctionMs,
    relocationHoldMs: spec.relocationHoldMs,
    quality: qualityToJson(spec.quality),
  })
}

function areaToJson(area: CampaignArea): object {
  if ('cells' in area) return { cells: area.cells }
  return 'box' in area ? { box: area.box } : { labels: area.labels }
}

function qualityToJson({ range, jump, constant, twin, buddy, spatial }: QualityRules): object {
  return {
    range: range && { min: range.min, max: range.max, maxPerSecond: range.maxPerSecond },
    jump: jump && { perMinute: jump.perMinute, max: jump.max },
    constant: constant && {
      minutes: constant.minutes,
      tolerance: constant.tolerance,
      exemptAbove: constant.exemptAbove,
      exemptBelow: constant.exemptBelow,
    },
    twin: twin && { absolute: twin.absolute, ratio: twin.ratio },
    buddy: buddy && {
      radiusM: buddy.radiusM,
      neighboursMin: buddy.neighboursMin,
      elevationDifferenceMaxM: buddy.elevationDifferenceMaxM,
      perMetre: buddy.perMetre,
      threshold: buddy.threshold,
      spreadMin: buddy.spreadMin,
    },
    spatial: spatial && {
      radiusM: spatial.radiusM,
      neighboursMin: spatial.neighboursMin,
      perMetre: spatial.perMetre,
      threshold: spatial.threshold,
      spreadMin: spatial.spreadMin,
    },
  }
}

/**
 * Reads what {@link campaignToJson} wrote.
 * @throws {ConfigError} `bad_campaign` when the text is another program's
 */
export function parseStoredCampaign(json: string): CampaignSpec {
  return parseCampaignSpec(JSON.parse(json))
}
