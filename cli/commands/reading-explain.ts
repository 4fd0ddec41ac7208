import { findCampaign, findSensor } from '../campaign-find.ts'
import { parseTime } from '../campaign-time.ts'
import { campaignAt, paymentSentence, recomputationSentence, verdictOf } from '../campaign-verdict.ts'
import { defineCommand } from '../command.ts'
import { AS_OPTION, connectForJobs } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { printable } from '../terminal/text.ts'

/** `hedgerow reading explain` */
export const readingExplain = defineCommand({
  name: 'reading explain',
  summary: 'say why a reading was accepted or rejected, and check it',
  details:
    'Fetches what the region judged by, computes every verdict of the window again on this machine, and says whether they are the same.\n' +
    'Exit code 1 when they are not. The rules are in protocol/spec/quality.md.',
  positionals: [
    { name: 'SENSOR', describe: 'its id, the beginning of its id, its serial number, or DEVICE-LABEL/MODEL' },
    { name: 'TIME', describe: 'of the reading, at most a period away: 2026-06-01T10:05Z' },
  ],
  options: {
    ...AS_OPTION,
    campaign: {
      type: 'text',
      value: 'CAMPAIGN',
      describe: 'the campaign that judged it; the only one then when left out',
    },
  },
  examples: [
    { line: 'hedgerow reading explain 3f2a 2026-06-01T10:05Z', does: 'the numbers that decided' },
    { line: 'hedgerow reading explain roof/sds011 2026-06-01T10:05Z --campaign schools', does: 'of one campaign' },
  ],
  run: async ({ options, args: [text = '', time = ''], io, out }) => {
    const atMs = parseTime('TIME', time)
    const api = connectForJobs(io, options.state, options.as)
    const sensor = await findSensor(api, text)
    const campaign =
      options.campaign === undefined ? await campaignAt(api, sensor, atMs) : await findCampaign(api, options.campaign)
    const evidence = await api.evidence({ campaign, sensor: sensor.id, window: atMs })
    const verdict = verdictOf(evidence, atMs)
    out.result(verdict, style => {
      const [summary = '', ...reasons] = verdict.sentences
      const paint = verdict.accepted ? style.good : style.bad
      return [
        paint(printable(summary)),
        ...reasons.map(reason => `- ${printable(reason)}`),
        `- ${printable(paymentSentence(verdict))}`,
        verdict.recomputed === 'differs'
          ? style.bad(recomputationSentence(verdict))
          : style.dim(recomputationSentence(verdict)),
      ]
    })
    return verdict.recomputed === 'differs' ? EXIT.failure : EXIT.ok
  },
})
