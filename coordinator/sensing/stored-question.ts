/** The question that a kept judgement answered, put together again from the judgements of its window. */
import { flag, type Location, parseStoredCampaign } from '../../protocol/index.ts'
import type { CampaignRow, JudgementRow } from '../store/rows.ts'
import type { Question } from './evidence.ts'
import { readFlags } from './flags.ts'

/**
 * @param judgement - one of `window`
 * @param window - every judgement of the window, which name its sensors and where they stood
 */
export function storedQuestion(
  campaign: CampaignRow,
  { windowMs, frameMax, frameFirst, revision }: JudgementRow,
  window: readonly JudgementRow[],
): Question {
  // A sensor that left the window before its last revision keeps the judgement of an earlier one, made with the others of its time.
  const members = window
    .filter(row => row.revision === revision)
    .map(({ sensor, device, cell, place, flags }) => ({
      sensor,
      device,
      cell,
      place: readPlace(place),
      copied: readFlags(flags).some(value => (value & flag('duplicate_sensor')) !== 0),
    }))
  return { spec: parseStoredCampaign(campaign.spec), windowMs, frameMax, frameFirst, members }
}

function readPlace(json: string): Location {
  const [latitudeMicroDeg, longitudeMicroDeg, elevationM, indoor] = JSON.parse(json) as [
    number,
    number,
    number,
    boolean,
  ]
  return { latitudeMicroDeg, longitudeMicroDeg, elevationM, indoor }
}
