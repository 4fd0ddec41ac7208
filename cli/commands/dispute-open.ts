import type { DisputedSubject } from '../../coordinator/http/dispute-api.ts'
import type { AdminClient } from '../admin-client.ts'
import { usage } from '../args.ts'
import { findCampaign, findSensor } from '../campaign-find.ts'
import { parseTime } from '../campaign-time.ts'
import { defineCommand } from '../command.ts'
import { AS_OPTION, connectForJobs } from '../connection.ts'
import { summaryOfDispute } from '../dispute-words.ts'
import { EXIT } from '../exit-codes.ts'
import { findJob } from '../find.ts'

const NAME = 'dispute open'
const OPTIONS = {
  ...AS_OPTION,
  lease: {
    type: 'integer',
    value: 'N',
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    describe: 'the lease whose result is wrong',
  },
  job: {
    type: 'text',
    value: 'JOB',
    describe: 'the job of a wrong unit: its id, the beginning of its id, or its name',
  },
  unit: {
    type: 'integer',
    value: 'N',
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    describe: 'the wrong unit of --job, from 0',
  },
  campaign: { type: 'text', value: 'CAMPAIGN', describe: 'the campaign of a wrong verdict: its id or its name' },
  window: { type: 'text', value: 'TIME', describe: 'any time in the window of the verdict: 2026-06-01T10:05Z' },
  sensor: {
    type: 'text',
    value: 'SENSOR',
    describe: 'the sensor of the verdict: its id, serial number, or DEVICE-LABEL/MODEL',
  },
  reason: { type: 'text', value: 'TEXT', default: '', describe: 'what is wrong, for everybody to read' },
} as const

interface Subject {
  readonly lease: number | undefined
  readonly job: string | undefined
  readonly unit: number | undefined
  readonly campaign: string | undefined
  readonly window: string | undefined
  readonly sensor: string | undefined
}

/** `hedgerow dispute open` */
export const disputeOpen = defineCommand({
  name: NAME,
  summary: 'dispute a result or a verdict, with a deposit',
  details:
    'Devices of other owners run the units again, or the verdict is computed again. Whoever is right gets what is due; the deposit comes\n' +
    'back to whoever disputes rightly. It is taken from the account of the submitter of the job or campaign. Owners dispute with\n' +
    "'hedgerow device dispute'.",
  options: OPTIONS,
  examples: [
    {
      line: 'hedgerow dispute open --job primes --unit 17 --reason "17 is prime"',
      does: 'whoever was paid for unit 17',
    },
    { line: 'hedgerow dispute open --lease 4711 --as me', does: 'one lease' },
    {
      line: 'hedgerow dispute open --campaign schools --window 2026-06-01T10:05Z --sensor roof/sds011',
      does: 'the verdict on one sensor in one window',
    },
  ],
  run: async ({ options, io, out }) => {
    const api = connectForJobs(io, options.state, options.as)
    const subject = await subjectOf(api, options)
    const dispute = await api.disputeOpen(options.as ?? null, subject, options.reason)
    out.result(dispute, style => summaryOfDispute(dispute, style))
    out.note(`'hedgerow dispute show ${dispute.id}' says how it goes.`)
    return EXIT.ok
  },
})

async function subjectOf(api: AdminClient, given: Subject): Promise<DisputedSubject> {
  const { lease, job, unit, campaign, window, sensor } = given
  const kinds = [lease, job, campaign].filter(value => value !== undefined).length
  if (kinds === 1 && lease !== undefined) return { lease }
  if (kinds === 1 && job !== undefined && unit !== undefined) return { job: await findJob(api, job), unit }
  if (kinds === 1 && campaign !== undefined && window !== undefined && sensor !== undefined) {
    const found = await findSensor(api, sensor)
    return { campaign: await findCampaign(api, campaign), window: parseTime('--window', window), sensor: found.id }
  }
  throw usage(
    { name: NAME },
    'say what is wrong: --lease N, --job JOB --unit N, or --campaign C --window TIME --sensor S',
  )
}
