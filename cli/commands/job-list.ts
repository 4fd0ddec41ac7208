import type { Job } from '../../coordinator/http/admin-api.ts'
import { defineCommand } from '../command.ts'
import { AS_OPTION, connectForJobs } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { paintOfJob } from '../job-words.ts'
import { formatCount, formatFuel, formatMicro, formatTime } from '../terminal/format.ts'
import { type Column, tableLines } from '../terminal/table.ts'

const COLUMNS: readonly Column<Job>[] = [
  { title: 'JOB', value: ({ id }) => id },
  { title: 'NAME', value: ({ name }) => name, shrinks: true },
  { title: 'SUBMITTER', value: ({ submitter }) => submitter, shrinks: true },
  { title: 'STATE', value: ({ state }) => state, paint: paintOfJob },
  { title: 'VERIFIED', align: 'right', value: job => `${formatCount(job.unitsVerified)}/${formatCount(job.units)}` },
  { title: 'FUEL', align: 'right', value: ({ fuel }) => formatFuel(fuel) },
  { title: 'SPENT', align: 'right', value: ({ spentMicro }) => formatMicro(spentMicro) },
  { title: 'SINCE', value: ({ createdAtMs }) => formatTime(createdAtMs) },
]

/** `hedgerow job list` */
export const jobList = defineCommand({
  name: 'job list',
  summary: 'list jobs, newest first',
  options: AS_OPTION,
  examples: [
    { line: 'hedgerow job list', does: 'all jobs of the region' },
    { line: 'hedgerow job list --as me', does: 'one submitter’s' },
  ],
  run: async ({ options, io, out }) => {
    const jobs = await connectForJobs(io, options.state, options.as).jobList({})
    out.result(jobs, style => tableLines(jobs, COLUMNS, io.stdout, style))
    if (jobs.length === 0) out.note("There is no job yet: 'hedgerow job submit FILE' submits one.")
    return EXIT.ok
  },
})
