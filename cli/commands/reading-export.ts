import { resolve } from 'node:path'
import { READING_FORMATS } from '../../protocol/index.ts'
import { closest } from '../../protocol/jobs/suggest.ts'
import { usage } from '../args.ts'
import { findCampaign, findSensor } from '../campaign-find.ts'
import { printBody, requestCampaignReadings, saveBody } from '../campaign-readings.ts'
import { parseTime } from '../campaign-time.ts'
import { defineCommand } from '../command.ts'
import { AS_OPTION, connectForJobs } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { formatBytes } from '../terminal/format.ts'

const name = 'reading export'

/** `hedgerow reading export` */
export const readingExport = defineCommand({
  name,
  summary: 'write readings with their verdicts to a file: CSV, SenML or JSON',
  details: 'Of one sensor, of all sensors of a campaign, or of one sensor with the verdicts of one campaign.',
  options: {
    ...AS_OPTION,
    sensor: {
      type: 'text',
      value: 'SENSOR',
      describe: 'its id, the beginning of its id, its serial number, or DEVICE-LABEL/MODEL',
    },
    campaign: { type: 'text', value: 'CAMPAIGN', describe: 'its id, the beginning of its id, or its name' },
    format: { type: 'text', value: 'FORMAT', default: 'csv', describe: 'csv, senml, senml-cbor or json' },
    from: { type: 'text', value: 'TIME', describe: 'the first moment, such as 2026-06-01' },
    to: { type: 'text', value: 'TIME', describe: 'the moment after the last' },
    out: { type: 'text', value: 'FILE', describe: 'where to write it; standard output when left out' },
  },
  examples: [
    { line: 'hedgerow reading export --campaign schools --out schools.csv', does: 'every reading and its verdict' },
    {
      line: 'hedgerow reading export --sensor 3f2a --format senml --from 2026-06-01 --out june.json',
      does: 'SenML (RFC 8428)',
    },
  ],
  run: async ({ options, io, out }) => {
    const format = READING_FORMATS.find(known => known === options.format)
    if (format === undefined) {
      const near = closest(options.format, READING_FORMATS)
      const hint = near === null ? '' : `; did you mean '${near}'?`
      throw usage({ name }, `--format must be one of ${READING_FORMATS.join(', ')}, not '${options.format}'${hint}`)
    }
    const { sensor, campaign } = options
    if (sensor === undefined && campaign === undefined) throw usage({ name }, 'Name a --sensor, a --campaign, or both')
    if (out.json && options.out === undefined)
      throw usage({ name }, '--json needs --out FILE for the readings themselves')
    if (format === 'senml-cbor' && options.out === undefined && io.stdout.isTTY) {
      throw usage({ name }, 'CBOR is not for a terminal: write it to a file with --out FILE')
    }
    const range = {
      ...(options.from === undefined ? {} : { from: parseTime('--from', options.from) }),
      ...(options.to === undefined ? {} : { to: parseTime('--to', options.to) }),
    }
    const api = connectForJobs(io, options.state, options.as)
    const id = campaign === undefined ? undefined : await findCampaign(api, campaign)
    const query = { ...range, ...(id === undefined ? {} : { campaign: id }), format }
    const body =
      sensor === undefined
        ? await requestCampaignReadings(api, id ?? '', query)
        : await api.readings((await findSensor(api, sensor)).id, query)
    if (options.out === undefined) {
      await printBody(body, io.stdout)
      return EXIT.ok
    }
    const bytes = await saveBody(body, resolve(io.cwd, options.out))
    out.result({ file: options.out, bytes, format }, () => [`${options.out}: ${formatBytes(bytes)} of ${format}`])
    return EXIT.ok
  },
})
