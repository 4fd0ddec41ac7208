import type { Exclusion, PassTally, PlacedLease } from '../../coordinator/http/scheduling-api.ts'
import { defineCommand } from '../command.ts'
import { AS_OPTION, connectForJobs } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { findJob } from '../find.ts'
import { formatTime } from '../terminal/format.ts'
import { type Column, tableLines } from '../terminal/table.ts'

const LEASES: readonly Column<PlacedLease>[] = [
  { title: 'LEASE', align: 'right', value: ({ id }) => `${id}` },
  { title: 'DEVICE', value: ({ device }) => device.slice(0, 8) },
  { title: 'OWNER', value: ({ owner }) => owner, shrinks: true },
  { title: 'UNITS', value: ({ firstUnit, units }) => `${firstUnit}-${firstUnit + units - 1}` },
  { title: 'STATE', value: ({ state }) => state },
  { title: 'WHY', value: ({ why }) => why, shrinks: true },
]

const EXCLUSIONS: readonly Column<Exclusion>[] = [
  { title: 'PASSED OVER', value: ({ device }) => device.slice(0, 8) },
  { title: 'OWNER', value: ({ owner }) => owner, shrinks: true },
  { title: 'SINCE', value: ({ atMs }) => formatTime(atMs) },
  { title: 'WHY', value: ({ reason }) => reason, shrinks: true },
]

const PASSES: readonly Column<PassTally>[] = [
  { title: 'TIMES', align: 'right', value: ({ times }) => `${times}` },
  { title: 'LAST', value: ({ lastAtMs }) => formatTime(lastAtMs) },
  { title: 'KIND', value: ({ kind, secondLook }) => (secondLook ? `${kind} (second look)` : kind) },
  { title: 'WHY DEVICES WERE PASSED OVER', value: ({ reason }) => reason, shrinks: true },
]

/** `hedgerow job placements` */
export const jobPlacements = defineCommand({
  name: 'job placements',
  summary: 'show which devices got leases of a job and which were passed over, and why',
  positionals: [{ name: 'JOB', describe: 'its id, the beginning of its id, or its name' }],
  options: AS_OPTION,
  examples: [
    { line: 'hedgerow job placements word-count', does: 'the newest leases and the reasons for them' },
    { line: 'hedgerow job placements word-count --json', does: 'the same, whole, for a program' },
  ],
  run: async ({ options, args: [text = ''], io, out }) => {
    const api = connectForJobs(io, options.state, options.as)
    const placements = await api.jobPlacements(await findJob(api, text))
    const { leases, exclusions, passes } = placements
    out.result(placements, style => [
      ...tableLines(leases, LEASES, io.stdout, style),
      ...(exclusions.length === 0 ? [] : ['', ...tableLines(exclusions, EXCLUSIONS, io.stdout, style)]),
      ...(passes.length === 0 ? [] : ['', ...tableLines(passes, PASSES, io.stdout, style)]),
    ])
    return EXIT.ok
  },
})
